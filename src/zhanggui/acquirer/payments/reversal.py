"""Reversal (冲正): a payment in doubt is undone for good. Reversed k times is reversed once, whatever the payment's kind.

    the original is      the answer      what happens
    unknown              25              a tombstone (`barred`): the late original is refused
    pending              00              undone; whoever waits for it is refused; the bank is told
    approved             00              undone; postings with the other sign; the bank is told
    reversed, barred     00, 25          nothing more
    declined, timed_out  00              nothing stood
    of another kind      94              nothing: it is not the payment that is meant
    of another amount    64              nothing
    being undone         22              nothing yet: what undoes it may still fail
    undone by another    00              given up: its money is back, and what undid it stands for good
    has undone such one  00              nothing: undone too, it would take the money of a payment that was given up

A reversal needs the terminal's keys and nothing else: no session, no open batch, no right. A payment that had undone another
gives it back: undone, it has undone nothing. Source: domain reference §4.4.
"""

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import Rrn, UnixMs
from ...cup.messages.payment import ReversalRequest
from ..money.entries import post_reversal
from ..rows.decision import Decision, Effect, MacVerdict, PlainReply, ReleaseWaiting, ReverseAtBank
from ..rows.draft import Draft
from ..rows.records import Payment, Terminal, WaitingKeys
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .answers import refusal_answer
from .kinds import KINDS
from .originals import kept_original, payment_key, put_back
from .outcome import BARRED_CODE


class ReversalAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0400 with the verdict on its MAC."""

    request: ReversalRequest
    mac: MacVerdict
    fitting: WaitingKeys | None = None
    """The keys that waited and that its MAC proves, where the verdict is `next`."""
    rrn: Rrn
    acquirer_code: str


def decide_reversal(state: State, asked: ReversalAsked, now: UnixMs) -> Decision:
    """Decide a terminal's 0400. Merchant and terminal must be known; a locked terminal may still undo what it did."""
    request = asked.request
    terminal = state.get(Terminal, request.merchant_no, request.terminal_no)
    if terminal is None:
        refused = admit_terminal(state, request.merchant_no, request.terminal_no)
        if not isinstance(refused, Refusal):
            raise Defect("a terminal that is not there was admitted")
        return Decision(reply=PlainReply(refused.response_code), reason=refused.reason)
    if asked.mac not in ("current", "next"):
        return Decision(reply=PlainReply("A0"), reason="wrong_mac")
    draft = Draft(state)
    _, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    payment = state.get(Payment, *payment_key(request))
    if payment is None:
        draft.insert(_tombstone(asked, now))
        return _answered(draft, "25", "original_unknown")
    if payment.kind != request.kind:
        return _answered(draft, "94", "other_kind_than_original")
    if payment.state != "barred" and payment.amount_fen != request.amount_fen:
        return _answered(draft, "64", "other_amount_than_original")
    match payment.state:
        case "barred":
            return _answered(draft, "25", "original_unknown")
        case "reversed" | "declined" | "timed_out":
            return _answered(draft, "00", "nothing_stands")
        case "pending" | "approved":
            if payment.undone_by_trace_no:
                return _give_up(draft, payment, asked, now)
            original_key = kept_original(payment)
            original = draft.get(Payment, *original_key) if original_key is not None else None
            if original is not None and original.reversed_ms is not None:
                return _answered(draft, "00", "original_given_up")
            return _undo(draft, payment, asked, now)


def _give_up(draft: Draft, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """A payment that another undoes is in doubt at its terminal. Undone here too, its money would be paid back twice.

    While what undoes it is at the bank nobody knows whether it will stand, so the terminal asks again. Once that is approved the
    money is back for good: the terminal hears so, and the mark keeps it so whatever else this terminal comes to doubt.
    """
    by = draft.get(
        Payment, payment.merchant_no, payment.terminal_no, payment.undone_by_batch_no, payment.undone_by_trace_no
    )
    if by is None or by.state != "approved":
        return _answered(draft, "22", "original_undone_already")
    if payment.reversed_ms is None:
        draft.update(msgspec.structs.replace(payment, reversal_reason=asked.request.reason, reversed_ms=now))
    return _answered(draft, "00", "nothing_stands")


def _answered(draft: Draft, code: str, reason: str) -> Decision:
    return Decision(changes=tuple(draft.changes), reply=PlainReply(code), reason=reason)


def _undo(draft: Draft, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """The state, the postings, the original and the debt to tell the bank are one commit; after it nothing can be forgotten."""
    kind = KINDS[payment.kind]
    undone = draft.update(
        msgspec.structs.replace(
            payment,
            state="reversed",
            bank_state="reversal_due",
            reversal_reason=asked.request.reason,
            reversed_ms=now,
        )
    )
    effects: list[Effect] = [ReverseAtBank(undone)]
    if payment.state == "approved":
        draft.take(tuple(post_reversal(undone, kind.postings, now)))
    else:
        # The bank's answer, when it comes, finds the payment no longer pending and is ignored (`outcome.py`).
        refusal = refusal_answer(BARRED_CODE, payment.rrn, asked.acquirer_code, now)
        effects.append(ReleaseWaiting(payment_key(payment), refusal))
    if kind.undoes_original:
        put_back(draft, undone)
    return Decision(changes=tuple(draft.changes), reply=PlainReply("00"), effects=tuple(effects), reason="reversed")


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
