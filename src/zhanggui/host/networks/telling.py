"""What a network has to be told until it takes it (reversals, notices of scripts): a pure machine, beside that of who waits.

    due ──sent──▶ told ──done──▶ (over)
     ▲              └──refused, silent──▶ due                     again, more and more slowly; never given up

Each is known by the reference number of its payment. One leaves this machine by the network's `done` and by nothing else; a restart
finds it in the database. No clock, no loop, no codec, as in `waiting.py`. Source: domain reference §4.4 (reversal until heard).
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from ...basics.errors import Defect

TELL_TIMEOUT_S = 10.0
TELL_RETRY_FIRST_S = 1.0
TELL_RETRY_MAX_S = 60.0

N = TypeVar("N")
"""What is told."""
TellState = Literal["due", "told"]
TELL_MOVES: frozenset[tuple[str, str]] = frozenset(
    {("nothing", "due"), ("due", "told"), ("told", "due"), ("told", "over"), ("due", "over")}
)
"""`due` to `over`: the answer to an earlier telling came after its time was up."""


@dataclass(slots=True)
class Told(Generic[N]):
    """One thing that the network has not taken yet."""

    rrn: str
    about: N
    next_s: float
    retry_s: float = TELL_RETRY_FIRST_S
    deadline_s: float = 0.0
    state: TellState = "due"
    echo: tuple[object, ...] = ()
    """What the network's answer must repeat; empty until it was told in this run."""


class Telling(Generic[N]):
    """All that is to be told of one sort."""

    def __init__(self) -> None:
        self._told: dict[str, Told[N]] = {}

    def begin(self, rrn: str, about: N, now_s: float) -> Told[N] | None:
        """Something is to be told about the payment with this reference number, at once. None when that is under way."""
        if rrn in self._told:
            return None
        told = self._told[rrn] = Told(rrn, about, next_s=now_s)
        return told

    def all(self) -> tuple[Told[N], ...]:
        """All that the network has not taken, oldest first."""
        return tuple(self._told.values())

    def of(self, rrn: str) -> Told[N] | None:
        """What is under way for the payment with this reference number."""
        return self._told.get(rrn)

    def let_fall_silent(self, told: Told[N], now_s: float) -> bool:
        """Whether it was told and its time is up: one more attempt is counted, and it is due again."""
        if told.state != "told" or now_s < told.deadline_s:
            return False
        _move(told, "due")
        return True

    def is_due(self, told: Told[N], now_s: float) -> bool:
        """Whether it is to be told now."""
        return told.state == "due" and now_s >= told.next_s

    def tries(self, told: Told[N], now_s: float) -> None:
        """An attempt begins. It is slowed down whatever becomes of it: one that can't be built must not come at each sweep."""
        told.next_s = now_s + told.retry_s
        told.retry_s = min(told.retry_s * 2, TELL_RETRY_MAX_S)

    def sent(self, told: Told[N], now_s: float) -> None:
        """It left for the network."""
        _move(told, "told")
        told.deadline_s = now_s + TELL_TIMEOUT_S
        told.next_s += TELL_TIMEOUT_S

    def answered(self, rrn: str, *, done: bool) -> Told[N] | None:
        """The network answered. Done: it is over. Otherwise it is told again. None when nothing is under way."""
        told = self._told.get(rrn)
        if told is None:
            return None
        if done:
            if (told.state, "over") not in TELL_MOVES:
                raise Defect(f"no row of the telling machine leads from {told.state} to over")
            del self._told[rrn]
        elif told.state == "told":
            _move(told, "due")
        return told


def _move(told: Told[N], to: TellState) -> None:
    if (told.state, to) not in TELL_MOVES:
        raise Defect(f"no row of the telling machine leads from {told.state} to {to}")
    told.state = to
