"""A brand of payment codes is a row: no code outside the tables carries its name, and each table that knows brands knows all of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

from zhanggui.acquirer.rows.reasons import tell_reason
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.dialect import DIALECTS
from zhanggui.cup.wallets.codes import WALLET_CODES

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
NAMES = frozenset(BRANDS)
SHARED = NAMES & frozenset(DIALECTS)
"""Names that a dialect of 8583 has too: as a word they may be that one."""


def words_in(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", text)}


def texts(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def docstrings(tree: ast.Module) -> set[int]:
    """Where texts stand that nobody computes with."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def offences(source: str) -> Iterator[str]:
    """Each place that carries a brand's name, as `line: what`."""
    tree = tree_of(source)
    told = docstrings(tree)
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if words_in(name) & (NAMES - SHARED):
                    yield f"{node.lineno}: is called {name}"
            case ast.Constant(value=str() as text) if id(node) not in told and words_in(text) & (NAMES - SHARED):
                yield f"{node.lineno}: says a brand"
            case ast.Compare() if texts(node) & SHARED:
                yield f"{node.lineno}: compares with a brand"
            case ast.keyword(arg="brand", value=value) if texts(value) & NAMES:
                yield f"{node.value.lineno}: gives a brand"
            case ast.match_case(pattern=pattern) if texts(pattern) & SHARED:
                yield f"{pattern.lineno}: is a case of a brand"
            case _:
                pass


@pytest.mark.parametrize(
    "planted",
    [
        "class AlipayPlan: ...",
        "def ask_wechat(): ...",
        "BRANDS = ('wechat', 'alipay')",
        "OF_SHOP = re.compile(r'/s/(wechat|other)/')",
        "if brand == 'unionpay': ...",
        "ShopCode(brand='unionpay')",
        "match brand:\n    case 'unionpay': ...",
    ],
)
def test_a_planted_brand_is_found(planted: str) -> None:
    assert list(offences(planted))


def test_no_code_carries_the_name_of_a_brand() -> None:
    found = {
        path.relative_to(HOUSE).as_posix(): told
        for path in sorted(HOUSE.rglob("*.py"))
        if (told := list(offences(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_each_code_of_a_wallet_is_one_of_a_brand_and_each_brand_has_some() -> None:
    assert {key.partition(":")[0] for key in WALLET_CODES} == NAMES


@pytest.mark.parametrize("name", BRANDS)
def test_a_brand_is_told_in_words(name: str) -> None:
    for lang in ("zh", "en"):
        told = tell_reason(f"brand_not_taken:{name}", lang)
        assert told is not None
        assert BRANDS[name].of(lang) in told.cause
