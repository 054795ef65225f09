"""A decision while it is being made: reads see what was changed so far, and the changes come out in order."""

from collections.abc import Callable
from typing import TypeVar

from ...basics.numbers import MerchantNo, TerminalNo
from .records import KEY_OF, OperatorKey, Record, Session
from .state import Change, Delete, Insert, State, Update

R = TypeVar("R", bound=Record)


class Draft:
    """Changes laid over a state that stays as it is."""

    __slots__ = ("_state", "changes")

    def __init__(self, state: State) -> None:
        self._state = state
        self.changes: list[Change] = []
        """A handful: to look through them costs less than to file each of them."""

    def get(self, kind: type[R], *key: object) -> R | None:
        """The row as the changes so far leave it."""
        if self.changes:
            for change in reversed(self.changes):
                record = change.record
                if type(record) is kind and KEY_OF[kind](record) == key:
                    return None if type(change) is Delete else record
        return self._state.get(kind, *key)

    def insert(self, record: R) -> R:
        """Add a row."""
        self.changes.append(Insert(record))
        return record

    def update(self, record: R) -> R:
        """Change a row."""
        self.changes.append(Update(record))
        return record

    def take(self, changes: tuple[Change, ...]) -> None:
        """Take over changes that a rule made."""
        self.changes += changes

    def live_sessions_on(self, merchant_no: MerchantNo, terminal_no: TerminalNo) -> tuple[Session, ...]:
        """Sessions that live on a terminal, changes included."""
        if not self.changes:
            return self._state.live_sessions_on(merchant_no, terminal_no)
        return self._still_live(
            self._state.live_sessions_on(merchant_no, terminal_no),
            lambda row: (row.merchant_no, row.terminal_no) == (merchant_no, terminal_no),
        )

    def live_sessions_of(self, operator: OperatorKey) -> tuple[Session, ...]:
        """Sessions that an operator has anywhere, changes included."""
        return self._still_live(
            self._state.live_sessions_of(operator), lambda row: (row.merchant_no, row.operator_no) == operator
        )

    def _still_live(self, sessions: tuple[Session, ...], belongs: Callable[[Session], bool]) -> tuple[Session, ...]:
        """The sessions as the changes leave them, and those that the changes begin; oldest first."""
        changed = [change.record for change in self.changes if type(change.record) is Session]
        if not changed:
            return sessions
        known = {session.session_no: session for session in sessions}
        for row in changed:
            if belongs(row):
                known[row.session_no] = row
        return tuple(session for session in known.values() if session.ended_ms is None)

    @property
    def state(self) -> State:
        """The state below, for rules that read counters and the like once."""
        return self._state
