"""The stages at the end of a batch."""

from typing import ClassVar

from ..core.events import BatchCounted
from ..core.settlement import Settlement
from ..core.stage import Stage, WithSlip
from ..words.text import Text


class Counting(Stage, frozen=True, kw_only=True):
    """The journal counts the batch."""

    by_order: bool


class AskingSettle(WithSlip, frozen=True, kw_only=True):
    """The totals are shown; does the operator want to settle?"""

    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True
    shows_ticks: ClassVar[bool] = True

    counted: BatchCounted


class Settling(Stage, frozen=True, kw_only=True):
    """The settlement is on its way: totals, details or the end of them. It waits for keys where there are none."""

    may_lose_trace: ClassVar[bool] = False

    tries: int = 0
    """Tries of this step so far without an answer."""
    waits: bool = False


class SettledShown(Stage, frozen=True, kw_only=True):
    """The batch is settled: both totals, and whether its slip came out."""

    settlement: Settlement
    is_out: bool = False
    trouble: Text | None = None
    """Why the slip did not come out."""


class SigningOff(Stage, frozen=True, kw_only=True):
    """The terminal signs off; whatever the host says, it signs in anew."""
