"""Patterns end where the text ends: `$` also stands before a last line feed, so that a name with one would be taken for the name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"


def patterns_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each pattern that is written in place; values within it are left out."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Call):
            named = [one.value for one in node.keywords if one.arg == "pattern"]
            match node.func:
                case ast.Attribute(value=ast.Name(id="re")):
                    named += node.args[:1]
            for one in named:
                parts = one.values if isinstance(one, ast.JoinedStr) else [one]
                text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
                yield node.lineno, text


def lets_a_line_feed_through(pattern: str) -> bool:
    return pattern.replace("\\\\", "").replace("\\$", "").endswith("$")


def test_no_pattern_lets_a_last_line_feed_through() -> None:
    found = [
        f"{path.relative_to(HOUSE)}:{line}: {pattern}"
        for path in sorted(HOUSE.rglob("*.py"))
        for line, pattern in patterns_in(path.read_text(encoding="utf-8"))
        if lets_a_line_feed_through(pattern)
    ]
    assert not found, r"end it with \Z, or ask with fullmatch"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('re.compile(r"^[a-z]+$")', True),
        ('msgspec.Meta(max_length=4, pattern=r"^[a-z]+$")', True),
        ('re.compile(rf"{PREFIX}[a-z]$")', True),
        (r're.compile(r"[a-z]+\Z")', False),
        (r're.compile(r"[a-z]\$")', False),
        ('price("5 $")', False),
    ],
)
def test_such_a_pattern_is_seen(source: str, seen: bool) -> None:
    assert any(lets_a_line_feed_through(pattern) for _, pattern in patterns_in(source)) is seen
