"""Outside the store one function writes to it: the door of the host. By the syntax tree; `tests/scenarios` watches the driver."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
STORE = "store"
DOOR = "host/commit.py"
WRITING = ("save", "note_heard", "forget_deleted")
"""What the store offers to whoever writes: the unit's `save`, and two that write in a transaction of their own."""


def calls(source: str, name: str) -> Iterator[int]:
    """Lines that call something of this name, or hand it on."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Load()) if attr == name:
                yield node.lineno
            case ast.Name(id=id_, ctx=ast.Load()) if id_ == name and name != "save":
                yield node.lineno
            case _:
                pass


def test_each_way_to_write_is_called_once_and_from_the_door() -> None:
    for name in WRITING:
        found = [
            f"{path.relative_to(HOUSE).as_posix()}"
            for path in sorted(HOUSE.rglob("*.py"))
            if path.relative_to(HOUSE).parts[0] not in (STORE,)
            for _ in calls(path.read_text(encoding="utf-8"), name)
        ]
        assert found == [DOOR], f"{name} is called once outside the store, by the door"


def test_the_check_sees_a_second_door() -> None:
    assert list(calls("async def f(unit, rows):\n    await unit.save(rows)", "save")) == [2]
    assert list(calls("write = unit.save", "save")) == [1]
    assert list(calls("forget_deleted(target)", "forget_deleted")) == [1]
    assert list(calls("def save(self): ...", "save")) == []
