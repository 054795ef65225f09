"""`signins`, `payments`, `balance`: what was kept, as a table or as JSON (one array)."""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ..acquirer.records import Payment, SignIn, SignInState
from ..bank import queries as bank_queries
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.clock import format_iso, format_time
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.numbers import TerminalNo, UnixMs
from ..cup.response_codes import words_of
from ..store.open import open_queries
from ..store.queries import PaymentFilter, Queries, SignInFilter
from .assembly import Places, passphrase_of, require_data, store_target
from .settings import Settings
from .words import say


def sign_ins(
    settings: Settings, *, operator: str, terminal: str, outcome: SignInState | None, limit: int, as_json: bool
) -> None:
    """List sign-in records, newest first."""
    wanted = SignInFilter(
        operator_no=operator or None,
        terminal_no=TerminalNo(terminal) if terminal else None,
        outcome=outcome,
        limit=limit,
    )
    with _queries(settings) as queries:
        records = queries.list_sign_ins(wanted)
        shops = {merchant.merchant_no: merchant.name for merchant in queries.list_merchants()}
        places = {row.terminal_no: row.place for row in queries.list_terminals()}
    if as_json:
        _print_json([_sign_in_row(record, shops, places) for record in records])
        return
    rows = [
        (
            str(record.record_no),
            format_time(record.began_ms),
            f"{record.terminal_no} · {places.get(record.terminal_no, '')}",
            f"{record.operator_no} · {record.operator_name}",
            record.state,
            record.reason,
            record.self_check,
        )
        for record in records
    ]
    zh = ("记录", "时间", "终端", "操作员", "结果", "原因", "自检")
    _print_table(settings, zh, ("record", "time", "terminal", "operator", "outcome", "reason", "self-check"), rows)


def _sign_in_row(record: SignIn, shops: dict[Any, str], places: dict[Any, str]) -> dict[str, Any]:
    return {
        "record_no": record.record_no,
        "operator_no": record.operator_no,
        "operator_name": record.operator_name,
        "terminal_no": record.terminal_no,
        "place": places.get(record.terminal_no, ""),
        "merchant_no": record.merchant_no,
        "shop": shops.get(record.merchant_no, ""),
        "outcome": record.state,
        "reason": record.reason,
        "method": record.method,
        "steps": {
            "began": _iso(record.began_ms),
            "verified": _iso(record.verified_ms),
            "confirmed": _iso(record.confirmed_ms),
            "ended": _iso(record.ended_ms),
        },
        "elapsed_ms": record.elapsed_ms,
        "terminal_clock": _iso(record.terminal_clock_ms),
        "drift_s": record.drift_s,
        "self_check": dict(item.partition(":")[::2] for item in record.self_check.split(",") if item),
        "versions": record.versions,
        "session_no": record.session_no,
    }


def payments(settings: Settings, *, terminal: str, limit: int, as_json: bool) -> None:
    """List payments, newest first."""
    with _queries(settings) as queries:
        found = queries.list_payments(
            PaymentFilter(terminal_no=TerminalNo(terminal) if terminal else None, limit=limit)
        )
    if as_json:
        _print_json([_payment_row(payment) for payment in found])
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
    _print_table(settings, zh, en, rows)


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
        "created": _iso(payment.created_ms),
        "decided": _iso(payment.decided_ms),
        "reversed": _iso(payment.reversed_ms),
    }


def balance(settings: Settings, pan: str, *, as_json: bool) -> None:
    """Print what a test card's account holds."""
    places = Places(settings.data_path)
    require_data(places)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), SystemChance())
    try:
        balance_fen = bank_queries.balance(settings.data_path, vault, pan)
    except ValueError as error:
        raise Misuse(f"card number: {error}") from None
    if as_json:
        _print_json({"balance_fen": balance_fen})
    else:
        sys.stdout.write(f"¥{format_yuan(balance_fen)}\n")


def _queries(settings: Settings) -> Queries:
    places = Places(settings.data_path)
    require_data(places)
    return open_queries(store_target(settings, places))


def _iso(instant: UnixMs | None) -> str | None:
    return None if instant is None else format_iso(instant)


def _print_json(rows: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n")


def _print_table(settings: Settings, zh: tuple[str, ...], en: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        say(settings.lang, "nothing")
        return
    table = Table(box=None, pad_edge=False)
    for name in zh if settings.lang == "zh" else en:
        table.add_column(name, overflow="fold", justify="right" if name in ("金额", "amount") else "left")
    for row in rows:
        table.add_row(*row)
    # No markup: brackets in what others sent are text.
    Console(markup=False, highlight=False, emoji=False).print(table)
