"""Sign-on of the terminal, and sign-in of an operator, with the host and without network."""

from typing import Literal

from .....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, TraceNo, UnixMs
from .....basics.roles import Role
from .....cup.values.offline import OfflineTerms
from .base import Event


class SignedOn(Event, frozen=True, tag=True, kw_only=True):
    """0810 came with 39 = 00; keys are loaded and the clock offset is known."""

    batch_no: BatchNo
    host_now: UnixMs
    drift_s: int
    """Terminal clock minus host clock, in seconds."""
    trace_no: TraceNo | None = None
    """The number of the 0800."""
    epoch: str = ""
    """The name of this sign-on, by which its payments are told from those of a copy of this terminal; empty where the host gives none."""
    known_trace: TraceNo | None = None
    """The last number that the host knows of this terminal, where it is not behind the 0800's; only when the host proved that it says so."""


class OperatorVerified(Event, frozen=True, tag=True, kw_only=True):
    """0830/401: number and password are right."""

    record_no: RecordNo
    operator_no: OperatorNo
    login: Login
    """As it was typed."""
    operator_name: str
    role: Role
    merchant_name: str
    place: str
    host_now: UnixMs
    drift_s: int
    needs_new_password: bool = False
    needs_code: bool = False
    earlier_terminal: str = ""
    earlier_since: UnixMs | None = None
    rules: str = ""
    """Tag RULES as it came."""
    degraded: tuple[str, ...] = ()
    """What the self-check takes away (`slip`, `card`, `code`, `line`, …)."""
    days_left: int | None = None
    """Days until the password must be changed, once that is near."""
    notice_about: str = ""
    """Why the password must change by then, where it is not its age: `factory_password`."""


class SignInConfirmed(Event, frozen=True, tag=True, kw_only=True):
    """0830/403: the operator's session is open."""

    record_no: RecordNo
    host_now: UnixMs
    session_no: int = 0
    """Number of the session, which people know as the shift's."""
    case_no: int = 0
    """Number of the case, where the operator reported something as wrong and no session is open."""
    operator_name: str = ""
    """Told again after a take-over, where nothing told it before."""
    user_name: str = ""
    """Beside `offline`: the operator's."""
    offline: OfflineTerms | None = None
    """What the host allows this operator without network."""


class GivenUp(Event, frozen=True, tag=True, kw_only=True):
    """0830/402: the host ended the record of a sign-in that was given up."""


class OfflineAccepted(Event, frozen=True, tag=True, kw_only=True):
    """0830/407 with 00: the host knows of the sign-in without network and has opened a limited session."""

    operator_no: OperatorNo
    record_no: RecordNo
    host_now: UnixMs


class OfflineChecked(Event, frozen=True, tag=True, kw_only=True):
    """What the PIN pad says to a password without network."""

    login: Login
    operator_no: OperatorNo | None = None
    """Whose envelope it was; None when there is none."""
    outcome: Literal["ok", "wrong", "none", "over", "used_up", "clock"]
    operator_name: str = ""
    until: UnixMs = UnixMs(0)
    uses_left: int = 0
    sale_limit_fen: int = 0
    tries_left: int = 0
