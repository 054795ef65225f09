"""`zhanggui terminals`: where people sign in, the lock that many wrong tries put on a device, and orders to terminals."""

import sys

from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs
from ..basics.spans import HOUR_MS
from ..cup.order_kinds import GIVEN_KINDS
from ..host.act_table import ORDER_ACTS, UNLOCK_TERMINAL, NewOrder, OneTerminal
from ..host.orders import orders_in
from ..programs.settings import Settings
from ..views.orders import ORDERS, order_row, read_orders
from ..views.terminals import TERMINALS, read_terminals
from .console import Console
from .lists import lists_of, print_list
from .management_words import done_text
from .output import print_json


def list_terminals(settings: Settings, merchant: str, *, as_json: bool) -> None:
    """Print all terminals; never a key."""
    with lists_of(settings) as queries:
        rows = read_terminals(queries, MerchantNo(merchant) if merchant else None, SystemClock().now())
    print_list(settings, TERMINALS, rows, as_json=as_json)


def unlock(settings: Settings, merchant: str, by: str, number: str, *, as_json: bool) -> None:
    """Let people sign in on a terminal again."""
    Console(settings, merchant, by).do(UNLOCK_TERMINAL, OneTerminal(TerminalNo(number)))
    if as_json:
        print_json({"terminal_no": number, "done": "unlocked"})
    else:
        sys.stdout.write(done_text("terminal_unlocked", settings.lang, number=number) + "\n")


def order(
    settings: Settings, merchant: str, by: str, number: str, kind: str, text: str, hours: int | None, *, as_json: bool
) -> None:
    """Give a terminal an order; Misuse names the kinds where there is no such one."""
    if kind not in GIVEN_KINDS:
        raise Misuse(f"there is no order '{kind}'; there are {', '.join(GIVEN_KINDS)}")
    console = Console(settings, merchant, by)
    until_ms = UnixMs(console.clock.now() + hours * HOUR_MS) if hours is not None else None
    done = console.do(ORDER_ACTS[kind], NewOrder(TerminalNo(number), text, until_ms=until_ms))
    (row,) = orders_in(done.decision.changes)
    if as_json:
        print_json(order_row(row))
    else:
        what = GIVEN_KINDS[kind].of(settings.lang)
        sys.stdout.write(done_text("ordered", settings.lang, number=number, what=what, order=str(row.order_no)) + "\n")


def list_orders(settings: Settings, merchant: str, terminal: str, limit: int, *, as_json: bool, is_wide: bool) -> None:
    """Print orders, newest first."""
    with lists_of(settings) as queries:
        shop, place = MerchantNo(merchant) if merchant else None, TerminalNo(terminal) if terminal else None
        rows = read_orders(queries, shop, place, limit)
    print_list(settings, ORDERS, rows, as_json=as_json, is_wide=is_wide)
