"""Slips and signatures: printed, signed, at the host, ticked off."""

from typing import Literal

from .....basics.numbers import BatchNo, TraceNo
from .....cup.messages.slip_ticks import Mark, TickVerb
from .base import Event


class Printed(Event, frozen=True, tag=True, kw_only=True):
    """The printer finished a copy."""

    copy: Literal["merchant", "cardholder"]


class PrintFailed(Event, frozen=True, tag=True, kw_only=True):
    """The printer could not print a copy; reason is a word key (`check.printer.no_paper`)."""

    copy: Literal["merchant", "cardholder"]
    reason: str


class Signed(Event, frozen=True, tag=True, kw_only=True):
    """The cardholder signed on the screen; the strokes stay in the journal. `kept` False: it could not be written, and nothing is owed."""

    kept: bool = True


class SignatureTaken(Event, frozen=True, tag=True, kw_only=True):
    """The host has the signature of this payment, or will never take it: it is not sent again."""

    batch_no: BatchNo
    trace_no: TraceNo


class SlipsTold(Event, frozen=True, tag=True, kw_only=True):
    """0830/411: a mark for each copy: in hand, missing, or none that there should be."""

    verb: TickVerb
    slips: tuple[tuple[BatchNo, TraceNo], ...]
    marks: tuple[Mark, ...]


class SlipLinked(Event, frozen=True, tag=True, kw_only=True):
    """The host has the cardholder's copy of this payment, and it is found there."""

    batch_no: BatchNo
    trace_no: TraceNo
    address: str


class SlipPrinted(Event, frozen=True, tag=True, kw_only=True):
    """A slip that belongs to no payment is out."""

    slip_id: str


class SlipNotPrinted(Event, frozen=True, tag=True, kw_only=True):
    """A slip that belongs to no payment could not be printed; the reason's word key."""

    slip_id: str
    reason: str
