"""What an operator and a supervisor do beside payments, the heartbeat, and the counters and notes that outlive a power-off."""

from typing import ClassVar, Literal

from .....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, TraceNo
from .....cup.values.order import OrderAnswer
from .....cup.values.undoing import Undoing
from ..events import CheckResult
from ..noted.memory import Record
from .base import Exchange, Remember


class SendSignOut(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/402. → SignedOut, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    reason: str = "asked"
    notes: str = ""
    """What the operator says of the shift: `well:word,not:word`; empty when skipped."""


class SendLock(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/404. → LockAnswered, Refused, HostFailed. An unlock takes the password block of who unlocks."""

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login
    verdict: Literal["lock", "unlock"]


class SendNewPassword(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/405 with the old and the new password block. → PasswordChanged, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    login: Login
    """As it was typed beside the password that the PIN pad holds."""
    record_no: RecordNo | None = None
    """The sign-in that asked for it, if one did."""


class SendApproval(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/406 with the supervisor's password block. → Approved, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login
    """The supervisor's."""
    action: str
    amount_fen: int = 0
    record_no: RecordNo | None = None
    original: str = ""
    """Batch and trace of the payment that the action is about, 12 digits."""


class SendManage(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/408 with the manager's password block, and the first password's where one is given. → Managed, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    """The manager's."""
    action: str
    about_no: OperatorNo = OperatorNo("")
    """The operator whom it is about; empty: this terminal."""
    first_password: bool = False
    """True: a first password was typed, too."""


class RememberNote(Remember, frozen=True, tag=True, kw_only=True):
    """Keep a small fact for the next power-on. → Journalled("note")."""

    record: ClassVar[Record] = "note"
    name: Literal["rules", "software", "host_day", "counter", "orders"]
    value: str


class SendStatus(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/362, the heartbeat; own counter. Its answer makes no event unless it carries an order. → Ordered, Refused, HostFailed."""

    checks: tuple[CheckResult, ...]
    operator_no: OperatorNo | None = None
    """Who is signed in: keeps the session's lease, and orders come back for it."""
    rules_mark: str = ""
    """Which policy this terminal acts by; a newer one comes back."""
    undoing: Undoing | None = None
    """A payment that the bank left unanswered, to ask after."""
    order_answers: tuple[OrderAnswer, ...] = ()
    """What became of the host's orders, until it says that it knows."""
    order_held: int = 0
    """The last order that waits here; 0: none does."""


class RememberTrace(Remember, frozen=True, tag=True, kw_only=True):
    """Keep the trace and batch counters. → Journalled("trace")."""

    record: ClassVar[Record] = "trace"
    trace_no: TraceNo
    batch_no: BatchNo
