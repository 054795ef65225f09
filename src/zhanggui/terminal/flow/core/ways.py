"""The ways between the areas of the flow: what an area offers to the others, each a struct with what it needs to know.

An area never calls another one. A handler that leads elsewhere puts a way among the effects of its step (`leave` in `step`);
`machine` follows it, and what the entrance does takes the way's place. So areas import the core and the screens only, and the
type checker still sees that every entrance gets what it asks for. A way never reaches the shell.
"""

from typing import Literal

import msgspec

from ....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, TraceNo
from ....cup.qr.received import ReceivedSheet
from ..words.text import Problem, Text
from .events import ApprovedPayment, BatchCounted, DayLine, Elsewhere, PendingReversal, Record
from .payments import Attempt, Doing
from .settlement import Settlement


class Way(msgspec.Struct, frozen=True):
    """Base of all ways."""


class Back(Way, frozen=True, kw_only=True):
    """A way that leads back to where something was asked for, with words when it was not given."""

    problem: Problem | None = None


class Granted(Way, frozen=True, kw_only=True):
    """A way on which an approval goes on, once a supervisor gave it."""

    approval_no: int = 0


# ── sign-in ──────────────────────────────────────────────────────────────────


class ToSelfCheck(Way, frozen=True):
    """Check the devices."""


class ToNumber(Way, frozen=True):
    """Ask for the operator's number."""

    notice: Text | None = None


class ToFreshSignIn(Way, frozen=True):
    """A new sign-in from the beginning, with new keys, and with a look around where the policy asks for one."""

    notice: Text | None = None


class ToPassword(Way, frozen=True):
    """Ask for the password of this operator; after wrong tries, once the wait is over."""

    login: Login
    problem: Problem | None = None
    wait_s: int = 0


class ToOldPassword(Way, frozen=True):
    """A password is to be changed: the old one first."""

    operator_no: OperatorNo | None = None
    """Whose; None: of who is signed in."""


class ToElsewhere(Back, frozen=True, kw_only=True):
    """Say that the operator is signed in on another terminal, and what can be done about it."""

    operator_no: OperatorNo
    found: Elsewhere


class MoveHere(Granted, frozen=True, kw_only=True):
    """Take a session over that another terminal holds."""

    operator_no: OperatorNo
    found: Elsewhere


class LookForLine(Way, frozen=True):
    """What goes on behind a quiet screen of a terminal that may be without a line: look for it, tell the host, undo."""


# ── management ───────────────────────────────────────────────────────────────


class ToMenu(Way, frozen=True):
    """What this manager can do here."""

    manager_no: OperatorNo


# ── approval ─────────────────────────────────────────────────────────────────


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a supervisor is asked for, and where it goes on."""

    action: str
    """A word of `action.…`; the host knows it as the action that the approval is good for."""
    operator_no: OperatorNo
    """For whom."""
    given: "Granted | Unlock"
    """Where it leads when it is given; to unlock, the supervisor's password itself is what is sent."""
    back: Back
    """Where it leads when it is not."""
    record_no: RecordNo | None = None
    """The sign-in that it is bound to, if one is."""
    amount_fen: int = 0
    original: str = ""
    """Batch and trace of the payment that it is about, 12 digits; empty where it is about none."""
    by: OperatorNo | None = None
    """Who alone can give it; then no number is asked."""


class ToApproval(Way, frozen=True):
    """Ask a supervisor."""

    ask: Ask


# ── settings ─────────────────────────────────────────────────────────────────


class ToSettings(Granted, frozen=True, kw_only=True):
    """The terminal's settings, once the host knows who is here."""


class LeaveSettings(Back, frozen=True, kw_only=True):
    """Nobody was let in."""


# ── duty ─────────────────────────────────────────────────────────────────────


class ToLocked(Back, frozen=True, kw_only=True):
    """The locked screen. While a wait runs, nothing can be typed."""

    wait_s: int = 0


class ProveFirst(Way, frozen=True):
    """Whoever signed in by a badge alone types the password, and then it goes on there."""

    then: Way


class LockNow(Way, frozen=True):
    """Lock the terminal."""

    why: Literal["idle", "key", "order", "after_sale"]


class Unlock(Way, frozen=True):
    """Unlock with the password that was typed by this operator or supervisor."""

    by: Login


class HandOver(Way, frozen=True):
    """Lock the terminal and ask at once who goes on."""


class ToSignOut(Way, frozen=True):
    """Ask whether the operator wants to sign out."""


class SignOutNow(Way, frozen=True):
    """Sign out without asking."""

    reason: str


# ── payment ──────────────────────────────────────────────────────────────────


class ToStandby(Way, frozen=True):
    """Ready for the next payment; locked where the terminal is locked, sign-in where nobody is signed in."""

    notice: Text | None = None


class BeginShift(Way, frozen=True):
    """Somebody has signed in: standby, or the amount that a session which ended has left."""

    notice: Text | None = None


class BeginPayment(Way, frozen=True):
    """Begin a payment of this kind."""

    kind: str


class PutRight(Way, frozen=True, kw_only=True):
    """Put the wrong amount of this payment right: it is taken back, and the right amount charged."""

    batch_no: BatchNo
    trace_no: TraceNo


class PayOn(Granted, frozen=True, kw_only=True):
    """Go on with a payment: ask for the next thing that its kind wants, or send it. An approval given on the way is its own."""

    doing: Doing


class LeavePayment(Back, frozen=True, kw_only=True):
    """A payment that was not approved by a supervisor is left before anything of it went out."""

    kind: str = ""
    """Of the payment that is left."""


class UndoQuietly(Way, frozen=True):
    """A second passed and nothing else is going on: a pending reversal may be due."""


class UndoIfQuiet(Way, frozen=True):
    """Keys are there: a pending reversal goes out now, where nothing else is on the line."""


class AskLate(Way, frozen=True, kw_only=True):
    """What goes back at a wallet, and was put aside, is asked for again."""

    pending: PendingReversal


class TakeReceived(Way, frozen=True):
    """A customer has paid by the code on the counter; the payment is taken into the batch."""

    sheet: ReceivedSheet


class UndoFirst(Way, frozen=True):
    """A payment is in doubt, and nothing else may be done before it is undone."""


class RecordFailed(Way, frozen=True):
    """A record of a payment could not be kept."""

    what: Record


# ── slips ────────────────────────────────────────────────────────────────────


class ToSlips(Way, frozen=True):
    """The first slips of a payment that was just approved and kept."""

    payment: ApprovedPayment


class ToReprint(Way, frozen=True):
    """Both slips again, marked, and then on to somewhere."""

    payment: ApprovedPayment
    then: Way


class OfferSlips(Way, frozen=True):
    """Standby, but for the slips of a payment that stands and that never came out."""

    payment: ApprovedPayment
    notice: Text | None = None


class ReprintLast(Way, frozen=True):
    """Both slips of the newest approved payment again."""


class ReprintOf(Way, frozen=True):
    """Both slips of this payment again, as the journal has it."""

    batch_no: BatchNo
    trace_no: TraceNo


class ShowSlipLink(Way, frozen=True):
    """The cardholder's copy of this payment for the customer's phone."""

    batch_no: BatchNo
    trace_no: TraceNo


class PrintSettlement(Way, frozen=True):
    """Print the slip of a settlement, with the list of its payments; the stage stays."""

    settlement: Settlement
    counted: BatchCounted


class PrintDetails(Way, frozen=True):
    """Print the list of an open batch's payments; the stage stays."""

    counted: BatchCounted


class PrintMissing(Way, frozen=True, kw_only=True):
    """Print the list of merchant copies of today that nobody has ticked off; the stage stays."""

    lines: tuple[DayLine, ...]
    count: int
    """Copies that there should be."""


class LookAtTicks(Way, frozen=True):
    """Ask the host which merchant copies of today are in hand; the stage stays."""


class ToTicking(Way, frozen=True):
    """Tick the merchant copies of today off, and go on there."""

    then: Way


class PrintShift(Way, frozen=True, kw_only=True):
    """Print the slip of a shift that ended; the stage stays."""

    operator: str
    session_no: int
    sales_count: int
    sales_fen: int


class PrintRefusal(Way, frozen=True, kw_only=True):
    """Print a slip for a payment that did not come about; the stage stays."""

    attempt: Attempt
    problem: Problem
    may_be_held: bool


# ── settlement ───────────────────────────────────────────────────────────────


class ToSettlement(Way, frozen=True):
    """Settle the batch; by order it is done without asking."""

    by_order: bool = False


class ResumeSettlement(Way, frozen=True):
    """Go on with a settlement where it was."""
