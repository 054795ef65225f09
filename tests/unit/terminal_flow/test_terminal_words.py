"""Words: every key that the source uses exists in both languages, and none lies idle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import zhanggui.terminal.flow as flow_package
from zhanggui.basics.errors import Defect
from zhanggui.cup.response_codes import RESPONSE_CODES, means
from zhanggui.terminal.devices.switches import STATES
from zhanggui.terminal.flow.core.trouble import FAILURE_CODES, SIGN_IN_CODES
from zhanggui.terminal.flow.words.catalogue import ScreenWord, all_words, check_word, has_words, render
from zhanggui.terminal.flow.words.text import Text

SOURCE = Path(flow_package.__file__).parent
BUILDERS = {"words", "problem_of", "pair", "Text", "give_up"}
"""Functions that take a key of words.toml."""


def used_keys() -> Iterator[tuple[str, str]]:
    """File and key pattern of each use; a part that is filled in at run time stands as `*`."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in BUILDERS:
                    for argument in node.args:
                        for text in texts_of(argument):
                            yield file.name, text.removeprefix("@")


def texts_of(node: ast.AST) -> Iterator[str]:
    """Literal texts in an argument that look like keys."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and "." in node.value:
            yield node.value
    else:
        for part in ast.iter_child_nodes(node):
            yield from texts_of(part)


def matching(pattern: str) -> list[str]:
    expression = re.compile(re.escape(pattern).replace(r"\*", "[A-Za-z0-9_]+"))
    return [key for key in all_words() if expression.fullmatch(key)]


def test_every_key_that_the_source_uses_has_words() -> None:
    uses = [
        (file, key) for file, key in used_keys() if re.fullmatch(r"[A-Za-z0-9_.*]+", key) and not key.startswith("*")
    ]
    assert len(uses) > 80
    for file, key in uses:
        assert matching(key), f"{file} uses '{key}', words.toml has no such key"


def test_no_word_lies_idle() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    patterns = {key for _, key in used_keys()}
    used = {known for pattern in patterns for known in matching(pattern)}
    by_rule = re.compile(
        r"(check|code|failure|status|today|menu|fact|key|copy|stale|notes|eyes|degraded|action|role|money|kind|done)\."
    )
    for key in all_words():
        base = key.removesuffix(".do")
        assert key in used or base in used or by_rule.match(key) or f'"{base}"' in source, f"nobody says '{key}'"


def test_whatever_goes_wrong_comes_with_what_to_do() -> None:
    for key in all_words():
        if key.startswith(("code.", "failure.", "journal.")) and not key.endswith(".do"):
            assert has_words(f"{key}.do"), key


def test_every_failure_and_every_answer_to_operator_messages_has_words() -> None:
    for failure in FAILURE_CODES:
        assert has_words(f"failure.{failure}")
    for code in SIGN_IN_CODES:
        assert has_words(f"code.{code}")


@pytest.mark.parametrize("code", [code for code in RESPONSE_CODES if means(code) == "stands_not"])
def test_every_refusal_of_a_payment_says_what_it_is_and_what_to_do(code: str) -> None:
    assert has_words(f"code.{code}")
    assert has_words(f"code.{code}.do")


def test_every_reason_of_a_virtual_device_has_words() -> None:
    for states in STATES.values():
        for _, reason in states.values():
            assert not reason or (has_words(reason) and has_words(f"{reason}.do")), reason


def test_no_word_shouts_and_chinese_uses_chinese_punctuation() -> None:
    for key, word in all_words().items():
        for text in (word.zh, word.en):
            assert "!" not in text, key
            assert "！" not in text, key
        if re.search(r"[\u4e00-\u9fff]", word.zh):
            assert not re.search(r"[\u4e00-\u9fff][,;:?]", word.zh), key


@pytest.mark.parametrize(
    "word",
    [
        ScreenWord(zh="好", en=""),
        ScreenWord(zh="还剩 {n} 次", en="tries left"),
        ScreenWord(zh="好 {a}", en="good {b}"),
        ScreenWord(zh="好", en="good", zh_short="{n}"),
    ],
)
def test_a_word_that_differs_between_the_languages_is_refused(word: ScreenWord) -> None:
    with pytest.raises(Defect, match=r"some\.key"):
        check_word("some.key", word)


def test_an_unknown_field_of_a_word_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(b'"a.b" = { zh = "x", en = "x", fr = "x" }', type=dict[str, ScreenWord])


def test_a_missing_key_or_value_is_a_defect_and_a_stray_at_sign_is_not() -> None:
    with pytest.raises(Defect, match=r"no\.such"):
        render(Text("no.such"), "zh")
    with pytest.raises(Defect, match="nothing was given"):
        render(Text("code.other"), "zh")
    assert "@nothing" in render(Text("code.other", (("code", "@nothing"),)), "en")
    assert render(Text("slips.printing", (("copy", "@copy.merchant"),)), "zh") == "正在打印商户存根"
