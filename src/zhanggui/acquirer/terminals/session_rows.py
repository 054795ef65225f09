"""Which rows a rule needs besides, where it may end a terminal's sessions or begin the one that waits there.

A first load brings a terminal with its live sessions; only these say which sign-in records are to be written too. A row that
is here already is not asked for again.
"""

from collections.abc import Iterable

from ..rows.records import Counter, Session, SignIn, Terminal, TerminalKey
from ..rows.state import Needs, State
from .waiting_keys import need_waiting


def is_by_badge(session: Session) -> bool:
    """Whether a badge alone began it, and no password was typed since: it has small rights (`policy/capabilities.toml`)."""
    return session.proof is not None


def need_sessions_on(state: State, terminal: TerminalKey, more: Needs) -> None:
    """The sign-in records of the sessions that live on a terminal: whoever ends a session says so in its record."""
    need_records(state, state.live_sessions_on(*terminal), more)


def need_beginning(state: State, row: Terminal | None, more: Needs) -> None:
    """The keys that wait on this terminal, and what a good MAC under them writes (`gate.adopt_next_keys`); mostly nothing."""
    if row is None or not row.waiting:
        return
    need_waiting(row, more)
    if row.next_record_no and state.get(SignIn, row.merchant_no, row.next_record_no) is None:
        more.add(SignIn, (row.merchant_no, row.next_record_no))
    if row.operator_check == "terminal":
        need_sessions_on(state, (row.merchant_no, row.terminal_no), more)
        more.add(Counter, (row.merchant_no, "session"))
        more.add(Counter, (row.merchant_no, "sign_in"))


def need_records(state: State, sessions: Iterable[Session], more: Needs) -> None:
    """The sign-in records behind sessions."""
    for session in sessions:
        if state.get(SignIn, session.merchant_no, session.record_no) is None:
            more.add(SignIn, (session.merchant_no, session.record_no))
