"""Every reason word of acquirer and host stands in the catalogue, and the catalogue holds no word that nobody uses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.acquirer.rows.reasons import all_reasons, tell_reason
from zhanggui.cup.next_steps import all_steps
from zhanggui.cup.response_codes import RESPONSE_CODES, UNKNOWN
from zhanggui.cup.wallets.codes import UNKNOWN_CODE, WALLET_CODES
from zhanggui.terminal.flow.words.screen_codes import all_screen_codes

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
FILES = [
    path
    for room in ("acquirer", "host")
    for path in sorted((HOUSE / room).rglob("*.py"))
    if "findings" not in path.parts or path.name == "settling.py"
]
"""Where reasons are given. Findings read them, but for what settles one; `--by` is the console's own way of acting for somebody."""
ELSEWHERE = {"unknown_actor": "cli"}
"""Reasons that a room above gives."""
CARRIERS = frozenset({"reason", "end_reason"})
"""Names of parameters, fields and variables that hold a reason."""
ANY = "*"


class Reader:
    """Finds reasons by what the syntax says: whatever fills something named `reason`, and what a `-> Reason` returns."""

    def __init__(self, trees: list[ast.Module]) -> None:
        self._trees = trees
        self._constants: dict[str, set[str]] = {}
        self._places: dict[str, set[int]] = {}
        for node in self._nodes():
            self._learn(node)

    def words(self) -> Iterator[str]:
        """Each reason; one with a parameter as `stem:`, one that is composed as `begin*`."""
        for node in self._nodes():
            for value in self._values(node):
                yield from self._read(value)

    def _nodes(self) -> Iterator[ast.AST]:
        return (node for tree in self._trees for node in ast.walk(tree))

    def _learn(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef(name=name, args=args) | ast.AsyncFunctionDef(name=name, args=args):
                given = [argument.arg for argument in args.args if argument.arg not in ("self", "cls")]
                self._places.setdefault(name, set()).update(i for i, arg in enumerate(given) if arg in CARRIERS)
            case ast.ClassDef(name=name, body=body):
                fields = [
                    part.target.id
                    for part in body
                    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
                ]
                self._places.setdefault(name, set()).update(i for i, field in enumerate(fields) if field in CARRIERS)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                self._constants.setdefault(name, set()).add(text)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for one, value in zip(names, values, strict=False):
                    if isinstance(one, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        self._constants.setdefault(one.id, set()).add(value.value)
            case _:
                pass

    def _values(self, node: ast.AST) -> Iterator[ast.expr]:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
                yield from (keyword.value for keyword in keywords if keyword.arg in CARRIERS)
                yield from (args[place] for place in self._places.get(name, ()) if place < len(args))
            case ast.FunctionDef(returns=ast.Name(id="Reason")):
                yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in CARRIERS:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for one, value in zip(names, values, strict=False):
                    if isinstance(one, ast.Name) and one.id in CARRIERS:
                        yield value
            case _:
                pass

    def _read(self, value: ast.expr) -> Iterator[str]:
        match value:
            case ast.Constant(value=str(text)) if text:
                yield text
            case ast.IfExp(body=first, orelse=second):
                yield from self._read(first)
                yield from self._read(second)
            case (
                ast.BinOp(left=ast.Constant(value=str(text)))
                | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_])
            ):
                yield text if text.endswith(":") else text + ANY
            case ast.Name(id=name):
                yield from self._constants.get(name, ())
            case _:
                pass


def used_words() -> set[str]:
    return set(Reader([tree_of(path.read_text(encoding="utf-8")) for path in FILES]).words())


def fits(word: str, used: str) -> bool:
    return word.startswith(used[:-1]) if used.endswith(ANY) else word == used.rstrip(":")


def test_every_reason_that_the_source_gives_is_in_the_catalogue() -> None:
    lost = sorted(used for used in used_words() if not any(fits(word, used) for word in all_reasons()))
    assert not lost, "write cause and next step into acquirer/rows/reasons.toml"


def test_the_catalogue_holds_no_reason_that_nobody_gives() -> None:
    used = used_words()
    left = [word for word in all_reasons() if word not in ELSEWHERE and not any(fits(word, one) for one in used)]
    assert not left


def test_a_reason_carries_a_parameter_exactly_where_its_words_have_room_for_one() -> None:
    stems = {used.rstrip(":") for used in used_words() if used.endswith(":")}
    assert stems == {word for word, row in all_reasons().items() if "{parameter}" in row.zh}


def test_every_next_step_is_one_of_the_list_and_none_is_left_over() -> None:
    named = {step for row in all_reasons().values() for step in (row.cashier, row.support) if step}
    for code in (*RESPONSE_CODES.values(), UNKNOWN):
        named |= {code.cashier, code.support}
        for other in (code.by_code, code.by_our_code):
            named |= {other.cashier} - {""} if other is not None else set()
    for shown in all_screen_codes().values():
        named |= {shown.cashier, shown.support}
    for row in (*WALLET_CODES.values(), UNKNOWN_CODE):
        named |= {row.cashier, row.customer}
    named |= {row.by_code for row in all_steps().values() if row.by_code}
    assert named == set(all_steps())


def test_every_reason_has_a_next_step_for_somebody() -> None:
    assert not [word for word, row in all_reasons().items() if not (row.cashier or row.support)]


def test_the_table_of_screen_codes_is_what_the_terminal_shows() -> None:
    shown = {
        code
        for path in sorted((HOUSE / "terminal").rglob("*.py"))
        for code in re.findall(r'"([A-Z][0-9]{3})"', path.read_text(encoding="utf-8"))
    }
    assert shown == set(all_screen_codes()), "write cause and next step into terminal/flow/words/screen_codes.toml"


@pytest.mark.parametrize(
    "planted",
    [
        'def f() -> None:\n    return Decision(reason="planted_word")',
        'class Refusal:\n    code: str\n    reason: str\nx = Refusal("77", "planted_word")',
        'def end(a, reason): ...\nend(1, "planted_word" if a else f"other:{b}")',
        'WORD = "planted_word"\nlog(reason=WORD)',
        'def why() -> Reason:\n    return "planted_word"',
        'end_reason = "planted_word"',
    ],
)
def test_a_new_reason_is_seen_wherever_it_is_given(planted: str) -> None:
    assert "planted_word" in set(Reader([ast.parse(planted)]).words())


def test_a_reason_is_told_with_its_cause_and_the_next_step() -> None:
    told = tell_reason("wrong_batch", "en")
    assert told is not None
    assert (told.cause, told.cashier) == ("the batch number is not the host's", "sign in again")
    assert told.support
    assert tell_reason("nonsense", "en") is None
