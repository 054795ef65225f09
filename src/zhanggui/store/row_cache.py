"""Rows that the one writing process has read or written, so that most loads need no statement.

Only for a database that one process writes: the owner clears the cache as soon as the database says that somebody else
wrote (`PRAGMA data_version`), and files a row here only once it is committed or was read from committed data.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from ..acquirer.rows.records import (
    Record,
    Session,
)
from ..acquirer.rows.state import Key
from ..basics.recent import Recent
from .facts import FACTS
from .rows import SHAPES

ROWS_MAX: dict[type[Record], int] = {kind: facts.cached_max for kind, facts in FACTS.items() if facts.cached_max}
"""Rows kept per kind."""
LIVE_MAX = 20_000
"""Terminals, and operators, whose live sessions are known."""


class RowCache:
    """Committed rows by kind and key, and the live sessions of terminals and operators."""

    __slots__ = ("live_of_operator", "live_on_terminal", "rows")

    def __init__(self) -> None:
        self.rows: dict[type[Record], Recent[Key, Record]] = {
            kind: Recent(size_max) for kind, size_max in ROWS_MAX.items()
        }
        self.live_on_terminal: Recent[Key, tuple[Session, ...]] = Recent(LIVE_MAX)
        self.live_of_operator: Recent[Key, tuple[Session, ...]] = Recent(LIVE_MAX)

    def clear(self) -> None:
        """Forget everything."""
        for rows in self.rows.values():
            rows.clear()
        self.live_on_terminal.clear()
        self.live_of_operator.clear()

    def put(self, kind: type[Record], records: Sequence[Record]) -> None:
        """Take over rows as they are committed. A session only drops what is known of its terminal and operator."""
        if kind is Session:
            for record in cast(Sequence[Session], records):
                self.live_on_terminal.pop((record.merchant_no, record.terminal_no))
                self.live_of_operator.pop((record.merchant_no, record.operator_no))
            return
        rows = self.rows.get(kind)
        if rows is not None:
            rows.put_all(map(SHAPES[kind].key_of, records), records)

    def drop(self, kind: type[Record], records: Iterable[Record]) -> None:
        """Forget rows that were deleted."""
        rows = self.rows.get(kind)
        if rows is not None:
            for record in records:
                rows.pop(SHAPES[kind].key_of(record))
