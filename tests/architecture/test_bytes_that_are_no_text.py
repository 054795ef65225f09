"""Bad JSON raises three things: no JSON, bytes that are no UTF-8, and nesting beyond Python's depth. Whoever reads it names all of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"


def careless(source: str) -> Iterator[int]:
    """Lines that name one of them by itself, and so let the others through."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            caught = {
                one.attr if isinstance(one, ast.Attribute) else one.id
                for one in ast.walk(node.type)
                if isinstance(one, ast.Attribute | ast.Name)
            }
            if {"msgspec", "DecodeError"} <= caught:
                yield node.lineno


def test_whoever_reads_json_expects_all_that_it_may_raise() -> None:
    found = [
        f"{path.relative_to(HOUSE).as_posix()}:{line}"
        for path in sorted(HOUSE.rglob("*.py"))
        if path.name != "bad_json.py"
        for line in careless(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "caught", ["msgspec.DecodeError", "(OSError, msgspec.DecodeError)", "(msgspec.DecodeError, UnicodeDecodeError)"]
)
def test_who_forgets_it_is_found(caught: str) -> None:
    assert list(careless(f"try:\n    pass\nexcept {caught}:\n    pass")) == [3]
