"""What the host's own jobs ask every store for, on SQLite and on PostgreSQL."""

from msgspec.structs import replace
from tests.contract.store_rows import FIRST, MORNING, SHOP, save, stored_answer, terminal

from zhanggui.acquirer.rows.records import (
    WHOLE_HOST,
    AnswerKey,
    ApiAnswer,
    Batch,
    BatchState,
    Merchant,
    OrderPlace,
    OrderState,
    StoredAnswer,
    Stranger,
    TerminalOrder,
    key_of,
)
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from zhanggui.store.forgetting import forget_deleted
from zhanggui.store.port import Store


async def test_shops_with_rules_or_every_one_come_by_number(store: Store) -> None:
    plain = Merchant(merchant_no=MerchantNo("102100058120901"), name="甲", created_ms=MORNING)
    ruled = Merchant(
        merchant_no=MerchantNo("102100058120902"),
        name="乙",
        policy_overrides='{"settle_at_hour":1}',
        created_ms=MORNING,
    )
    await save(store, Insert(plain), Insert(ruled))
    before = MerchantNo("102100058120900")
    assert await store.merchants_with_rules(before, 5) == [ruled]
    assert await store.merchants_with_rules(before, 5, every=True) == [plain, ruled]
    assert await store.merchants_with_rules(plain.merchant_no, 5, every=True) == [ruled]


async def test_orders_without_an_answer_come_by_when_they_changed_and_by_key(store: Store) -> None:
    def order(number: int, changed_ms: int, state: OrderState = "queued") -> TerminalOrder:
        return TerminalOrder(
            merchant_no=SHOP,
            terminal_no=FIRST,
            order_no=number,
            kind="remote_lock",
            contents="盘点",
            state=state,
            from_ms=MORNING,
            until_ms=UnixMs(MORNING + 1),
            given_by="console",
            given_ms=MORNING,
            changed_ms=UnixMs(changed_ms),
        )

    first, told, last = order(4, 10), order(3, 20, "told"), order(5, 20)
    ended: tuple[OrderState, ...] = ("done", "refused", "expired")
    over = [order(10 + place, 15, state) for place, state in enumerate(ended)]
    queued = [replace(row, state="queued") for row in over]
    await save(store, Insert(terminal()), *map(Insert, (last, first, replace(told, state="queued"), *queued)))
    await save(store, *map(Update, (told, *over)))
    everything: OrderPlace = (UnixMs(-1), MerchantNo(""), TerminalNo(""), 0)
    assert await store.orders_open(everything, 9) == [first, told, last]
    assert await store.orders_open((UnixMs(10), SHOP, FIRST, 4), 9) == [told, last]
    assert await store.orders_open((UnixMs(20), SHOP, FIRST, 3), 9) == [last]
    assert await store.orders_open(everything, 1) == [first]


async def test_batches_that_are_told_payment_by_payment_come_by_key(store: Store) -> None:
    def batch(terminal: str, number: str, state: BatchState) -> Batch:
        return Batch(
            merchant_no=SHOP,
            terminal_no=TerminalNo(terminal),
            batch_no=BatchNo(number),
            state=state,
            outcome="differs",
            shop_day="2026-11-23",
            debit_count=0,
            debit_fen=0,
            credit_count=0,
            credit_fen=0,
            settled_ms=MORNING,
        )

    told = [batch("10000007", "000001", "uploading"), batch("10000007", "000003", "uploading")]
    told.append(batch("10000008", "000001", "uploading"))
    await save(store, *map(Insert, (*told, batch("10000007", "000002", "closed"))))
    assert await store.batches_uploading((SHOP, TerminalNo(""), BatchNo("")), 9) == told
    assert await store.batches_uploading((SHOP, told[0].terminal_no, told[0].batch_no), 1) == [told[1]]


async def test_answers_whose_time_is_over_come_by_key_and_of_the_present_batch_only_those_that_hold_something(
    store: Store,
) -> None:
    def answer(batch_no: str, trace: str, made_ms: int, fingerprint: bytes = b"told and under keys") -> StoredAnswer:
        return StoredAnswer(
            merchant_no=SHOP,
            terminal_no=FIRST,
            batch_no=BatchNo(batch_no),
            trace_no=TraceNo(trace),
            message_class="401",
            fingerprint=fingerprint,
            response_code="00",
            tags=b"t",
            made_ms=UnixMs(made_ms),
        )

    old, emptied = answer("000000", "000001", 10), answer("000000", "000002", 10, b"the keys")
    present, remembered = answer("000001", "000001", 10), answer("000001", "000002", 10, b"the keys")
    await save(store, *map(Insert, (terminal(), old, emptied, answer("000000", "000003", 99), present, remembered)))
    first: AnswerKey = (SHOP, TerminalNo(""), BatchNo(""), TraceNo(""), "")
    assert await store.answers_made_before(UnixMs(50), first, 9) == [old, emptied, present]
    assert await store.answers_made_before(UnixMs(50), (SHOP, FIRST, old.batch_no, old.trace_no, "401"), 1) == [emptied]


async def test_tries_in_nobodys_name_at_the_office_come_by_name_once_nobody_waits(store: Store) -> None:
    def stranger(name: str, next_try_ms: int, home: str = WHOLE_HOST) -> Stranger:
        return Stranger(merchant_no=MerchantNo(home), operator_no=name, failed_count=3, next_try_ms=UnixMs(next_try_ms))

    first, last = stranger("anna", 50), stranger("zoe", 10)
    others = (stranger("bert", 51), stranger("carl", 10, SHOP))
    await save(store, *map(Insert, (last, *others, first)))
    assert await store.strangers_over(UnixMs(50), "", 9) == [first, last]
    assert await store.strangers_over(UnixMs(50), "anna", 9) == [last]
    assert await store.strangers_over(UnixMs(50), "", 1) == [first]


async def test_answers_to_programs_come_by_mark_once_their_day_is_over(store: Store) -> None:
    def answer(mark: str, made_ms: int) -> ApiAnswer:
        return ApiAnswer(
            merchant_no=WHOLE_HOST,
            mark=mark,
            token_id="k7m2p9qx",
            fingerprint=b"f",
            status=200,
            body=b"sealed",
            made_ms=UnixMs(made_ms),
        )

    first, last = answer("aa", 50), answer("cc", 10)
    await save(store, *map(Insert, (last, answer("bb", 51), first)))
    assert await store.api_answers_made_before(UnixMs(50), "", 9) == [first, last]
    assert await store.api_answers_made_before(UnixMs(50), "aa", 9) == [last]
    assert await store.api_answers_made_before(UnixMs(50), "", 1) == [first]


async def test_what_is_forgotten_with_a_person_keeps_the_mark_of_its_keys(store: Store, target: str) -> None:
    """The answers go, for they hold names; that their numbers were used under these keys stays, or a caught unlock would unlock again."""
    answer = replace(stored_answer(), fingerprint=b"hash" * 16 + b"markmark", tags="姓名".encode())
    await save(store, Insert(terminal()), Insert(answer))
    forget_deleted(target)
    async with store.unit() as unit:
        state = await unit.load(Needs({StoredAnswer: [key_of(answer)]}))
    kept = state.get(StoredAnswer, *key_of(answer))
    assert kept == replace(answer, fingerprint=b"markmark", tags=b"")
    forget_deleted(target)
