"""Rows that the one writing process has read or written, so that most loads need no statement.

Only for a database that one process writes: the owner clears the cache as soon as the database says that somebody else
wrote (`PRAGMA data_version`), and files a row here only once it is committed or was read from committed data.
"""

from collections.abc import Iterable, Sequence

from ..acquirer.rows.records import (
    ChainHead,
    Counter,
    Merchant,
    Operator,
    Payment,
    Record,
    Salt,
    Session,
    SignIn,
    Terminal,
)
from ..acquirer.rows.state import Key
from ..basics.recent import Recent
from .rows import SHAPES

ROWS_MAX: dict[type[Record], int] = {
    Merchant: 20_000,
    Terminal: 20_000,
    Operator: 20_000,
    SignIn: 4_000,
    Payment: 4_000,
    Counter: 20_000,
    Salt: 4_000,
    ChainHead: 20_000,
}
"""Rows kept per kind, the last used ones: under 100 MB together. A payment is needed twice within seconds (pending,
outcome), a terminal all day. Postings and stored answers are not kept: the first is never read, the second seldom."""
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
            for record in records:
                assert isinstance(record, Session)
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
