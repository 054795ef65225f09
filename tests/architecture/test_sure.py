"""What money and records rest on is asked in production too, and no folder grows until nobody finds anything in it."""

import ast
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"

OTHERS = ("cli", "simulator", "edges")
"""Commands and made-up worlds; in edges an assert only tells the type checker what asyncio hands over."""
SURE = tuple(
    sorted(room.name for room in HOUSE.iterdir() if (room / "__init__.py").exists() and room.name not in OTHERS)
)
"""Rooms where money or records turn: what must hold there raises a Defect, for `assert` dies under `python -O`."""
BUDGETED = ("acquirer", "terminal/flow")
FILES_MAX = 14
"""Python files of one folder."""
LARGE = frozenset({"acquirer/findings"})
"""A file for each thing that can be found: a catalogue, not a room to find one's way in."""


def asserts(source: str) -> list[int]:
    return [node.lineno for node in ast.walk(tree_of(source)) if isinstance(node, ast.Assert)]


def count_in(folder: Path) -> int:
    return len(list(folder.glob("*.py")))


@pytest.mark.parametrize("room", SURE)
def test_no_assert_guards_money(room: str) -> None:
    found = [
        f"{path.relative_to(HOUSE).as_posix()}:{line}"
        for path in sorted((HOUSE / room).rglob("*.py"))
        for line in asserts(path.read_text(encoding="utf-8"))
    ]
    assert not found, "raise Defect, or take `certain` of basics/errors.py: an assert is not there under python -O"


def test_an_assert_is_seen_wherever_it_stands() -> None:
    assert asserts("def f(a):\n    if a:\n        assert a > 0, 'why'") == [3]


@pytest.mark.parametrize("room", BUDGETED)
def test_a_folder_can_be_looked_over(room: str) -> None:
    folders = [HOUSE / room, *(path for path in (HOUSE / room).rglob("*") if path.is_dir())]
    too_many = {
        place: count
        for folder in folders
        if (place := folder.relative_to(HOUSE).as_posix()) not in LARGE and (count := count_in(folder)) > FILES_MAX
    }
    assert not too_many, f"no folder here holds more than {FILES_MAX} files: split it by subject"
