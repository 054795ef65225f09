"""A payment, its outcome, its reversal, and its issuer's scripts."""

from typing import ClassVar

from .....basics.numbers import BatchNo, TraceNo
from ..kept import ApprovedPayment, DayLine, PendingReversal, ScriptNotice
from ..noted.memory import Record
from ..payments import Attempt
from .base import Effect, Exchange, Remember


class SendPayment(Exchange, frozen=True, tag=True, kw_only=True):
    """0200 of this kind for the card in the reader's hand. → PaymentApproved, Refused, HostFailed.

    Always after RememberPayment; where no money moves, after RememberTrace.
    """

    attempt: Attempt


class RunScripts(Effect, frozen=True, tag=True, kw_only=True):
    """Give the chip in hand what its issuer has for it. Always after the record that keeps the scripts. → ScriptsRun."""

    batch_no: BatchNo
    trace_no: TraceNo
    to_run: str
    """As it stands in field 55, hexadecimal."""


class SendScript(Exchange, frozen=True, tag=True, kw_only=True):
    """0620/951. A payment, reversal, settlement or sign-off behind it waits until it is over. → ScriptTaken, Refused, HostFailed."""

    notice: ScriptNotice


class SendReversal(Exchange, frozen=True, tag=True, kw_only=True):
    """0400 for a remembered payment. → ReversalAccepted, Refused, HostFailed."""

    reversal: PendingReversal


class RememberPayment(Remember, frozen=True, tag=True, kw_only=True):
    """Before a payment leaves: its record and its reversal, reason 98, with the new trace. → Journalled("payment").

    Its line in today's list is `reversing` until the outcome is known.
    """

    record: ClassVar[Record] = "payment"
    attempt: Attempt


class RememberApproval(Remember, frozen=True, tag=True, kw_only=True):
    """The outcome, with print pending, and the reversal dropped, in one step. → Journalled("approval")."""

    record: ClassVar[Record] = "approval"
    payment: ApprovedPayment
    line: DayLine
    changed: tuple[DayLine, ...] = ()
    """Lines of earlier payments that this one changed, as they stand now; kept in the same step."""
    script: ScriptNotice | None = None
    """Scripts of the answer, kept in the same step."""


class RememberDecline(Remember, frozen=True, tag=True, kw_only=True):
    """The refusal, and the reversal dropped, in one step. → Journalled("decline")."""

    record: ClassVar[Record] = "decline"
    line: DayLine
    script: ScriptNotice | None = None
    """As with an approval."""


class RememberDoubt(Remember, frozen=True, tag=True, kw_only=True):
    """The reason of the kept reversal changes (98, A0, 06, 96), or one more attempt was made. → Journalled("doubt")."""

    record: ClassVar[Record] = "doubt"
    reversal: PendingReversal


class RememberLate(Remember, frozen=True, tag=True, kw_only=True):
    """What goes back at a wallet is not decided yet: it is kept beside, and keeps no payment back. → Journalled("late")."""

    record: ClassVar[Record] = "late"
    line: DayLine
    pending: PendingReversal


class RememberAskedAfter(Remember, frozen=True, tag=True, kw_only=True):
    """What was kept beside is asked for again, and is in doubt until that is answered. → Journalled("asked_after")."""

    record: ClassVar[Record] = "asked_after"
    pending: PendingReversal


class RememberReversed(Remember, frozen=True, tag=True, kw_only=True):
    """The reversal was accepted: the payment is undone. → Journalled("reversed")."""

    record: ClassVar[Record] = "reversed"
    batch_no: BatchNo
    trace_no: TraceNo
    response_code: str
    """What the host said to it: 00, 25, or 12, which undid nothing."""


class RememberLine(Remember, frozen=True, tag=True, kw_only=True):
    """How the line of a payment stands whose outcome was known before: the bank gave back what it had left unanswered, or nobody charges
    the right amount after a wrong one was taken back. → Journalled("line")."""

    record: ClassVar[Record] = "line"
    line: DayLine


class RememberScript(Remember, frozen=True, tag=True, kw_only=True):
    """What became of the scripts that are kept beside a payment. → Journalled("script")."""

    record: ClassVar[Record] = "script"
    notice: ScriptNotice
    is_over: bool = False
    """Whether the host knows, or will never hear it."""


class FindPayment(Effect, frozen=True, tag=True, kw_only=True):
    """Look an approved payment up in the journal, for its slips. → PaymentFound."""

    batch_no: BatchNo
    trace_no: TraceNo
