"""Which rows a rule about an operator needs besides, now that it is known where the operator's sessions are."""

from ..rows.records import Heard, Operator, OperatorKey, Stranger, Terminal
from ..rows.state import Needs, State
from ..terminals.session_rows import need_records


def need_sessions_of(state: State, operator: OperatorKey, more: Needs, *, shared: bool) -> None:
    """Records and terminals of an operator's sessions, and (`shared`) when other hosts heard of those terminals.

    A number that belongs to nobody has no session; wrong tries of it may be known (`tries.py`).
    """
    if state.get(Operator, *operator) is None:
        more.add(Stranger, operator)
        return
    sessions = state.live_sessions_of(operator)
    need_records(state, sessions, more)
    for session in sessions:
        terminal = session.merchant_no, session.terminal_no
        if state.get(Terminal, *terminal) is None:
            more.add(Terminal, terminal)
        if shared:
            more.add(Heard, terminal)
