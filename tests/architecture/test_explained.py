"""`zhanggui explain` has cause and next step, in both languages, for every code of the reference's table and of the source, and each reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.acquirer.rows.reasons import all_reasons
from zhanggui.basics.words import Lang
from zhanggui.cli.explain import told_of
from zhanggui.cup.response_codes import RESPONSE_CODES
from zhanggui.cup.wallets.codes import WALLET_CODES
from zhanggui.terminal.flow.words.screen_codes import all_screen_codes

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "zhanggui"
REFERENCE = ROOT / "docs" / "reference" / "cup-pos.md"
CHINESE = re.compile("[\u4e00-\u9fff]")
CODE = re.compile(r"[0-9A-Z][0-9A-Z]")
PRIVATE = frozenset({"D5", "D6", "D7", "H9", "HB", "T4"})
"""Codes of other hosts that the reference names without a meaning; `explain` tells them as a code of no table."""
GIVES_A_CODE = {"Refusal", "PlainReply", "OperatorReply", "SettlementReply", "refusal_answer"}
"""Names whose first argument is an answer's code."""


def codes_of_the_reference(page: str) -> Iterator[str]:
    """The codes of the table in §6; `A1–A7` is seven of them."""
    section = page.split("\n## 6. ")[1].split("\n## ")[0]
    for row in re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE):
        found = re.fullmatch(r"([A-Z])(\d)–\1(\d)", row.strip())
        if found is not None:
            yield from (f"{found[1]}{digit}" for digit in range(int(found[2]), int(found[3]) + 1))
        elif row.strip() != "Code":
            yield from CODE.findall(row)


def codes_of_the_source(trees: list[ast.Module]) -> Iterator[str]:
    """The codes that acquirer and host answer with, as they stand in calls and in constants named beside them."""
    constants = {
        target.id: node.value.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in GIVES_A_CODE:
                continue
            first = node.args[0]
            text = first.value if isinstance(first, ast.Constant) else constants.get(getattr(first, "id", ""))
            if isinstance(text, str) and CODE.fullmatch(text):
                yield text


def source_trees() -> list[ast.Module]:
    files = [path for room in ("acquirer", "host") for path in sorted((HOUSE / room).rglob("*.py"))]
    return [tree_of(path.read_text(encoding="utf-8")) for path in files]


def unexplained(word: str) -> list[str]:
    """What is missing of a word: its cause or a next step, in one language or the other."""
    missing = []
    languages: tuple[Lang, Lang] = ("zh", "en")
    for lang in languages:
        told = told_of(word, lang)
        if told is None:
            return [f"{word}: nothing"]
        for name, text in (("cause", told.cause), ("step", told.cashier or told.support)):
            if not text or bool(CHINESE.search(text)) != (lang == "zh"):
                missing.append(f"{word}: no {name} in {lang}")
    return missing


def test_every_code_of_the_reference_has_a_row() -> None:
    named = set(codes_of_the_reference(REFERENCE.read_text(encoding="utf-8")))
    assert len(named) > 75
    assert {"00", "02", "37", "75", "A0", "A7", "77"} <= named
    assert named - PRIVATE <= RESPONSE_CODES.keys()


def test_every_code_that_the_source_answers_with_has_a_row() -> None:
    used = set(codes_of_the_source(source_trees()))
    assert len(used) > 15
    assert used <= RESPONSE_CODES.keys(), "write cause and next step into cup/response_codes.toml"


def test_every_code_and_every_reason_is_explained_in_both_languages() -> None:
    words = [*RESPONSE_CODES, *(f"R{code}" for code in RESPONSE_CODES), *PRIVATE, *all_screen_codes(), *all_reasons()]
    assert len(words) > 400
    assert [missing for word in words for missing in unexplained(word)] == []


@pytest.mark.parametrize(
    "planted",
    [
        'def f() -> None:\n    return Refusal("Z1", "no_session")',
        'NEW = "Z1"\ndef f() -> None:\n    return PlainReply(NEW)',
        'x = answers.refusal_answer("Z1", rrn, acquirer, now)',
    ],
)
def test_a_new_code_is_seen_wherever_it_is_given(planted: str) -> None:
    assert set(codes_of_the_source([ast.parse(planted)])) - RESPONSE_CODES.keys() == {"Z1"}


def test_a_row_of_the_reference_without_words_is_seen() -> None:
    planted = "\n## 6. Codes\n\n| Code | Meaning |\n|---|---|\n| 00 | x |\n| Z1 / Z2 | y |\n| Z5–Z7 | z |\n\n## 7. On\n| Z9 | no |\n"
    assert set(codes_of_the_reference(planted)) == {"00", "Z1", "Z2", "Z5", "Z6", "Z7"}


@pytest.mark.parametrize("word", ["nonsense_word", "Q999"])
def test_a_word_of_nobody_is_seen_as_unexplained(word: str) -> None:
    assert unexplained(word) == [f"{word}: nothing"]


def test_every_code_of_a_wallet_has_cause_and_next_step_in_both_languages() -> None:
    missing = [text for key in WALLET_CODES for text in unexplained(key)]
    assert not missing


def test_what_the_customer_does_is_told_of_each_code_of_a_wallet() -> None:
    for key in WALLET_CODES:
        told = [told_of(key, lang) for lang in ("zh", "en")]
        assert all(one is not None and one.customer and one.brand for one in told), key
