"""Signed in elsewhere (P6): where, since when, how the session may be moved here (policy, `duplicate` and `lease_s`), and which
rows are needed to know it."""

from ...basics.numbers import UnixMs
from ...cup.messages.operator_outcomes import (
    SignedInElsewhere,
    VerifiedOperator,
    write_place,
)
from ...cup.values.take_over import STALE, Way
from ..policy.capabilities import needs_password
from ..rows.records import Heard, Operator, OperatorKey, Session, SignIn, Stranger, Terminal
from ..rows.state import Needs, State
from ..terminals.leases import Leases
from ..terminals.session_rows import need_records
from .badges.showing import stands_on_badge
from .entry import Entered

TAKE_OVER = "take_over"
"""The action that a supervisor approves, bound to the record's number."""
ELSEWHERE = "signed_in_elsewhere"


def told_elsewhere(
    entered: Entered, earlier: Session, record: SignIn, way: Way, verified: VerifiedOperator | None = None
) -> SignedInElsewhere:
    """What P6 says; `verified` is what 00 would have said, where the sign-in may go on here."""
    terminal = entered.draft.get(Terminal, earlier.merchant_no, earlier.terminal_no)
    return SignedInElsewhere(
        record_no=record.record_no,
        terminal=write_place(earlier.terminal_no, terminal.place if terminal is not None else ""),
        since=earlier.opened_ms,
        way=way,
        verified=verified,
    )


def way_to_take_over(entered: Entered, earlier: Session, record: SignIn, leases: Leases, now: UnixMs) -> Way:
    """Who may move the session here: a supervisor where policy lets one, anybody once its terminal was silent for a lease.

    Nobody by a badge alone: it would end a session that a password opened. Whoever types the password may.
    """
    if stands_on_badge(record) and needs_password(TAKE_OVER):
        return ""
    terminal = earlier.merchant_no, earlier.terminal_no
    silent_ms = leases.silent_ms(terminal, now, entered.draft.get(Heard, *terminal))
    if silent_ms > entered.policy.lease_s * 1000:
        return STALE
    return "supervisor" if entered.policy.duplicate == TAKE_OVER else ""


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
