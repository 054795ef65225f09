"""Mistakes and faults of the command line in both languages: every text that the source raises stands in the catalogue."""

import ast
import re
from pathlib import Path

import pytest

import zhanggui
from zhanggui.basics.words import PLACEHOLDER
from zhanggui.cli.error_words import ERRORS, error_text

SOURCE = Path(zhanggui.__file__).parent
TEXT_AT = {"Misuse": 0, "Fault": 0, "OutputLost": 0, "FolderLock": 1}
"""Which argument is said to people: a mistake's or a fault's sentence, and who a lock says is running."""
NOT_SAID_YET = (
    "simulator/",
    "vault/",
    "cli/bench_",
    "terminal/link/",
    "terminal/devices/",
    "terminal/runtime.py",
)
"""Where texts still stand in English only: they reach who measures or builds, or a log, and no shop."""
FOR_VALUES_ONLY = {"way_out"}
"""Sentences that stand within others."""
CHINESE = re.compile("[\u4e00-\u9fff]")


def sentence(node: ast.expr) -> str | None:
    """A text as it is raised, with `{}` for each value; None for one that is made elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = sentence(left), sentence(right)
            return None if first is None or second is None else first + second
    return None


def raised() -> dict[str, str]:
    """Every sentence, and a place where it is raised."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        at = path.relative_to(SOURCE).as_posix()
        if at.startswith(NOT_SAID_YET):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and len(node.args) > (place := TEXT_AT.get(node.func.id, 99))
            ):
                text = sentence(node.args[place])
                if text is not None:
                    found[text] = f"{at}:{node.lineno}"
    return found


def test_every_text_that_a_command_can_fail_with_stands_in_the_catalogue() -> None:
    known = {PLACEHOLDER.sub("{}", word.en) for word in ERRORS.values()}
    texts = raised()
    assert len(texts) > 90
    assert {text: at for text, at in texts.items() if text not in known} == {}


def test_the_catalogue_holds_no_text_that_nobody_raises() -> None:
    texts = raised()
    idle = [key for key, word in ERRORS.items() if PLACEHOLDER.sub("{}", word.en) not in texts]
    assert set(idle) == FOR_VALUES_ONLY


@pytest.mark.parametrize("key", ERRORS)
def test_each_sentence_is_found_by_its_words_and_keeps_its_values(key: str) -> None:
    word = ERRORS[key]
    values = {name: f"<{name}>" for name in PLACEHOLDER.findall(word.en)}
    said = error_text(word.fill("en", **values), "zh")
    assert said == word.fill("zh", **values)
    assert CHINESE.search(said) or "：" in said
    assert error_text(word.fill("en", **values), "en") == word.fill("en", **values)


def test_a_value_that_is_a_sentence_is_said_in_the_language_too_and_one_that_is_none_stays() -> None:
    way_out = ERRORS["way_out"]
    text = f"the database /data/host.db is gone. {way_out.en}"
    assert error_text(text, "zh") == f"数据库 /data/host.db 不见了。{way_out.zh}"
    assert error_text("nobody wrote this down", "zh") == "nobody wrote this down"
    assert error_text("can't write /x/{y}: {z}", "zh") == "无法写入 /x/{y}：{z}"
