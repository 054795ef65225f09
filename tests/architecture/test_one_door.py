"""Outside the store one function writes to it: the door of the host. By the syntax tree; `tests/scenarios` watches the driver."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
STORE = "store"
DOOR = "host/commit.py"
WRITING = ("save", "note_heard", "forget_deleted")
"""What the store offers to whoever writes: the unit's `save`, and two that write in a transaction of their own."""
PICTURES = "segno.make_qr"
"""Makes a picture, whose `save` is no store's: free where it is called on what this returns, in one expression, and nowhere else."""


def calls(source: str, name: str) -> Iterator[int]:
    """Lines that call something of this name, or hand it on, be it by its name in a text."""
    tree = tree_of(source)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="save", value=ast.Call(func=maker)) if ast.unparse(maker) == PICTURES:
                pass
            case ast.Constant(value=text) if text == name:
                yield node.lineno
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
    assert list(calls("write = methodcaller('save', rows)", "save")) == [1]
    assert list(calls("write = getattr(unit, 'save')", "save")) == [1]
    assert list(calls("def save(self): ...", "save")) == []


def test_a_picture_is_saved_where_it_is_made_and_gives_no_store_the_same_freedom() -> None:
    assert list(calls("segno.make_qr(text, error='m').save(file, kind='png')", "save")) == []
    assert list(calls("segno.make_qr(unit.save)", "save")) == [1]
    assert list(calls("picture = segno.make_qr(text)\npicture.save(file)", "save")) == [2]
    assert list(calls("make_unit(segno.make_qr(text)).save(rows)", "save")) == [1]
    assert list(calls("segno.make_qr(text).note_heard(rows)", "note_heard")) == [1]
