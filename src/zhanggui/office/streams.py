"""How many live pages one office serves at once."""

from collections import Counter

STREAMS_MAX = 64
"""Streams at once: each costs a look four times a second, and a line. Beyond it a page stands as it was read."""
STREAMS_EACH = 4
"""Of one person: nobody keeps the others from looking."""


class Streams:
    """How many streams one office has open."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are open."""
        return self._open.total()

    def begin(self, login: str) -> bool:
        """Take a place for this person; False when there is none."""
        if self._open[login] >= STREAMS_EACH or self._open.total() >= STREAMS_MAX:
            return False
        self._open[login] += 1
        return True

    def end(self, login: str) -> None:
        """Give it back."""
        self._open[login] -= 1
        if not self._open[login]:
            del self._open[login]
