"""A kind of payment is a row: outside kind tables, steps and the catalogue no class, function or branch carries a kind's name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.cup.transactions import PAYMENTS

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
TABLES = ("acquirer/payments/kinds.py", "bank/kinds.py", "terminal/flow/payment/kinds.py", "cup/transactions.py")
ANOTHER_THING = {
    "bank/ledger.py": {"_told_balance"},
    "bank/queries.py": {"balance", "balance_of"},
    "bank/server.py": {"balance"},
    "cli/lists.py": {"balance"},
    "cli/main.py": {"balance", "completion"},
    "cup/messages/balance.py": {"write_balance", "read_balance"},
}
"""What an account holds, and field 54 that tells it: the amount, not the inquiry, which has the same word.
And what completes a word in a shell."""
INDEXES = "bank/schema.py"
"""An index is written into files that people have; `tests/unit/bank/test_bank_kinds.py` holds it against the kinds."""
STEPS = "terminal/flow/payment/steps/"


def words_in(name: str) -> set[str]:
    """The words of a name, in either spelling: `VoidWork` and `void_work` are void, work."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def constants(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def offences(source: str, kinds: frozenset[str]) -> Iterator[str]:
    """Each place that carries a kind's name, as `line: what`."""
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if words_in(name) & kinds:
                    yield f"{node.lineno}: is called {name}"
            case ast.Compare() if constants(node) & kinds:
                yield f"{node.lineno}: compares with a kind"
            case ast.Constant(value=str() as text) if set(re.findall(r"\bkind (?:=|<>|IN) [('\"]*(\w+)", text)) & kinds:
                yield f"{node.lineno}: compares with a kind in SQL"
            case ast.match_case(pattern=pattern) if constants(pattern) & kinds:
                yield f"{pattern.lineno}: is a case of a kind"
            case _:
                pass


@pytest.mark.parametrize(
    "planted",
    [
        "class VoidWork: ...",
        "def decide_void(): ...",
        "async def ask_balance(): ...",
        "if kind == 'void': ...",
        "if kind in ('sale', 'void'): ...",
        "match kind:\n    case 'balance': ...",
        "HELD = \"SELECT 1 FROM payments WHERE kind = 'preauth'\"",
    ],
)
def test_a_planted_name_is_found(planted: str) -> None:
    assert list(offences(planted, frozenset(PAYMENTS)))


def test_no_class_function_or_branch_carries_the_name_of_a_kind() -> None:
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        place = path.relative_to(HOUSE).as_posix()
        if place in (*TABLES, INDEXES) or place.startswith(STEPS):
            continue
        allowed = {f"is called {name}" for name in ANOTHER_THING.get(place, ())}
        told = list(offences(path.read_text(encoding="utf-8"), frozenset(PAYMENTS)))
        assert allowed <= {one.split(": ")[1] for one in told}, f"{place}: a name that is allowed is gone"
        if some := [one for one in told if one.split(": ")[1] not in allowed]:
            found[place] = some
    assert found == {}
