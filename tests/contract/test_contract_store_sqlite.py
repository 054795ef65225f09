"""What the store on SQLite keeps to besides: damaged and full disks, other writers, and what it does not load."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from os import SEEK_END
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.contract.store_rows import (
    ALL_NEEDS,
    FIRST,
    MORNING,
    ONE_OF_EACH,
    SHOP,
    load,
    merchant,
    payment,
    save,
    session,
    terminal,
)

from zhanggui.acquirer.rows.records import Heard, Merchant, Payment, Record, Terminal, key_of
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.errors import Fault, Misuse, ZhangguiError
from zhanggui.basics.numbers import UnixMs
from zhanggui.edges.sqlite import Connection, open_durable
from zhanggui.store import row_cache
from zhanggui.store.open import open_store
from zhanggui.store.schema import prepare, prepare_sqlite
from zhanggui.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture
async def connection(path: Path) -> AsyncIterator[Connection]:
    connection = open_durable(path)
    prepare_sqlite(connection, path)
    yield connection
    connection.close()


@pytest.fixture
def store(connection: Connection) -> SqliteStore:
    return SqliteStore(connection)


def other_program(path: Path) -> Connection:
    return dbapi2.connect(str(path), isolation_level=None)


def break_all_pages_but_the_first(path: Path) -> None:
    with path.open("r+b") as file:
        size = file.seek(0, SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def is_sound(connection: Connection) -> bool:
    return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_file_that_is_no_database_is_told_as_damaged_and_left_alone(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough for a header " * 100)
    before = path.read_bytes()
    with pytest.raises(Fault, match="damaged"):
        open_store(str(path))
    assert path.read_bytes() == before


async def test_a_file_with_a_broken_page_is_told_as_damaged(path: Path) -> None:
    store = open_store(str(path))
    await save(store, *ONE_OF_EACH, *(payment(trace) for trace in range(2, 200)))
    await store.close()
    break_all_pages_but_the_first(path)
    with pytest.raises(Fault, match="damaged"):
        open_store(str(path))


def test_a_folder_that_can_not_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder is wanted")
    with pytest.raises(Misuse, match="--data"):
        open_store(str(tmp_path / "file" / "host.db"))


async def test_a_full_disk_is_a_fault_and_the_unit_is_undone(store: SqliteStore, connection: Connection) -> None:
    await save(store, merchant(), terminal())
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    too_many = [Insert(payment(trace, answer="x" * 1000)) for trace in range(1, 100)]
    with pytest.raises(Fault, match=r"disk is full.* Nothing was saved"):
        await save(store, Update(terminal(place="二楼")), *too_many)
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *key_of(payment(1))) is None
    assert state.get(Terminal, SHOP, FIRST) == terminal()
    connection.execute("PRAGMA max_page_count=1000000")
    await save(store, *too_many)
    assert is_sound(connection)


async def test_another_program_that_holds_the_file_is_a_fault(
    store: SqliteStore, connection: Connection, path: Path
) -> None:
    connection.execute("PRAGMA busy_timeout=0")
    other = other_program(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Fault, match="another program"):
        await save(store, merchant())
    other.execute("ROLLBACK")
    other.close()
    await save(store, merchant())


async def test_what_another_program_wrote_is_seen_by_the_next_unit(store: SqliteStore, path: Path) -> None:
    await save(store, merchant(), terminal(), session())
    assert (await load(store, ALL_NEEDS)).get(Merchant, SHOP) == merchant()
    other = other_program(path)
    other.execute("UPDATE merchants SET name = '新名字'")
    other.execute("UPDATE sessions SET ended_ms = 5")
    other.close()
    state = await load(store, ALL_NEEDS)
    assert state.get(Merchant, SHOP) == merchant(name="新名字")
    assert state.live_sessions_on(SHOP, FIRST) == ()


async def test_nobody_can_write_between_load_and_save(store: SqliteStore, path: Path) -> None:
    await save(store, merchant())
    other = other_program(path)
    other.execute("PRAGMA busy_timeout=0")
    async with store.unit() as unit:
        await unit.load(ALL_NEEDS)
        with pytest.raises(dbapi2.OperationalError, match="locked"):
            other.execute("UPDATE merchants SET name = ''")
        await unit.save([Update(merchant(name="新名字"))])
    other.close()


async def test_what_is_not_committed_is_not_remembered(store: SqliteStore) -> None:
    await save(store, terminal(), payment(2))
    await load(store, ALL_NEEDS)
    with pytest.raises(Fault):
        await save(store, Update(terminal(place="二楼")), Insert(payment(2)))
    assert (await load(store, ALL_NEEDS)).get(Terminal, SHOP, FIRST) == terminal()


async def test_the_indexes_agree_with_the_rows_after_all_kinds_of_updates(
    store: SqliteStore, connection: Connection
) -> None:
    rows = [payment(trace) for trace in range(1, 50)]
    await save(store, *rows)
    await save(store, *(Update(payment(trace, state="approved")) for trace in range(1, 20)))
    await save(
        store, *(Update(payment(trace, state="approved", rrn="7" * 12, session_no=9)) for trace in range(10, 40))
    )
    assert is_sound(connection)
    by_index = connection.execute("SELECT count(*) FROM payments WHERE rrn = ?", ("7" * 12,)).fetchone()
    assert by_index == (30,)


async def test_rows_beyond_the_bound_of_the_cache_are_still_found(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: type[Record] = Payment
    monkeypatch.setitem(row_cache.ROWS_MAX, kind, 3)
    rows = [payment(trace) for trace in range(1, 11)]
    await save(store, *rows)
    keys = {(one.merchant_no, one.terminal_no, one.batch_no, one.trace_no) for one in rows}
    state = await load(store, Needs({Payment: keys}))
    assert [state.get(Payment, *key_of(one)) for one in rows] == rows
    await save(store, *(Update(payment(trace, state="declined", created_ms=MORNING)) for trace in range(1, 11)))
    assert len(await store.payments_pending(100)) == 0


async def test_a_commit_is_durable_before_it_returns(connection: Connection) -> None:
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.processes
def test_a_later_start_on_sqlite_loads_neither_alembic_nor_psycopg(path: Path) -> None:
    prepare(str(path))
    program = (
        "import sys; from zhanggui.store.open import open_store; open_store(sys.argv[1]);"
        "print(sorted({'alembic', 'psycopg', 'mako', 'sqlite3'} & sys.modules.keys()))"
    )
    source = str(Path(__file__).parents[2] / "src")
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": source},
    )
    assert ran.stdout.strip() == "[]"


class SlowCommit:
    """A cursor whose COMMIT waits until it is let go."""

    def __init__(self, connection: Connection, *, fails: bool = False) -> None:
        self._cursor = connection.cursor()
        self._fails = fails
        self.begun, self.let_go = threading.Event(), threading.Event()

    def execute(self, statement: str) -> object:
        self.begun.set()
        assert self.let_go.wait(10)
        if self._fails:
            raise dbapi2.OperationalError("disk I/O error")
        return self._cursor.execute(statement)


async def begin_a_slow_save(store: SqliteStore, slow: SlowCommit, trace: int) -> asyncio.Task[None]:
    store._commits._cursor = slow  # type: ignore[assignment]  # the part of a cursor that a commit needs
    saving = asyncio.create_task(save(store, payment(trace)))
    assert await asyncio.to_thread(slow.begun.wait, 10)
    return saving


async def test_the_loop_goes_on_while_the_disk_is_waited_for(store: SqliteStore, connection: Connection) -> None:
    slow = SlowCommit(connection)
    saving = await begin_a_slow_save(store, slow, 1)
    looking = asyncio.create_task(store.payments_pending(10))
    await asyncio.sleep(0.02)
    assert not saving.done()
    assert not looking.done(), "nothing else may use the connection before the commit is over"
    slow.let_go.set()
    await saving
    assert [one.trace_no for one in await looking] == [payment(1).trace_no]


async def test_a_save_that_is_cancelled_while_it_commits_ends_first_and_is_found_afterwards(
    store: SqliteStore, connection: Connection
) -> None:
    slow = SlowCommit(connection)
    saving = await begin_a_slow_save(store, slow, 1)
    saving.cancel()
    await asyncio.sleep(0.02)
    assert not saving.done()
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await save(store, payment(2))
    assert [one.trace_no for one in await store.payments_pending(10)] == [payment(1).trace_no, payment(2).trace_no]
    await save(store, Update(payment(1, state="approved")))
    assert is_sound(connection)


async def test_however_often_a_save_is_cancelled_its_late_commit_commits_nothing_of_the_next_unit(
    store: SqliteStore, connection: Connection, path: Path
) -> None:
    slow = SlowCommit(connection)
    saving = await begin_a_slow_save(store, slow, 1)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def save_and_break() -> None:
        async with store.unit():
            connection.execute("UPDATE payments SET amount_fen = 1")
            begun.set()
            await may_end.wait()
            raise Fault("the unit ends before it saves")

    for _ in range(3):
        saving.cancel()
        await asyncio.sleep(0.01)
        assert not saving.done()
    next_unit = asyncio.create_task(save_and_break())
    await asyncio.sleep(0.02)
    assert not begun.is_set(), "nothing else may use the connection before the commit is over"
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await saving
    assert await asyncio.wait_for(begun.wait(), 10)
    may_end.set()
    with pytest.raises(Fault, match="before it saves"):
        await next_unit
    other = other_program(path)
    rows = other.execute("SELECT trace_no, amount_fen FROM payments").fetchall()
    other.close()
    assert rows == [(payment(1).trace_no, payment(1).amount_fen)]


async def test_a_cancelled_save_whose_commit_fails_leaves_nothing_open(
    store: SqliteStore, connection: Connection
) -> None:
    slow = SlowCommit(connection, fails=True)
    saving = await begin_a_slow_save(store, slow, 1)
    saving.cancel()
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await saving
    store._commits._cursor = connection.cursor()
    assert not connection.in_transaction
    await save(store, payment(2))
    assert [one.trace_no for one in await store.payments_pending(10)] == [payment(2).trace_no]


class FailsOnce:
    """A cursor whose first statement of this kind fails, as on a disk that fails once."""

    def __init__(self, connection: Connection, statement: str) -> None:
        self._cursor = connection.cursor()
        self._statement = statement

    def execute(self, statement: str, *parameters: Any) -> object:
        if statement == self._statement:
            self._statement = ""
            raise dbapi2.OperationalError("disk I/O error")
        return self._cursor.execute(statement, *parameters)

    def executemany(self, *statement: Any) -> object:
        return self._cursor.executemany(*statement)


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "PRAGMA data_version", "ROLLBACK"])
async def test_a_disk_that_fails_once_where_a_unit_begins_or_ends_costs_that_unit_alone(
    store: SqliteStore, connection: Connection, statement: str
) -> None:
    store._cursor = FailsOnce(connection, statement)  # type: ignore[assignment]  # the part of a cursor that is used here

    async def read_a_unit() -> None:
        async with store.unit() as unit:
            await unit.load(ALL_NEEDS)

    with pytest.raises(ZhangguiError):
        await read_a_unit()
    await save(store, merchant())
    assert (await load(store, ALL_NEEDS)).get(Merchant, SHOP) == merchant()


async def test_a_note_of_who_was_heard_that_is_cancelled_or_fails_leaves_nothing_open(
    store: SqliteStore, connection: Connection
) -> None:
    heard = Heard(merchant_no=SHOP, terminal_no=FIRST, heard_ms=UnixMs(7))
    slow = SlowCommit(connection)
    store._commits._cursor = slow  # type: ignore[assignment]  # the part of a cursor that a commit needs
    noting = asyncio.create_task(store.note_heard([heard]))
    assert await asyncio.to_thread(slow.begun.wait, 10)
    for _ in range(2):
        noting.cancel()
        await asyncio.sleep(0.01)
        assert not noting.done()
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await noting
    store._commits._cursor = FailsOnce(connection, "COMMIT")  # type: ignore[assignment]
    with pytest.raises(ZhangguiError):
        await store.note_heard([Heard(merchant_no=SHOP, terminal_no=FIRST, heard_ms=UnixMs(9))])
    found = await load(store, Needs({Heard: [(SHOP, FIRST)]}))
    assert found.get(Heard, SHOP, FIRST) == heard
    await save(store, merchant())
