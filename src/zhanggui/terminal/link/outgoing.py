"""What the shell adds to an effect that is an exchange: what the flow never sees, and numbers that are not its business."""

import msgspec

from ...basics.numbers import BatchNo, TraceNo
from ..devices.ports import CardInHand, CodeInHand, Strokes
from ..flow.core.events import ApprovedPayment
from ..flow.core.settlement import BatchPage
from .card_data import KeptCard, PreparedCard


class SignedSlip(msgspec.Struct, frozen=True):
    """A payment of the journal, None where it was undone meanwhile, and what was signed for it."""

    payment: ApprovedPayment | None
    strokes: Strokes


class Outgoing(msgspec.Struct, frozen=True):
    """What the shell adds to an effect: card data that the flow never sees, and numbers that are not its business."""

    card: CardInHand | CodeInHand | None = None
    prepared: PreparedCard | None = None
    kept: KeptCard | None = None
    trace_no: TraceNo = TraceNo("000000")
    batch_no: BatchNo = BatchNo("000000")
    """Own number and batch of a status upload."""
    signed: SignedSlip | None = None
    """What a signature is uploaded from; None: it can't be read now."""
    page: BatchPage | None = None
    """The payments that a batch upload tells; None: they can't be had."""
