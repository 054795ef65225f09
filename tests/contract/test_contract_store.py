"""What every store keeps to, on SQLite and on PostgreSQL: units are whole or nothing and take turns, and values come back as they were."""

import asyncio

import msgspec
import pytest
from tests.contract.store_rows import (
    ALL_NEEDS,
    BATCH,
    FIRST,
    FIRST_PAYMENT,
    MORNING,
    ONE_OF_EACH,
    OPERATOR,
    SECOND,
    SHOP,
    counter,
    load,
    merchant,
    operator,
    payment,
    postings,
    save,
    session,
    sign_in,
    terminal,
)

from zhanggui.acquirer.rows.records import (
    Clash,
    Counter,
    Merchant,
    Operator,
    Payment,
    Posting,
    SignIn,
    Terminal,
    key_of,
)
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import OperatorNo, TraceNo, UnixMs
from zhanggui.store.errors import Conflict
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.port import Store


async def test_what_was_saved_is_there_after_reopening(target: str, store: Store) -> None:
    await save(store, *ONE_OF_EACH)
    await store.close()
    again = open_store(target)
    state = await load(again, ALL_NEEDS)
    await again.close()
    for record in ONE_OF_EACH:
        if not isinstance(record, Posting):
            assert state.get(type(record), *key_of(record)) == record
    with open_queries(target) as queries:
        assert queries.ledger_totals() == {"issuer_clearing": 1250, "merchant_payable": -1250}


async def test_what_was_saved_is_there_in_the_next_unit(store: Store) -> None:
    await save(store, *ONE_OF_EACH)
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *FIRST_PAYMENT) == payment()
    assert state.live_sessions_on(SHOP, FIRST) == (session(),)


async def test_a_unit_that_ends_without_saving_leaves_nothing(store: Store) -> None:
    async with store.unit() as unit:
        await unit.load(ALL_NEEDS)
    assert (await load(store, ALL_NEEDS)).get(Merchant, SHOP) is None


async def test_a_unit_that_an_exception_ends_leaves_nothing(store: Store) -> None:
    await save(store, merchant(), terminal())

    async def decide_wrongly() -> None:
        async with store.unit() as unit:
            state = await unit.load(ALL_NEEDS)
            assert state.get(Terminal, SHOP, FIRST) is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await decide_wrongly()
    await save(store, operator())  # the next unit can begin
    assert (await load(store, ALL_NEEDS)).get(Operator, SHOP, OPERATOR) == operator()


async def test_an_insert_of_an_existing_key_fails_the_whole_unit(store: Store) -> None:
    await save(store, payment())
    with pytest.raises(Conflict):
        await save(store, terminal(), operator(), payment(amount_fen=99))
    state = await load(store, ALL_NEEDS)
    assert state.get(Terminal, SHOP, FIRST) is None
    assert state.get(Operator, SHOP, OPERATOR) is None
    assert state.get(Payment, *FIRST_PAYMENT) == payment()


async def test_a_refused_unit_does_not_stop_the_next_one(store: Store) -> None:
    await save(store, payment())
    async with store.unit() as unit:
        with pytest.raises(Conflict):
            await unit.save([Insert(payment())])
    await save(store, payment(2))


async def test_an_update_of_a_row_that_is_not_there_is_a_defect(store: Store) -> None:
    await save(store, payment())
    with pytest.raises(Defect, match=r"2 rows of Payment were to change, 1 are there"):
        await save(store, merchant(), Update(payment(state="declined")), Update(payment(2)))
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *FIRST_PAYMENT) == payment()


async def test_a_second_posting_of_one_payment_is_refused(store: Store) -> None:
    await save(store, *postings(payment()))
    with pytest.raises(Conflict):
        await save(store, *postings(payment()))


async def test_a_negative_amount_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(Defect, match="amount_not_negative"):
        await save(store, payment(amount_fen=-1))


async def test_a_value_of_another_type_is_a_defect_and_its_text_is_not_told(store: Store) -> None:
    with pytest.raises(Defect) as told:
        await save(store, msgspec.structs.replace(merchant(), created_ms="tomorrow"))
    assert "tomorrow" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("too_large", [2**63, -(2**63) - 1])
async def test_a_number_beyond_64_bits_is_a_defect(store: Store, too_large: int) -> None:
    with pytest.raises(Defect):
        await save(store, counter(too_large))
    await save(store, counter(2**63 - 1))


async def test_a_none_where_a_value_must_be_is_a_defect(store: Store) -> None:
    with pytest.raises(Defect):
        await save(store, msgspec.structs.replace(merchant(), name=None))


async def test_a_conflict_tells_no_value(store: Store) -> None:
    await save(store, payment())
    with pytest.raises(Conflict) as told:
        await save(store, payment())
    assert SHOP not in str(told.value)
    assert told.value.__cause__ is None


async def test_two_live_verified_sessions_of_one_operator_are_refused_by_the_database(store: Store) -> None:
    await save(store, session(1, FIRST))
    with pytest.raises(Conflict):
        await save(store, session(2, SECOND))
    await save(store, Update(session(1, FIRST, ended_ms=MORNING + 9)), Insert(session(2, SECOND)))


async def test_one_operator_may_have_unverified_sessions_on_several_terminals(store: Store) -> None:
    await save(store, session(1, FIRST, is_verified=False), session(2, SECOND, is_verified=False))
    state = await load(store, Needs({Operator: [(SHOP, OPERATOR)]}))
    assert [one.session_no for one in state.live_sessions_of((SHOP, OPERATOR))] == [1, 2]


async def test_a_terminal_has_one_live_session(store: Store) -> None:
    await save(store, session(1, FIRST, OperatorNo("01")))
    with pytest.raises(Conflict):
        await save(store, session(2, FIRST, OperatorNo("02"), is_verified=False))


async def test_a_session_may_end_and_the_next_begin_in_one_unit(store: Store) -> None:
    await save(store, session(1))
    await load(store, ALL_NEEDS)
    await save(store, Insert(session(2)), Update(session(1, ended_ms=MORNING + 5)))
    state = await load(store, ALL_NEEDS)
    assert state.live_sessions_on(SHOP, FIRST) == (session(2),)
    assert state.live_sessions_of((SHOP, OPERATOR)) == (session(2),)


async def test_changes_of_one_row_are_joined_and_the_last_one_wins(store: Store) -> None:
    await save(
        store,
        Insert(payment()),
        Update(payment(state="approved")),
        Update(payment(state="approved", auth_code="123456")),
        Insert(counter(1)),
        Update(counter(2)),
    )
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *FIRST_PAYMENT) == payment(state="approved", auth_code="123456")
    assert state.get(Counter, SHOP, "session") == counter(2)
    await save(store, Update(counter(3)), Update(counter(4)))
    assert (await load(store, ALL_NEEDS)).get(Counter, SHOP, "session") == counter(4)


async def test_an_update_changes_every_column(store: Store) -> None:
    await save(store, payment(), sign_in())
    await load(store, ALL_NEEDS)
    changed = payment(
        state="reversed",
        rrn="999999999999",
        session_no=7,
        created_ms=UnixMs(1),
        reversed_ms=UnixMs(2),
        card_hash=b"\x01",
    )
    moved = sign_in(began_ms=5, reason="wrong_password")
    await save(store, Update(changed), Update(moved))
    await save(store, merchant())
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *FIRST_PAYMENT) == changed
    assert state.get(SignIn, SHOP, 1) == moved


async def test_an_outcome_is_in_the_file_and_not_only_in_memory(target: str, store: Store) -> None:
    await save(store, payment())
    await load(store, ALL_NEEDS)
    outcome = payment(state="approved", response_code="00", decided_ms=UnixMs(MORNING + 50), bank_state="reversal_due")
    await save(store, Update(outcome))
    with open_queries(target) as queries:
        assert queries.list_payments() == [outcome]


@pytest.mark.parametrize("name", ["镕㐀龥", "𠮷野家", "￥12.50：", "'; DROP TABLE merchants; --", "%s ? :x $1", ""])
async def test_texts_come_back_as_they_were(target: str, store: Store, name: str) -> None:
    await save(store, merchant(name=name), terminal(place=name))
    with open_queries(target) as queries:
        assert queries.list_merchants() == [merchant(name=name)]
        assert queries.list_terminals() == [terminal(place=name)]


@pytest.mark.parametrize("content", [b"", bytes(range(256)), b"\x00" * 32])
async def test_bytes_come_back_as_they_were(target: str, store: Store, content: bytes) -> None:
    await save(store, payment(fingerprint=content, card_hash=content))
    with open_queries(target) as queries:
        (found,) = queries.list_payments()
    assert found == payment(fingerprint=content, card_hash=content)
    assert type(found.fingerprint) is bytes


async def test_none_comes_back_as_none_and_zero_as_zero(target: str, store: Store) -> None:
    await save(store, payment(1, session_no=None, decided_ms=None), payment(2, session_no=0, decided_ms=0))
    with open_queries(target) as queries:
        assert [(one.session_no, one.decided_ms) for one in queries.list_payments()] == [(0, 0), (None, None)]


async def test_a_unit_serves_once(store: Store) -> None:
    unit_once = store.unit()
    async with unit_once as unit:
        await unit.save([Insert(merchant())])
        with pytest.raises(Defect):
            await unit.save([Insert(terminal())])
        with pytest.raises(Defect):
            await unit.load(ALL_NEEDS)
    assert (await load(store, ALL_NEEDS)).get(Terminal, SHOP, FIRST) is None


async def test_saving_nothing_is_no_error(store: Store) -> None:
    await save(store)
    assert (await load(store, Needs())).figures == {}


async def test_units_of_one_store_take_turns(store: Store) -> None:
    await save(store, counter(0))

    async def count_up() -> None:
        async with store.unit() as unit:
            now = (await unit.load(ALL_NEEDS)).get(Counter, SHOP, "session")
            assert now is not None
            await asyncio.sleep(0)  # another unit would slip in here
            await unit.save([Update(counter(now.value + 1))])

    await asyncio.gather(*(count_up() for _ in range(20)))
    assert (await load(store, ALL_NEEDS)).get(Counter, SHOP, "session") == counter(20)


async def test_a_unit_that_is_cancelled_leaves_nothing_and_passes_the_turn_on(store: Store) -> None:
    is_loaded = asyncio.Event()

    async def wait_forever() -> None:
        async with store.unit() as unit:
            await unit.load(ALL_NEEDS)
            is_loaded.set()
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait_forever())
    await is_loaded.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await save(store, merchant())


async def test_a_large_batch_is_saved_and_loaded_whole(store: Store) -> None:
    many = [payment(trace) for trace in range(1, 301)]
    await save(store, *many)
    state = await load(store, Needs({Payment: {(SHOP, FIRST, BATCH, one.trace_no) for one in many}}))
    assert [state.get(Payment, *key_of(one)) for one in many] == many


async def test_a_clash_is_kept_and_counts(store: Store) -> None:
    clash = Clash(
        merchant_no=SHOP,
        terminal_no=FIRST,
        batch_no=BATCH,
        trace_no=TraceNo("000007"),
        what="reversal_of_finished",
        amount_fen=1250,
        operator_no="01",
        first_ms=MORNING,
        last_ms=MORNING,
        case_no=1,
    )
    await save(store, clash)
    async with store.unit() as unit:
        assert (await unit.load(Needs({Clash: [key_of(clash)]}))).get(Clash, *key_of(clash)) == clash
        again = msgspec.structs.replace(clash, times=2)
        await unit.save([Update(again)])
    assert (await load(store, Needs({Clash: [key_of(clash)]}))).get(Clash, *key_of(clash)) == again
