"""The stages of a locked terminal and of a sign-out."""

from typing import ClassVar

from ....basics.numbers import Login
from ..core.stage import Stage, WithSlip
from ..core.ways import Way
from ..screens.name_keys import NameTyped
from ..words.text import Problem


class Locked(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the password of the operator who is signed in; nothing of the session is seen."""

    quiet: ClassVar[bool] = True
    takes_orders: ClassVar[bool] = True

    dots: int = 0
    problem: Problem | None = None
    wait_until: int = 0
    """Tick before which nothing can be typed."""


class LockedMenu(Stage, frozen=True, kw_only=True):
    """Who else may go on here."""

    quiet: ClassVar[bool] = True
    takes_orders: ClassVar[bool] = True


class Unlocking(Stage, frozen=True, kw_only=True):
    """A password is being checked to unlock, by the operator or by a supervisor; or it waits for the lock notice or for keys."""

    by: Login
    waits: bool = False


class Proving(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the password of who signed in by a badge alone, for something that a badge is not enough for."""

    lockable: ClassVar[bool] = True

    then: Way
    dots: int = 0
    problem: Problem | None = None


class ProvingSent(Stage, frozen=True, kw_only=True):
    """It is on its way."""

    may_lose_trace: ClassVar[bool] = True

    then: Way


class AskingSignOut(Stage, frozen=True, kw_only=True):
    """Does the operator really want to sign out?"""

    lockable: ClassVar[bool] = True


class Noting(Stage, frozen=True, kw_only=True):
    """Before sign-out: what went well, what did not."""

    lockable: ClassVar[bool] = True

    well: str | None = None
    """The first answer, once it was given; empty when it was skipped."""
    line: NameTyped | None = None
    """The answer in the operator's own words, while it is typed."""


class SigningOut(Stage, frozen=True, kw_only=True):
    """The sign-out is on its way."""

    may_lose_trace: ClassVar[bool] = True


class SignedOutShown(WithSlip, frozen=True, kw_only=True):
    """The figures of the session that ended."""

    quiet: ClassVar[bool] = True

    operator: str
    session_no: int = 0
    sales_count: int
    sales_fen: int


class Shut(Stage, frozen=True, kw_only=True):
    """Locked by an order of the host, until another one opens it."""

    quiet: ClassVar[bool] = True
    takes_orders: ClassVar[bool] = True


class Announced(Stage, frozen=True, kw_only=True):
    """An announcement, until somebody has read it."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    number: int
    text: str
