"""What a terminal sends up about one payment that stands: its signature, kept once, sealed; or its slip for the customer (`links.py`).

unknown terminal, or MAC wrong          97, 58, A0
no such payment, or not this one        25, 64: what it repeats of the payment has to agree
the payment does not stand              25
the same signature again                00, nothing new: the answer was lost
another one for the same payment        94: what was signed is never replaced
a part of a long one                    `gathering.py`; with the last one it is kept as any other
"""

import msgspec

from ...basics.errors import certain
from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from ...cup.messages.signature import SignatureUpload
from ...cup.values.feature_code import feature_code
from ..policy.rules import policy_of
from ..rows.decision import Decision, MacVerdict, UploadReply
from ..rows.draft import Draft
from ..rows.records import Document, Merchant, Payment, PaymentKey, PaymentSignature, WaitingKeys
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .gathering import Gathering, keep_parts, let_go
from .links import SlipAsked, decide_slip


class SignatureAsked(msgspec.Struct, frozen=True, kw_only=True):
    """An upload with its document as the vault sealed it: a name of this payment alone, and nothing where one was kept for it."""

    upload: SignatureUpload
    verdict: MacVerdict
    fitting: WaitingKeys | None
    document_id: str = ""
    """Empty while parts are missing."""
    sealed: bytes = b""
    size_bytes: int = 0
    gathering: Gathering | None = None
    """Set beside a part."""
    is_known: bool = False
    """Whether it is, or is a part of, the signature that is kept for the payment."""
    slip: SlipAsked | None = None
    """Set where it is no signature, but a slip for the customer."""


def signed_payment(upload: SignatureUpload) -> PaymentKey:
    """The payment that was signed."""
    return (upload.merchant_no, upload.terminal_no, upload.batch_no, upload.trace_no)


def decide_signature(state: State, asked: SignatureAsked, now: UnixMs) -> Decision:
    """Keep the signature, or say why not."""
    upload = asked.upload
    terminal = admit_terminal(state, upload.merchant_no, upload.terminal_no)
    if isinstance(terminal, Refusal):
        return _refused(terminal.response_code, terminal.reason)
    if asked.verdict not in ("current", "next"):
        return _refused("A0", "wrong_mac")
    draft = Draft(state)
    _, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    payment = state.get(Payment, *signed_payment(upload))
    if payment is None or payment.rrn != upload.rrn or payment.state != "approved":
        return _answered(draft, "25", "signature_of_no_payment" if asked.slip is None else "slip_of_no_payment")
    if payment.amount_fen != upload.amount_fen:
        return _answered(draft, "64", "signature_of_another_amount")
    merchant = certain(state.get(Merchant, upload.merchant_no), "admit_terminal looked at the merchant")
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    if asked.slip is not None:
        return decide_slip(draft, asked.slip, payment, policy, now)
    have = upload.part.count if upload.part is not None else None
    if draft.get(PaymentSignature, *signed_payment(upload)) is not None:
        return _answered(draft, "00", "", have) if asked.is_known else _answered(draft, "94", "signed_already")
    gathering = asked.gathering
    if gathering is not None and gathering.taken.verdict != "whole":
        return keep_parts(draft, upload.merchant_no, gathering, now)
    if gathering is not None:
        let_go(draft, upload.merchant_no, gathering, now)
    draft.insert(
        Document(
            merchant_no=upload.merchant_no,
            document_id=asked.document_id,
            kind="signature",
            sealed=asked.sealed,
            size_bytes=asked.size_bytes,
            kept_ms=now,
            until_ms=UnixMs(now + policy.signature_kept_days * DAY_MS),
        )
    )
    draft.insert(
        PaymentSignature(
            merchant_no=upload.merchant_no,
            terminal_no=upload.terminal_no,
            batch_no=upload.batch_no,
            trace_no=upload.trace_no,
            document_id=asked.document_id,
            feature_code=feature_code(upload.rrn, upload.settle_date),
            taken_ms=now,
        )
    )
    return _answered(draft, "00", "", have)


def _refused(code: str, reason: str) -> Decision:
    return Decision(reply=UploadReply(code), reason=reason)


def _answered(draft: Draft, code: str, reason: str, have: int | None = None) -> Decision:
    return Decision(changes=tuple(draft.changes), reply=UploadReply(code, have), reason=reason)
