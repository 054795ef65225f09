"""A support case is opened in one place, and each kind of case has words in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.acquirer.rows.records import CaseKind, ReportedKind
from zhanggui.basics.words import Lang
from zhanggui.views.cases import CASES, CaseRow
from zhanggui.views.listing import view_words

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
HOME = "acquirer/rows/cases.py"
KINDS = (*get_args(CaseKind), *get_args(ReportedKind))


def cases_made(source: str) -> Iterator[int]:
    """Lines that make the row of a case."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name == "SupportCase":
                yield node.lineno


def test_a_case_is_opened_in_one_place() -> None:
    found = [
        f"{place}:{line}"
        for path in sorted(HOUSE.rglob("*.py"))
        if (place := path.relative_to(HOUSE).as_posix()) != HOME
        for line in cases_made(path.read_text(encoding="utf-8"))
    ]
    assert not found
    assert list(cases_made((HOUSE / HOME).read_text(encoding="utf-8")))


def test_a_case_that_is_opened_elsewhere_is_seen() -> None:
    assert list(cases_made("draft.insert(records.SupportCase(what='x'))")) == [1]


def row_of(what: str) -> CaseRow:
    return CaseRow(
        merchant_no="102100058120001",
        case_no=1,
        state="open",
        what=what,
        terminal_no="10000001",
        operator_no="01",
        record_no=None,
        opened=None,
        closed=None,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_case_is_told_in_words(kind: str) -> None:
    words = view_words()[f"cases.what.{kind}"]
    assert words.zh != words.en
    for lang in get_args(Lang):
        (cells,) = CASES.cells([row_of(kind)], lang)
        assert words.of(lang) in cells
        assert kind not in cells


def test_a_word_of_another_makers_stands_as_it_came() -> None:
    for lang in get_args(Lang):
        (cells,) = CASES.cells([row_of("their_own")], lang)
        assert "their_own" in cells
