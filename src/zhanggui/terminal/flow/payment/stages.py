"""The stages of a payment, from standby until its outcome is known."""

from typing import ClassVar

from ..core.events import ApprovedPayment, DayLine
from ..core.payments import Attempt, Doing
from ..core.stage import Stage, WithSlip
from ..words.text import Problem, Text


class Standby(Stage, frozen=True, kw_only=True):
    """Ready for a payment."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True
    home: ClassVar[bool] = True

    notice: Text | None = None


class ChoosingKind(Stage, frozen=True, kw_only=True):
    """One of the kinds behind an entry of the menu is chosen."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    group: str


class LineShown(Stage, frozen=True, kw_only=True):
    """The details of a payment of today."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    line: DayLine


class ChoosingLine(Stage, frozen=True, kw_only=True):
    """Which payment's slips are wanted, on a display of four lines."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    digits: str = ""
    notice: Text | None = None


class RightDue(Stage, frozen=True, kw_only=True):
    """A wrong amount was taken back, and the right one is still to be charged."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    line: DayLine
    """What took it back."""
    notice: Text | None = None


class Paying(Stage, frozen=True, kw_only=True):
    """The payment is on its way; nothing can be cancelled now."""

    attempt: Attempt
    asked_again: bool = False
    """Whether the same was asked once more, because its customer takes time."""

    def begun(self) -> Doing:
        return self.attempt.doing


class ShowingCode(Stage, frozen=True, kw_only=True):
    """Our code stands on the screen for a customer's phone; what comes of it is asked after, and arrives by itself."""

    quiet: ClassVar[bool] = True
    awaits_host: ClassVar[bool] = True

    attempt: Attempt
    text: str
    """What the code says."""
    left_s: int
    """How long it could still be paid when it was shown."""

    def in_hand(self) -> bool:
        return True


class Arrived(Stage, frozen=True, kw_only=True):
    """A payment by our code has come; it is seen before its slips."""

    quiet: ClassVar[bool] = True

    payment: ApprovedPayment


class PaymentRefused(WithSlip, frozen=True, kw_only=True):
    """The payment was refused or never left; where it helps, the PIN can be asked again at once."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    attempt: Attempt
    problem: Problem
    may_retry: bool
    is_answer: bool = False
    """Somebody said no; else nothing of it left the terminal."""
    may_be_held: bool = False
    """The card's bank was not heard: nobody may say that nothing was charged."""

    @property
    def may_change_card(self) -> bool:
        """Whether another card helps: it was refused by somebody, and no earlier payment says which card it has to be."""
        doing = self.attempt.doing
        return self.is_answer and doing.card is not None and doing.original is None


class AnswerShown(Stage, frozen=True, kw_only=True):
    """What came of a payment that prints no slip."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    payment: ApprovedPayment


class Undoing(Stage, frozen=True, kw_only=True):
    """A payment in doubt is being undone, and the operator waits for it."""

    before_payment: bool
    """True: an earlier payment stands in the way of a new one."""
    card_gone: bool = False
    """True: it was approved, and its card was pulled out before it heard so."""
    given_up: bool = False
    """True: nobody paid by our code yet, and the cashier does not wait any longer."""
    stuck: bool = False
    """True after REVERSAL_TRIES_SHOWN tries: it needs attention, and is still tried."""

    def may_be_locked(self) -> bool:
        return self.stuck
