"""The stages from power-on to "signed in", each a struct with what it holds."""

from typing import ClassVar, Literal

from ....basics.numbers import Login, OperatorNo
from ..core.effects import SendConfirm
from ..core.events import Elsewhere, OperatorVerified
from ..core.stage import Stage
from ..screens.name_keys import NameTyped
from ..words.text import Problem, Text


class SelfChecking(Stage, frozen=True, kw_only=True):
    """The self-check runs; after the power key its result is shown for a moment although all is well."""

    by_key: bool = False
    done: bool = False

    step: ClassVar[str] = "check"


class SelfCheckShown(Stage, frozen=True, kw_only=True):
    """The self-check found something; one key goes on, unless it is critical."""

    step: ClassVar[str] = "check"

    blocked: bool


class LookingAround(Stage, frozen=True, kw_only=True):
    """What only eyes can see: one key confirms all, or the operator says which is not well."""

    step: ClassVar[str] = "eyes"
    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    choosing: bool = False
    wrong: tuple[str, ...] = ()


class SignInNumber(Stage, frozen=True, kw_only=True):
    """The operator types a number of two digits, or a user name."""

    step: ClassVar[str] = "number"
    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    digits: str = ""
    name: NameTyped | None = None
    """Set while a user name is typed instead."""
    notice: Text | None = None
    asked: bool = False
    """False: nothing was pressed yet, and the start screen stands."""
    from_menu: bool = False
    """The first digit was typed on a numbered menu: with `enter` behind it, it is an entry of the menu."""

    @property
    def untouched(self) -> bool:
        """Whether the start screen stands."""
        return not self.asked and not self.digits and self.name is None


class SignInPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the password; the flow sees dots."""

    step: ClassVar[str] = "password"
    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    login: Login
    dots: int = 0
    problem: Problem | None = None
    """Why the password is asked again."""


class Verifying(Stage, frozen=True, kw_only=True):
    """The password is on its way, or waits until the terminal's sign-on is through."""

    step: ClassVar[str] = "verify"
    may_lose_trace: ClassVar[bool] = True

    login: Login
    waits_for_keys: bool


class FetchingPhoneCode(Stage, frozen=True, kw_only=True):
    """A code for a phone is asked for, or will be when the terminal's sign-on is through."""

    step: ClassVar[str] = "phone"
    may_lose_trace: ClassVar[bool] = True

    waits_for_keys: bool


class ShowingPhoneCode(Stage, frozen=True, kw_only=True):
    """The code stands on the screen until a phone has proven who it is, or its time is over."""

    step: ClassVar[str] = "phone"
    may_lose_trace: ClassVar[bool] = True

    name: str
    address: str
    life_s: int
    asked_at: int
    """The second at which the host was asked last how it stands."""
    asking: bool = False
    last: bool = False
    """True: its time is over, and the host is asked this once more."""


class WaitingTurn(Stage, frozen=True, kw_only=True):
    """After wrong tries the next one has to wait; nothing can be typed until then."""

    step: ClassVar[str] = "wait"
    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    login: Login
    problem: Problem
    wait_s: int


class Confirming(Stage, frozen=True, kw_only=True):
    """The operator looks at the facts of the sign-in."""

    step: ClassVar[str] = "facts"
    quiet: ClassVar[bool] = True

    facts: OperatorVerified
    problem: Problem | None = None
    """Why the confirmation did not arrive; `enter` sends it again."""
    again: SendConfirm | None = None
    """The confirmation whose answer got lost: the same message gets the stored answer."""
    password_changed: bool = False
    """True: the new password counts; it is said once."""


class ChoosingWrong(Stage, frozen=True, kw_only=True):
    """The operator says which of the facts is wrong."""

    step: ClassVar[str] = "facts"
    quiet: ClassVar[bool] = True

    facts: OperatorVerified


class Submitting(Stage, frozen=True, kw_only=True):
    """The verdict is on its way to the host."""

    step: ClassVar[str] = "submit"
    may_lose_trace: ClassVar[bool] = True

    facts: OperatorVerified
    sent: SendConfirm

    @property
    def verdict(self) -> Literal["ok", "wrong"]:
        """What the operator said."""
        return self.sent.verdict


class EnteringCode(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the sign-in code; the flow sees dots."""

    step: ClassVar[str] = "code"

    facts: OperatorVerified
    take_over: str = ""
    dots: int = 0
    problem: Problem | None = None


class SignedInShown(Stage, frozen=True, kw_only=True):
    """Success, for some seconds."""

    quiet: ClassVar[bool] = True
    takes_orders: ClassVar[bool] = True


class EnteringOld(Stage, frozen=True, kw_only=True):
    """A password is to be changed from standby: the old one first."""

    lockable: ClassVar[bool] = True

    operator_no: OperatorNo
    dots: int = 0
    problem: Problem | None = None


class EnteringNew(Stage, frozen=True, kw_only=True):
    """The new password, and the new password once more."""

    step: ClassVar[str] = "new_password"
    lockable: ClassVar[bool] = True

    operator_no: OperatorNo
    login: Login
    """As it was typed beside the old password, which the PIN pad holds."""
    facts: OperatorVerified | None = None
    """The sign-in that goes on afterwards; None when it was asked for in standby."""
    again: bool = False
    dots: int = 0
    problem: Problem | None = None


class ChangingPassword(Stage, frozen=True, kw_only=True):
    """The new password is on its way."""

    step: ClassVar[str] = "new_password"
    may_lose_trace: ClassVar[bool] = True

    operator_no: OperatorNo
    login: Login
    facts: OperatorVerified | None = None


class SignedInElsewhere(Stage, frozen=True, kw_only=True):
    """The operator has a live session on another terminal; what can be done about it."""

    step: ClassVar[str] = "elsewhere"

    operator_no: OperatorNo
    found: Elsewhere
    choosing_reason: bool = False
    problem: Problem | None = None


class CheckingOffline(Stage, frozen=True, kw_only=True):
    """There is no line: the PIN pad looks into its own envelope."""

    login: Login


class OfflineShown(Stage, frozen=True, kw_only=True):
    """Signed in without network: until when, and what is off."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    uses_left: int
