"""What a store brings where it is asked, on SQLite and on PostgreSQL: the rows and figures that a unit needs, and what is due."""

import msgspec
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
    load,
    merchant,
    operator,
    payment,
    save,
    script_of,
    session,
    stored_answer,
    terminal,
)

from zhanggui.acquirer.rows.batch_figures import BatchEntries, BatchSums
from zhanggui.acquirer.rows.records import (
    BatchDetail,
    Heard,
    Job,
    Merchant,
    Operator,
    Payment,
    StoredAnswer,
    Terminal,
    key_of,
)
from zhanggui.acquirer.rows.state import Ahead, Insert, Lookup, Needs, Update
from zhanggui.basics.numbers import BatchNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.messages.settlement import Detail, Sums
from zhanggui.store.port import Store


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


async def test_pending_payments_come_oldest_first_and_bounded(store: Store) -> None:
    await save(store, payment(3), payment(1), payment(2), payment(4, state="approved"))
    assert await store.payments_pending(10) == [payment(1), payment(2), payment(3)]
    assert await store.payments_pending(2) == [payment(1), payment(2)]


async def test_reversals_due_come_oldest_first_and_bounded(store: Store) -> None:
    due = [payment(trace, state="reversed", bank_state="reversal_due") for trace in (1, 2, 3)]
    await save(store, *due[::-1], payment(4, state="reversed", bank_state="reversal_done"), payment(5))
    assert await store.reversals_due(10) == due
    assert await store.reversals_due(2) == due[:2]


async def test_notices_that_the_issuer_does_not_know_come_oldest_first_and_bounded(store: Store) -> None:
    due = [script_of(payment(trace), taken_ms=trace) for trace in (1, 2, 3)]
    await save(store, *due[::-1], script_of(payment(4), taken_ms=4, state="told", told_ms=9))
    assert await store.scripts_due(10) == due
    assert await store.scripts_due(2) == due[:2]


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
    assert [entry[:4] for entry in state.entries[batch].host.values()] == [
        ("000001", "sale", "approved", 500),
        ("000002", "void", "approved", 200),
        ("000003", "sale", "reversed", 7),
        ("000004", "sale", "pending", 9),
        ("000005", "balance", "approved", 0),
    ]
    detail = Detail(trace_no=told.trace_no, masked_pan=told.masked_pan, amount_fen=told.amount_fen)
    assert state.entries[batch].told == {told.trace_no: detail}
    assert state.entries[empty] == BatchEntries()


async def test_what_was_counted_moves_with_the_rows_as_the_store_counts_them_after_it(store: Store) -> None:
    def told(trace: int, amount_fen: int, on: TerminalNo = FIRST) -> BatchDetail:
        return BatchDetail(
            merchant_no=SHOP,
            terminal_no=on,
            batch_no=BATCH,
            trace_no=TraceNo(f"{trace:06d}"),
            amount_fen=amount_fen,
            masked_pan="621700*********0012",
        )

    await save(store, merchant(), terminal(), payment(1), payment(2, state="approved", amount_fen=7), told(1, 100))
    void, balance = payment(5, kind="void", amount_fen=30), payment(6, kind="balance", amount_fen=0)
    needs = Needs({Payment: [key_of(payment(1)), key_of(payment(2))], BatchDetail: [key_of(told(1, 1))]})
    needs.entries[(SHOP, FIRST, BATCH)] = needs.sums[(SHOP, FIRST, BATCH)] = None
    changes = (
        Update(payment(1, state="approved")),
        Update(payment(2, state="reversed", amount_fen=7, bank_state="reversal_due")),
        Insert(payment(3)),
        Insert(void),
        Update(msgspec.structs.replace(void, state="approved")),
        Insert(balance),
        Update(msgspec.structs.replace(balance, state="approved")),
        Insert(payment(4, on=SECOND)),
        Update(told(1, 99)),
        Insert(told(2, 7)),
        Insert(told(4, 7, on=SECOND)),
    )
    state = await load(store, needs)
    state.apply(changes)
    await save(store, *changes)
    after = await load(store, needs)
    assert state.entries == after.entries
    assert state.sums == after.sums


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
