"""A statement names the columns that say something, and what stands in the database is the whole record all the same."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.contract.store_rows import ONE_OF_EACH, payment

from zhanggui.acquirer.rows.records import Payment, Record
from zhanggui.basics.numbers import UnixMs
from zhanggui.edges.sqlite import Connection, open_durable
from zhanggui.store.rows import SHAPES, write_row
from zhanggui.store.schema import prepare_sqlite
from zhanggui.store.sqlite_writes import inserts, updates
from zhanggui.store.tables import TABLE_OF, table_name


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    path = tmp_path / "host.db"
    connection = open_durable(path)
    prepare_sqlite(connection, path)
    return connection


def rows(connection: Connection, kind: type[Record]) -> list[Record]:
    names = ", ".join(SHAPES[kind].columns)
    return [SHAPES[kind].read(row) for row in connection.execute(f"SELECT {names} FROM {table_name(kind)}").fetchall()]


def other_values(record: Record) -> Record:
    """The same row with every column after the key changed to another value; None where that is allowed."""
    columns = TABLE_OF[type(record)].columns
    changed: dict[str, object] = {}
    for name in SHAPES[type(record)].columns[SHAPES[type(record)].key_width :]:
        value = getattr(record, name)
        text_or_number: object = f"{value}-" if isinstance(value, str) else b"other" if isinstance(value, bytes) else 7
        changed[name] = None if columns[name].nullable and value is not None else text_or_number
        if value is None:
            kind = columns[name].type.python_type
            changed[name] = {str: "now", int: 8, bytes: b"now"}[kind]
    return replace(record, **changed)


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: type(record).__name__)
def test_what_is_inserted_is_the_record(connection: Connection, record: Record) -> None:
    for statement, values in inserts(type(record), [record]):
        connection.executemany(statement, values)
    assert rows(connection, type(record)) == [record]


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: type(record).__name__)
@pytest.mark.parametrize("is_known", [True, False])
def test_what_is_changed_is_the_record(connection: Connection, record: Record, is_known: bool) -> None:
    changed = other_values(record)
    for statement, values in inserts(type(record), [record]):
        connection.executemany(statement, values)
    for statement, values in updates(type(record), [changed], lambda key: record if is_known else None):
        assert connection.executemany(statement, values).rowcount == 1
    assert rows(connection, type(record)) == [changed]


def test_each_single_column_of_a_payment_is_changed_by_itself(connection: Connection) -> None:
    before = payment()
    for statement, values in inserts(Payment, [before]):
        connection.executemany(statement, values)
    for name in SHAPES[Payment].columns[SHAPES[Payment].key_width :]:
        after = replace(before, **{name: getattr(other_values(before), name)})
        ((statement, values),) = updates(Payment, [after], lambda key, row=before: row)  # type: ignore[misc]
        assert statement.startswith(f"UPDATE payments SET {name}=? WHERE "), "one that a column makes, and its key"
        connection.executemany(statement, values)
        assert rows(connection, Payment) == [after]
        before = after


def test_rows_that_change_alike_share_a_statement_and_keep_their_own_values(connection: Connection) -> None:
    first, second, third = payment(1), payment(2), payment(3, session_no=4)
    made = list(inserts(Payment, [first, second, third]))
    assert [len(values) for _, values in made] == [2, 1]
    for statement, values in made:
        connection.executemany(statement, values)
    known = {SHAPES[Payment].key_of(row): row for row in (first, second, third)}
    approved = [replace(row, state="approved", decided_ms=UnixMs(place)) for place, row in enumerate(known.values())]
    ((statement, values),) = updates(Payment, approved, known.get)
    assert connection.executemany(statement, values).rowcount == 3
    assert rows(connection, Payment) == approved


def test_a_row_that_stays_as_it_was_must_be_there_all_the_same(connection: Connection) -> None:
    ((statement, values),) = updates(Payment, [payment()], lambda key: payment())
    assert connection.executemany(statement, values).rowcount == 0


def test_neither_none_nor_bytes_reach_the_driver_where_a_payment_is_made(connection: Connection) -> None:
    ((_, (values,)),) = inserts(Payment, [payment(card_hash=b"\x00hash")])
    assert {type(value) for value in values} <= {str, int, bytearray}
    assert len(values) == sum(value is not None for value in write_row(payment()))
