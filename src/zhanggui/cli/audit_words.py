"""What `zhanggui audit` says about each problem, in Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from ..acquirer.proof.audit import Problem, What

KIND_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sign_in": ("签到记录", "sign-in record"),
        "approval": ("授权记录", "approval record"),
        "audit_note": ("管理记录", "audit note"),
    }
)
PROBLEM_WORDS: Mapping[What, tuple[str, str]] = MappingProxyType(
    {
        "link_altered": ("第 {link} 环被改动（{record}）", "link {link} was altered ({record})"),
        "link_missing": ("第 {link} 环缺失", "link {link} is missing"),
        "link_out_of_place": (
            "第 {link} 环位置不对或重复（{record}）",
            "link {link} is out of place or stands twice ({record})",
        ),
        "link_not_joined": (
            "第 {link} 环与前一环接不上（{record}）：其间有增删或改动",
            "link {link} does not join the one before it ({record}): something between was altered, added or taken out",
        ),
        "record_altered": (
            "{record} 的内容与第 {link} 环的承诺不符：被改动",
            "{record} does not fit its commitment in link {link}: it was altered",
        ),
        "record_missing": (
            "{record} 不见了，第 {link} 环却说它在：被删除",
            "{record} is gone, yet link {link} says that it is there: it was deleted",
        ),
        "record_not_in_chain": ("{record} 不在链上：被添加", "{record} stands in no chain: it was added"),
        "record_out_of_place": ("{record} 位置不对或重复", "{record} is out of place or stands twice"),
        "record_back_again": (
            "{record} 已按期清除（第 {link} 环），却又出现",
            "{record} was dropped when its time was over (link {link}), yet it is there again",
        ),
        "salt_missing": (
            "{record} 的盐不见了，无法核对（第 {link} 环）",
            "the salt of {record} is gone, it can't be checked (link {link})",
        ),
        "signature_wrong": (
            "第 {link} 环检查点的签名不是主机密钥所签",
            "the checkpoint at link {link} was not signed by the host's key",
        ),
        "chain_differs_from_checkpoint": (
            "第 {link} 环与已签名的检查点不符（{record}）：链被重新计算，或恢复了旧备份",
            "link {link} differs from a signed checkpoint ({record}): the chain was calculated anew, or a backup was restored",
        ),
        "chain_ends_early": (
            "链缺少结尾：从第 {link} 环起缺失，已签名的检查点却在其后",
            "the chain ends early: link {link} and what follows are missing, yet a signed checkpoint stands beyond",
        ),
        "checkpoints_missing": (
            "从第 {link} 环起长时间没有检查点：检查点被拿走",
            "from link {link} on there is no checkpoint for too long: checkpoints were taken away",
        ),
        "checkpoint_not_in_file": (
            "第 {link} 环的检查点在数据库里，却不在检查点文件里：文件被改动",
            "the checkpoint at link {link} is in the database and not in the file of checkpoints: the file was altered",
        ),
        "head_differs": (
            "数据库记下的链尾（第 {link} 环）与链不符",
            "the end of the chain that the database keeps (link {link}) is not the chain's end",
        ),
        "export_cut_short": (
            "导出文件不完整：行数与结尾所写不符",
            "the export is not whole: its lines are not as many as its last line says",
        ),
    }
)


def problem_text(problem: Problem, lang: str) -> str:
    """One problem as a sentence, with merchant, record and link."""
    place = 0 if lang == "zh" else 1
    kind = KIND_WORDS.get(problem.record_kind, (problem.record_kind, problem.record_kind))[place]
    record = f"{kind} {problem.record_no}"
    text = PROBLEM_WORDS[problem.what][place].format(record=record, link=problem.link_no)
    return f"{problem.merchant_no}  {text}" if problem.merchant_no else text
