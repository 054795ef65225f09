"""A file that is brought to a newer version is never half of it, and what it was stands beside it."""

from pathlib import Path

import pytest

from zhanggui.basics.errors import Fault, Misuse
from zhanggui.edges.sqlite import Connection, open_durable
from zhanggui.edges.sqlite_backup import COPIES_KEPT, Migrating, back_up, bring_up, drop_old_copies

STEPS = {
    2: ("ALTER TABLE payment ADD COLUMN kind TEXT NOT NULL DEFAULT 'sale'",),
    3: ("UPDATE payment SET kind = 'refund' WHERE amount < 0", "UPDATE payment SET amount = abs(amount)"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of version 1 with two payments."""
    file = tmp_path / "journal.db"
    connection = open_durable(file)
    connection.execute("CREATE TABLE payment (number INTEGER PRIMARY KEY, amount INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO payment VALUES (1, 500), (2, -200)")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    return file


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM payment ORDER BY number").fetchall()


def test_all_steps_are_taken_and_told_and_the_file_as_it_was_stands_beside_it(path: Path) -> None:
    heard: list[Migrating] = []
    connection = open_durable(path)

    assert bring_up(connection, path, 3, STEPS, heard.append) == 3

    copy = path.with_name("journal.db.before-0003")
    assert rows(connection) == [(1, 500, "sale"), (2, 200, "refund")]
    assert [(step.version, step.newest, step.backup) for step in heard] == [
        ("2", "3", str(copy)),
        ("3", "3", str(copy)),
    ]
    assert rows(open_durable(copy)) == [(1, 500), (2, -200)]
    assert bring_up(connection, path, 3, STEPS, heard.append) == 3
    assert len(heard) == 2


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    connection = open_durable(path)

    with pytest.raises(Fault, match="Nothing was changed"):
        bring_up(connection, path, 3, {**STEPS, 3: ("UPDATE payment SET nonsense = 1",)})

    assert rows(connection) == [(1, 500), (2, -200)]
    assert bring_up(connection, path, 3, STEPS) == 3


@pytest.mark.parametrize("newest", [0, 4])
def test_a_file_that_is_newer_or_too_old_is_not_touched(path: Path, newest: int) -> None:
    connection = open_durable(path)

    with pytest.raises(Misuse, match="has version 1"):
        bring_up(connection, path, newest, STEPS)

    assert not list(path.parent.glob("*before*"))


def test_a_half_made_copy_is_not_taken_for_a_whole_one(path: Path) -> None:
    half = path.with_name("journal.db.before-0003.part")
    half.write_bytes(b"SQLite format 3 and then the power went")

    copy = back_up(path, "0003")

    assert not half.exists()
    assert rows(open_durable(copy)) == [(1, 500), (2, -200)]


def test_without_room_for_a_copy_nothing_is_changed(path: Path) -> None:
    path.with_name("journal.db.before-0003.part").mkdir()
    connection = open_durable(path)

    with pytest.raises(Fault, match="no copy of it could be made"):
        bring_up(connection, path, 3, STEPS)

    assert rows(connection) == [(1, 500), (2, -200)]


def test_the_newest_copies_are_kept(path: Path) -> None:
    for number in range(1, COPIES_KEPT + 3):
        back_up(path, f"{number:04d}")

    drop_old_copies(path)

    kept = sorted(copy.name[-4:] for copy in path.parent.glob("*before*"))
    assert kept == [f"{number:04d}" for number in range(3, COPIES_KEPT + 3)]
    drop_old_copies(path, kept=0)
    assert not list(path.parent.glob("*before*"))
