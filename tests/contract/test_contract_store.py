"""What every store keeps to, on SQLite and on PostgreSQL: the same scenarios, the same outcome."""

import asyncio

import msgspec
import pytest
from tests.contract.store_rows import (
    ALL_NEEDS,
    BATCH,
    FIRST,
    MORNING,
    ONE_OF_EACH,
    OPERATOR,
    OTHER_SHOP,
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
    stored_answer,
    terminal,
)

from zhanggui.acquirer.rows.records import (
    BatchDetail,
    Clash,
    Counter,
    Heard,
    Job,
    Merchant,
    Operator,
    Payment,
    Posting,
    SignIn,
    StoredAnswer,
    Terminal,
    key_of,
)
from zhanggui.acquirer.rows.state import Ahead, BatchEntries, BatchSums, Insert, Lookup, Needs, Update
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import BatchNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.messages.settlement import Detail, Sums
from zhanggui.store.errors import Conflict
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.port import Store

FIRST_PAYMENT = (SHOP, FIRST, BATCH, TraceNo("000001"))


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


async def test_a_terminal_brings_its_merchant_and_live_sessions(store: Store) -> None:
    await save(store, merchant(), terminal(), session(1, ended_ms=MORNING + 5), session(2))
    state = await load(store, Needs({Terminal: [(SHOP, FIRST)]}))
    assert state.get(Merchant, SHOP) == merchant()
    assert state.get(Terminal, SHOP, FIRST) == terminal()
    assert state.live_sessions_on(SHOP, FIRST) == (session(2),)


async def test_an_operator_brings_live_sessions_from_every_terminal_oldest_first(store: Store) -> None:
    other = OperatorNo("02")
    await save(
        store,
        operator(),
        session(1, SECOND),
        session(2, FIRST, other, is_verified=False),
        session(3, FIRST, other, is_verified=False, ended_ms=MORNING),
    )
    await save(store, Update(session(1, SECOND, ended_ms=MORNING + 5)), Insert(session(4, SECOND)))
    state = await load(store, Needs({Operator: [(SHOP, OPERATOR), (SHOP, other)], Terminal: [(SHOP, SECOND)]}))
    assert state.live_sessions_of((SHOP, OPERATOR)) == (session(4, SECOND),)
    assert state.live_sessions_of((SHOP, other)) == (session(2, FIRST, other, is_verified=False),)


async def test_needs_of_unknown_keys_bring_nothing(store: Store) -> None:
    state = await load(store, ALL_NEEDS)
    for record in ONE_OF_EACH:
        assert state.get(type(record), *key_of(record)) is None
    assert state.figures == {}


async def test_rows_of_another_shop_with_the_same_numbers_stay_apart(store: Store) -> None:
    here, there = payment(), payment(shop=OTHER_SHOP, amount_fen=7)
    await save(store, here, there, terminal(), terminal(shop=OTHER_SHOP, place="二楼"))
    state = await load(store, ALL_NEEDS)
    assert state.get(Payment, *key_of(here)) == here
    assert state.get(Payment, *key_of(there)) is None
    assert state.get(Terminal, OTHER_SHOP, FIRST) is None


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


async def test_figures_count_the_approved_sales_of_live_sessions(store: Store) -> None:
    await save(store, session(1, FIRST), session(2, SECOND, OperatorNo("02")), session(3, ended_ms=MORNING))
    await save(
        store,
        payment(1, state="approved", session_no=1, amount_fen=100),
        payment(2, state="approved", session_no=1, amount_fen=23),
        payment(3, state="declined", session_no=1, amount_fen=1000),
        payment(4, state="pending", session_no=1, amount_fen=1000),
        payment(5, state="approved", session_no=3, amount_fen=1000),
        payment(6, state="approved", session_no=1, amount_fen=1000, shop=OTHER_SHOP),
    )
    state = await load(store, Needs(figures=[(SHOP, FIRST), (SHOP, SECOND)]))
    assert state.figures == {(SHOP, 1): (2, 123), (SHOP, 2): (0, 0)}


async def test_figures_leave_out_what_an_approved_payment_has_undone(store: Store) -> None:
    await save(store, session(1, FIRST))

    def took(trace: int, amount_fen: int, undone_by: int) -> Payment:
        taken = payment(trace, amount_fen=amount_fen, state="approved", session_no=1)
        return msgspec.structs.replace(taken, undone_by_batch_no=taken.batch_no, undone_by_trace_no=f"{undone_by:06d}")

    await save(
        store,
        took(1, 100, undone_by=2),
        payment(2, amount_fen=100, kind="void", state="approved", session_no=1),
        took(3, 20, undone_by=4),
        payment(4, amount_fen=20, kind="void", session_no=1),
        took(5, 3, undone_by=6),
        payment(6, amount_fen=3, kind="void", state="reversed", session_no=1),
        payment(6, amount_fen=9, kind="void", state="approved", on=SECOND),
    )
    state = await load(store, Needs(figures=[(SHOP, FIRST)]))
    assert state.figures == {(SHOP, 1): (2, 23)}, "what is pending or reversed has undone nothing"


async def test_figures_tell_what_stands_after_a_refund_and_know_an_undoing_at_another_terminal(store: Store) -> None:
    await save(store, session(1, FIRST))
    sold, undone = (payment(trace, amount_fen=100, state="approved", session_no=1) for trace in (1, 2))
    await save(
        store,
        msgspec.structs.replace(sold, adjusted_fen=-30),
        msgspec.structs.replace(
            undone, undone_by_terminal_no=SECOND, undone_by_batch_no=undone.batch_no, undone_by_trace_no="000009"
        ),
        payment(9, amount_fen=100, kind="void", state="approved", on=SECOND),
    )
    state = await load(store, Needs(figures=[(SHOP, FIRST)]))
    assert state.figures == {(SHOP, 1): (1, 70)}


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


async def test_pending_payments_come_oldest_first_and_bounded(store: Store) -> None:
    await save(store, payment(3), payment(1), payment(2), payment(4, state="approved"))
    assert await store.payments_pending(10) == [payment(1), payment(2), payment(3)]
    assert await store.payments_pending(2) == [payment(1), payment(2)]


async def test_reversals_due_come_oldest_first_and_bounded(store: Store) -> None:
    due = [payment(trace, state="reversed", bank_state="reversal_due") for trace in (1, 2, 3)]
    await save(store, *due[::-1], payment(4, state="reversed", bank_state="reversal_done"), payment(5))
    assert await store.reversals_due(10) == due
    assert await store.reversals_due(2) == due[:2]


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


async def test_a_stored_answer_is_found_by_its_message(store: Store) -> None:
    await save(store, *ONE_OF_EACH)
    state = await load(
        store, Needs({StoredAnswer: {(SHOP, FIRST, BATCH, TraceNo("000009"), message) for message in ("401", "403")}})
    )
    assert state.get(StoredAnswer, SHOP, FIRST, BATCH, "000009", "401") is not None
    assert state.get(StoredAnswer, SHOP, FIRST, BATCH, "000009", "403") is None


async def test_when_a_terminal_was_heard_only_grows_and_is_loaded_where_it_is_asked_for(store: Store) -> None:
    def heard(at_ms: int, on: TerminalNo = FIRST) -> Heard:
        return Heard(merchant_no=SHOP, terminal_no=on, heard_ms=UnixMs(at_ms))

    await store.note_heard([heard(20), heard(30, SECOND)])
    await store.note_heard([heard(10), heard(40, SECOND)])
    await store.note_heard([])
    state = await load(store, Needs({Heard: [(SHOP, FIRST), (SHOP, SECOND), (OTHER_SHOP, FIRST)]}))
    assert [state.get(Heard, SHOP, on) for on in (FIRST, SECOND)] == [heard(20), heard(40, SECOND)]
    assert state.get(Heard, OTHER_SHOP, FIRST) is None
    assert (await load(store, ALL_NEEDS)).get(Heard, SHOP, FIRST) is None


async def test_a_batch_is_counted_and_told_whole_from_its_payments(store: Store) -> None:
    told = BatchDetail(
        merchant_no=SHOP,
        terminal_no=FIRST,
        batch_no=BATCH,
        trace_no=TraceNo("000002"),
        amount_fen=200,
        masked_pan="621700*********0012",
    )
    await save(
        store,
        merchant(),
        terminal(),
        payment(1, state="approved", amount_fen=500),
        payment(2, state="approved", kind="void", amount_fen=200),
        payment(3, state="reversed", amount_fen=7),
        payment(4, amount_fen=9),
        payment(5, state="approved", kind="balance", amount_fen=0),
        payment(1, on=SECOND, state="approved", amount_fen=1),
        told,
    )
    batch, empty = (SHOP, FIRST, BATCH), (SHOP, FIRST, BatchNo("000002"))
    needs = Needs()
    needs.sums.update({batch: None, empty: None})
    needs.entries.update({batch: None, empty: None})
    state = await load(store, needs)
    sums = Sums(debit_count=1, debit_fen=500, credit_count=1, credit_fen=200)
    assert state.sums == {
        batch: BatchSums(sums, 1, payment(1).created_ms),
        empty: BatchSums(Sums(), 0, None),
    }
    assert [entry[:4] for entry in state.entries[batch].host] == [
        ("000001", "sale", "approved", 500),
        ("000002", "void", "approved", 200),
        ("000003", "sale", "reversed", 7),
        ("000004", "sale", "pending", 9),
        ("000005", "balance", "approved", 0),
    ]
    assert state.entries[batch].told == (
        Detail(trace_no=told.trace_no, masked_pan=told.masked_pan, amount_fen=told.amount_fen),
    )
    assert state.entries[empty] == BatchEntries()


async def test_what_a_terminal_used_after_a_number_is_found_around_the_circle_of_numbers(store: Store) -> None:
    of_another = payment(500, on=SECOND)
    used = [
        payment(7),
        payment(9, state="declined"),
        payment(11, state="pending"),
        payment(13, state="barred"),
        payment(999_999, state="approved"),
    ]
    await save(store, *used, of_another, msgspec.structs.replace(stored_answer(), trace_no=TraceNo("000012")))

    async def after(trace: str) -> Ahead:
        key = (SHOP, FIRST, BATCH, TraceNo(trace))
        return (await load(store, Needs(ahead=[key]))).ahead[key]

    assert await after("000006") == Ahead("000013", "000009")
    assert await after("000007") == Ahead("000013", "000009")
    assert await after("000009") == Ahead("000013")
    assert await after("000013") == Ahead()
    assert await after("999998") == Ahead("000013", "000009"), "000001 follows 999999"
    assert await after("600000") == Ahead("000013", "000009")
    assert await after("499998") == Ahead("", ""), "half the circle is the future, the other half the past"
    assert await after("500000") == Ahead("999999", "999999")


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


async def test_a_payment_is_found_by_its_reference_and_by_its_authorisation_within_its_days(store: Store) -> None:
    first = payment(7, state="approved", auth_code="000123", card_hash=b"card", created_ms=UnixMs(1_000))
    second = payment(8, state="approved", auth_code="000123", card_hash=b"card", created_ms=UnixMs(2_000))
    refused = payment(9, state="declined", auth_code="000123", card_hash=b"card", created_ms=UnixMs(1_500))
    await save(store, *map(Insert, (first, second, refused)))
    by_reference = Lookup(SHOP, rrn=first.rrn)
    window = Lookup(SHOP, "", "000123", b"card", UnixMs(900), UnixMs(2_000))
    wider = window._replace(until_ms=UnixMs(2_001))
    nothing = [Lookup(SHOP, rrn="999999999999"), window._replace(card_hash=b"other"), window._replace(auth_code="9")]
    needs = Needs()
    needs.lookups = dict.fromkeys((by_reference, window, wider, *nothing))
    state = await load(store, needs)
    assert state.find(by_reference) == first
    assert state.find(window) == first
    assert state.find(wider) == second
    assert [state.find(lookup) for lookup in nothing] == [None, None, None]


async def test_jobs_that_are_due_come_page_by_page_by_instant_and_key(store: Store) -> None:
    def job(subject: str, due_ms: int, kind: str = "settle") -> Job:
        due = UnixMs(due_ms)
        return Job(
            merchant_no=SHOP, kind=kind, subject=subject, state="running", due_ms=due, started_ms=due, changed_ms=due
        )

    kept = [job("c", 10), job("a", 20), job("b", 20), job("b", 20, "sweep"), job("d", 31)]
    await save(store, *(Insert(one) for one in kept))
    seen: list[list[Job]] = []
    last: Job | None = None
    while page := await store.jobs_due(UnixMs(30), last, 2):
        last = page[-1]
        seen.append(page)
    assert seen == [kept[0:2], kept[2:4]]
