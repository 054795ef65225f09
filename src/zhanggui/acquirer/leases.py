"""When each terminal was last heard of. Kept in memory: a heartbeat is not worth a durable write.

After a restart nobody was heard yet, so every lease runs from the start: a session is called stale too late, never too early.
"""

from ..basics.numbers import UnixMs
from ..basics.recent import Recent
from .records import TerminalKey

TERMINALS_MAX = 200_000
"""Terminals remembered; beyond it the longest silent are forgotten, which makes them look heard at the start."""


class Leases:
    """Instants of the last message with a good MAC, by terminal."""

    def __init__(self, started_ms: UnixMs) -> None:
        self._started_ms = started_ms
        self._heard: Recent[TerminalKey, UnixMs] = Recent(TERMINALS_MAX)

    def hear(self, terminal: TerminalKey, now: UnixMs) -> None:
        """A message with a good MAC came."""
        self._heard.put(terminal, now)

    def silent_ms(self, terminal: TerminalKey, now: UnixMs) -> int:
        """How long nothing was heard of a terminal."""
        heard_ms = self._heard.get(terminal)
        return now - (self._started_ms if heard_ms is None else heard_ms)
