"""Reversal (冲正): a payment in doubt is undone for good. Reversed k times is reversed once, whatever the payment's kind.

    the original is                            the answer   what happens; the first row that fits
    unknown                                            25   a tombstone (`barred`): the late original is refused
    barred                                             25   nothing more
    of another kind, or read in another way            94   nothing: it is not the payment that is meant
    of another card, of another amount             14, 64   nothing
    reversed, declined, timed out                      00   nothing stands
    left under another sign-on (epoch)                 12   nothing: two payments came under one number, the other one is meant; a case
    approved, and its terminal has gone on             12   nothing: an old copy of the terminal's folder doubts what was finished; a case
    corrected                                          12   nothing more
    what gives money back at a wallet             22, 12   nothing: 22 until the wallet has said yes or no; then it stands, and nothing
                                                           undoes it; a case
    what has undone one that was given up              00   nothing: undone too, it would take the money of what was given up
    awaited: what undoes it, takes a part of it or
      adds to it is at the bank                        22   nothing yet: that may still fail
    given back: all of its money (by a void, a
      cancel, refunds of the whole)                    00   given up: what gave the money back stands for good
    used: a completion, a refund of a part or an
      increment stands on it, or has since taken
      what it had let stand again                      12   nothing: that would be left without its money; a case
    approved, in a closed batch                        12   the batch stays; a correcting entry, the bank is told, a case
    approved                                           00   undone; postings with the other sign; the bank is told, or
                                                           the order at the wallet is given up
    pending                                            00   undone; whoever waits for it is refused; the bank is told

What stands on a payment is told by `uses.py`. 22 is said only while the bank is asked, so a terminal in doubt comes to an end.

A reversal needs the terminal's keys and nothing else: no session, no open batch, no right. A payment that had undone another
gives it back: undone, it has undone nothing. Source: domain reference §4.4.

"Has gone on": a terminal sends no payment while it has a reversal to send, so a later number of the same batch with an outcome
says that this payment was in doubt no more. Later is what lies ahead within half the circle of numbers, so 000001 follows 999999.
"""

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import Rrn, UnixMs
from ...cup.messages.payment import ReversalRequest
from ...cup.values.entry_mode import line_mode
from ..money.entries import post_correction, post_reversal
from ..rows.decision import Decision, Effect, MacVerdict, PlainReply, ReleaseWaiting
from ..rows.draft import Draft
from ..rows.records import Clash, ClashWhat, Payment, Terminal, WaitingKeys, WalletOrder
from ..rows.state import Needs, State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .answers import refusal_answer
from .batches import is_batch_closed
from .claims import let_go
from .kinds import KINDS
from .originals import need_original, payment_key, undoing_key
from .outcome import BARRED_CODE
from .repeats import need_clashes, note_clash
from .roads.road import is_never_undone, order_key, undo
from .uses import original_of, use_of

NOT_TAKEN: tuple[ClashWhat, ...] = (
    "reversal_of_finished",
    "reversal_of_another",
    "reversal_of_closed",
    "reversal_of_used",
    "reversal_of_given_back",
)
"""Why a 0400 about a payment that stands undoes nothing; each is kept, and opens a case."""


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
    payment = state.get(Payment, *key)
    if payment is not None:
        if payment.wallet is not None:
            more.add(WalletOrder, order_key(payment))
        more.ahead[key] = None
        need_clashes(key, more, "other_payment", *NOT_TAKEN)


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
            return _decide_standing(draft, terminal, payment, asked, now)


def _decide_standing(draft: Draft, terminal: Terminal, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """The payment that is meant is approved or at the bank."""
    request = asked.request
    if (payment.epoch or "") != request.epoch or _is_doubtful(draft, payment):
        return _not_taken(draft, payment, request, now, reason="reversal_of_another")
    if payment.state == "approved" and _has_gone_on(draft.state, payment):
        return _not_taken(draft, payment, request, now, reason="reversal_of_finished")
    if payment.is_corrected:
        return _not_taken(draft, payment, request, now, reason="reversal_of_closed")
    if is_never_undone(payment):
        if payment.state == "pending":
            return _answered(draft, "22", "money_back_at_the_wallet")
        return _not_taken(draft, payment, request, now, reason="reversal_of_given_back")
    if _has_undone_what_was_given_up(draft, payment):
        return _answered(draft, "00", "original_given_up")
    match use_of(draft, payment):
        case "awaited":
            return _answered(draft, "22", "later_payment_at_the_bank")
        case "given_back":
            return _give_up(draft, payment, request, now)
        case "used":
            return _not_taken(draft, payment, request, now, reason="reversal_of_used")
        case "free":
            if payment.state == "approved" and is_batch_closed(terminal, payment):
                return _correct(draft, payment, asked, now)
            return _undo(draft, payment, asked, now)


def _why_another(payment: Payment, asked: ReversalAsked) -> Refusal | None:
    """Why this is not the payment that is meant: it was read in another way, with another card, or is about another sum."""
    if line_mode(payment.entry_mode) != asked.request.entry_mode:
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


def _has_undone_what_was_given_up(draft: Draft, payment: Payment) -> bool:
    original = original_of(draft, payment)
    if original is None or original.reversed_ms is None or undoing_key(original) != payment_key(payment):
        return False
    return KINDS[payment.kind].gives_back


def _correct(draft: Draft, payment: Payment, asked: ReversalAsked, now: UnixMs) -> Decision:
    """A closed batch never changes, and yet the money must not stay taken: the payment stands in its batch, an entry beside it
    takes the money back, its original is as it was without it, and the bank is told. What was corrected is never an original."""
    kind = KINDS[payment.kind]
    corrected = draft.update(
        msgspec.structs.replace(
            payment, bank_state="reversal_due", reversal_reason=asked.request.reason, reversed_ms=now
        )
    )
    draft.take(tuple(post_correction(corrected, kind.postings, now)))
    effect = undo(draft, corrected, now)
    let_go(draft, kind, corrected, stood=True)
    note_clash(draft, corrected, "reversal_of_closed", asked.request.amount_fen, now)
    return Decision(
        changes=tuple(draft.changes),
        reply=PlainReply("12"),
        effects=(effect,),
        reason="reversal_of_closed",
    )


def _give_up(draft: Draft, payment: Payment, request: ReversalRequest, now: UnixMs) -> Decision:
    """A payment that is in doubt at its terminal, and whose money others have given back. Undone here too, it would be paid back
    twice. The terminal hears that nothing stands, and the mark keeps it so whatever else this terminal comes to doubt."""
    if payment.reversed_ms is None:
        draft.update(msgspec.structs.replace(payment, reversal_reason=request.reason, reversed_ms=now))
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
    effects: list[Effect] = [undo(draft, undone, now)]
    if payment.state == "approved":
        draft.take(tuple(post_reversal(undone, kind.postings, now)))
    else:
        # The answer of bank or wallet, when it comes, finds the payment no longer pending and is ignored (`outcome.py`).
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
