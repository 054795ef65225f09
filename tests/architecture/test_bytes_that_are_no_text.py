"""JSON whose bytes are no UTF-8 raises UnicodeDecodeError, which is no msgspec.DecodeError: whoever catches one must catch the other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"


def careless(source: str) -> Iterator[int]:
    """Lines that catch what msgspec raises of bad JSON, and let bytes through that are no text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            caught = {
                one.attr if isinstance(one, ast.Attribute) else one.id
                for one in ast.walk(node.type)
                if isinstance(one, ast.Attribute | ast.Name)
            }
            if {"msgspec", "DecodeError"} <= caught and not caught & {"UnicodeDecodeError", "ValueError"}:
                yield node.lineno


def test_whoever_reads_json_expects_bytes_that_are_no_text() -> None:
    found = [
        f"{path.relative_to(HOUSE).as_posix()}:{line}"
        for path in sorted(HOUSE.rglob("*.py"))
        for line in careless(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("caught", ["msgspec.DecodeError", "(OSError, msgspec.DecodeError)"])
def test_who_forgets_it_is_found(caught: str) -> None:
    assert list(careless(f"try:\n    pass\nexcept {caught}:\n    pass")) == [3]
