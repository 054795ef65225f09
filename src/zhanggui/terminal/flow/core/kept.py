"""What a terminal keeps of its payments: the line of the day's list, the approved payment with its slip, the payment in doubt."""

from typing import Literal

import msgspec

from ....basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TraceNo
from ....cup.messages.original import Original as WireOriginal
from ....cup.transactions import PAYMENTS
from ....cup.values.entry_mode import INSERTED, KEYED, SCANNED, SWIPED, TAPPED

ReaderWay = Literal["swipe", "insert", "tap"]
"""How a reader takes a card."""
ShownWay = Literal["swipe", "insert", "tap", "scan"]
"""How a customer shows a card, or a code in its place."""
EntryWay = Literal["swipe", "insert", "tap", "fallback", "keyed", "scan"]
"""How a payment has its card: as the reader took it, by the stripe because the chip could not be read (降级), or typed (手输); or a payment
code that was scanned in its place."""
ENTRY_MODES: dict[EntryWay, str] = {
    "swipe": SWIPED,
    "insert": INSERTED,
    "tap": TAPPED,
    "fallback": SWIPED,
    "keyed": KEYED,
    "scan": SCANNED,
}
"""First two digits of field 22 (domain reference §2.2)."""

UNKNOWN_TRACE = "000000"
"""What stands for a voucher number that this terminal does not know."""
FIRST_KIND = "sale"
"""The kind of every payment in a journal that was written before payments had kinds."""
LineState = Literal[
    "approved", "declined", "reversed", "reversing", "undone", "completed", "returning", "returned", "late"
]
"""`reversed`: by a reversal, because its outcome was unknown; `undone` and `completed`: by a later payment that is about it;
`late`: it gives money back at a wallet that has not decided it yet."""
ReversalReason = Literal["98", "A0", "06", "96"]


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The payment that another one is about, as today's list has it."""

    trace_no: TraceNo
    batch_no: BatchNo
    amount_fen: int
    masked_pan: str
    rrn: Rrn | str = ""
    auth_code: str = ""
    date: str = ""
    """Its day at the host, `1123`; empty where it is not known."""
    pay_voucher: str = ""
    """付款凭证号, where it was paid by code."""

    @property
    def wired(self) -> WireOriginal:
        """As the wire names it."""
        return WireOriginal(
            batch_no=self.batch_no,
            trace_no=self.trace_no,
            date=self.date,
            rrn=self.rrn,
            auth_code=self.auth_code,
            pay_voucher=self.pay_voucher,
        )

    @property
    def named(self) -> str:
        """Twelve digits that name it to a supervisor and to the host."""
        return self.wired.named


class ApprovedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as slip, list and journal need it."""

    kind: str = FIRST_KIND
    trace_no: TraceNo
    batch_no: BatchNo
    amount_fen: int
    masked_pan: str
    way: EntryWay
    expiry_yymm: str
    rrn: Rrn
    auth_code: str
    host_time: str
    """Fields 13 and 12 with the year: `2026-11-23 08:55:03`."""
    settle_date: str = ""
    """Field 15, month and day; empty where the answer had none, and in old journals."""
    issuer: str
    acquirer: str
    operator_no: OperatorNo
    merchant_no: MerchantNo
    card_org: str = "CUP"
    with_pin: bool = False
    needs_signature: bool = True
    unsigned_limit_fen: int = 0
    """Where it is not signed for its small amount: the limit that policy set then; 0 in old journals."""
    chip_lines: tuple[str, ...] = ()
    """AID, ARQC, TVR and the like, ready for the slip's remarks."""
    merchant_name: str = ""
    """For the slip; the flow fills it in (with `with_pin`, `needs_signature` and `terminal_no`) before it is remembered."""
    terminal_no: str = ""
    balance_fen: int | None = None
    """What the account holds, in a kind that answers it."""
    original: Original | None = None
    """The payment that this one is about; only a kind that has an original has one."""
    pay_voucher: str = ""
    """付款凭证号, by which the customer's bank knows it, where it was paid by code."""


class DayLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of today's list on the standby screen."""

    trace_no: TraceNo
    time: str
    """`08:55:03`."""
    masked_pan: str
    amount_fen: int
    state: LineState
    response_code: str = "00"
    kind: str = FIRST_KIND
    sign: int = 1
    """What it adds to the day's totals while it is approved: 1, -1, or 0."""
    batch_no: BatchNo | str = ""
    """With the next two, what a later payment needs that is about this one; empty in old journals and until it is approved."""
    rrn: Rrn | str = ""
    auth_code: str = ""
    date: str = ""
    """Its day at the host, `1123`; empty in old journals and until it is approved."""
    about_batch_no: BatchNo | str = ""
    about_trace_no: TraceNo | str = ""
    """The earlier payment that it is about, or that it follows; empty when there is none, or none that is known by these."""
    right_fen: int = 0
    """In one that took back a wrong amount: the right one, which is charged next; 0 in any other, and once nobody wants it charged."""
    adjusted_fen: int = 0
    """What later payments have added to its amount, or (below zero) taken from it."""
    pay_voucher: str = ""
    """付款凭证号, where it was paid by code; empty until it is approved."""

    @property
    def standing_fen(self) -> int:
        """Its amount, with what later payments have added or taken."""
        return self.amount_fen + self.adjusted_fen

    @property
    def is_paid_elsewhere(self) -> bool:
        """Whether its customer has paid although the host did not take it under this number: it tells of it again. Nobody may say of
        what came by the code on the counter that nothing was charged."""
        row = PAYMENTS.get(self.kind)
        return self.state == "declined" and row is not None and row.is_received

    @property
    def ended(self) -> str:
        """Its state as its words are called: what only held money was not voided but cancelled."""
        if self.is_paid_elsewhere:
            return "waiting"
        return "cancelled" if self.state == "undone" and self.sign == 0 else self.state

    @property
    def when(self) -> str:
        """Its day and time, `11-23 08:55:03`; old journals have no day."""
        return f"{self.date[:2]}-{self.date[2:]} {self.time}" if self.date else self.time


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment that is asked for again needs beside its card: the same as the first time, so that the host knows it again."""

    operator_no: OperatorNo
    way: EntryWay
    time: str
    """`08:55:03`, when it left first."""
    approval_no: int | None = None
    brand: str = ""
    """Whose phone pays by our code, in a kind that shows one."""
    received: str = ""
    """The voucher of what a customer has paid by the code on the counter, in the kind that takes it."""


class ScriptsSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Scripts that came with the answer to a payment, and how its notice will name that. Bytes are hexadecimal."""

    rrn: Rrn
    acquirer_code: str
    """Field 32."""
    date: str
    """Field 13, month and day."""
    to_run: str
    """Those that run once the outcome is kept, as they stand in field 55."""
    results: str
    """Tag DF31 of all of them, those that are still to run as not done."""
    before: int = 0
    """How many of the results belong to template 71: they stand first."""


class ScriptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an issuer's scripts, until the host knows (脚本通知)."""

    batch_no: BatchNo
    """Its own, like the next: a notice that comes again is the same."""
    trace_no: TraceNo
    kind: str
    """Of the payment that brought the scripts."""
    payment: Original
    acquirer_code: str
    results: str
    """Tag DF31, hexadecimal."""
    before: int = 0

    def is_of(self, batch_no: BatchNo | str, trace_no: TraceNo) -> bool:
        """Whether this payment brought the scripts."""
        return (self.payment.batch_no, self.payment.trace_no) == (batch_no, trace_no)


class PendingReversal(msgspec.Struct, frozen=True, kw_only=True):
    """A payment in doubt that must be undone before any other payment."""

    trace_no: TraceNo
    batch_no: BatchNo
    amount_fen: int
    masked_pan: str
    reason: ReversalReason
    attempts: int = 0
    kind: str = FIRST_KIND
    original: Original | None = None
    """What the payment in doubt was about; only a kind that has an original has one."""
    epoch: str = ""
    """The sign-on under which it left; empty where the host gave none."""
    again: Again | None = None
    """Set in a kind that is not undone: it is asked for once more instead, as often as it takes, and this says as whom."""
