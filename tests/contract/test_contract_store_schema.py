"""The tables in the database are exactly those of `store/tables.py`, and only databases that fit are used."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from tests.contract.store_rows import payment
from tests.worlds.wallet_orders import wallet_order

import zhanggui.store.migrations
from zhanggui.acquirer.rows.records import Payment, Terminal, WaitingKeys, key_of
from zhanggui.acquirer.rows.state import Needs, Update
from zhanggui.acquirer.terminals.waiting_keys import waiting_keys
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs
from zhanggui.store import schema
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.schema import NEWEST, prepare
from zhanggui.store.tables import metadata

SQLITE_TABLES = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%alembic%' ORDER BY name"
POSTGRES_TABLES = (
    # The place among the columns that are there: PostgreSQL goes on counting those that a migration dropped.
    """SELECT table_name, row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position),
              column_name, data_type, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2""",
    """SELECT indexname, indexdef FROM pg_indexes
       WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1""",
    """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%' ORDER BY 1""",
)


def engine_of(target: str) -> Engine:
    return create_engine(target if "://" in target else f"sqlite:///{target}")


def described(connection: Connection) -> list[Any]:
    queries = (SQLITE_TABLES,) if connection.dialect.name == "sqlite" else POSTGRES_TABLES
    return [tuple(map(normal, row)) for query in queries for row in connection.execute(text(query))]


def normal(value: object) -> object:
    return " ".join(value.replace("\t", " ").replace("( ", "(").split()) if isinstance(value, str) else value


def execute(target: str, *statements: str) -> None:
    engine = engine_of(target)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def tables_in(target: str) -> set[str]:
    engine = engine_of(target)
    with engine.connect() as connection:
        names = set(engine.dialect.get_table_names(connection))
    engine.dispose()
    return names


def test_autogenerate_finds_no_difference(target: str) -> None:
    prepare(target)
    engine = engine_of(target)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrations_make_the_same_as_the_tables_word_for_word(target: str) -> None:
    engine = engine_of(target)
    with engine.begin() as connection:
        metadata.create_all(connection)
        expected = described(connection)
        metadata.drop_all(connection)
    prepare(target)
    with engine.connect() as connection:
        assert described(connection) == expected
    engine.dispose()
    assert len(expected) >= 9 + 9


@pytest.mark.parametrize("given", ["", "next_keys_ms"])
async def test_keys_that_waited_in_a_version_before_go_on_waiting(
    target: str, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "NEWEST", "0006")
        prepare(target)
    numbers = {"next_record_no", "failed_count", "created_ms", "next_keys_ms"}
    new = ("waiting", "waiting_slots", "names_proven", "locked_until_ms", "settle_batch_no")
    fields = [name for name in Terminal.__struct_fields__ if name not in new]
    fields += ["next_pin_key", "next_mac_key", "next_track_key", "next_operator_no", *filter(None, [given])]
    columns = ", ".join(fields)
    values = ", ".join("7" if name in numbers else f"'{name[:8]}'" for name in fields)
    execute(target, f"INSERT INTO terminals ({columns}) VALUES ({values})")
    nothing = values.replace("'next_mac'", "''").replace("'terminal'", "'nothing'")
    execute(target, f"INSERT INTO terminals ({columns}) VALUES ({nothing})")
    store = open_store(target)
    merchant_no = MerchantNo("merchant")
    waits, waits_not = (merchant_no, TerminalNo("terminal")), (merchant_no, TerminalNo("nothing"))
    async with store.unit() as unit:
        state = await unit.load(Needs({Terminal: [waits, waits_not], WaitingKeys: [(*waits, 0), (*waits_not, 0)]}))
    terminal, other = state.get(Terminal, *waits), state.get(Terminal, *waits_not)
    assert terminal is not None
    assert other is not None
    assert (terminal.next_record_no, terminal.created_ms, other.waiting, other.waiting_slots) == (7, 7, None, None)
    (row,) = waiting_keys(state, terminal)
    assert (row.pin_key, row.mac_key, row.track_key) == ("next_pin", "next_mac", "next_tra")
    assert (row.operator_no, row.network_code, row.given_ms) == ("next_ope", "", 7 if given else 0)
    assert state.get(WaitingKeys, *waits_not, 0) is None
    await store.close()


async def test_payments_of_a_version_before_are_kept_whole_and_are_about_no_other(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = {
        "original_batch_no",
        "original_trace_no",
        "undone_by_batch_no",
        "undone_by_trace_no",
        "host_id",
        "shop_day",
        "epoch",
    }
    new |= {"original_terminal_no", "undone_by_terminal_no", "adjusted_fen", "pending_parts", "reason", "pay_voucher"}
    new |= {"wallet", "order_no"}
    with monkeypatch.context() as patch:
        patch.setattr(schema, "NEWEST", "0005")
        prepare(target)
    kept = payment(7, state="approved", answer="{}", session_no=3, decided_ms=UnixMs(8))
    row = {name: value for name, value in msgspec.structs.asdict(kept).items() if name not in new}
    engine = engine_of(target)
    with engine.begin() as connection:
        places = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO payments ({', '.join(row)}) VALUES ({places})"), row)
    engine.dispose()
    store = open_store(target)
    async with store.unit() as unit:
        found = (await unit.load(Needs({Payment: [key_of(kept)]}))).get(Payment, *key_of(kept))
        assert found == kept
        await unit.save([Update(msgspec.structs.replace(kept, undone_by_trace_no="000008"))])
    await store.close()


LATER = {("payments", "order_no"), ("wallet_orders", "contradicted_ms")}
"""Columns that version 0033 had not."""


async def test_a_payment_at_a_wallet_of_a_version_before_learns_the_number_of_its_order(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "NEWEST", "0033")
        prepare(target)
    kept = payment(7, state="approved", answer="{}", session_no=3, decided_ms=UnixMs(8))
    kept = msgspec.structs.replace(kept, wallet="wechat", epoch="00c0ffee")
    order = msgspec.structs.replace(
        wallet_order(order_no="10000001000001000007261130183504", created_ms=kept.created_ms),
        merchant_no=kept.merchant_no,
        terminal_no=kept.terminal_no,
        batch_no=kept.batch_no,
        trace_no=kept.trace_no,
    )
    engine = engine_of(target)
    with engine.begin() as connection:
        for table, record in (("payments", kept), ("wallet_orders", order)):
            columns = msgspec.structs.asdict(record).items()
            row = {name: value for name, value in columns if (table, name) not in LATER}
            places = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"), row)
    engine.dispose()
    store = open_store(target)
    async with store.unit() as unit:
        found = (await unit.load(Needs({Payment: [key_of(kept)]}))).get(Payment, *key_of(kept))
    await store.close()
    assert found == msgspec.structs.replace(kept, order_no=order.order_no)


def test_the_newest_version_is_the_head_of_the_migrations() -> None:
    config = Config()
    (folder,) = zhanggui.store.migrations.__path__
    config.set_main_option("script_location", folder)
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_preparing_twice_changes_nothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(target)
    monkeypatch.setattr(command, "upgrade", None)  # would fail if it were called
    prepare(target)


def test_a_database_newer_than_the_program_is_refused(target: str) -> None:
    prepare(target)
    execute(target, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Misuse, match=rf"version 9999 .* knows {NEWEST} and older"):
        open_store(target)
    with pytest.raises(Misuse, match="version 9999"):
        open_queries(target)


def test_a_version_of_another_program_is_refused(target: str) -> None:
    execute(
        target,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('ab12cd')",
    )
    with pytest.raises(Misuse, match="version ab12cd"):
        prepare(target)


def test_a_database_of_another_program_is_refused_and_left_alone(target: str) -> None:
    execute(target, "CREATE TABLE sessions (id INTEGER)")
    with pytest.raises(Misuse, match="another program"):
        open_store(target)
    assert tables_in(target) == {"sessions"}


def test_a_migration_that_fails_half_way_leaves_nothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def upgrade_and_fail(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", upgrade_and_fail)
        with pytest.raises(RuntimeError, match="power cut"):
            open_store(target)
    assert tables_in(target) == set()
    prepare(target)
    assert metadata.tables.keys() < tables_in(target)


def test_a_database_without_tables_can_not_be_read_yet(target: str, tmp_path: Path) -> None:
    execute(target, "SELECT 1")
    with pytest.raises(Misuse, match=r"Start the host"):
        open_queries(target)
    with pytest.raises(Misuse, match=r"Start the host"):
        open_queries(str(tmp_path / "absent.db"))
    assert not (tmp_path / "absent.db").exists()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(Misuse, match="mysql"):
        open_store("mysql://root:s3cret@db/zhanggui")
