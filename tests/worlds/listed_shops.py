"""Two shops full of rows of every list: many at the same instant, about midnight and about 04:00, at which one of them begins its days."""

from collections.abc import Iterator

from zhanggui.acquirer.rows.records import (
    ApiToken,
    AuditNote,
    Batch,
    BatchDifference,
    Document,
    ExportFile,
    Job,
    Merchant,
    Operator,
    OutboxMessage,
    Payment,
    PaymentScript,
    PaymentSignature,
    Person,
    Proposal,
    Record,
    Session,
    SignIn,
    SlipTick,
    SupportCase,
    Terminal,
    TerminalOrder,
    Webhook,
)
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
from zhanggui.basics.shop_day import day_began, shop_day
from zhanggui.basics.spans import HOUR_MS, MINUTE_MS

DAY_SHOP, NIGHT_SHOP = MerchantNo("102100058129000"), MerchantNo("102100058129004")
STARTS_HOUR = {DAY_SHOP: 0, NIGHT_SHOP: 4}
"""When the days of each begin."""
TERMINALS = TerminalNo("10000001"), TerminalNo("10000002")
EVENING = UnixMs(day_began("2026-11-29") - 2 * HOUR_MS)
"""22:00 of the day before 2026-11-29."""
NOW = UnixMs(EVENING + 40 * HOUR_MS)
STEPS = 24
"""Instants at which something happens in each shop, twice at each, until 08:00."""
STATES = ("approved", "approved", "declined", "reversed", "timed_out")
NIGHT_POLICY = '{"shop_day_starts_hour":4}'


def instants() -> Iterator[tuple[int, UnixMs]]:
    """The number of each happening and when it was: two at each instant."""
    for step in range(2 * STEPS):
        yield step + 1, UnixMs(EVENING + (step // 2) * 25 * MINUTE_MS)


def shop_rows(shop: MerchantNo, begin: int = 0) -> Iterator[Record]:
    """All rows of one shop; `begin`: how many numbers were given before, for those that come later."""
    if not begin:
        yield from _standing(shop)
    for number, at in instants():
        yield from happening(shop, begin + number, UnixMs(at + (NOW - EVENING if begin else 0)))


def _standing(shop: MerchantNo) -> Iterator[Record]:
    yield Merchant(
        merchant_no=shop,
        name=f"小店{shop[-4:]}",
        policy_overrides=NIGHT_POLICY if STARTS_HOUR[shop] else "",
        created_ms=EVENING,
    )
    for place, number in enumerate(TERMINALS):
        yield Terminal(
            merchant_no=shop,
            terminal_no=number,
            model="smart",
            place=f"{place + 1} 号台",
            dialect="unionpay",
            operator_check="host",
            state="active" if place else "locked",
            master_key="sealed",
            batch_no=BatchNo("000900") if place else BatchNo("000001"),
            created_ms=EVENING,
        )
    for person in range(12):
        yield Operator(
            merchant_no=shop,
            operator_no=OperatorNo(f"{person:02d}"),
            name=f"员工 {person}",
            role="cashier" if person else "supervisor",
            state="disabled" if person == 7 else "active",
            salt=bytes(16),
            verifier=bytes(32),
            password_set_ms=EVENING,
        )


def happening(shop: MerchantNo, number: int, at: UnixMs) -> Iterator[Record]:
    """One row of each kind, all about one instant."""
    terminal, operator = TERMINALS[number % 2], OperatorNo(f"{number % 5:02d}")
    batch, trace = BatchNo("000001"), TraceNo(f"{number:06d}")
    state = STATES[number % len(STATES)]
    yield Payment(
        merchant_no=shop,
        terminal_no=terminal,
        batch_no=batch,
        trace_no=trace,
        kind="void" if number % 7 == 0 else "sale",
        state=state,  # type: ignore[arg-type]  # one of the words above
        fingerprint=b"f",
        amount_fen=100 * number + number % 3,
        masked_pan=f"621700*********{number % 4:04d}",
        operator_no=operator,
        session_no=number,
        rrn=Rrn(f"{number:012d}"),
        response_code="00" if state == "approved" else "51",
        created_ms=at,
        # Rows from before days were kept have none.
        shop_day=shop_day(at, STARTS_HOUR[shop]) if number > 4 else None,
        reason="no_session" if number % 11 == 0 else None,
        wallet="wechat" if number % 6 == 0 else None,
    )
    if number % 3 == 0:
        yield SlipTick(
            merchant_no=shop, terminal_no=terminal, batch_no=batch, trace_no=trace, ticked_by=operator, ticked_ms=at
        )
    yield PaymentScript(
        merchant_no=shop,
        terminal_no=terminal,
        batch_no=batch,
        trace_no=trace,
        kind="sale",
        rrn=Rrn(f"{number:012d}"),
        notice_batch_no=batch,
        notice_trace_no=TraceNo(f"{number + 500:06d}"),
        results="2000000001" + ("1100000002" if number % 2 else ""),
        chip_data=b"",
        state="told" if number % 2 else "due",
        taken_ms=at,
    )
    yield SignIn(
        merchant_no=shop,
        record_no=RecordNo(number),
        terminal_no=terminal,
        operator_no=operator,
        operator_name=f"员工 {number % 5}",
        state="refused" if number % 4 == 0 else "ended",
        reason="wrong_password" if number % 4 == 0 else "",
        began_ms=at,
        session_no=number,
    )
    yield Session(
        merchant_no=shop,
        session_no=SessionNo(number),
        terminal_no=terminal,
        operator_no=operator,
        record_no=RecordNo(number),
        kind="verified",
        opened_ms=at,
        ended_ms=UnixMs(at + MINUTE_MS),
        end_reason="signed_out:asked",
    )
    yield from _desk(shop, number, at)
    yield from _asked_of_two(shop, number, at)
    yield Batch(
        merchant_no=shop,
        terminal_no=terminal,
        batch_no=BatchNo(f"{number + 100:06d}"),
        state="closed",
        outcome="differs" if number % 5 == 0 else "agreed",
        operator_no=operator,
        shop_day=shop_day(at, STARTS_HOUR[shop]),
        debit_count=1,
        debit_fen=100 * number,
        credit_count=1,
        credit_fen=number,
        settled_ms=at,
    )
    yield BatchDifference(
        merchant_no=shop,
        terminal_no=terminal,
        batch_no=BatchNo(f"{number + 100:06d}"),
        against="bank" if number % 2 else "terminal",
        trace_no=trace,
        what="amount_differs" if number % 3 else "only_at_host",
        kind="sale",
        host_amount_fen=number,
    )


def _desk(shop: MerchantNo, number: int, at: UnixMs) -> Iterator[Record]:
    terminal, operator = TERMINALS[number % 2], OperatorNo(f"{number % 5:02d}")
    yield SupportCase(
        merchant_no=shop,
        case_no=number,
        terminal_no=terminal,
        operator_no=operator,
        what="operator" if number % 2 else "bank_differs",
        state="closed" if number % 3 == 0 else "open",
        opened_ms=at,
    )
    yield TerminalOrder(
        merchant_no=shop,
        terminal_no=terminal,
        order_no=number,
        kind="remote_lock" if number % 2 else "message",
        contents="",
        state="done" if number % 3 else "queued",
        from_ms=at,
        until_ms=UnixMs(at + HOUR_MS),
        given_by="console" if number % 2 else operator,
        given_ms=at,
        changed_ms=at,
    )
    yield AuditNote(
        merchant_no=shop,
        note_no=number,
        actor="console" if number % 2 else "99",
        action="reset_password" if number % 3 else "set_policy",
        subject=operator,
        detail=f"note {number % 4}",
        made_ms=at,
    )
    document = f"{number:032x}"
    yield Document(
        merchant_no=shop,
        document_id=document,
        kind="signature" if number % 2 else "picture",
        sealed=b"",
        size_bytes=number,
        kept_ms=at,
        until_ms=UnixMs(at + HOUR_MS),
        erased_why="expired" if number % 3 == 0 else "",
    )
    if number % 2:
        yield PaymentSignature(
            merchant_no=shop,
            terminal_no=terminal,
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(f"{number:06d}"),
            document_id=document,
            feature_code="",
            taken_ms=at,
        )
    yield Job(
        merchant_no=shop,
        kind="settle" if number % 2 else "bank_check",
        subject=f"{number:06d}",
        state="done" if number % 3 else "planned",
        due_ms=at,
        started_ms=at,
        changed_ms=at,
    )


def _asked_of_two(shop: MerchantNo, number: int, at: UnixMs) -> Iterator[Record]:
    yield Person(
        merchant_no="*",
        login=f"person{number}.{shop[-4:]}",
        name=f"后台 {number % 5}",
        shop_no=shop if number % 2 else "",
        role="owner" if number % 2 else "support",
        state="active" if number % 3 else "invited",
        made_ms=at,
        made_by="console",
    )
    yield ApiToken(
        merchant_no="*",
        token_id=f"token{number:03d}{shop[-4:]}",
        mark="00ff" if number % 3 else "",
        shop_no=shop if number % 2 else "",
        login=f"person{number}.{shop[-4:]}",
        name=f"程序 {number % 5}",
        scopes="payments:view cases:view",
        made_ms=at,
        made_by="console",
        expires_ms=UnixMs(at + (60_000 if number % 4 else 400 * 24 * HOUR_MS)),
        revoked_ms=at if number % 5 == 0 else None,
    )
    yield ExportFile(
        merchant_no=shop,
        export_no=number,
        file_id=f"{number:032x}",
        place="here",
        list_name="payments" if number % 2 else "sign_ins",
        area="payments" if number % 2 else "sign_ins",
        format="csv",
        lang="zh",
        question="",
        state="ready" if number % 3 else "making",
        made_by="person:li" if number % 2 else "console",
        made_ms=at,
        until_ms=UnixMs(at + HOUR_MS),
    )
    yield Webhook(
        merchant_no=shop,
        webhook_no=number,
        address="https://example.org/hook",
        events="payment",
        state="active" if number % 2 else "paused",
        secret=b"sealed",
        made_by="console",
        made_ms=at,
        since_ms=at,
        changed_ms=at,
    )
    yield OutboxMessage(
        merchant_no=shop,
        message_id=f"msg_{number:06d}",
        webhook_merchant_no=shop,
        webhook_no=number,
        event="payment",
        subject=f"{number:06d}",
        body=b"{}",
        state="sent" if number % 2 else "failed",
        next_ms=None,
        made_ms=at,
    )
    yield Proposal(
        merchant_no=shop,
        proposal_no=number,
        act="set_policy" if number % 2 else "erase_person",
        asked="{}",
        reason="why",
        amount_fen=100 * number,
        made_by="console" if number % 3 else "person:li",
        login="",
        operator_no="",
        made_ms=at,
        expires_ms=UnixMs(at + 34 * HOUR_MS),
        state="open" if number % 4 else "declined",
    )


def all_rows(begin: int = 0) -> list[Record]:
    """The rows of both shops."""
    return [row for shop in STARTS_HOUR for row in shop_rows(shop, begin)]
