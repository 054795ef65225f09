"""Sale (消费): from the terminal's request to the bank's answer.

    request ─▶ gate ─▶ batch 77 ─▶ MAC A0 ─▶ repeat? ─▶ session 77 ─▶ amount 13 ─▶ pending, ask the bank
                                               │
                         same contents: stored answer, or wait for the pending one · other contents: 94, in a session
    answer of the bank ─▶ approved: posted, answered · refused: answered · none in time: 98, reversed at the bank

The key is (merchant, terminal, batch, trace). A payment is durable as pending before the bank is asked and has its
outcome durable before the terminal is answered. A state only ever moves along

    pending → approved → reversed        pending → declined · timed_out · reversed        (nothing) → barred
"""

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.interbank import BankAnswer
from ...cup.messages.payment import PaymentAnswer, PaymentRequest
from ...cup.response_codes import APPROVED, PARTLY_APPROVED
from ..money.entries import post_sale
from ..policy.rules import policy_of
from ..rows.decision import AskBank, Decision, JoinPending, MacVerdict, ReverseAtBank, SaleReply
from ..rows.records import Merchant, Payment, PaymentKey, Session, Terminal
from ..rows.state import Change, Insert, State, Update
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from ..terminals.session_age import is_too_long

AMOUNT_MAX_FEN = 5_000_000_000
"""Fifty million yuan: more than any card sale; a larger amount is a keying or programming error (answer 13)."""
NO_ANSWER = "98"
NOT_HONOURED = "05"
"""Answer to the terminal when the bank approved only a part, which is undone at once: nobody asked for a part."""
BARRED_CODE = "12"
"""Answer to a sale that was reversed before or after it came: invalid, and the terminal drops it."""


class SaleAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0200 with the facts that need keys: the verdict on its MAC, keyed hashes of its business fields and of its card."""

    request: PaymentRequest
    mac: MacVerdict
    fingerprint: bytes
    card_hash: bytes
    rrn: Rrn
    acquirer_code: str


def payment_key(merchant_no: MerchantNo, terminal_no: TerminalNo, batch_no: BatchNo, trace_no: TraceNo) -> PaymentKey:
    """The key of a payment: a trace number is one payment, whatever its kind."""
    return (merchant_no, terminal_no, batch_no, trace_no)


def decide_sale(state: State, asked: SaleAsked, now: UnixMs) -> Decision:
    """Decide a terminal's 0200."""
    request = asked.request
    terminal = admit_terminal(state, request.merchant_no, request.terminal_no)
    if isinstance(terminal, Refusal):
        return _refuse(asked, now, terminal)
    refusal = _check_batch(terminal, request)
    if refusal is not None:
        return _refuse(asked, now, refusal)
    if asked.mac not in ("current", "next"):
        return _refuse(asked, now, Refusal("A0", "wrong_mac"))
    first = state.get(
        Payment, *payment_key(request.merchant_no, request.terminal_no, request.batch_no, request.trace_no)
    )
    if first is None or first.fingerprint != asked.fingerprint:
        # What was answered is answered again in any case: the terminal may have been locked or signed out since.
        refusal = _check_sign_in(state, terminal, asked, now)
        if refusal is not None:
            return _refuse(asked, now, refusal)
    terminal, changes = adopt_next_keys(state, terminal, asked.mac, now)
    if first is not None:
        return _repeat(first, asked, changes, now)
    if not 0 < request.amount_fen <= AMOUNT_MAX_FEN:
        return _refuse(asked, now, Refusal("13", "amount_out_of_range"), changes)
    payment = Payment(
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        batch_no=request.batch_no,
        trace_no=request.trace_no,
        kind=request.kind,
        state="pending",
        fingerprint=asked.fingerprint,
        amount_fen=request.amount_fen,
        masked_pan=request.pan.mask() if request.pan is not None else "",
        card_hash=asked.card_hash,
        entry_mode=request.entry_mode,
        operator_no=request.operator_no or "",
        session_no=_session_no(state, changes, terminal),
        rrn=asked.rrn,
        created_ms=now,
    )
    return Decision(changes=(*changes, Insert(payment)), effects=(AskBank(payment, terminal.pin_key),))


def decide_bank_answer(
    state: State, key: PaymentKey, answer: BankAnswer | None, acquirer_code: str, acquirer: str, now: UnixMs
) -> Decision:
    """Decide what becomes of a pending sale: the bank answered, or (None) did not in time.

    An approval that comes when the payment is no longer pending is late: it is ignored here, and its reversal at the bank
    is due already.
    """
    payment = state.get(Payment, *key)
    if payment is None or payment.state != "pending":
        return Decision(reason="late_bank_answer")
    code = NO_ANSWER if answer is None else answer.response_code
    undo = answer is None or code == PARTLY_APPROVED
    if code == PARTLY_APPROVED:
        code = NOT_HONOURED
    approved = code in APPROVED
    reply = PaymentAnswer(
        time=host_time(now),
        rrn=payment.rrn,
        response_code=code,
        settlement_date=answer.settlement_date
        if answer is not None and answer.settlement_date
        else host_time(now).field_13,
        acquirer_code=acquirer_code,
        auth_code=answer.auth_code if answer is not None else "",
        issuer=answer.issuer if answer is not None else "",
        acquirer=acquirer,
        remark=answer.remark if answer is not None else "",
        chip_data=answer.chip_data if answer is not None else None,
    )
    decided = msgspec.structs.replace(
        payment,
        state="approved" if approved else "timed_out" if answer is None else "declined",
        response_code=code,
        auth_code=reply.auth_code,
        issuer=reply.issuer,
        answer=write_answer(reply),
        bank_state="reversal_due" if undo else "",
        reversal_reason=NO_ANSWER if undo else "",
        decided_ms=now,
    )
    changes: list[Change] = [Update(decided)]
    if approved:
        changes += post_sale(decided, now)
    return Decision(
        changes=tuple(changes),
        reply=SaleReply(reply),
        effects=(ReverseAtBank(decided),) if undo else (),
        reason="" if approved else "bank_silent" if answer is None else "bank_declined",
    )


def write_answer(answer: PaymentAnswer) -> str:
    """The answer as text for the payment's row."""
    return msgspec.json.encode(answer).decode()


def read_answer(text: str) -> PaymentAnswer:
    """The answer from the payment's row."""
    return msgspec.json.decode(text, type=PaymentAnswer)


def _check_batch(terminal: Terminal, request: PaymentRequest) -> Refusal | None:
    """77 unless the terminal has keys and the batch is its own."""
    if not terminal.mac_key and not terminal.next_mac_key:
        return Refusal("77", "terminal_not_signed_in")
    if request.batch_no != terminal.batch_no:
        return Refusal("77", "wrong_batch")
    return None


def _check_sign_in(state: State, terminal: Terminal, asked: SaleAsked, now: UnixMs) -> Refusal | None:
    """77 unless a live session (or one that this MAC begins) is the operator's, and has not lasted too long."""
    by_terminal = terminal.operator_check == "terminal"
    if by_terminal and terminal.next_operator_no and asked.mac == "next":
        # A MAC under the old keys begins nothing, so it needs a session that lives.
        return None
    for session in state.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
        if not by_terminal and session.operator_no != asked.request.operator_no:
            continue
        if _is_over(state, session, now):
            return Refusal("77", "session_too_long")
        return None if by_terminal else _check_session(session, asked.request)
    return Refusal("77", "no_session")


def _is_over(state: State, session: Session, now: UnixMs) -> bool:
    merchant = state.get(Merchant, session.merchant_no)
    assert merchant is not None, "admit_terminal looked at the merchant"
    return is_too_long(policy_of(merchant.policy, merchant.policy_overrides), session, now)


def _check_session(session: Session, request: PaymentRequest) -> Refusal | None:
    """A locked session takes no payment, and one that began without network only small ones."""
    if session.locked_ms is not None:
        return Refusal("77", "session_locked")
    if session.sale_limit_fen is not None and request.amount_fen > session.sale_limit_fen:
        return Refusal("61", "over_the_offline_limit")
    return None


def _session_no(state: State, changes: tuple[Change, ...], terminal: Terminal) -> int | None:
    """The session that this sale belongs to: the one that its MAC has just begun, or the live one."""
    for change in changes:
        if isinstance(change, Insert) and isinstance(change.record, Session):
            return change.record.session_no
    live = state.live_sessions_on(terminal.merchant_no, terminal.terminal_no)
    return live[-1].session_no if live else None


def _repeat(first: Payment, asked: SaleAsked, changes: tuple[Change, ...], now: UnixMs) -> Decision:
    if first.state == "barred":
        return _refuse(asked, now, Refusal(BARRED_CODE, "reversed_before_it_came"), changes)
    if first.fingerprint != asked.fingerprint or first.kind != asked.request.kind:
        return _refuse(asked, now, Refusal("94", "same_trace_other_contents"), changes)
    if first.state == "reversed":
        return _refuse(asked, now, Refusal(BARRED_CODE, "already_reversed"), changes)
    if first.state == "pending":
        request = asked.request
        key = payment_key(request.merchant_no, request.terminal_no, request.batch_no, request.trace_no)
        return Decision(changes=changes, effects=(JoinPending(key),), reason="repeat_while_pending")
    return Decision(changes=changes, reply=SaleReply(read_answer(first.answer)), reason="repeat")


def _refuse(asked: SaleAsked, now: UnixMs, refusal: Refusal, changes: tuple[Change, ...] = ()) -> Decision:
    answer = refusal_answer(refusal.response_code, asked.rrn, asked.acquirer_code, now)
    return Decision(changes=changes, reply=SaleReply(answer), reason=refusal.reason)


def refusal_answer(response_code: str, rrn: str, acquirer_code: str, now: UnixMs) -> PaymentAnswer:
    """The answer fields of a sale that the host itself refuses."""
    time = host_time(now)
    return PaymentAnswer(
        time=time, rrn=rrn, response_code=response_code, settlement_date=time.field_13, acquirer_code=acquirer_code
    )
