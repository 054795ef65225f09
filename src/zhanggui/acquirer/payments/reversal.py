"""Reversal (冲正): a payment in doubt is undone for good. Reversed k times is reversed once, whatever the payment's kind.

    the original is      the answer      what happens
    unknown              25              a tombstone (`barred`): the late original is refused
    pending              00              undone; whoever waits for it is refused; the bank is told
    approved             00              undone; postings with the other sign; the bank is told
    reversed, barred     00, 25          nothing more
    declined, timed_out  00              nothing stood
    of another kind, or read in another way    94   nothing: it is not the payment that is meant
    of another card, of another amount     14, 64   nothing
    left under another sign-on (epoch)         12   nothing: two payments came under one number, and the other one is meant; a case
    approved, and its terminal has gone on     12   nothing: an old copy of the terminal's folder doubts what was finished; a case
    approved, in a closed batch                12   the batch stays; a correcting entry, the bank is told, a case
    being undone         22              nothing yet: what undoes it may still fail
    undone by another    00              given up: its money is back, and what undid it stands for good
    used in part         22              nothing: later payments took of it, or added to it
    has undone such one  00              nothing: undone too, it would take the money of a payment that was given up

A reversal needs the terminal's keys and nothing else: no session, no open batch, no right. A payment that had undone another
gives it back: undone, it has undone nothing. Source: domain reference §4.4.

"Has gone on": a terminal sends no payment while it has a reversal to send, so a later number of the same batch with an outcome
says that this payment was in doubt no more. Later is what lies ahead within half the circle of numbers, so 000001 follows 999999.
"""

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import Rrn, UnixMs
from ...cup.messages.payment import ReversalRequest
from ..money.entries import post_correction, post_reversal
from ..rows.decision import Decision, Effect, MacVerdict, PlainReply, ReleaseWaiting, ReverseAtBank
from ..rows.draft import Draft
from ..rows.records import Clash, ClashWhat, Payment, Terminal, WaitingKeys
from ..rows.state import Needs, State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .answers import refusal_answer
from .batches import is_batch_closed
from .claims import let_go, why_not_undone
from .kinds import KINDS
from .originals import kept_original, need_original, payment_key, undoing_key
from .outcome import BARRED_CODE
from .repeats import need_clashes, note_clash


class ReversalAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0400 with the verdict on its MAC."""

    request: ReversalRequest
    mac: MacVerdict
    fitting: WaitingKeys | None = None
    """The keys that waited and that its MAC proves, where the verdict is `next`."""
    rrn: Rrn
    acquirer_code: str
    card_hash: bytes = b""
    """The keyed hash of the card that it names; empty when it names none."""


def need_for_reversal(state: State, request: ReversalRequest, more: Needs) -> None:
    """Ask for what the answer to a 0400 depends on, where the payment that it names is here."""
    key = payment_key(request)
    need_original(state, key, more)
    if state.get(Payment, *key) is not None:
        more.ahead[key] = None
        need_clashes(key, more, "other_payment", "reversal_of_finished", "reversal_of_another", "reversal_of_closed")


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
    terminal, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    payment = state.get(Payment, *payment_key(request))
    if payment is None:
        draft.insert(_tombstone(asked, now))
        return _answered(draft, "25", "original_unknown")
    if payment.kind != request.kind:
        return _answered(draft, "94", "other_kind_than_original")
    other = _why_another(payment, asked) if payment.state != "barred" else None
    if other is not None:
        return _answered(draft, other.response_code, other.reason)
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
            if (payment.epoch or "") != request.epoch or _is_doubtful(draft, payment):
                return _not_taken(draft, payment, request, now, reason="reversal_of_another")
            if payment.state == "approved":
                if _has_gone_on(state, payment):
                    return _not_taken(draft, payment, request, now, reason="reversal_of_finished")
                if is_batch_closed(terminal, payment):
                    return _correct(draft, payment, asked, now)
            refusal = why_not_undone(draft, payment)
            if refusal is not None:
                return _answered(draft, refusal.response_code, refusal.reason)
            return _undo(draft, payment, asked, now)


def _why_another(payment: Payment, asked: ReversalAsked) -> Refusal | None:
    """Why this is not the payment that is meant: it was read in another way, with another card, or is about another sum."""
    if payment.entry_mode != asked.request.entry_mode:
        return Refusal("94", "other_entry_mode_than_original")
    if asked.card_hash and payment.card_hash and asked.card_hash != payment.card_hash:
        return Refusal("14", "other_card_than_original")
    if payment.amount_fen != asked.request.amount_fen:
        return Refusal("64", "other_amount_than_original")
    return None


def _is_doubtful(draft: Draft, payment: Payment) -> bool:
    """Whether another payment came under its number, from a terminal that names no sign-on: then nobody knows which is meant."""
    return not payment.epoch and draft.get(Clash, *payment_key(payment), "other_payment") is not None


def _has_gone_on(state: State, payment: Payment) -> bool:
    ahead = state.ahead.get(payment_key(payment))
    return ahead is not None and bool(ahead.finished)


def _not_taken(draft: Draft, payment: Payment, request: ReversalRequest, now: UnixMs, *, reason: ClashWhat) -> Decision:
    """12 ends the matter at the terminal, which would else doubt for ever; whether anybody misses money is for people to see."""
    note_clash(draft, payment, reason, request.amount_fen, now)
    return _answered(draft, "12", reason)


def _correct(draft: Draft, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """A closed batch never changes, and yet the money must not stay taken: the payment stands in its batch, an entry beside it
    takes the money back, and the bank is told. Once: what was corrected is not corrected again."""
    if payment.reversed_ms is not None:
        return _not_taken(draft, payment, asked.request, now, reason="reversal_of_closed")
    corrected = draft.update(
        msgspec.structs.replace(
            payment, bank_state="reversal_due", reversal_reason=asked.request.reason, reversed_ms=now
        )
    )
    draft.take(tuple(post_correction(corrected, KINDS[payment.kind].postings, now)))
    note_clash(draft, corrected, "reversal_of_closed", asked.request.amount_fen, now)
    return Decision(
        changes=tuple(draft.changes),
        reply=PlainReply("12"),
        effects=(ReverseAtBank(corrected),),
        reason="reversal_of_closed",
    )


def _give_up(draft: Draft, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """A payment that another undoes is in doubt at its terminal. Undone here too, its money would be paid back twice.

    While what undoes it is at the bank nobody knows whether it will stand, so the terminal asks again. Once that is approved the
    money is back for good: the terminal hears so, and the mark keeps it so whatever else this terminal comes to doubt.
    """
    key = undoing_key(payment)
    by = draft.get(Payment, *key) if key is not None else None
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
    let_go(draft, kind, undone, stood=payment.state == "approved")
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
        card_hash=asked.card_hash,
        rrn=asked.rrn,
        reversal_reason=request.reason,
        created_ms=now,
        reversed_ms=now,
    )
