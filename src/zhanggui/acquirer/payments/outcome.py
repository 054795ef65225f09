"""What becomes of a payment that is at the bank: the bank answered, did not in time, or the host stopped before it could.

    bank says            payment      at the bank             postings         the original it holds
    approved             approved     –                       its kind's       stays undone
    approved in part     declined 05  reversed: nobody asked  none             stands again
    refused              declined     –                       none             stands again
    a code unknown here  timed_out 98 reversed                none             stands again
    nothing in time      timed_out 98 reversed                none             stands again

What a wallet's order becomes is in `roads/wallet_outcome.py`; it closes a payment by the same `close`.

What the bank did is known only from its answer. Where there is none, or none that says what it did (`means` in cup), it may
have approved: so whoever waits is told 98, and the bank is told to undo until it has answered that; also where a terminal may not
undo it (a refund). A kind that moves nothing there is just closed.
"""

from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.interbank import BankAnswer
from ...cup.messages.payment import PaymentAnswer
from ...cup.response_codes import PARTLY_APPROVED, means
from ..money.entries import post
from ..rows.decision import Decision, PaymentReply, ReverseAtBank
from ..rows.draft import Draft
from ..rows.records import Payment, PaymentKey
from ..rows.state import State
from .answers import read_answer, refusal_answer, write_answer
from .claims import let_go, settle
from .kinds import KINDS

NO_ANSWER = "98"
BARRED_CODE = "12"
"""Answer to a payment that was reversed before or after it came: invalid, and the terminal drops it."""
LATE = "late_bank_answer"
NOT_HONOURED = "05"
"""Answer to the terminal when the bank approved only a part, which is undone at once: nobody asked for a part."""


def decide_bank_answer(
    state: State, key: PaymentKey, answer: BankAnswer | None, acquirer_code: str, acquirer: str, now: UnixMs
) -> Decision:
    """Decide what becomes of a pending payment: the bank answered, or (None) did not in time.

    An approval that comes when the payment is no longer pending is late: it is ignored here, and its reversal at the bank
    is due already.
    """
    payment = state.get(Payment, *key)
    if payment is None or payment.state != "pending":
        return Decision(reply=_closed_meanwhile(payment, acquirer_code, now), reason=LATE)
    said = "" if answer is None else answer.response_code
    meaning = means(said)
    code = said
    if said == PARTLY_APPROVED:
        code = NOT_HONOURED
    elif meaning == "unknown":
        answer, code = None, NO_ANSWER
    reply = _reply(payment, answer, code, acquirer_code, acquirer, now)
    is_in_doubt = meaning == "unknown"
    reason = (
        "" if meaning == "stands" else "bank_declined" if answer else "bank_code_unknown" if said else "bank_silent"
    )
    return close(state, payment, reply, is_answered=answer is not None, is_in_doubt=is_in_doubt, now=now, reason=reason)


def _closed_meanwhile(payment: Payment | None, acquirer_code: str, now: UnixMs) -> PaymentReply | None:
    """What whoever waits for a payment is told when somebody else closed it: what its row says, as to a repeat. Nobody waits in vain."""
    if payment is None:
        return None
    if payment.answer and payment.state not in ("reversed", "barred"):
        return PaymentReply(read_answer(payment.answer))
    return PaymentReply(refusal_answer(BARRED_CODE, payment.rrn, acquirer_code, now))


def close(
    state: State,
    payment: Payment,
    reply: PaymentAnswer,
    *,
    is_answered: bool,
    is_in_doubt: bool,
    now: UnixMs,
    reason: str,
) -> Decision:
    """A pending payment gets its outcome: its row, its postings, its original, and the debt to tell the bank, in one commit."""
    kind = KINDS[payment.kind]
    approved = means(reply.response_code) == "stands"
    undo = is_in_doubt and kind.is_money_at_bank
    draft = Draft(state)
    closed = draft.update(
        replace(
            payment,
            state="approved" if approved else "declined" if is_answered else "timed_out",
            response_code=reply.response_code,
            auth_code=reply.auth_code,
            issuer=reply.issuer,
            pay_voucher=reply.pay_voucher or None,
            answer=write_answer(reply),
            bank_state="reversal_due" if undo else "",
            reversal_reason=NO_ANSWER if undo else "",
            decided_ms=now,
        )
    )
    if approved:
        # In one commit with the state: money never stands in the books without its payment, nor a payment without its money.
        draft.take(tuple(post(closed, kind.postings, now)))
        settle(draft, kind, closed)
    else:
        let_go(draft, kind, closed, stood=False)
    return Decision(
        changes=tuple(draft.changes),
        reply=PaymentReply(reply),
        effects=(ReverseAtBank(closed),) if undo else (),
        reason=reason,
    )


def _reply(
    payment: Payment, answer: BankAnswer | None, code: str, acquirer_code: str, acquirer: str, now: UnixMs
) -> PaymentAnswer:
    """The terminal's answer with this code, from the bank's as far as there is one."""
    time = host_time(now)
    if answer is None:
        return PaymentAnswer(
            time=time,
            rrn=payment.rrn,
            response_code=code,
            settlement_date=time.field_13,
            acquirer_code=acquirer_code,
            acquirer=acquirer,
        )
    return PaymentAnswer(
        time=time,
        rrn=payment.rrn,
        response_code=code,
        settlement_date=answer.settlement_date or time.field_13,
        acquirer_code=acquirer_code,
        auth_code=answer.auth_code,
        issuer=answer.issuer,
        acquirer=acquirer,
        remark=answer.remark,
        chip_data=answer.chip_data,
        balance_fen=answer.balance_fen,
        pay_voucher=answer.pay_voucher,
    )


def decide_interrupted(state: State, payment: Payment, acquirer_code: str, now: UnixMs) -> Decision:
    """At start-up: a payment that was pending when the host stopped. Nobody waits for it any more; the bank is told to undo it."""
    answer = refusal_answer(NO_ANSWER, payment.rrn, acquirer_code, now)
    return close(state, payment, answer, is_answered=False, is_in_doubt=True, now=now, reason="interrupted_by_restart")


def decide_bank_reversed(state: State, payment: Payment, done: bool) -> Decision:
    """The bank answered a reversal (done), or did not (one more attempt is counted; it is never given up)."""
    draft = Draft(state)
    current = draft.get(Payment, payment.merchant_no, payment.terminal_no, payment.batch_no, payment.trace_no)
    if current is None or current.bank_state != "reversal_due":
        return Decision(reason="no_reversal_due")
    draft.update(
        replace(
            current,
            bank_state="reversal_done" if done else "reversal_due",
            bank_attempts=current.bank_attempts + 1,
        )
    )
    return Decision(changes=tuple(draft.changes), reason="" if done else "bank_reversal_unanswered")
