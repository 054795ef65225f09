"""`balance`, and what lists share: rows as a table or as JSON (one array)."""

import io
import sys
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from ..bank import queries as bank_queries
from ..bank.cards import card_named
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.visible import harmless
from ..basics.words import Lang
from ..programs.data_folder import Places, passphrase_of, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_queries
from ..store.queries import Queries
from ..views.listing import View
from .output import print_json
from .words import say

R = TypeVar("R", bound=msgspec.Struct)
TABLE_COLUMNS_MAX = 1_000
"""Columns that a table may take; longer cells are cut."""


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


def print_list(
    settings: Settings, view: View[R], rows: Sequence[R], *, as_json: bool = False, is_wide: bool = False
) -> None:
    """Print a view: as one JSON array, or as a table with the heads of the language, for a window of 80 columns or a wider one."""
    if as_json:
        print_json(rows)
        return
    heads = view.heads(settings.lang, is_wide=is_wide)
    columns = view.shown(is_wide=is_wide)
    right = [head for head, column in zip(heads, columns, strict=True) if column.is_amount]
    print_table(settings.lang, heads, view.cells(rows, settings.lang, is_wide=is_wide), right=right)


def print_table(lang: Lang, heads: Sequence[str], rows: Sequence[tuple[str, ...]], right: Sequence[str] = ()) -> None:
    """Print rows as a table; the columns named in `right` end at the same place."""
    if not rows:
        say(lang, "nothing")
        return
    table = Table(box=None, pad_edge=False)
    for name in heads:
        table.add_column(name, no_wrap=True, justify="right" if name in right else "left")
    for row in rows:
        table.add_row(*map(harmless, row))
    print_wide(table)


def print_wide(table: Table) -> None:
    """Print a table as wide as it is: a number broken over two lines can't be read, a long line can."""
    # No markup: brackets in what others sent are text.
    drawn = io.StringIO()
    console = Console(markup=False, highlight=False, emoji=False, file=drawn, width=TABLE_COLUMNS_MAX)
    console.width = Measurement.get(console, console.options, table).maximum
    console.print(table)
    for line in drawn.getvalue().splitlines():
        sys.stdout.write(line.rstrip() + "\n")
