"""What the verification standard asks of web pages at its first level stands in `asvs.toml`, row by row, with what shows it."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
ROWS_OF_CHAPTER = {
    f"V{number}": rows for number, rows in enumerate((8, 4, 8, 2, 4, 13, 6, 4, 4, 5, 3, 3, 1, 2, 3), start=1)
}
"""Of level 1 in version 5.0.0; V16 and V17 have none."""
OPEN = ["V6.2.1", "V6.2.4", "V6.2.5", "V12.2.1", "V14.3.1", "V15.1.1", "V15.2.1"]
"""What is known to be missing. A row joins them by a decision, not by the way."""
ID = re.compile(r"(V[1-9][0-9]?)\.[1-9][0-9]?\.[1-9][0-9]?")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One requirement."""

    id: str
    title: str
    tests: tuple[str, ...] = ()
    reason: str = ""
    open: str = ""
    note: str = ""


class Asvs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    standard: str
    row: tuple[Row, ...]


FILE = msgspec.toml.decode(Path(__file__).with_name("asvs.toml").read_bytes(), type=Asvs)


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests of a file."""
    file = ROOT / path
    assert file.is_file(), f"{path} is not there"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, kinds) and node.name.startswith("test_"))


def test_every_row_of_the_first_level_stands_there_once() -> None:
    assert FILE.standard == "5.0.0"
    ids = [row.id for row in FILE.row]
    assert len(ids) == len(set(ids)) == sum(ROWS_OF_CHAPTER.values()) == 70
    chapters = [found[1] for one in ids if (found := ID.fullmatch(one)) is not None]
    assert len(chapters) == len(ids), "each is well-formed"
    assert Counter(chapters) == ROWS_OF_CHAPTER
    assert ids == sorted(ids, key=lambda one: [int(part) for part in one[1:].split(".")])


@pytest.mark.parametrize("row", FILE.row, ids=lambda row: row.id)
def test_a_row_is_shown_by_tests_or_says_why_not(row: Row) -> None:
    assert row.title
    assert sum(map(bool, (row.tests, row.reason, row.open))) == 1, "one of tests, reason, open"
    assert row.tests or not row.note, "a note says what tests don't"
    assert len(row.tests) == len(set(row.tests))
    for test in row.tests:
        path, _, name = test.partition("::")
        assert name in names_in(path), f"{test} is not there"


def test_what_is_open_is_this_and_no_more() -> None:
    assert [row.id for row in FILE.row if row.open] == OPEN
