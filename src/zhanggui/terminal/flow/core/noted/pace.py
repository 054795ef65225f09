"""How quickly payments are answered, as the terminal itself measures it: what is slow several times running is said once.

Only slow ones are kept, and one that came quickly ends the row. A restart forgets them: whether it helped is measured anew.
"""

import msgspec
from msgspec.structs import replace

from ..policy import SLOW_AFTER_S, SLOW_PAYMENTS


class Pace(msgspec.Struct, frozen=True):
    """The slow answers since the last quick one."""

    waits_s: tuple[int, ...] = ()
    """Seconds that the newest of them took, newest last, at most SLOW_PAYMENTS."""
    unsaid: int = 0
    """How many of them have come since the operator was told."""

    @property
    def is_slow(self) -> bool:
        """Whether so many came one after the other that it is no accident."""
        return len(self.waits_s) == SLOW_PAYMENTS

    @property
    def is_to_be_said(self) -> bool:
        """Whether the operator should be told, or told again."""
        return self.is_slow and self.unsaid >= SLOW_PAYMENTS

    @property
    def average_s(self) -> int:
        """Seconds that an answer takes now."""
        return round(sum(self.waits_s) / len(self.waits_s)) if self.waits_s else 0


def measured(pace: Pace, waited_s: int) -> Pace:
    """The pace after an answer that took so long.

    >>> measured(measured(Pace(), 4), 9)
    Pace(waits_s=(4, 9), unsaid=2)
    >>> measured(measured(Pace(), 4), 0)
    Pace(waits_s=(), unsaid=0)
    """
    if waited_s < SLOW_AFTER_S:
        return Pace()
    return Pace((*pace.waits_s, waited_s)[-SLOW_PAYMENTS:], pace.unsaid + 1)


def said(pace: Pace) -> Pace:
    """The same after the operator was told."""
    return replace(pace, unsaid=0)
