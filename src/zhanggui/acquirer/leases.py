"""When each terminal was last heard of. Kept in memory: a heartbeat is not worth a durable write.

After a restart nobody was heard yet, so every lease runs from the start: a session is called stale too late, never too early.
Where several hosts share a database, a terminal may speak to any of them: each host notes there, well within a lease, which
terminals it heard (`Heard`), and what it decides takes the later of both instants.
"""

from ..basics.numbers import UnixMs
from ..basics.recent import Recent
from .records import Heard, TerminalKey

TERMINALS_MAX = 200_000
"""Terminals remembered; beyond it the longest silent are forgotten, which makes them look heard at the start."""


class Leases:
    """Instants of the last message with a good MAC, by terminal. `shared`: other hosts want to be told."""

    def __init__(self, started_ms: UnixMs, *, shared: bool = False) -> None:
        self._started_ms = started_ms
        self._shared = shared
        self._heard: Recent[TerminalKey, UnixMs] = Recent(TERMINALS_MAX)
        self._untold: dict[TerminalKey, UnixMs] = {}

    def hear(self, terminal: TerminalKey, now: UnixMs) -> None:
        """A message with a good MAC came."""
        self._heard.put(terminal, now)
        if self._shared and (terminal in self._untold or len(self._untold) < TERMINALS_MAX):
            self._untold[terminal] = now

    def silent_ms(self, terminal: TerminalKey, now: UnixMs, noted: Heard | None = None) -> int:
        """How long nothing was heard of a terminal, here or, as `noted` says, by another host."""
        heard_ms = self._heard.get(terminal) or self._started_ms
        return now - max(heard_ms, noted.heard_ms if noted is not None else heard_ms)

    def take_untold(self) -> list[Heard]:
        """Who was heard since this was last asked."""
        untold, self._untold = self._untold, {}
        return [
            Heard(merchant_no=merchant_no, terminal_no=terminal_no, heard_ms=heard_ms)
            for (merchant_no, terminal_no), heard_ms in untold.items()
        ]
