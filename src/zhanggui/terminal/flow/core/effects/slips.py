"""Slips and signatures: printed, signed, sent to the host, ticked off."""

from typing import ClassVar, Literal

from .....basics.numbers import BatchNo, OperatorNo, TraceNo
from .....cup.messages.slip_ticks import TickVerb
from .....cup.values.slip import Slip
from .....cup.values.slip_link import SlipCopies
from ..kept import ApprovedPayment
from ..noted.memory import Record
from .base import Effect, Exchange, Remember


class SendSignature(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/800: what the cardholder signed for this payment; the shell reads it in the journal. → SignatureTaken, Refused, HostFailed."""

    batch_no: BatchNo
    trace_no: TraceNo


class SendTicks(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/411: which merchant copies are in hand, or that these are. → SlipsTold, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    verb: TickVerb
    slips: tuple[tuple[BatchNo, TraceNo], ...]


class SendSlip(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/801 and 800: the cardholder's copy, to be found by a link. → SlipLinked, Refused, HostFailed."""

    payment: ApprovedPayment
    copies: SlipCopies


class RememberSignatureTaken(Remember, frozen=True, tag=True, kw_only=True):
    """The host has this payment's signature."""

    record: ClassVar[Record] = "signature"
    batch_no: BatchNo
    trace_no: TraceNo


class RememberPrinted(Remember, frozen=True, tag=True, kw_only=True):
    """Both slips are out; nothing is pending for this payment. → Journalled("printed")."""

    record: ClassVar[Record] = "printed"
    batch_no: BatchNo
    trace_no: TraceNo


class Print(Effect, frozen=True, tag=True, kw_only=True):
    """Print one copy (on esign models: lay it into the archive and show it). → Printed, PrintFailed."""

    payment: ApprovedPayment
    copy: Literal["merchant", "cardholder"]
    again: bool = False
    """True marks the slip as a reprint (重打印)."""
    slip: Slip
    """The finished slip, ready for any printer; `slip_text` in `slip_layout` sets it in columns."""


class CollectSignature(Effect, frozen=True, tag=True, kw_only=True):
    """On e-signature models: let the cardholder sign on the screen. → Signed."""

    batch_no: BatchNo
    trace_no: TraceNo


class PrintSlip(Effect, frozen=True, tag=True, kw_only=True):
    """Print a slip that belongs to no payment. → SlipPrinted, SlipNotPrinted."""

    slip: Slip
