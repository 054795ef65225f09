"""`zhanggui terminals`: where people sign in, and the lock that many wrong tries put on a device."""

import sys
from typing import Any

from ..acquirer.rows.records import Session, Terminal
from ..basics.clock import SystemClock, format_time
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs
from ..host.act_table import UNLOCK_TERMINAL, OneTerminal
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from .console import Console
from .lists import iso, lists_of, print_json, print_table
from .management_words import done_text


def list_terminals(settings: Settings, merchant: str, *, as_json: bool) -> None:
    """Print all terminals; never a key."""
    now = SystemClock().now()
    wanted = PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=ROWS_MAX)
    with lists_of(settings) as queries:
        terminals = queries.list_terminals(wanted)
        live = queries.list_sessions(PlaceFilter(merchant_no=wanted.merchant_no, live_only=True, limit=ROWS_MAX))
    on_duty = {(session.merchant_no, session.terminal_no): session for session in live}
    if as_json:
        print_json([_row(row, on_duty.get((row.merchant_no, row.terminal_no)), now) for row in terminals])
        return
    zh = ("终端", "位置", "型号", "状态", "锁定至", "签到中")
    en = ("terminal", "place", "model", "state", "locked until", "signed in")
    cells = []
    for row in terminals:
        session = on_duty.get((row.merchant_no, row.terminal_no))
        locked = _locked_until(row, now)
        state = {"active": "正常", "locked": "停用", "lost": "遗失"}[row.state] if settings.lang == "zh" else row.state
        cells.append(
            (
                str(row.terminal_no),
                row.place,
                row.model,
                state,
                format_time(locked) if locked is not None else "—",
                session.operator_no if session is not None else "—",
            )
        )
    print_table(settings, zh, en, cells)


def unlock(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """Let people sign in on a terminal again."""
    Console(settings, merchant, by).do(UNLOCK_TERMINAL, OneTerminal(TerminalNo(number)))
    if as_json:
        print_json({"terminal_no": number, "done": "unlocked"})
    else:
        sys.stdout.write(done_text("terminal_unlocked", settings.lang, number=number) + "\n")


def _locked_until(terminal: Terminal, now: UnixMs) -> UnixMs | None:
    until = terminal.locked_until_ms
    return until if until is not None and now < until else None


def _row(terminal: Terminal, session: Session | None, now: UnixMs) -> dict[str, Any]:
    return {
        "merchant_no": terminal.merchant_no,
        "terminal_no": terminal.terminal_no,
        "place": terminal.place,
        "model": terminal.model,
        "state": terminal.state,
        "operator_check": terminal.operator_check,
        "failures_in_a_row": terminal.failed_count,
        "locked_until": iso(_locked_until(terminal, now)),
        "operator_no": session.operator_no if session is not None else None,
        "session_no": session.session_no if session is not None else None,
        "session_since": iso(session.opened_ms) if session is not None else None,
        "session_locked": session is not None and session.locked_ms is not None,
    }
