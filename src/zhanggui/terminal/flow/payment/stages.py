"""The stages of a payment, from standby until its outcome is known."""

from typing import ClassVar

from ....basics.numbers import OperatorNo
from ..core.events import PendingReversal
from ..core.stage import Card, Stage
from ..words.text import Problem, Text


class Standby(Stage, frozen=True, kw_only=True):
    """Ready for a payment."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True
    home: ClassVar[bool] = True

    notice: Text | None = None


class EnteringAmount(Stage, frozen=True, kw_only=True):
    """The amount is typed, in fen, from right to left."""

    lockable: ClassVar[bool] = True

    digits: str = ""
    card: Card | None = None
    notice: Text | None = None

    def in_hand(self) -> bool:
        return bool(self.digits) or self.card is not None


class AwaitingCard(Stage, frozen=True, kw_only=True):
    """The amount stands; a card is awaited."""

    lockable: ClassVar[bool] = True

    amount_fen: int
    notice: Text | None = None

    def in_hand(self) -> bool:
        return True


class EnteringPin(Stage, frozen=True, kw_only=True):
    """The cardholder sees the amount and types the PIN on the PIN pad."""

    amount_fen: int
    card: Card
    dots: int = 0


class Selling(Stage, frozen=True, kw_only=True):
    """The payment is on its way; nothing can be cancelled now."""

    amount_fen: int
    card: Card
    with_pin: bool
    reversal: PendingReversal
    operator_no: OperatorNo


class SaleRefused(Stage, frozen=True, kw_only=True):
    """The payment was refused or never left; where it helps, the PIN can be asked again at once."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    amount_fen: int
    card: Card
    problem: Problem
    may_retry: bool


class Undoing(Stage, frozen=True, kw_only=True):
    """A payment in doubt is being undone, and the operator waits for it."""

    before_sale: bool
    """True: an earlier payment stands in the way of a new one."""
    stuck: bool = False
    """True after REVERSAL_TRIES_SHOWN tries: it needs attention, and is still tried."""

    def may_be_locked(self) -> bool:
        return self.stuck
