"""What an answer's code means is asked of `cup/response_codes.py`: a set of codes elsewhere would be a second reading."""

import ast
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.cup.response_codes import RESPONSE_CODES

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"

OTHERS = {
    "cup/response_codes.py": "the one place",
    "acquirer/operators/persons.py": "which refusals of ours count as a try of a person",
    "host/work.py": "answers of the host's own that tell a stranger what exists",
    "terminal/flow/core/policy.py": "what nobody has proven leads to a new sign-on",
    "terminal/flow/settlement/settling.py": "the same, for a settlement that goes on after it",
    "terminal/link/host_exchange.py": "the same, where the MAC of an answer is judged",
}
"""Files with a set of codes that is about something else than whether it stands."""


def code_sets(source: str) -> list[int]:
    """Lines of the sets that hold response codes and nothing else."""
    return [
        node.lineno
        for node in ast.walk(tree_of(source))
        if isinstance(node, ast.Set)
        and len(node.elts) > 1
        and all(isinstance(item, ast.Constant) and item.value in RESPONSE_CODES for item in node.elts)
    ]


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_file_reads_codes_by_a_set_of_its_own(path: Path) -> None:
    found = code_sets(path.read_text(encoding="utf-8"))

    assert not found or str(path.relative_to(HOUSE)) in OTHERS, f"lines {found}: ask cup/response_codes.py"


def test_a_set_of_codes_is_found() -> None:
    assert code_sets('NEVER = frozenset({"25", "30"})\nOTHER = {"aa", "25"}\nNUMBERS = {1, 2}\n') == [1]


def test_each_exception_is_still_one() -> None:
    assert all(code_sets((HOUSE / path).read_text(encoding="utf-8")) for path in OTHERS)
