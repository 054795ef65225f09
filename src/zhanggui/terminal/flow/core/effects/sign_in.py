"""Sign-on of the terminal, sign-in of an operator, with a phone and without network."""

from typing import Literal

from .....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, TraceNo, UnixMs
from .....cup.values.offline import OfflineTerms
from .....cup.values.steps import Steps
from ..events import CheckResult
from .base import Effect, Exchange


class SendSignOn(Exchange, frozen=True, tag=True, kw_only=True):
    """0800 with blank 63.1. → SignedOn, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class SendVerify(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/401 with the password block from the PIN pad, or the badge, or both, or the code that a phone answered.

    → OperatorVerified, Refused, HostFailed.
    """

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login
    checks: tuple[CheckResult, ...]
    eyes: str = ""
    """What the operator looked at, `item:ok` or `item:wrong` with commas; empty when nobody was asked."""
    elapsed_ms: int = 0
    """Milliseconds from the first key of this sign-in to this request."""
    steps: Steps = ()
    phone: str = ""
    """Name of the code that a phone answered, where one did."""


class SendPhoneCode(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `open`. → PhoneCodeGiven, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class SendPhoneAsk(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `ask`: how the code that is shown stands. → PhoneStands, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    name: str


class SendPhoneLeft(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `leave`: the code is shown no more. Nothing depends on the answer. → PhoneLeft, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    name: str


class SendConfirm(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/403. → SignInConfirmed, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    record_no: RecordNo
    verdict: Literal["ok", "wrong"] = "ok"
    wrong_item: str = ""
    with_code: bool = False
    """True: the sign-in code in the PIN pad goes with it."""
    take_over: str = ""
    """Number of the approval, or `stale:reason`."""
    steps: Steps = ()
    """How long each step of the sign-in took."""


class SendGivenUp(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/402 about a sign-in that nobody confirms: its record ends. Nothing depends on the answer. → GivenUp, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    record_no: RecordNo
    reason: Literal["given_up", "timed_out"] = "given_up"


class SendOffline(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/407: what an operator did without network. → OfflineAccepted, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo


class SealEnvelope(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad keep what the host allows this operator without network. No event."""

    operator_no: OperatorNo
    user_name: str
    """The operator's, empty when there is none: it opens the envelope too."""
    operator_name: str
    terms: OfflineTerms
    host_now: UnixMs


class CheckOffline(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad judge the password by its own envelope. → OfflineChecked."""

    login: Login
    use: bool
    """True counts a sign-in; False only looks at the password, to unlock."""
