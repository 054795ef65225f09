"""What a view is: the typed row of a list, drawn as text, JSON or CSV. Each list has one, and everybody who shows it uses that.

JSON is the row itself, so its keys are the row's fields in their order. Text has the columns that a person needs, with heads in
Chinese and English from `words.toml` (`view.column`). CSV has every field, for spreadsheets.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from ..basics.clock import format_iso, format_time, instant_of
from ..basics.numbers import UnixMs
from ..basics.visible import harmless, harmless_json
from ..basics.words import Lang, Word, load_words

R = TypeVar("R", bound=msgspec.Struct)
NOTHING = "—"
"""In a cell where there is nothing to say."""
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
"""First characters by which a spreadsheet takes text for a formula (OWASP, CSV injection; ASVS 5.0, 1.2.10), in full width too."""


class TextFile(Protocol):
    """Where CSV is written: any open text file."""

    def write(self, text: str, /) -> object:
        """Write some text."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of the text: its name (the head is `view.name` in `words.toml`) and what a row shows there."""

    name: str
    cell: Callable[[R, Lang], str]
    is_amount: bool = False
    """Figures that stand below each other by their last digit."""
    is_wide: bool = False
    """Shown where there is room for more than 80 columns, and on pages."""


def _fields_of(row: msgspec.Struct) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(row)
    return {name: " ".join(map(str, value)) if isinstance(value, list) else value for name, value in built.items()}


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """One list: the type of its rows, the columns of its text, the heads of its CSV and how a row fills them."""

    name: str
    row: type[R]
    columns: tuple[Column[R], ...]
    csv_heads: tuple[str, ...] = ()
    """Empty: the fields of the row."""
    flat: Callable[[R], dict[str, Any]] = _fields_of
    """A row as CSV has it: one value a head."""

    def shown(self, *, is_wide: bool = True) -> tuple[Column[R], ...]:
        """All columns, or those that a window of 80 has room for."""
        return tuple(column for column in self.columns if is_wide or not column.is_wide)

    def column(self, name: str) -> Column[R]:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def head(self, name: str, lang: Lang) -> str:
        """The head of the column of this name."""
        return view_words()[f"{self.name}.{name}"].of(lang)

    def heads(self, lang: Lang, *, is_wide: bool = True) -> tuple[str, ...]:
        """The heads of the columns."""
        return tuple(view_words()[f"{self.name}.{column.name}"].of(lang) for column in self.shown(is_wide=is_wide))

    def cells(self, rows: Iterable[R], lang: Lang, *, is_wide: bool = True) -> list[tuple[str, ...]]:
        """The text of each row, one cell a column."""
        columns = self.shown(is_wide=is_wide)
        return [tuple(harmless(column.cell(row, lang)) for column in columns) for row in rows]


@cache
def view_words() -> Mapping[str, Word]:
    """Heads of columns, and words that stand in cells."""
    return load_words(__package__, "words.toml")


def word_of(key: str, lang: Lang, **values: object) -> str:
    """One wording of the views."""
    return view_words()[key].fill(lang, **values)


def json_of(rows: object) -> str:
    """Rows (or one) as indented JSON, with a line feed at its end; what would steer a console is escaped, and means the same."""
    return harmless_json(msgspec.json.format(msgspec.json.encode(rows)).decode()) + "\n"


def write_csv(file: TextFile, view: View[R], rows: Iterable[R]) -> None:
    """RFC 4180, one line a row, row by row."""
    heads = view.csv_heads or view.row.__struct_fields__
    writer = csv.DictWriter(file, heads)
    writer.writeheader()
    for row in rows:
        flat = view.flat(row)
        writer.writerow({name: safe_cell(flat[name]) for name in heads})


def safe_cell(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it. Harmless to show."""
    if not isinstance(value, str) or not value:
        return value
    if value.isascii() and value.isprintable() and value[0].isalnum():
        # Nearly all cells of a long list.
        return value
    shown = harmless(value)
    # What stands behind blanks or a character that is not shown begins the cell as well.
    begins = value.startswith(_FORMULA) or shown.lstrip().startswith(_FORMULA)
    return f"'{shown}" if begins else shown


def iso(instant: UnixMs | None) -> str | None:
    """An instant for machines, or None."""
    return None if instant is None else format_iso(instant)


def short_time(moment: str | None) -> str:
    """An instant of a row (RFC 3339) as a person reads it, to the second.

    >>> short_time("2026-11-23T08:55:03.120+08:00")
    '2026-11-23 08:55:03'
    """
    return NOTHING if moment is None else format_time(instant_of(datetime.fromisoformat(moment)))
