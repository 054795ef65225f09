"""A message type (MTI) is written once, in the catalogue: a kind with another type must not be forgotten anywhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
HOME = "cup/transactions.py"
TYPE = re.compile(r"0[1-9][0-9][0-5]")
"""Version, class, function and origin (ISO 8583-1:1987, 4.1.1): also a type that no row has yet."""


def types_written(source: str) -> Iterator[str]:
    """Each message type that stands as text, as `line: type`. Docstrings hold more than the type and are not found."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TYPE.fullmatch(node.value):
            yield f"{node.lineno}: {node.value}"


def test_message_types_stand_in_the_catalogue_only() -> None:
    found = [
        f"{path.relative_to(HOUSE)}:{what}"
        for path in sorted(HOUSE.rglob("*.py"))
        if path.relative_to(HOUSE).as_posix() != HOME
        for what in types_written(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize("mti", ["0200", "0210", "0410", "0800", "0830", "0530", "0620"])
def test_a_type_that_is_written_out_is_seen(mti: str) -> None:
    assert list(types_written(f"if message.mti == '{mti}': ...")) == [f"1: {mti}"]
