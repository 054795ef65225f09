"""Who waits for a network's answer, until when, and what it still has to be told: a pure machine about money.

    asked ───answer───▶ settling ──written──▶ (over)              everybody who waits is told the outcome
      │                    ▲  └────unwritten──▶ unwritten         they were told 96; what became of it is not known here
      └────deadline────────┘                        │
                           ▲──────retry_s later─────┘             settled as unanswered, until the store takes it

A payment is asked once and settled once: by its answer, or by its deadline, whichever comes first. Whatever else comes for it is
late and ignored, since it is being undone already. A repeat that comes while the first is asked or settling joins those who
wait, and gets the same outcome; one that comes after is answered from the row. What the network has to be told is in `telling.py`.

No clock, no loop, no codec: `now_s` comes in, orders go out, and the shell (`bank_line.py`) does what they say. Sources: domain
reference §9 (time-outs of host and terminal).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from ...acquirer.rows.records import PaymentKey
from ...basics.errors import Defect

WAITING_MAX = 64
"""Repeats of one payment that wait with it; one more is answered 96 at once. A terminal asks a few times, but whoever captured its
frame could go on for ever."""
UNWRITTEN_RETRY_S = 5.0
"""An outcome that the store could not take is settled after this time, and again until the store takes it."""

W = TypeVar("W")
"""Whoever waits: a work that can be answered."""
AskState = Literal["asked", "settling", "unwritten"]
ASK_MOVES: frozenset[tuple[str, str]] = frozenset(
    {
        ("nothing", "asked"),
        ("asked", "settling"),
        ("settling", "over"),
        ("settling", "unwritten"),
        ("unwritten", "settling"),
    }
)


@dataclass(slots=True)
class Asked(Generic[W]):
    """A payment from the moment it is asked until its outcome is written."""

    key: PaymentKey
    rrn: str
    deadline_s: float
    waiting: list[W] = field(default_factory=list)
    state: AskState = "asked"
    echo: tuple[object, ...] = ()
    """What the network's answer must repeat of the request; the shell compares. Empty: nothing was sent yet."""
    again_s: float = 0.0
    """When an outcome that could not be written is settled again."""


class Waiting(Generic[W]):
    """Payments that are asked. `timeout_s`: how long a payment waits for its answer."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._by_rrn: dict[str, Asked[W]] = {}
        """Payments that wait for an answer, oldest first; what is settling stands here no more."""
        self._by_key: dict[PaymentKey, Asked[W]] = {}
        """Payments that a repeat may join: asked and settling."""
        self._unwritten: dict[PaymentKey, Asked[W]] = {}

    def ask(self, key: PaymentKey, rrn: str, first: W, now_s: float) -> Asked[W]:
        """A payment is about to be asked; `first` waits for it. Defect when it is asked already: it is asked once."""
        if key in self._by_key or rrn in self._by_rrn:
            raise Defect("a payment is asked a second time; the decision did not see that it is pending")
        asked = Asked(key, rrn, now_s + self._timeout_s, [first])
        self._by_key[key] = self._by_rrn[rrn] = asked
        return asked

    def __len__(self) -> int:
        """Payments that wait for the network's answer."""
        return len(self._by_key)

    def join(self, key: PaymentKey, who: W) -> bool:
        """A repeat waits with the first. False when nobody waits for this payment here (another host asked), or too many do."""
        asked = self._by_key.get(key)
        if asked is None or len(asked.waiting) >= WAITING_MAX:
            return False
        asked.waiting.append(who)
        return True

    def release(self, key: PaymentKey) -> list[W]:
        """Take out everybody who waits for a payment: it was undone meanwhile. Its outcome is still settled, and is late."""
        asked = self._by_key.get(key)
        if asked is None:
            return []
        released, asked.waiting[:] = list(asked.waiting), []
        return released

    def asked(self, rrn: str) -> Asked[W] | None:
        """The payment that waits for an answer under this reference number. None when nobody waits: the answer is late."""
        return self._by_rrn.get(rrn)

    def answered(self, rrn: str) -> Asked[W] | None:
        """The network answered (or could not be asked): settle this. None when nobody waits: the answer is late."""
        asked = self._by_rrn.pop(rrn, None)
        if asked is not None:
            _move_asked(asked, "settling")
        return asked

    def settled(self, asked: Asked[W], *, written: bool, now_s: float) -> None:
        """The outcome is durable, or could not be written: then its waiting ones were told so, and it comes again later."""
        self._by_key.pop(asked.key, None)
        if written:
            _move_asked(asked, "over")
            return
        _move_asked(asked, "unwritten")
        asked.waiting = []
        asked.again_s = now_s + UNWRITTEN_RETRY_S
        self._unwritten[asked.key] = asked

    def unanswered(self, now_s: float) -> Iterator[Asked[W]]:
        """Payments to settle as unanswered now: their time is up, or an earlier outcome could not be written."""
        # All have the same time-out, so the oldest stand first.
        while self._by_rrn:
            asked = next(iter(self._by_rrn.values()))
            if asked.deadline_s > now_s:
                break
            del self._by_rrn[asked.rrn]
            _move_asked(asked, "settling")
            yield asked
        for asked in tuple(self._unwritten.values()):
            if now_s >= asked.again_s:
                del self._unwritten[asked.key]
                _move_asked(asked, "settling")
                yield asked


def _move_asked(asked: Asked[W], to: Literal["settling", "unwritten", "over"]) -> None:
    if (asked.state, to) not in ASK_MOVES:
        raise Defect(f"no row of the waiting machine leads from {asked.state} to {to}")
    if to != "over":
        asked.state = to
