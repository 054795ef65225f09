"""Terminals by number: where they stand, whether they may trade, who is signed in. Never a key."""

from collections.abc import Iterable, Sequence

import msgspec

from ..acquirer.rows.records import CounterCode, Health, Session, Terminal, TerminalOrder
from ..acquirer.terminals.health import not_ok_since
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.words import Lang
from ..store.lists.asked import Absent, Is
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, part, said_in, shop, terminal, word
from .questions.reading import Reading, shops_of
from .questions.sources import Stored
from .reasons import part_called

LOCKS = ("remote_lock", "remote_unlock")
"""Kinds of order of which the last that was carried out says whether a terminal is locked from afar."""


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
    locked_from_afar: str | None = None
    """Since when the office has it locked (`terminals order … remote_lock`); None where it is open."""
    counter_code: str | None = None
    """How the code on its counter (台牌) stands: active, withdrawn; None where there never was one."""


def read_terminals(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs) -> list[TerminalRow]:
    """The terminals of a merchant, or all."""
    live = queries.list_sessions(PlaceFilter(merchant_no=merchant_no, live_only=True, limit=ROWS_MAX))
    on_duty = {(session.merchant_no, session.terminal_no): session for session in live}
    healths = {
        (row.merchant_no, row.terminal_no): row
        for row in queries.list_healths(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
    }
    last: dict[tuple[str, str], TerminalOrder] = {}
    for order in queries.list_orders(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX), LOCKS):
        last.setdefault((order.merchant_no, order.terminal_no), order)
    here = Is("merchant_no", (merchant_no,)) if merchant_no is not None else None
    codes = _codes_by_place(Reading(queries, now).found(CounterCode, *filter(None, (here,))))
    return [
        terminal_row(row, on_duty.get(place), healths.get(place), now, last.get(place), codes.get(place))
        for row in queries.list_terminals(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
        for place in [(row.merchant_no, row.terminal_no)]
    ]


def _codes_by_place(codes: Iterable[CounterCode]) -> dict[tuple[str, str], CounterCode]:
    return {(one.merchant_no, one.terminal_no): one for one in codes}


def terminal_row(
    terminal: Terminal,
    session: Session | None,
    health: Health | None,
    now: UnixMs,
    last: TerminalOrder | None = None,
    code: CounterCode | None = None,
) -> TerminalRow:
    """A terminal as everybody shows it; a lock that is over is none. `last` is what it did last about a lock from afar."""
    until = terminal.locked_until_ms
    is_shut = last is not None and last.kind == "remote_lock"
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
        locked_from_afar=iso(last.answered_ms) if last is not None and is_shut else None,
        counter_code=code.state if code is not None else None,
    )


def _counter_code(row: TerminalRow, lang: Lang) -> str:
    return word_of(f"terminals.counter_code.{row.counter_code}", lang) if row.counter_code is not None else NOTHING


def _state(row: TerminalRow, lang: Lang) -> str:
    if row.locked_from_afar is not None and row.state == "active":
        return word_of("terminals.from_afar", lang)
    return word_of(f"terminals.state.{row.state}", lang)


TERMINALS = View(
    "terminals",
    TerminalRow,
    (
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("place", lambda row, lang: row.place),
        Column("model", lambda row, lang: row.model),
        Column("state", _state),
        Column("locked_until", lambda row, lang: short_time(row.locked_until)),
        Column("not_ok", lambda row, lang: " ".join(part_called(item, lang) for item in row.not_ok) or NOTHING),
        Column("counter_code", _counter_code, is_wide=True),
        Column("signed_in", lambda row, lang: row.operator_no if row.operator_no is not None else NOTHING),
    ),
)


def _asked_rows(reading: Reading, terminals: Sequence[Terminal]) -> list[tuple[TerminalRow, ...]]:
    """Each with what stands beside it: the session on it, its health, what it did last about a lock from afar."""
    here = shops_of(terminals), Is("terminal_no", tuple(sorted({one.terminal_no for one in terminals})))
    on_duty = {(one.merchant_no, one.terminal_no): one for one in reading.found(Session, *here, Absent("ended_ms"))}
    healths = {(one.merchant_no, one.terminal_no): one for one in reading.found(Health, *here)}
    done = reading.found(TerminalOrder, *here, Is("kind", LOCKS), Is("state", ("done",)))
    last = {
        (one.merchant_no, one.terminal_no): one for one in sorted(done, key=lambda one: (one.given_ms, one.order_no))
    }
    codes = _codes_by_place(reading.found(CounterCode, *here))
    return [
        (terminal_row(one, on_duty.get(place), healths.get(place), reading.now, last.get(place), codes.get(place)),)
        for one in terminals
        for place in [(one.merchant_no, one.terminal_no)]
    ]


TERMINALS_ASKED = AskedList(
    view=TERMINALS,
    area="terminals",
    filters=(
        shop(),
        terminal(),
        part("place", "place"),
        word("model", "model"),
        choice(
            "state", "state", said_in(Terminal, "state"), lambda state, lang: word_of(f"terminals.state.{state}", lang)
        ),
    ),
    source=Stored(kind=Terminal, rows=_asked_rows),
)
