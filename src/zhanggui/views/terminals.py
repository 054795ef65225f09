"""Terminals by number: where they stand, whether they may trade, who is signed in. Never a key."""

import msgspec

from ..acquirer.rows.records import Health, Session, Terminal
from ..acquirer.terminals.health import not_ok_since
from ..basics.numbers import MerchantNo, UnixMs
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of


class TerminalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One terminal, and the session that lives on it."""

    merchant_no: str
    terminal_no: str
    place: str
    model: str
    state: str
    operator_check: str
    failures_in_a_row: int
    locked_until: str | None
    operator_no: str | None
    session_no: int | None
    session_since: str | None
    session_locked: bool
    not_ok: dict[str, str | None]
    """Parts that are not ok by the last heartbeat, and since when."""


def read_terminals(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs) -> list[TerminalRow]:
    """The terminals of a merchant, or all."""
    live = queries.list_sessions(PlaceFilter(merchant_no=merchant_no, live_only=True, limit=ROWS_MAX))
    on_duty = {(session.merchant_no, session.terminal_no): session for session in live}
    healths = {
        (row.merchant_no, row.terminal_no): row
        for row in queries.list_healths(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
    }
    return [
        terminal_row(
            row, on_duty.get((row.merchant_no, row.terminal_no)), healths.get((row.merchant_no, row.terminal_no)), now
        )
        for row in queries.list_terminals(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
    ]


def terminal_row(terminal: Terminal, session: Session | None, health: Health | None, now: UnixMs) -> TerminalRow:
    """A terminal as everybody shows it; a lock that is over is none."""
    until = terminal.locked_until_ms
    return TerminalRow(
        merchant_no=terminal.merchant_no,
        terminal_no=terminal.terminal_no,
        place=terminal.place,
        model=terminal.model,
        state=terminal.state,
        operator_check=terminal.operator_check,
        failures_in_a_row=terminal.failed_count,
        locked_until=iso(until if until is not None and now < until else None),
        operator_no=session.operator_no if session is not None else None,
        session_no=session.session_no if session is not None else None,
        session_since=iso(session.opened_ms) if session is not None else None,
        session_locked=session is not None and session.locked_ms is not None,
        not_ok={item: iso(since) for item, since in not_ok_since(health).items()} if health is not None else {},
    )


TERMINALS = View(
    "terminals",
    TerminalRow,
    (
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("place", lambda row, lang: row.place),
        Column("model", lambda row, lang: row.model),
        Column("state", lambda row, lang: word_of(f"terminals.state.{row.state}", lang)),
        Column("locked_until", lambda row, lang: short_time(row.locked_until)),
        Column("not_ok", lambda row, lang: " ".join(row.not_ok) or NOTHING),
        Column("signed_in", lambda row, lang: row.operator_no if row.operator_no is not None else NOTHING),
    ),
)
