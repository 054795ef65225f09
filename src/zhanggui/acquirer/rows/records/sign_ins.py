"""Sessions, every attempt to sign in, and the codes that terminals show for phones."""

from typing import Literal

from ....basics.numbers import MerchantNo, OperatorNo, RecordNo, SessionNo, TerminalNo, UnixMs
from .record import Record

__all__ = ["PhoneAttempt", "Session", "SessionKey", "SignIn", "SignInKey", "SignInState"]

SessionKey = tuple[MerchantNo, SessionNo]
SignInKey = tuple[MerchantNo, RecordNo]
SignInState = Literal["attempted", "verified", "active", "ended", "refused"]


class Session(Record, frozen=True, kw_only=True):
    """An operator's session on a terminal. Its number only grows; it lives while `ended_ms` is None.

    `verified`: the host checked the password. `unverified`: the terminal says that it did (operator_check = terminal).
    """

    KEY = ("merchant_no", "session_no")

    merchant_no: MerchantNo
    session_no: SessionNo
    terminal_no: TerminalNo
    operator_no: OperatorNo
    record_no: RecordNo
    kind: Literal["verified", "unverified", "offline"]
    opened_ms: UnixMs
    locked_ms: UnixMs | None = None
    """Locked since; a locked session takes no payment."""
    sale_limit_fen: int | None = None
    """Most that one sale may be, in a session that began without network."""
    ended_ms: UnixMs | None = None
    end_reason: str = ""
    notes: str = ""
    """What the operator said of the shift: fixed words of the screen, or the operator's own."""
    proof: str | None = None
    """`badge`: it began by a badge alone, and has small rights until the operator's password is typed. None: a password was."""


class SignIn(Record, frozen=True, kw_only=True):
    """One attempt to sign in, kept for good: who, where, when each step was, what was checked, how it ended.

    Refused passwords beside sign-ins (unlock, new password, approval) are records too; `method` tells them apart.
    """

    KEY = ("merchant_no", "record_no")

    merchant_no: MerchantNo
    record_no: RecordNo
    terminal_no: TerminalNo
    operator_no: str
    """As it was typed; it need not exist. A user name of nobody stands here as it was looked up."""
    operator_name: str = ""
    state: SignInState
    reason: str = ""
    """Why it was refused or how it ended, as a word: unknown_operator, wrong_password, locked, …"""
    method: str = "password"
    """password, badge, badge+password, phone, any with +code, terminal, offline; beside sign-ins: unlock, new_password, approval
    (`attempts.py`)."""
    began_ms: UnixMs
    verified_ms: UnixMs | None = None
    confirmed_ms: UnixMs | None = None
    ended_ms: UnixMs | None = None
    elapsed_ms: int | None = None
    """From the first key to the request, as the terminal measured it."""
    terminal_clock_ms: UnixMs | None = None
    drift_s: int | None = None
    """Terminal clock minus host clock."""
    self_check: str = ""
    eyes: str = ""
    """What the operator looked at, where the policy asks for it."""
    versions: str = ""
    session_no: int | None = None
    approved_by: str = ""
    """Supervisor who allowed a take-over."""
    taken_from: str = ""
    """Terminal of the session that was taken over."""
    code_drift_s: int | None = None
    """Clock difference that the sign-in code showed."""
    shift_code_no: int | None = None
    """Number of the shift's code with which it was confirmed; 0 for one without a number; None: with another or none."""
    step_times: str | None = None
    """How long each step took, as the terminal measured it: `number:1200,password:3400,…` (`cup/values/steps.py`)."""
    user_name: str | None = None
    """As it was typed, where no number was."""
    badge_no: str | None = None
    """Number of the badge that was shown, where one was."""


class PhoneAttempt(Record, frozen=True, kw_only=True):
    """The last code that a terminal showed for a phone (`operators/phones`); the next one takes its place.

    open ─▶ known (a phone has proven who it is) ─▶ spent (the terminal signed in with it, or gave it up)
    """

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    name: str
    """The code's, drawn by chance; it proves nothing."""
    state: Literal["open", "known", "spent"] = "open"
    opened_ms: UnixMs
    phone: str = ""
    """The mark of the one phone that answers it; empty until one did."""
    answers: int = 0
    """How often something was answered."""
    known_ms: UnixMs | None = None
    operator_no: str = ""
    """Who was proven; empty before, and again once the code is spent."""
    user_name: str = ""
    """As it was typed, where no number was."""
    replays: int = 0
    """How many others' uses of it were recorded."""


RECORDS: tuple[type[Record], ...] = (
    PhoneAttempt,
    Session,
    SignIn,
)
"""In the order of writing."""
