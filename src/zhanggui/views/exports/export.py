"""One export: what stands at its head, its rows, what they come to.

    question ── ExportHead ─▶ writer.begin(head) · writer.write(row) … · writer.end(totals) ─▶ a file that says what it is

The foot is counted from the rows that were written, so it can't differ from them; a list's own totals are the same conditions.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

import msgspec

from ...basics.clock import format_iso
from ...basics.shop_day import ZONE
from ...basics.words import Lang, Word, load_words
from ..questions.asked_list import AskedList
from ..questions.question import Question
from ..questions.reading import Reading
from ..questions.sources import Totals
from ..questions.wrong import filter_name

R = TypeVar("R", bound=msgspec.Struct)
TOLD_EVERY = 10_000
"""Rows between two words about how far it is."""
Told = Callable[[int], None]
"""Hears how many rows are written."""


@cache
def export_words() -> Mapping[str, Word]:
    """What stands at head and foot."""
    return load_words(__package__, "words.toml")


class ExportHead(msgspec.Struct, frozen=True, kw_only=True, rename={"list_name": "list"}):
    """What an export is: the list, what was asked of it, by which rule days are cut, when it was made and by whom."""

    list_name: str
    question: str
    """The one text of the question: by it the list shows the same rows."""
    filters: dict[str, str]
    """Each filter as a person reads it, by its name."""
    shops: list[str]
    """Empty: all."""
    zone: str
    shop_day_begins: dict[str, int]
    """How many of these shops begin their days at each hour, `04:00`."""
    made: str
    by: str

    def lines(self, lang: Lang) -> list[tuple[str, str]]:
        """The head in words, a name and what stands there on each line."""
        words = export_words()
        said = [f"{filter_name(name, lang)}: {value}" for name, value in self.filters.items()]
        days = [
            words["head.days_begin"].fill(lang, hour=hour, count=count) for hour, count in self.shop_day_begins.items()
        ]
        told = {
            "list": words[f"list.{self.list_name}"].of(lang),
            "question": "; ".join(said) or words["head.everything"].of(lang),
            "shop": ", ".join(self.shops) or words["head.shops"].of(lang),
            "zone": words["head.china_time"].fill(lang, zone=self.zone),
            "days": "; ".join(days),
            "made": self.made,
            "by": self.by,
        }
        return [(words[f"head.{name}"].of(lang), value) for name, value in told.items()]


def foot_lines(totals: Totals, lang: Lang) -> list[tuple[str, int]]:
    """The foot in words: rows, and each amount in fen."""
    words = export_words()
    sums = [(words["foot.total"].fill(lang, name=name), fen) for name, fen in totals.sums.items()]
    return [(words["foot.rows"].of(lang), totals.rows), *sums]


class Writer(Protocol):
    """How an export becomes a file of one format."""

    def begin(self, head: ExportHead) -> None:
        """Put down what it is."""
        ...

    def write(self, row: Any) -> None:
        """Put down one row."""
        ...

    def end(self, totals: Totals) -> None:
        """Put down what they come to; nothing more follows."""
        ...


def head_of(asked_list: AskedList[Any], question: Question, reading: Reading, by: str, lang: Lang) -> ExportHead:
    """The head of this export."""
    hours = reading.shops(question.shops).hours
    return ExportHead(
        list_name=asked_list.name,
        question=question.text,
        filters={one.name: one.say(value, lang) for one, value in question.asked},
        shops=[*(question.shops or ())],
        zone=ZONE,
        shop_day_begins={f"{hour:02d}:00": len(shops) for hour, shops in hours.items()},
        made=format_iso(reading.now),
        by=by,
    )


def write_export(
    asked_list: AskedList[R], rows_of_it: Iterable[R], writer: Writer, head: ExportHead, told: Told
) -> Totals:
    """Write these rows of a list, one by one; what was written. Memory does not grow with them."""
    rows, sums = 0, dict.fromkeys(asked_list.sums, 0)
    writer.begin(head)
    for row in rows_of_it:
        writer.write(row)
        rows += 1
        for name in sums:
            sums[name] += getattr(row, name)
        if rows % TOLD_EVERY == 0:
            told(rows)
    totals = Totals(rows, sums)
    writer.end(totals)
    return totals
