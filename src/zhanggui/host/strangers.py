"""How fast a stranger may ask which numbers exist: messages that prove nothing and name a shop or a terminal that is not there.

    proven by its MAC ───────────────────────────────────────────▶ answered at once, always
    a terminal that proved its keys from this address lately ────▶ answered at once, always
    unproven, unknown number ──▶ counted per address ─┬─ within the rate: answered at once
    unproven, known number ───────────────────────────┴─ the rate is used up: answered late, in turn; too late: the line is closed

The known number waits too, for a late answer must not tell what the number is. So whoever guesses gets so many answers a minute,
whatever lines he opens, and a shop whose guests guess behind the same address goes on. Nothing is counted while nobody guesses.
"""

from typing import NamedTuple

from ..basics.clock import Clock
from ..basics.recent import Recent
from ..basics.spans import MINUTE_MS
from ..edges.networks import network_of

ADDRESSES_MAX = 8_192
"""Addresses whose misses are counted, the last ones."""
KNOWN_MAX = 65_536
"""Terminals of which it is remembered from which address they proved their keys, the last ones: more than three hosts serve."""
LATE_MAX_S = 20.0
"""An answer that would come later is none: terminals give up after 60 s at most, and so many wait at most."""
RATE_SPAN_S = MINUTE_MS / 1_000
"""What a rate is counted over; so much of it may be used at once."""


class Turn(NamedTuple):
    """When an answer goes out: at once (0), late, or never (None)."""

    after_s: float | None
    is_first: bool = False
    """Whether this address has used up its rate with this one."""


AT_ONCE = Turn(0.0)


class Strangers:
    """Counts misses. `per_minute` is the setting `host.unknown_per_minute`; 0 counts nothing."""

    __slots__ = ("_busy_until_s", "_clock", "_known", "_next_s", "_pace_s", "per_minute")

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self.per_minute = per_minute
        self._pace_s = RATE_SPAN_S / per_minute if per_minute else 0.0
        self._next_s: Recent[str, float] = Recent(2 * ADDRESSES_MAX)
        """Of each address the instant at which all that it has asked would be used up at the even pace."""
        self._known: Recent[tuple[str, object], bool] = Recent(2 * KNOWN_MAX)
        self._busy_until_s = 0.0
        """Until then some address may be over its rate; afterwards nothing has to be looked up."""

    def proved(self, address: str, terminal: object) -> None:
        """This terminal proved its keys on a line from there."""
        if self._pace_s:
            self._known.put((network_of(address), terminal), True)

    def turn(self, address: str, terminal: object, *, is_miss: bool) -> Turn:
        """When a message that proves nothing is answered."""
        if not self._pace_s:
            return AT_ONCE
        now_s = self._clock.elapsed_s()
        if not is_miss and now_s >= self._busy_until_s:
            return AT_ONCE
        source = network_of(address)
        used_s = max(self._next_s.get(source) or 0.0, now_s)
        late_s = used_s - now_s - RATE_SPAN_S
        if not is_miss and (late_s <= 0 or self._known.get((source, terminal))):
            return AT_ONCE
        if late_s > LATE_MAX_S:
            return Turn(None)
        self._next_s.put(source, used_s + self._pace_s)
        after_s = max(late_s + self._pace_s, 0.0)
        if after_s > 0:
            self._busy_until_s = max(self._busy_until_s, used_s + self._pace_s)
        return Turn(after_s, is_first=late_s <= 0 < after_s)
