"""`zhanggui terminals`: where people sign in, and the lock that many wrong tries put on a device."""

import sys

from ..basics.clock import SystemClock
from ..basics.numbers import MerchantNo, TerminalNo
from ..host.act_table import UNLOCK_TERMINAL, OneTerminal
from ..programs.settings import Settings
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
