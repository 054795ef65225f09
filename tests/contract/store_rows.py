"""Rows that the store's contract tests write: one shop, its terminals, operators and payments."""

from zhanggui.acquirer.rows.records import (
    Counter,
    Merchant,
    Operator,
    Payment,
    PaymentScript,
    Posting,
    Record,
    Session,
    SignIn,
    StoredAnswer,
    Terminal,
)
from zhanggui.acquirer.rows.state import Change, Insert, Needs, State
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.store.port import Store

SHOP = MerchantNo("102100058120001")
OTHER_SHOP = MerchantNo("102100058120002")
FIRST, SECOND = TerminalNo("10000001"), TerminalNo("10000002")
BATCH = BatchNo("000001")
OPERATOR = OperatorNo("01")
MORNING = UnixMs(1_795_000_000_000)
FIRST_PAYMENT = (SHOP, FIRST, BATCH, TraceNo("000001"))


def merchant(number: MerchantNo = SHOP, name: str = "老王小吃店") -> Merchant:
    return Merchant(merchant_no=number, name=name, created_ms=MORNING)


def terminal(number: TerminalNo = FIRST, shop: MerchantNo = SHOP, place: str = "一楼收银台") -> Terminal:
    return Terminal(
        merchant_no=shop,
        terminal_no=number,
        model="smart",
        place=place,
        dialect="unionpay",
        operator_check="host",
        master_key="sealed",
        created_ms=MORNING,
    )


def operator(number: OperatorNo = OPERATOR, name: str = "陈镕") -> Operator:
    return Operator(
        merchant_no=SHOP,
        operator_no=number,
        name=name,
        role="cashier",
        salt=bytes(range(16)),
        verifier=b"\x00\xff" * 16,
        password_set_ms=MORNING,
    )


def session(
    number: int = 1,
    on: TerminalNo = FIRST,
    of: OperatorNo = OPERATOR,
    *,
    is_verified: bool = True,
    ended_ms: int | None = None,
) -> Session:
    return Session(
        merchant_no=SHOP,
        session_no=SessionNo(number),
        terminal_no=on,
        operator_no=of,
        record_no=RecordNo(number),
        kind="verified" if is_verified else "unverified",
        opened_ms=UnixMs(MORNING + number),
        ended_ms=None if ended_ms is None else UnixMs(ended_ms),
        end_reason="" if ended_ms is None else "signed_out",
    )


def sign_in(number: int = 1, *, began_ms: int = MORNING, operator_no: str = OPERATOR, reason: str = "") -> SignIn:
    return SignIn(
        merchant_no=SHOP,
        record_no=RecordNo(number),
        terminal_no=FIRST,
        operator_no=operator_no,
        state="refused" if reason else "attempted",
        reason=reason,
        began_ms=UnixMs(began_ms),
    )


def payment(
    trace: int = 1, *, on: TerminalNo = FIRST, shop: MerchantNo = SHOP, amount_fen: int = 1250, **changed: object
) -> Payment:
    values: dict[str, object] = {
        "kind": "sale",
        "state": "pending",
        "fingerprint": b"\x00fingerprint\xff",
        "rrn": Rrn(f"{trace:012d}"),
        "created_ms": UnixMs(MORNING + trace),
        **changed,
    }
    return Payment(
        merchant_no=shop,
        terminal_no=on,
        batch_no=BATCH,
        trace_no=TraceNo(f"{trace:06d}"),
        amount_fen=amount_fen,
        **values,  # type: ignore[arg-type]  # named by the tests, checked by them
    )


def script_of(of: Payment, **changed: object) -> PaymentScript:
    values: dict[str, object] = {"taken_ms": UnixMs(MORNING), **changed}
    return PaymentScript(
        merchant_no=of.merchant_no,
        terminal_no=of.terminal_no,
        batch_no=of.batch_no,
        trace_no=of.trace_no,
        kind=of.kind,
        rrn=of.rrn,
        notice_batch_no=of.batch_no,
        notice_trace_no=TraceNo("000900"),
        results="2000000001",
        chip_data=b"\xdf\x31\x05\x20\x00\x00\x00\x01",
        **values,  # type: ignore[arg-type]  # named by the tests, checked by them
    )


def postings(of: Payment) -> tuple[Posting, Posting]:
    def line(account: str, amount_fen: int) -> Posting:
        return Posting(
            merchant_no=of.merchant_no,
            terminal_no=of.terminal_no,
            batch_no=of.batch_no,
            trace_no=of.trace_no,
            kind="sale",
            account=account,  # type: ignore[arg-type]  # one of the two below
            amount_fen=amount_fen,
            posted_ms=MORNING,
        )

    return line("issuer_clearing", of.amount_fen), line("merchant_payable", -of.amount_fen)


def stored_answer() -> StoredAnswer:
    return StoredAnswer(
        merchant_no=SHOP,
        terminal_no=FIRST,
        batch_no=BATCH,
        trace_no=TraceNo("000009"),
        message_class="401",
        fingerprint=b"",
        response_code="00",
        tags=b"\xdf\x01\x00",
        made_ms=MORNING,
    )


def counter(value: int, shop: str = SHOP) -> Counter:
    return Counter(merchant_no=shop, name="session", value=value)


ONE_OF_EACH: tuple[Record, ...] = (
    merchant(),
    terminal(),
    operator(),
    session(),
    sign_in(),
    payment(),
    *postings(payment()),
    stored_answer(),
    counter(1),
)
ALL_NEEDS = Needs(
    {
        Terminal: [(SHOP, FIRST)],
        Operator: [(SHOP, OPERATOR)],
        Payment: [(SHOP, FIRST, BATCH, TraceNo("000001"))],
        SignIn: [(SHOP, RecordNo(1))],
        StoredAnswer: [(SHOP, FIRST, BATCH, TraceNo("000009"), "401")],
        Counter: [(SHOP, "session")],
    },
    figures=[(SHOP, FIRST)],
)


async def save(store: Store, *changes: Change | Record) -> None:
    """Save in a unit of its own; a bare record is inserted."""
    async with store.unit() as unit:
        await unit.save([one if isinstance(one, Change) else Insert(one) for one in changes])


async def load(store: Store, needs: Needs) -> State:
    async with store.unit() as unit:
        return await unit.load(needs)
