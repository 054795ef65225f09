"""What the management commands say: refusals with what to do next, and what an act did, in Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from ..basics.words import load_words

REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not_permitted": (
            "这个操作员无权做这件事；不写 --by 即以控制台身份操作",
            "this operator may not do that; leave --by out to act as the console",
        ),
        "unknown_actor": ("--by 指的操作员不存在或已停用", "the operator of --by does not exist or is disabled"),
        "no_operator_number": ("操作员号为 00 至 99 的两位数", "an operator number has two digits, 00 to 99"),
        "unknown_merchant": ("没有这个商户", "there is no such merchant"),
        "unknown_operator": (
            "没有这个操作员；zhanggui operators list 可查",
            "there is no such operator; 'zhanggui operators list' shows them",
        ),
        "unknown_terminal": (
            "没有这台终端；zhanggui terminals list 可查",
            "there is no such terminal; 'zhanggui terminals list' shows them",
        ),
        "number_taken": (
            "此号已经用过，不再分配；请换一个号，或启用、重置原操作员",
            "this number was given before and is never given again; take another, or enable or reset its operator",
        ),
        "bad_name": ("姓名为 1 至 20 个可见字符", "a name has 1 to 20 visible characters"),
        "bad_user_name": (
            "用户名以小写字母开头，3 至 32 个字符：小写字母、数字、点、连字符、下划线",
            "a user name begins with a small letter and has 3 to 32 of: small letters, digits, dot, hyphen, underscore",
        ),
        "user_name_taken": ("此用户名已被他人使用", "somebody else has this user name"),
        "nothing_to_change": (
            "没有要改的：姓名与用户名都与原来相同",
            "nothing to change: name and user name are as they were",
        ),
        "not_oneself": ("不能停用自己", "nobody disables themselves"),
        "is_disabled": ("此操作员已停用", "this operator is disabled already"),
        "is_active": ("此操作员已启用", "this operator is active already"),
        "reset_first": (
            "因连续输错或长期未用而停用，须重置密码：zhanggui operators reset 号码",
            "disabled by wrong tries or disuse; only a reset helps: zhanggui operators reset NUMBER",
        ),
        "enable_first": (
            "此操作员已停用，请先启用：zhanggui operators enable 号码",
            "this operator is disabled; enable first: zhanggui operators enable NUMBER",
        ),
        "not_locked": ("没有锁定，无需解锁", "it is not locked; there is nothing to undo"),
        "not_signed_in": ("此操作员没有签到中的终端", "this operator is not signed in anywhere"),
        "wrong_code_length": ("签到代码位数与策略不符", "the code has not as many digits as the policy says"),
        "not_overridden": ("此项本来就按策略方案", "this rule is as the profile has it already"),
        "unknown_profile": (
            "没有这个策略方案；可选 basic、strict、nist",
            "there is no such profile; choose basic, strict or nist",
        ),
        "is_used": ("商户已在用这个策略方案", "the merchant has this profile already"),
    }
)
DONE = load_words(__package__, "management.toml")


def refusal_text(reason: str, lang: str) -> str:
    """What a refusal says to a person."""
    word, _, pairs = reason.partition(":")
    if word == "contradiction":
        shown = pairs.replace(",", "; ").replace(">", " > ")
        if lang == "zh":
            return f"策略相互矛盾：{shown}。先改另一项，或用 zhanggui policy set 规则 profile 恢复方案值"
        return f"the policy would contradict itself: {shown}. Set the other rule first, or give it back with 'zhanggui policy set RULE profile'"
    zh, en = REFUSALS[word]
    return zh if lang == "zh" else en


def done_text(key: str, lang: str, **values: str) -> str:
    """What an act did."""
    return DONE[key].fill(lang, **values)
