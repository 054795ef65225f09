"""What a sign-on asks to be kept is kept wherever it arrives: the numbers, and a payment in doubt that an old copy brought along."""

import ast
from pathlib import Path

import pytest

from zhanggui.terminal import flow

FILES = sorted(Path(next(iter(flow.__path__))).rglob("*.py"))


def losing(source: str) -> list[str]:
    """Functions that take over a sign-on and then return without what it asks to be kept."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        taken = next((one for one in ast.walk(function) if isinstance(one, ast.Assign) and _takes_over(one)), None)
        if taken is None:
            continue
        kept = ast.unparse(taken.targets[0].elts[1])  # type: ignore[attr-defined]  # it is `state, kept = adopt(…)`
        returns = [one for one in ast.walk(function) if isinstance(one, ast.Return) and one.lineno > taken.lineno]
        if any(kept not in {name.id for name in ast.walk(one) if isinstance(name, ast.Name)} for one in returns):
            found.append(function.name)
    return found


def _takes_over(node: ast.Assign) -> bool:
    return isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id == "adopt"


def test_every_screen_keeps_what_a_sign_on_brings() -> None:
    sources = [path.read_text(encoding="utf-8") for path in FILES]
    assert sum("= adopt(" in source for source in sources) > 5
    assert [name for source in sources for name in losing(source)] == []


@pytest.mark.parametrize(
    ("body", "loses"),
    [
        ("    state, kept = adopt(state, event)\n    return stay(state, *kept)\n", []),
        ("    state, kept = adopt(state, event)\n    return send(state)\n", ["came"]),
        ("    state, _ = adopt(state, event)\n    return send(state)\n", ["came"]),
    ],
)
def test_what_is_dropped_is_seen(body: str, loses: list[str]) -> None:
    assert losing(f"def came(state, stage, event):\n{body}") == loses
