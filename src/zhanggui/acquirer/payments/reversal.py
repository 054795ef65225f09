"""Reversal (冲正): a payment in doubt is undone for good. Reversed k times is reversed once.

    the original is      the answer      what happens
    unknown              25              a tombstone (`barred`): the late original is refused
    pending              00              undone; whoever waits for it is refused; the bank is told
    approved             00              undone; postings with the other sign; the bank is told
    reversed, barred     00, 25          nothing more
    declined, timed_out  00              nothing stood
    of another kind      94              nothing: it is not the payment that is meant
    of another amount    64              nothing

A reversal needs the terminal's keys and nothing else: no session, no open batch. Source: domain reference §4.4.
"""

import msgspec

from ...basics.numbers import Rrn, UnixMs
from ...cup.messages.payment import ReversalRequest
from ..money.entries import post_reversal
from ..rows.decision import Decision, Effect, MacVerdict, PlainReply, ReleaseWaiting, ReverseAtBank
from ..rows.records import Payment, Terminal
from ..rows.state import Change, Insert, State, Update
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .sale import BARRED_CODE, payment_key, refusal_answer, write_answer


class ReversalAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0400 with the verdict on its MAC."""

    request: ReversalRequest
    mac: MacVerdict
    rrn: Rrn
    acquirer_code: str


def decide_reversal(state: State, asked: ReversalAsked, now: UnixMs) -> Decision:
    """Decide a terminal's 0400. Merchant and terminal must be known; a locked terminal may still undo what it did."""
    request = asked.request
    terminal = state.get(Terminal, request.merchant_no, request.terminal_no)
    if terminal is None:
        refused = admit_terminal(state, request.merchant_no, request.terminal_no)
        assert isinstance(refused, Refusal)
        return Decision(reply=PlainReply(refused.response_code), reason=refused.reason)
    if asked.mac not in ("current", "next"):
        return Decision(reply=PlainReply("A0"), reason="wrong_mac")
    _, changes = adopt_next_keys(state, terminal, asked.mac, now)
    key = payment_key(request.merchant_no, request.terminal_no, request.batch_no, request.trace_no)
    payment = state.get(Payment, *key)
    if payment is None:
        return Decision(
            changes=(*changes, Insert(_tombstone(asked, now))), reply=PlainReply("25"), reason="original_unknown"
        )
    if payment.kind != request.kind:
        return Decision(changes=changes, reply=PlainReply("94"), reason="other_kind_than_original")
    if payment.state != "barred" and payment.amount_fen != request.amount_fen:
        return Decision(changes=changes, reply=PlainReply("64"), reason="other_amount_than_original")
    match payment.state:
        case "barred":
            return Decision(changes=changes, reply=PlainReply("25"), reason="original_unknown")
        case "reversed" | "declined" | "timed_out":
            return Decision(changes=changes, reply=PlainReply("00"), reason="nothing_stands")
        case "pending" | "approved":
            return _undo(payment, asked, changes, now)


def _undo(payment: Payment, asked: ReversalAsked, changes: tuple[Change, ...], now: UnixMs) -> Decision:
    undone = msgspec.structs.replace(
        payment,
        state="reversed",
        bank_state="reversal_due",
        reversal_reason=asked.request.reason,
        reversed_ms=now,
    )
    written: list[Change] = [*changes, Update(undone)]
    effects: list[Effect] = [ReverseAtBank(undone)]
    if payment.state == "approved":
        written += post_reversal(undone, now)
    else:
        key = payment_key(payment.merchant_no, payment.terminal_no, payment.batch_no, payment.trace_no)
        effects.append(ReleaseWaiting(key, refusal_answer(BARRED_CODE, payment.rrn, asked.acquirer_code, now)))
    return Decision(changes=tuple(written), reply=PlainReply("00"), effects=tuple(effects), reason="reversed")


def _tombstone(asked: ReversalAsked, now: UnixMs) -> Payment:
    request = asked.request
    return Payment(
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        batch_no=request.batch_no,
        trace_no=request.trace_no,
        kind=request.kind,
        state="barred",
        fingerprint=b"",
        amount_fen=request.amount_fen,
        entry_mode=request.entry_mode,
        rrn=asked.rrn,
        reversal_reason=request.reason,
        created_ms=now,
        reversed_ms=now,
    )


def decide_bank_reversed(state: State, payment: Payment, done: bool) -> Decision:
    """The bank answered a reversal (done), or did not (one more attempt is counted; it is never given up)."""
    current = state.get(Payment, payment.merchant_no, payment.terminal_no, payment.batch_no, payment.trace_no)
    if current is None or current.bank_state != "reversal_due":
        return Decision(reason="no_reversal_due")
    kept = msgspec.structs.replace(
        current,
        bank_state="reversal_done" if done else "reversal_due",
        bank_attempts=current.bank_attempts + 1,
    )
    return Decision(changes=(Update(kept),), reason="" if done else "bank_reversal_unanswered")


def decide_interrupted(payment: Payment, acquirer_code: str, now: UnixMs) -> Decision:
    """At start-up: a sale that was pending when the host stopped. Nobody waits for it any more; the bank is told to undo it."""
    closed = msgspec.structs.replace(
        payment,
        state="timed_out",
        response_code="98",
        answer=write_answer(refusal_answer("98", payment.rrn, acquirer_code, now)),
        bank_state="reversal_due",
        reversal_reason="98",
        decided_ms=now,
    )
    return Decision(changes=(Update(closed),), effects=(ReverseAtBank(closed),), reason="interrupted_by_restart")
