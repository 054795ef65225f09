"""`payments`, `balance`: what was kept, as a table or as JSON (one array). What lists share stands here too."""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from ..acquirer.rows.records import Payment
from ..bank import queries as bank_queries
from ..bank.cards import card_named
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.clock import format_iso, format_time
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.numbers import TerminalNo, UnixMs
from ..cup.response_codes import words_of
from ..programs.data_folder import Places, passphrase_of, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_queries
from ..store.queries import PaymentFilter, Queries
from .words import say

TABLE_COLUMNS_MAX = 1_000
"""Columns that a table may take; longer cells are cut."""


def payments(settings: Settings, *, terminal: str, limit: int, as_json: bool) -> None:
    """List payments, newest first."""
    with lists_of(settings) as queries:
        found = queries.list_payments(
            PaymentFilter(terminal_no=TerminalNo(terminal) if terminal else None, limit=limit)
        )
    if as_json:
        print_json([_payment_row(payment) for payment in found])
        return
    rows = [
        (
            format_time(payment.created_ms),
            payment.terminal_no,
            payment.batch_no,
            payment.trace_no,
            payment.masked_pan,
            f"¥{format_yuan(payment.amount_fen)}",
            payment.state,
            f"{payment.response_code} {words_of(payment.response_code, settings.lang)}"
            if payment.response_code
            else "",
            payment.rrn,
            payment.operator_no,
        )
        for payment in found
    ]
    zh = ("时间", "终端", "批次", "凭证号", "卡号", "金额", "状态", "应答", "参考号", "操作员")
    en = ("time", "terminal", "batch", "trace", "card", "amount", "state", "answer", "RRN", "operator")
    print_table(settings, zh, en, rows)


def _payment_row(payment: Payment) -> dict[str, Any]:
    return {
        "merchant_no": payment.merchant_no,
        "terminal_no": payment.terminal_no,
        "batch_no": payment.batch_no,
        "trace_no": payment.trace_no,
        "kind": payment.kind,
        "state": payment.state,
        "response_code": payment.response_code,
        "amount_fen": payment.amount_fen,
        "card": payment.masked_pan,
        "entry_mode": payment.entry_mode,
        "operator_no": payment.operator_no,
        "session_no": payment.session_no,
        "rrn": payment.rrn,
        "auth_code": payment.auth_code,
        "bank_state": payment.bank_state,
        "reversal_reason": payment.reversal_reason,
        "created": iso(payment.created_ms),
        "decided": iso(payment.decided_ms),
        "reversed": iso(payment.reversed_ms),
    }


def balance(settings: Settings, card: str, *, as_json: bool) -> None:
    """Print what a test card's account holds. `card` is its number, or its id such as `main`."""
    places = Places(settings.data_path)
    require_data(places)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), SystemChance())
    try:
        pan = card if card.isdigit() else card_named(card).pan
        balance_fen = bank_queries.balance(settings.data_path, vault, pan)
    except KeyError:
        raise Misuse(f"there is no test card '{card}'; docs/reference/test-cards.md lists them") from None
    except ValueError as error:
        raise Misuse(f"card number: {error}") from None
    if as_json:
        print_json({"balance_fen": balance_fen})
    else:
        sys.stdout.write(f"¥{format_yuan(balance_fen)}\n")


def lists_of(settings: Settings) -> Queries:
    """The lists of a data folder's host, for reading beside it."""
    places = Places(settings.data_path)
    require_data(places)
    return open_queries(store_target(settings, places))


def iso(instant: UnixMs | None) -> str | None:
    """An instant for machines, or None."""
    return None if instant is None else format_iso(instant)


def print_json(rows: object) -> None:
    """Print rows as one JSON value."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n")


def print_table(settings: Settings, zh: tuple[str, ...], en: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows as a table with the heads of the language."""
    if not rows:
        say(settings.lang, "nothing")
        return
    table = Table(box=None, pad_edge=False)
    for name in zh if settings.lang == "zh" else en:
        table.add_column(name, no_wrap=True, justify="right" if name in ("金额", "amount") else "left")
    for row in rows:
        table.add_row(*row)
    print_wide(table)


def print_wide(table: Table) -> None:
    """Print a table as wide as it is: a number broken over two lines can't be read, a long line can."""
    # No markup: brackets in what others sent are text.
    console = Console(markup=False, highlight=False, emoji=False)
    natural = Measurement.get(console, console.options.update(width=TABLE_COLUMNS_MAX), table).maximum
    console.width = max(console.width, natural)
    console.print(table)
