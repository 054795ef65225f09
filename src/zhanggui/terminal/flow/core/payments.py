"""A payment as the whole flow holds it: what was collected of it, and the attempt that leaves.

One value goes through all: stages hold a `Doing`; when it leaves it becomes an `Attempt`, which the stage, the journal record
and the message share, and from which the line of today's list and the reversal are made. Nothing is copied by hand between them.
"""

from typing import Literal

import msgspec

from ....basics.numbers import BatchNo, OperatorNo, Rrn, TraceNo
from ....cup.transactions import PAYMENTS
from .events import Again, DayLine, EntryWay, LineState, Original, PendingReversal, ReversalReason
from .kept import ENTRY_MODES, UNKNOWN_TRACE

Pin = Literal["", "wanted", "entered", "skipped", "waived"]
"""Empty until it is known; `wanted` asks even where none is needed; `waived` is 免密: decided once, here, for wire and slip alike."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The card in the reader's hand, or the code that was scanned in its place, as far as the flow may see it."""

    way: EntryWay
    masked_pan: str
    expiry_yymm: str
    label: str

    @property
    def entry_mode(self) -> str:
        """First two digits of field 22."""
        return ENTRY_MODES[self.way]


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """A payment while it is collected. What its kind does not ask for stays empty."""

    kind: str
    """Name of its row in the catalogue and in the flow's table of kinds."""
    amount_fen: int | None = None
    card: Card | None = None
    brand: str = ""
    """Whose phone pays by our code (a key of BRANDS), in a kind that shows one."""
    received: str = ""
    """The voucher of what a customer has paid by the code on the counter, in the kind that takes it."""
    pin: Pin = ""
    original: Original | None = None
    is_fixed: bool = False
    """Whether the amount came with the original: then nobody changes it."""
    unsigned_limit_fen: int = 0
    """The limit of the policy within which this one is not signed (免签): decided once, for screens and slips alike; 0: it is signed."""
    approval_no: int | None = None
    """A supervisor's approval, where one was needed."""
    replaces: Original | None = None
    """The payment with a wrong amount in whose place it comes: that one is taken back first."""
    right_fen: int = 0
    """In what takes back a wrong amount: the right one, which is charged next."""
    follows: str = ""
    """Batch and trace (12 digits) of what took back the wrong amount, in the charge of the right one."""

    @property
    def is_by_code(self) -> bool:
        """Whether a payment code was shown, or the earlier payment was made by one; while neither is known, what its kind says."""
        if self.card is not None:
            return self.card.way == "scan"
        if self.original is not None and self.original.trace_no != UNKNOWN_TRACE:
            return bool(self.original.pay_voucher)
        return PAYMENTS[self.kind].is_by_code

    @property
    def about(self) -> tuple[str, str]:
        """Batch and trace of the earlier payment that it is about, or that it follows; empty where there is none."""
        if self.original is not None:
            return self.original.batch_no, self.original.trace_no
        return self.follows[:6], self.follows[6:]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that leaves: what was collected, under a number of its own."""

    doing: Doing
    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    time: str
    """`08:55:03`, when it left."""
    reversible: bool
    """False: no money moves, nothing is in doubt when no answer comes."""
    sign: int
    """What it adds to the day's totals: 1, -1, or 0."""
    epoch: str = ""
    """The sign-on under which it leaves."""
    repeated: bool = False
    """Money moves, and nothing undoes it: when no answer comes it is asked for again."""

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.doing.kind

    @property
    def amount_fen(self) -> int:
        """The amount; 0 where the kind has none."""
        return self.doing.amount_fen or 0

    @property
    def with_pin(self) -> bool:
        """Whether a PIN is in the PIN pad for it."""
        return self.doing.pin == "entered"

    @property
    def masked_pan(self) -> str:
        """The card or the code, masked; where none was needed, the earlier payment's; empty without one."""
        shown = self.doing.card or self.doing.original
        return shown.masked_pan if shown is not None else ""

    @property
    def way(self) -> EntryWay:
        """How its card was read. A payment without one is about one that was made by code, or is asked as one by chip."""
        if self.doing.card is not None:
            return self.doing.card.way
        return "insert" if PAYMENTS[self.kind].takes_card else "scan"

    def reversal(self, reason: ReversalReason = "98") -> PendingReversal:
        """What undoes it, should its outcome stay unknown."""
        return PendingReversal(
            kind=self.kind,
            trace_no=self.trace_no,
            batch_no=self.batch_no,
            amount_fen=self.amount_fen,
            masked_pan=self.masked_pan,
            reason=reason,
            original=self.doing.original,
            epoch=self.epoch,
            again=self._again() if self.repeated else None,
        )

    def _again(self) -> Again:
        return Again(
            operator_no=self.operator_no,
            way=self.way,
            time=self.time,
            approval_no=self.doing.approval_no,
            brand=self.doing.brand,
            received=self.doing.received,
        )

    def line(
        self,
        state: LineState,
        *,
        time: str = "",
        code: str = "",
        rrn: Rrn | str = "",
        auth_code: str = "",
        date: str = "",
        pay_voucher: str = "",
    ) -> DayLine:
        """Its line in today's list."""
        about_batch_no, about_trace_no = self.doing.about
        return DayLine(
            kind=self.kind,
            sign=self.sign,
            batch_no=self.batch_no,
            trace_no=self.trace_no,
            time=time or self.time,
            masked_pan=self.masked_pan,
            amount_fen=self.amount_fen,
            state=state,
            response_code=code,
            rrn=rrn,
            auth_code=auth_code,
            date=date,
            about_batch_no=about_batch_no,
            about_trace_no=about_trace_no,
            right_fen=self.doing.right_fen,
            pay_voucher=pay_voucher,
        )
