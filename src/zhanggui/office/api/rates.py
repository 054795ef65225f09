"""How often one token may ask: a bucket that fills evenly and holds what a minute brings, so a burst is taken and a flood is not.

And how much at once: lists are read by two threads for the whole office, and who asks for all totals at once would have them for himself.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ...basics.clock import Clock
from ...basics.recent import Recent
from ..routes import Method

SPAN_S = 60.0
PER_MINUTE: dict[Method, int] = {"GET": 600, "POST": 120}
"""Of one token."""
STRANGERS_PER_MINUTE = 60
"""Of one address with tokens that are worth nothing: each is looked up."""
AT_ONCE = 4
"""Requests of one token that are being answered; also those for which nobody waits any more."""
KEPT_MAX = 8_192
"""Buckets that are not full, the last used ones."""


class Bucket:
    """So many in a minute for each key; those that never asked, or not lately, may use all of it at once."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._pace_s = SPAN_S / per_minute
        self._used_until: Recent[str, float] = Recent(2 * KEPT_MAX)
        """Of each key the instant at which all that it has used is there again."""

    def wait_s(self, key: str) -> float:
        """Seconds until this key may ask again; 0: it may now. Takes nothing."""
        return max(0.0, self._used(key) + self._pace_s - self._clock.elapsed_s() - SPAN_S)

    def take(self, key: str) -> float:
        """Use one. The seconds to wait when there was none, and 0 when it was taken."""
        late_s = self.wait_s(key)
        if late_s <= 0:
            self._used_until.put(key, self._used(key) + self._pace_s)
        return late_s

    def give_back(self, key: str) -> None:
        """One that was used counts no more."""
        self._used_until.put(key, self._used(key) - self._pace_s)

    def _used(self, key: str) -> float:
        now_s = self._clock.elapsed_s()
        return max(self._used_until.get(key) or now_s, now_s)


class AtOnce:
    """So many at once for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def begin(self, key: str) -> Iterator[bool]:
        """Whether there is room; then it is taken until the end."""
        if self._under_way[key] >= self._most:
            yield False
            return
        self._under_way[key] += 1
        try:
            yield True
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
