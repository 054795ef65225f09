"""The reading side, on SQLite and on PostgreSQL, beside a host that writes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from pysqlite3 import dbapi2
from tests.contract.store_rows import (
    ALL_NEEDS,
    FIRST,
    MORNING,
    OPERATOR,
    OTHER_SHOP,
    SECOND,
    SHOP,
    merchant,
    operator,
    payment,
    postings,
    save,
    session,
    sign_in,
    terminal,
)

from zhanggui.acquirer.rows.records import Batch
from zhanggui.acquirer.rows.state import Insert
from zhanggui.basics.clock import format_iso, format_time
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.numbers import BatchNo, OperatorNo, Rrn, UnixMs
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.port import Store
from zhanggui.store.queries import ROWS_MAX, PaymentFilter, PlaceFilter, Queries, SignInFilter
from zhanggui.views.listing import NOTHING
from zhanggui.views.operators import OPERATORS, read_operators


@pytest.fixture
def queries(target: str, store: Store) -> Iterator[Queries]:
    with open_queries(target) as queries:
        yield queries


async def test_sign_ins_come_newest_first_and_by_every_filter(store: Store, queries: Queries) -> None:
    first, second = sign_in(1, began_ms=10), sign_in(2, began_ms=30, reason="wrong_password", operator_no="77")
    third = sign_in(3, began_ms=20, reason="locked")
    await save(store, first, second, third)
    assert queries.list_sign_ins() == [second, third, first]
    assert queries.list_sign_ins(SignInFilter(limit=1)) == [second]
    assert queries.list_sign_ins(SignInFilter(outcome="refused")) == [second, third]
    assert queries.list_sign_ins(SignInFilter(reason="locked")) == [third]
    assert queries.list_sign_ins(SignInFilter(operator_no="77")) == [second]
    assert queries.list_sign_ins(SignInFilter(merchant_no=OTHER_SHOP)) == []
    assert queries.list_sign_ins(SignInFilter(merchant_no=SHOP, terminal_no=SECOND)) == []
    assert queries.list_sign_ins(SignInFilter(since_ms=UnixMs(10), until_ms=UnixMs(30))) == [third, first]


async def test_payments_come_newest_first_and_by_every_filter(store: Store, queries: Queries) -> None:
    first = payment(1, state="approved", response_code="00", operator_no="01")
    second = payment(2, state="declined", response_code="55", operator_no="02")
    elsewhere = payment(3, on=SECOND, state="approved", response_code="00")
    await save(store, first, second, elsewhere)
    assert queries.list_payments() == [elsewhere, second, first]
    assert queries.list_payments(PaymentFilter(merchant_no=SHOP, terminal_no=FIRST)) == [second, first]
    assert queries.list_payments(PaymentFilter(state="approved")) == [elsewhere, first]
    assert queries.list_payments(PaymentFilter(response_code="55")) == [second]
    assert queries.list_payments(PaymentFilter(operator_no=OPERATOR)) == [first]
    since = PaymentFilter(since_ms=UnixMs(MORNING + 2), until_ms=UnixMs(MORNING + 3))
    assert queries.list_payments(since) == [second]
    assert queries.list_payments(PaymentFilter(merchant_no=OTHER_SHOP)) == []


async def test_a_payment_is_found_by_its_reference_number(store: Store, queries: Queries) -> None:
    await save(store, payment(1), payment(2))
    assert queries.payment_by_rrn(Rrn("000000000002")) == payment(2)
    assert queries.payment_by_rrn(Rrn("000000000003")) is None


async def test_a_reference_number_that_came_round_again_names_the_newest(store: Store, queries: Queries) -> None:
    await save(store, payment(1, rrn="5" * 12), payment(2, rrn="5" * 12))
    assert queries.payment_by_rrn(Rrn("5" * 12)) == payment(2, rrn="5" * 12)


async def test_places_and_people_are_listed_by_number(store: Store, queries: Queries) -> None:
    other = OperatorNo("02")
    ended, live = session(1, ended_ms=MORNING + 9), session(2, of=other)
    await save(
        store, merchant(OTHER_SHOP), merchant(), terminal(SECOND), terminal(), operator(other), operator(), ended, live
    )
    assert queries.list_merchants() == [merchant(), merchant(OTHER_SHOP)]
    assert queries.list_terminals(PlaceFilter(merchant_no=SHOP)) == [terminal(), terminal(SECOND)]
    assert queries.list_terminals(PlaceFilter(terminal_no=SECOND)) == [terminal(SECOND)]
    assert queries.list_operators() == [operator(), operator(other)]
    assert queries.list_operators(PlaceFilter(operator_no=other)) == [operator(other)]
    assert queries.list_sessions() == [live, ended]
    assert queries.list_sessions(PlaceFilter(live_only=True)) == [live]
    assert queries.list_sessions(PlaceFilter(operator_no=OPERATOR)) == [ended]


async def test_the_last_sign_in_of_an_operator_is_when_the_newest_session_began(store: Store, queries: Queries) -> None:
    """Neither a refused try nor a right password for an approval is a sign-in; the time is written as in other lists."""
    never, hour = OperatorNo("02"), 3_600_000
    used = replace(operator(), last_sign_in_ms=UnixMs(MORNING + hour), failed_count=1)
    approving = replace(operator(never), last_sign_in_ms=UnixMs(MORNING + 3 * hour))
    tried = sign_in(9, began_ms=MORNING + 2 * hour, reason="wrong_password")
    earlier, newest = session(1, ended_ms=MORNING + 9), replace(session(2), opened_ms=UnixMs(MORNING + 8_000))
    await save(store, merchant(), terminal(), used, approving, newest, earlier, tried)
    rows = read_operators(queries, SHOP, UnixMs(MORNING + 4 * hour))
    assert [row.last_sign_in for row in rows] == [format_iso(UnixMs(MORNING + 8_000)), None]
    place = OPERATORS.heads("en").index("last sign-in")
    assert [cells[place] for cells in OPERATORS.cells(rows, "en")] == [format_time(UnixMs(MORNING + 8_000)), NOTHING]


async def test_the_ledger_sums_to_zero(store: Store, queries: Queries) -> None:
    assert queries.ledger_totals() == {}
    await save(store, *postings(payment(1, amount_fen=1)), *postings(payment(2, amount_fen=2**53)))
    await save(store, *postings(payment(1, shop=OTHER_SHOP, amount_fen=5)))
    totals = queries.ledger_totals()
    assert totals == {"issuer_clearing": 2**53 + 6, "merchant_payable": -(2**53) - 6}
    assert all(type(fen) is int for fen in totals.values())
    assert queries.ledger_totals(OTHER_SHOP) == {"issuer_clearing": 5, "merchant_payable": -5}


@pytest.mark.parametrize("limit", [0, -1, ROWS_MAX + 1])
async def test_a_list_without_a_bound_is_refused(queries: Queries, limit: int) -> None:
    with pytest.raises(Misuse, match="1 to"):
        queries.list_payments(PaymentFilter(limit=limit))


async def test_reading_goes_on_while_a_unit_is_open(store: Store, queries: Queries) -> None:
    await save(store, merchant())
    async with store.unit() as unit:
        await unit.load(ALL_NEEDS)
        assert queries.list_merchants() == [merchant()]
        await unit.save([Insert(merchant(OTHER_SHOP))])
        assert len(queries.list_merchants()) == 2


async def test_reading_from_a_thread_serves_pages(store: Store, queries: Queries) -> None:
    await save(store, merchant())
    found = await asyncio.gather(*(asyncio.to_thread(queries.list_merchants) for _ in range(4)))
    assert found == [[merchant()]] * 4


async def test_reading_needs_no_running_host(target: str, store: Store) -> None:
    await save(store, merchant())
    await store.close()
    with open_queries(target) as queries:
        assert queries.list_merchants() == [merchant()]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "host.db"
    path.write_bytes(b"no database at all, but long enough for a header " * 100)
    with pytest.raises(Fault, match=r"can't be read \(SQLITE_NOTADB\)"):
        open_queries(str(path))


async def test_reading_can_not_write(tmp_path: Path) -> None:
    path = str(tmp_path / "host.db")
    store = open_store(path)
    with open_queries(path) as queries, queries._engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        with pytest.raises(dbapi2.OperationalError, match="readonly"):
            raw.cursor().execute("DELETE FROM merchants")
    await store.close()


async def test_an_open_batch_tells_what_its_payments_come_to_and_a_settled_one_its_row(
    store: Store, queries: Queries
) -> None:
    await save(
        store,
        merchant(),
        terminal(FIRST),
        terminal(SECOND),
        replace(payment(1), state="approved", amount_fen=500),
        replace(payment(2), state="approved", kind="void", amount_fen=200),
        replace(payment(3), state="reversed", amount_fen=7),
        replace(payment(4), state="pending", amount_fen=9),
        replace(payment(5), state="approved", batch_no=BatchNo("000009"), amount_fen=11),
    )
    (found,) = queries.open_batches()
    assert (found.merchant_no, found.terminal_no, found.batch_no) == (SHOP, FIRST, BatchNo("000001"))
    assert (found.debit_count, found.debit_fen) == (1, 500)
    assert (found.credit_count, found.credit_fen) == (1, 200)
    assert (found.pending_count, found.first_ms) == (1, payment(1).created_ms)
    assert queries.open_batches(PlaceFilter(terminal_no=SECOND)) == []
    settled = Batch(
        merchant_no=SHOP,
        terminal_no=SECOND,
        batch_no=BatchNo("000001"),
        state="closed",
        outcome="agreed",
        shop_day="2026-11-29",
        debit_count=0,
        debit_fen=0,
        credit_count=0,
        credit_fen=0,
        settled_ms=UnixMs(MORNING),
    )
    await save(store, settled)
    assert queries.list_batches() == [settled]
    assert queries.list_batches(PlaceFilter(terminal_no=FIRST)) == []
