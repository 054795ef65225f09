"""When each terminal was last heard of. Kept in memory: a heartbeat is not worth a durable write.

After a restart nobody was heard yet, so every lease runs from the start: a session is called stale too late, never too early.
What this host heard itself is measured by a clock that never goes back or jumps: a wall clock that is put right would make
every terminal look silent, or a dead one look heard for hours.
Where several hosts share a database, a terminal may speak to any of them: each host notes there, well within a lease, which
terminals it heard (`Heard`), and what it decides takes the later of both. Hosts have only the wall clock in common, so theirs
should agree; a note from the future counts as made when this host first saw it.

A message is a sign of life once: whoever caught one on the line could otherwise keep a terminal that is gone from looking silent,
and so keep its operator out. Under one MAC key the numbers of a terminal's messages only grow, each kind of them by itself: one that
comes for the first time behind a newer one was held back by somebody, and asks for what its terminal has long given up.
"""

from collections.abc import Callable

import msgspec

from ...basics.numbers import TraceNo, UnixMs, is_ahead
from ...basics.recent import Recent
from ..rows.records import Heard, TerminalKey

TERMINALS_MAX = 200_000
"""Terminals remembered; beyond it the longest silent are forgotten, which makes them look heard at the start."""

NOTES_AHEAD_MAX = 10_000
"""Notes from the future that are remembered: only those of terminals whose session somebody wants are looked at."""


class Word(msgspec.Struct, frozen=True):
    """What tells a message from the same one sent again by somebody else."""

    counted_by: str
    """Which numbers these are: a terminal's heartbeats have their own."""
    mac_key: str
    """The MAC key under which it was right, or a mark of it."""
    trace_no: TraceNo


class Leases:
    """When the last message with a good MAC came, by terminal.

    `elapsed_s` is a clock that never goes back (`Clock.elapsed_s`); `shared`: other hosts want to be told.
    """

    def __init__(self, elapsed_s: Callable[[], float], *, shared: bool = False) -> None:
        self._elapsed_s = elapsed_s
        self._started_s = elapsed_s()
        self.shared = shared
        """Whether other hosts hear of terminals too, so that their notes count."""
        self._heard: Recent[TerminalKey, float] = Recent(TERMINALS_MAX)
        self._ahead: Recent[TerminalKey, tuple[UnixMs, float]] = Recent(NOTES_AHEAD_MAX)
        """Notes from the future, and when each was first seen."""
        self._untold: dict[TerminalKey, UnixMs] = {}
        self._words: Recent[tuple[TerminalKey, str], Word] = Recent(TERMINALS_MAX)
        """The last word of each terminal, by what counts it."""

    def is_behind(self, terminal: TerminalKey, word: Word) -> bool:
        """Whether a newer number of the terminal was heard under this key. After a start nothing was heard yet."""
        last = self._words.get((terminal, word.counted_by))
        return last is not None and last.mac_key == word.mac_key and is_ahead(last.trace_no, word.trace_no)

    def was_heard(self, terminal: TerminalKey, word: Word) -> bool:
        """Whether this number of the terminal, or a newer one, was heard under this key. After a start nothing was heard yet."""
        last = self._words.get((terminal, word.counted_by))
        return last is not None and last.mac_key == word.mac_key and not is_ahead(word.trace_no, last.trace_no)

    def hear(self, terminal: TerminalKey, now: UnixMs, word: Word, *, holds: bool = True) -> None:
        """A message with a good MAC came. One that was heard before, or an older one, says nothing of now.

        `holds`: whether it speaks for a session. A terminal at which nobody is signed in keeps no session alive.
        """
        if self.was_heard(terminal, word):
            return
        self._words.put((terminal, word.counted_by), word)
        if not holds:
            return
        self._heard.put(terminal, self._elapsed_s())
        if self.shared and (terminal in self._untold or len(self._untold) < TERMINALS_MAX):
            self._untold[terminal] = now

    def silent_ms(self, terminal: TerminalKey, now: UnixMs, noted: Heard | None = None) -> int:
        """How long nothing was heard of a terminal, here or, as `noted` says, by another host."""
        elapsed_s, heard_s = self._elapsed_s(), self._heard.get(terminal)
        here_ms = _in_ms(elapsed_s - (self._started_s if heard_s is None else heard_s))
        if noted is None:
            return here_ms
        if noted.heard_ms <= now:
            return min(here_ms, now - noted.heard_ms)
        seen = self._ahead.get(terminal)
        if seen is None or seen[0] != noted.heard_ms:
            seen = noted.heard_ms, elapsed_s
            self._ahead.put(terminal, seen)
        return min(here_ms, _in_ms(elapsed_s - seen[1]))

    def take_untold(self) -> list[Heard]:
        """Who was heard since this was last asked."""
        untold, self._untold = self._untold, {}
        return [
            Heard(merchant_no=merchant_no, terminal_no=terminal_no, heard_ms=heard_ms)
            for (merchant_no, terminal_no), heard_ms in untold.items()
        ]


def _in_ms(seconds: float) -> int:
    return round(seconds * 1000)
