"""What the whole house shares is written once: roles, languages, lengths of time."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
HOMES = {"zh en": "basics/words.py", "administrator cashier supervisor": "basics/roles.py"}
"""Sets of words that are one type of the house, and where it stands."""
SPAN = re.compile(r"^(SECOND|MINUTE|HOUR|DAY|WEEK)S?_(MS|S)$")


def said_again(source: str, place: str) -> Iterator[str]:
    """Each place that writes a shared type or a length of time anew, as `line: what`."""
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=parts)):
                words = {part.value for part in parts if isinstance(part, ast.Constant)}
                for shared, home in HOMES.items():
                    if words == set(shared.split()) and place != home:
                        yield f"{node.lineno}: {shared} stands in {home}"
            case ast.Assign(targets=[ast.Name(id=name)]) if SPAN.match(name) and place != "basics/spans.py":
                yield f"{node.lineno}: {name} stands in basics/spans.py"
            case _:
                pass


def test_roles_languages_and_lengths_of_time_are_written_once() -> None:
    found = [
        f"{path.relative_to(HOUSE)}:{what}"
        for path in sorted(HOUSE.rglob("*.py"))
        for what in said_again(path.read_text(encoding="utf-8"), path.relative_to(HOUSE).as_posix())
    ]
    assert not found


@pytest.mark.parametrize(
    "planted",
    ['Tongue = Literal["en", "zh"]', 'x: Literal["cashier", "supervisor", "administrator"]', "HOUR_MS = 3_600_000"],
)
def test_a_copy_is_seen(planted: str) -> None:
    assert list(said_again(planted, "acquirer/somewhere.py"))
