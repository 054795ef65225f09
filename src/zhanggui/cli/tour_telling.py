"""How a story is told on standard output: events as JSON, a line each, or screens, slips and tables as people see them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..acquirer.policy.capabilities import CAPABILITIES
from ..acquirer.rows.reasons import tell_reason
from ..basics.words import Lang, load_words
from ..cup.brands import BRANDS
from ..terminal.keypad import keypad_lines
from ..terminal.runtime import Terminal
from ..terminal.transcript import WAYS, display_text, framed_slip, screen_text
from ..views.batches import BATCHES, BatchRow
from ..views.listing import NOTHING, View, word_of
from ..views.payments import PAYMENTS, PaymentRow
from ..views.sign_ins import SignInRow
from .lists import print_table

WORDS = load_words(__package__, "tour.toml")
Teller = Callable[[str, Mapping[str, Any]], None]
"""Told of each happening: its kind (`screen`, `press`, `card`, `sign`, `slip`, `way`, `chapter`, `badge`, `phone`, `wallet`, `act`, `end`), and
its data."""


def teller_of(terminal: Terminal, lang: Lang, *, as_json: bool) -> Teller:
    """Who tells it."""
    return _json_teller() if as_json else _text_teller(terminal, lang)


def _json_teller() -> Teller:
    def tell(kind: str, data: Mapping[str, Any]) -> None:
        sys.stdout.write(msgspec.json.encode({"event": kind, **data}).decode() + "\n")
        sys.stdout.flush()

    return tell


def _text_teller(terminal: Terminal, lang: Lang) -> Teller:
    profile = terminal.profile

    def tell(kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "screen" if profile.touch:
                text = screen_text(data["screen"])
            case "screen":
                text = display_text(keypad_lines(data["screen"], profile))
            case "slip":
                text = framed_slip(data["slip"], profile.paper_columns)
            case "press":
                text = "  ▸ " + " ".join(data["keys"])
            case "card":
                shown = next((card for card in terminal.cards() if card.id == data["card"]), None)
                text = f"  ▸ (({(shown.label_zh if lang == 'zh' else shown.label_en) if shown else data['card']}, {WAYS[lang][data['way']]}))"
            case "sign" | "badge" | "phone":
                text = f"  ▸ (({WORDS[kind].fill(lang, **data)}))"
            case "wallet":
                text = f"  ▸ (({WORDS[data['what']].fill(lang, brand=BRANDS[data['brand']].of(lang))}))"
            case "act":
                text = f"  $ (({WORDS['console'].fill(lang, act=CAPABILITIES[data['act']].of(lang))}))"
            case "way" | "chapter":
                text = f"== {WORDS[f'{kind}.{data[kind]}'].of(lang)} =="
            case _:
                _print_end(data, lang)
                return
        sys.stdout.write(text + "\n\n")
        sys.stdout.flush()

    return tell


# ── the end ──────────────────────────────────────────────────────────────────


def _print_end(data: Mapping[str, Any], lang: Lang) -> None:
    """What host and bank have kept of the story, in tables."""
    if "records" in data:
        _print_sign_ins(data["records"], lang)
    if "payments" in data:
        _print_view(PAYMENTS, data["payments"], lang)
    if "batches" in data:
        _print_view(BATCHES, data["batches"], lang)


def _print_view(view: View[Any], rows: Sequence[PaymentRow | BatchRow], lang: Lang) -> None:
    heads = view.heads(lang, is_wide=False)
    right = [head for head, column in zip(heads, view.shown(is_wide=False), strict=True) if column.is_amount]
    print_table(lang, heads, view.cells(rows, lang, is_wide=False), right=right)
    sys.stdout.write("\n")


def _print_sign_ins(rows: Sequence[SignInRow], lang: Lang) -> None:
    """Which way each came in, and what became of it, in words."""
    heads = [word_of(f"sign_ins.{name}", lang) for name in ("record", "operator")]
    heads += [WORDS["by"].of(lang), *(word_of(f"sign_ins.{name}", lang) for name in ("outcome", "reason"))]
    print_table(lang, heads, [_sign_in_cells(row, lang) for row in rows])
    sys.stdout.write("\n")


def _sign_in_cells(row: SignInRow, lang: Lang) -> tuple[str, ...]:
    told = tell_reason(row.reason, lang)
    return (
        str(row.record_no),
        row.operator_name,
        WORDS[f"way.{row.method if row.way == 'badge' else row.way}"].of(lang),
        word_of(f"sign_ins.outcome.{row.outcome}", lang),
        told.cause if told is not None else NOTHING,
    )
