"""What the store on PostgreSQL keeps to besides: several hosts on one database, and lines that break."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest
from tests.contract.store_rows import (
    ALL_NEEDS,
    FIRST,
    OPERATOR,
    SECOND,
    SHOP,
    counter,
    load,
    merchant,
    operator,
    payment,
    save,
    session,
    terminal,
)

from zhanggui.acquirer.rows.records import Counter, Heard, Merchant, Operator, Payment, Salt, Terminal
from zhanggui.acquirer.rows.state import Delete, Insert, Needs, Update
from zhanggui.basics.errors import Defect, Fault, Misuse
from zhanggui.basics.numbers import MerchantNo, TerminalNo
from zhanggui.store.errors import Conflict
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.port import Store
from zhanggui.store.postgres import PostgresStore
from zhanggui.store.postgres_writes import GroupOf, insert_rows_max, one_group
from zhanggui.store.schema import prepare
from zhanggui.store.targets import PostgresTarget, parse_target

pytestmark = pytest.mark.postgres


@pytest.fixture
async def stores(postgres_database: str) -> AsyncIterator[tuple[Store, Store]]:
    one, other = open_store(postgres_database), open_store(postgres_database)
    yield one, other
    await one.close()
    await other.close()


def break_all_lines(database: str) -> None:
    address = database.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def open_session(store: Store, on: TerminalNo) -> bool:
    """Sign the operator in as a host would; False when the rules see that he is signed in."""
    async with store.unit() as unit:
        state = await unit.load(
            Needs({Terminal: [(SHOP, on)], Operator: [(SHOP, OPERATOR)], Counter: [(SHOP, "session")]})
        )
        if state.live_sessions_of((SHOP, OPERATOR)):
            return False
        given = state.get(Counter, SHOP, "session")
        assert given is not None
        await unit.save([Insert(session(given.value + 1, on)), Update(counter(given.value + 1))])
        return True


async def test_two_hosts_that_sign_one_operator_in_at_once_open_one_session(
    stores: tuple[Store, Store], postgres_database: str
) -> None:
    await save(stores[0], merchant(), terminal(FIRST), terminal(SECOND), operator(), counter(0))
    for turn in range(1, 11):
        opened = await asyncio.gather(open_session(stores[0], FIRST), open_session(stores[1], SECOND))
        assert sorted(opened) == [False, True]
        with open_queries(postgres_database) as queries:
            (live,) = [one for one in queries.list_sessions() if one.ended_ms is None]
        assert live.session_no == turn
        await save(stores[turn % 2], Update(session(turn, live.terminal_no, ended_ms=5)))


async def test_what_can_not_be_locked_because_it_is_not_there_is_refused(stores: tuple[Store, Store]) -> None:
    both_have_loaded = asyncio.Barrier(2)

    async def insert_unseen(store: Store, on: TerminalNo) -> bool:
        async with store.unit() as unit:
            await unit.load(ALL_NEEDS)
            await both_have_loaded.wait()
            try:
                await unit.save([Insert(session(1 if on == FIRST else 2, on))])
            except Conflict:
                return False
            return True

    saved = await asyncio.gather(insert_unseen(stores[0], FIRST), insert_unseen(stores[1], SECOND))
    assert sorted(saved) == [False, True]


async def test_hosts_that_count_together_lose_no_number(stores: tuple[Store, Store]) -> None:
    await save(stores[0], counter(0))

    async def count_up(store: Store) -> None:
        async with store.unit() as unit:
            given = (await unit.load(ALL_NEEDS)).get(Counter, SHOP, "session")
            assert given is not None
            await unit.save([Update(counter(given.value + 1))])

    await asyncio.gather(*(count_up(store) for store in stores * 10))
    assert (await load(stores[0], ALL_NEEDS)).get(Counter, SHOP, "session") == counter(20)


async def test_two_units_that_wait_for_each_other_end_with_one_conflict(stores: tuple[Store, Store]) -> None:
    await save(stores[0], terminal(FIRST), terminal(SECOND))
    both_hold_one = asyncio.Barrier(2)

    async def lock_in_turn(store: Store, first: TerminalNo, second: TerminalNo) -> bool:
        async with store.unit() as unit:
            await unit.load(Needs({Terminal: [(SHOP, first)]}))
            await both_hold_one.wait()
            try:
                await unit.load(Needs({Terminal: [(SHOP, second)]}))
            except Conflict:
                return False
            return True

    ended = await asyncio.gather(lock_in_turn(stores[0], FIRST, SECOND), lock_in_turn(stores[1], SECOND, FIRST))
    assert sorted(ended) == [False, True]


async def test_hosts_that_load_the_same_rows_in_one_load_each_never_wait_in_a_ring(stores: tuple[Store, Store]) -> None:
    numbers = [TerminalNo(f"1000{n:04d}") for n in range(40)]
    await save(stores[0], *(terminal(number) for number in numbers), *(payment(1, on=number) for number in numbers))

    async def load_all(store: Store) -> None:
        async with store.unit() as unit:
            await unit.load(
                Needs(
                    {
                        Terminal: {(SHOP, number) for number in numbers},
                        Payment: {(SHOP, number, payment().batch_no, payment().trace_no) for number in numbers},
                    }
                )
            )
            await unit.save([Update(payment(1, on=number)) for number in numbers])

    await asyncio.gather(*(load_all(store) for store in stores * 10))


async def test_a_line_that_breaks_in_a_unit_is_a_fault_and_the_next_unit_connects_anew(
    stores: tuple[Store, Store], postgres_database: str
) -> None:
    store, _ = stores

    async def save_over_a_broken_line() -> None:
        async with store.unit() as unit:
            await unit.load(ALL_NEEDS)
            await asyncio.to_thread(break_all_lines, postgres_database)
            await unit.save([Insert(merchant())])

    with pytest.raises(Fault, match="line"):
        await save_over_a_broken_line()
    assert (await load(store, ALL_NEEDS)).get(Merchant, SHOP) is None
    await save(store, merchant())


async def test_what_a_cancelled_unit_could_not_undo_is_no_part_of_the_next(stores: tuple[Store, Store]) -> None:
    store, other = stores
    begun = asyncio.Event()

    async def hang_while_undoing() -> None:
        async with store.unit() as unit:
            connection = unit._connection  # type: ignore[attr-defined]
            await connection.execute("INSERT INTO terminals_heard VALUES (%s, %s, 5)", (SHOP, FIRST))
            lock = connection.lock
            await lock.acquire()  # so the rollback never begins
            begun.set()

    unit = asyncio.create_task(hang_while_undoing())
    await begun.wait()
    await asyncio.sleep(0.02)
    assert not unit.done()
    unit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unit
    await save(store, merchant())
    state = await load(other, Needs({Merchant: [(SHOP,)], Heard: [(SHOP, FIRST)]}))
    assert state.get(Merchant, SHOP) == merchant()
    assert state.get(Heard, SHOP, FIRST) is None


async def test_a_line_that_broke_between_units_costs_one_fault_at_most(
    stores: tuple[Store, Store], postgres_database: str
) -> None:
    store, _ = stores
    await save(store, merchant())
    await asyncio.to_thread(break_all_lines, postgres_database)
    with pytest.raises(Fault, match="line"):
        await load(store, ALL_NEEDS)
    assert (await load(store, ALL_NEEDS)).get(Merchant, SHOP) == merchant()


def test_a_server_that_is_not_there_is_told_without_the_password(free_port: int) -> None:
    with pytest.raises(Misuse, match=f"127.0.0.1:{free_port}") as told:
        open_store(f"postgresql://zg:s3cret@127.0.0.1:{free_port}/zhanggui")
    assert "s3cret" not in str(told.value)


async def test_a_commit_is_durable_before_it_returns_whatever_the_servers_default(postgres_database: str) -> None:
    name = urlsplit(postgres_database).path.removeprefix("/")
    address = postgres_database.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
    store = open_store(postgres_database)
    async with store.unit() as unit:
        (rows,) = await unit.results([("SHOW synchronous_commit", ())])  # type: ignore[attr-defined]
    await store.close()
    assert rows == [("on",)]


@pytest.mark.parametrize("group_of", [one_group, lambda merchant_no: int(merchant_no[-1:].replace("*", "9")) % 3])
async def test_merchants_of_several_groups_are_loaded_and_written_in_one_unit(
    postgres_database: str, group_of: GroupOf
) -> None:
    prepare(postgres_database)
    target = parse_target(postgres_database)
    assert isinstance(target, PostgresTarget)
    store = PostgresStore(target, group_of)
    shops = [MerchantNo(f"10210005812000{number}") for number in range(6)]
    # One that stands for all merchants has a group of its own too.
    everywhere = [MerchantNo("*"), *shops]
    wanted = Needs({Counter: [(shop, "session") for shop in everywhere], Terminal: [(shop, FIRST) for shop in shops]})
    try:
        await save(store, *(counter(1, shop) for shop in everywhere), *(terminal(FIRST, shop) for shop in shops))
        async with store.unit() as unit:
            state = await unit.load(wanted)
            assert all(state.get(Terminal, shop, FIRST) is not None for shop in shops)
            await unit.save([Update(counter(2, shop)) for shop in everywhere])
        state = await load(store, wanted)
        assert [row.value for shop in everywhere if (row := state.get(Counter, shop, "session"))] == [2] * len(
            everywhere
        )

        await save(store, *(Delete(counter(2, shop)) for shop in everywhere))
        state = await load(store, wanted)
        assert not any(state.get(Counter, shop, "session") for shop in everywhere)
        with pytest.raises(Defect, match="7 rows of Counter were to change, 0 are there"):
            await save(store, *(Update(counter(3, shop)) for shop in everywhere))
    finally:
        await store.close()


@pytest.mark.parametrize(
    "rows", [1, 2, insert_rows_max(Salt), insert_rows_max(Salt) + 1, 2 * insert_rows_max(Salt) + 1]
)
async def test_rows_beyond_the_bound_of_a_statements_parameters_are_cut_into_several(
    postgres_database: str, rows: int
) -> None:
    store = open_store(postgres_database)
    try:
        salts = [Salt(merchant_no=SHOP, record_kind="sign_in", record_no=number, salt=b"s") for number in range(rows)]
        await save(store, *salts)
        state = await load(store, Needs({Salt: [(SHOP, "sign_in", 0), (SHOP, "sign_in", rows - 1)]}))
        assert state.get(Salt, SHOP, "sign_in", rows - 1) == salts[-1]
        async with store.unit() as unit:
            await unit.save([Update(msgspec.structs.replace(one, salt=b"t")) for one in salts])
        with pytest.raises(Conflict, match="pk_salts"):
            await save(store, *salts)
    finally:
        await store.close()
