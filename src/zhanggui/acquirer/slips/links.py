"""Slips that customers find by a link (电子签购单): the terminal sends the cardholder's copy up, the host keeps it sealed for a time.

no page for phones, or the shop wants none  40
no such payment, or it does not stand       25, 64: as with a signature
a slip that says something else             25: its card (masked) and its reference have to stand on it, and no box to sign in
the first time                              00: kept, found by the link until its time is over
asked again                                 00: what was kept stays; a link that was shown goes on leading to the same
over, or erased                             25: it is not begun anew

Whoever opens a link proves nothing but that somebody showed it. What is over, was erased and never was looks the same. A slip says
what its payment was; what became of that since (undone, refunded) is told beside it, or it would prove a payment that is none.
"""

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ...cup.messages.signature import SignatureUpload
from ...cup.transactions import PAYMENTS
from ...cup.values.slip import SlipLine
from ...cup.values.slip_link import SlipCopies, read_copies
from ..policy.rules import Policy
from ..rows.decision import Became, Decision, SlipShown, UploadReply
from ..rows.draft import Draft
from ..rows.reasons import Reason
from ..rows.records import Document, Payment, PaymentKey, SlipLink
from ..rows.state import Needs, State, Update
from .gathering import Gathering, keep_parts, let_go

OPENED_MAX = 1_000
"""How often an opening is counted: beyond it nothing is written, however often somebody comes."""
NO_SLIP = SlipShown()


class SlipAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A slip that was sent up, as the vault names and seals it; `content` is empty while parts are missing."""

    upload: SignatureUpload
    gathering: Gathering
    document_id: str
    """That its link leads to."""
    has_phone_page: bool
    content: bytes = b""
    sealed: bytes = b""


def decide_slip(draft: Draft, asked: SlipAsked, payment: Payment, policy: Policy, now: UnixMs) -> Decision:
    """Keep the slip of a payment that stands, or say why not."""
    upload, gathering = asked.upload, asked.gathering
    count = upload.part.count if upload.part is not None else 0
    if not (asked.has_phone_page and policy.slip_link_days):
        return _not_kept(draft, "40", "slip_link_off")
    known = draft.get(Document, upload.merchant_no, asked.document_id)
    if known is not None:
        is_there = known.erased_ms is None and now < known.until_ms
        if not is_there:
            return _not_kept(draft, "25", "slip_link_over")
        return Decision(changes=tuple(draft.changes), reply=UploadReply("00", count, is_found=True))
    if gathering.taken.verdict != "whole":
        return keep_parts(draft, upload.merchant_no, gathering, now)
    let_go(draft, upload.merchant_no, gathering, now)
    why_not = _why_not(asked.content, payment)
    if why_not:
        return _not_kept(draft, "25", why_not)
    draft.insert(
        Document(
            merchant_no=upload.merchant_no,
            document_id=asked.document_id,
            kind="slip",
            sealed=asked.sealed,
            size_bytes=len(asked.content),
            kept_ms=now,
            until_ms=UnixMs(now + policy.slip_link_days * DAY_MS),
        )
    )
    draft.insert(
        SlipLink(
            merchant_no=upload.merchant_no,
            document_id=asked.document_id,
            terminal_no=upload.terminal_no,
            batch_no=upload.batch_no,
            trace_no=upload.trace_no,
        )
    )
    return Decision(changes=tuple(draft.changes), reply=UploadReply("00", count, is_found=True))


def need_of_slip(state: State, merchant_no: MerchantNo, document_id: str, more: Needs) -> None:
    """Ask for the payment of a slip, and for what has undone it."""
    link = state.get(SlipLink, merchant_no, document_id)
    if link is None:
        return
    more.add(Payment, _payment_of(link))
    more.leads_on = True
    payment = state.get(Payment, *_payment_of(link))
    undoing = payment.undone_by if payment is not None else None
    if undoing is not None:
        more.add(Payment, undoing)


def _payment_of(link: SlipLink) -> PaymentKey:
    return (link.merchant_no, link.terminal_no, link.batch_no, link.trace_no)


def became_of(state: State, payment: Payment) -> Became:
    """What became of a payment since it was approved. What asks to undo it, and may still fail, has not."""
    if payment.state == "reversed" or payment.reversed_ms is not None:
        return "reversed"
    key = payment.undone_by
    undoing = state.get(Payment, *key) if key is not None else None
    if undoing is not None and undoing.state == "approved":
        return "completed" if PAYMENTS[undoing.kind].total == "debit" else "undone"
    if payment.pending_parts or payment.standing_fen >= payment.amount_fen:
        return ""
    return "refunded_in_part" if payment.standing_fen > 0 else "refunded"


def decide_open_slip(state: State, merchant_no: str, document_id: str, now: UnixMs) -> Decision:
    """Somebody opens a link: what it leads to, and one more who did."""
    document = state.get(Document, merchant_no, document_id)
    link = state.get(SlipLink, merchant_no, document_id)
    if document is None or link is None or document.erased_ms is not None or now >= document.until_ms:
        return Decision(reply=NO_SLIP, reason="slip_link_over")
    is_counted = link.opened < OPENED_MAX
    counted = (Update(replace(link, opened=link.opened + 1, opened_ms=now)),) if is_counted else ()
    payment = state.get(Payment, *_payment_of(link))
    became = became_of(state, payment) if payment is not None else ""
    standing_fen = payment.standing_fen if payment is not None else 0
    return Decision(changes=counted, reply=SlipShown(document.sealed, became, standing_fen))


def _why_not(content: bytes, payment: Payment) -> Reason:
    """What is shown to a customer is the cardholder's copy of this payment, in both languages, and nothing else."""
    try:
        copies = read_copies(content)
    except ValueError:
        return "slip_of_another"
    return "" if _is_of(copies, payment) else "slip_of_another"


def _is_of(copies: SlipCopies, payment: Payment) -> bool:
    return all(_names(lines, payment) for lines in (copies.zh, copies.en))


def _names(lines: tuple[SlipLine, ...], payment: Payment) -> bool:
    text = "\n".join(f"{line.left}\n{line.right}" for line in lines)
    is_open = any(line.kind == "signature" for line in lines)
    return not is_open and payment.masked_pan in text and payment.rrn in text


def _not_kept(draft: Draft, code: str, reason: Reason) -> Decision:
    return Decision(changes=tuple(draft.changes), reply=UploadReply(code), reason=reason)
