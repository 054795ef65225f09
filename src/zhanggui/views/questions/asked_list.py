"""A list that can be asked: its view, its filters, where its rows come from, what is summed. Command line, REST, page and export use it.

parameters ── ask ─▶ Question ─┬─ page ───▶ rows, and a cursor where there are more
                               ├─ totals ─▶ how many rows, and their amounts in fen
                               └─ walk ───▶ all rows, page by page: what an export writes
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo
from ...store.lists.asked import Key
from ..listing import View
from .cursor import Seal, read_cursor, write_cursor
from .filters import Asking, Filter
from .moments import DAYS_AGO
from .question import Question, read_question
from .reading import Reading
from .sources import WALKED_AT_ONCE, Source, Totals
from .wrong import AskedWrong

R = TypeVar("R", bound=msgspec.Struct)
PAGE_ROWS = 50
PAGE_ROWS_MAX = 1_000


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Some rows of a list. `cursor` leads to those behind them; None: these are the last."""

    rows: list[R]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedList(Generic[R]):
    """One list. `required`: filters without which it says nothing."""

    view: View[R]
    area: str
    """Of the rights (`acquirer/people/rights.toml`): who may see it, and take it away."""
    filters: tuple[Filter, ...]
    source: Source[R]
    sums: tuple[str, ...] = ()
    """Fields of its rows that are summed, in fen."""
    required: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [one.name for one in self.filters]
        if len(set(names)) != len(names):
            raise Defect(f"the list {self.name} has two filters of one name")

    @property
    def name(self) -> str:
        """The view's name: `payments`."""
        return self.view.name

    def ask(self, given: Mapping[str, str], reading: Reading, own_shop: MerchantNo | None = None) -> Question:
        """The question of these parameters. `own_shop`: the only shop that the asker may see; another one is wrong. Raises AskedWrong."""
        given = {name: text for name, text in given.items() if text.strip()}
        if own_shop is not None:
            if given.get("shop", own_shop) != own_shop:
                raise AskedWrong("shop", "own_shop")
            given["shop"] = own_shop
        for name in self.required:
            if name not in given:
                raise AskedWrong(name, "required")
        return read_question(self.name, self.filters, given, Asking(reading.now, self._starts_hour(given, reading)))

    def page(
        self,
        question: Question,
        reading: Reading,
        seal: Seal,
        *,
        cursor: str | None = None,
        limit: int = PAGE_ROWS,
        holder: str = "",
    ) -> Page[R]:
        """The rows behind a cursor, or the first ones. Raises AskedWrong."""
        if not 1 <= limit <= PAGE_ROWS_MAX:
            raise AskedWrong("limit", "limit", most=str(PAGE_ROWS_MAX))
        after = read_cursor(cursor, question, seal, holder) if cursor else None
        lines = self.source.page(reading, question, after, limit + 1)
        rows = [row for line in lines[:limit] for row in line.rows]
        has_more = len(lines) > limit
        return Page(rows, write_cursor(question, lines[limit - 1].place, seal, holder) if has_more else None)

    def totals(self, question: Question, reading: Reading) -> Totals:
        """What all rows come to: a query of its own, for whoever asks for it."""
        return self.source.totals(reading, question, self.sums)

    def walk(self, question: Question, reading: Reading, limit: int | None = None) -> Iterator[R]:
        """All rows (or the first ones), each once, also while others come in: page by page, in short readings of their own."""
        return islice(self._walk(question, reading, min(WALKED_AT_ONCE, limit or WALKED_AT_ONCE)), limit)

    def _walk(self, question: Question, reading: Reading, at_once: int) -> Iterator[R]:
        after: Key | None = None
        while True:
            lines = self.source.page(reading, question, after, at_once)
            for line in lines:
                yield from line.rows
            if len(lines) < at_once:
                return
            after = lines[-1].place

    def _starts_hour(self, given: Mapping[str, str], reading: Reading) -> int:
        """When days begin, where `today` is asked: the one hour of the shops that are asked about; midnight where they differ."""
        if not any(text.strip() in DAYS_AGO for text in given.values()):
            return 0
        only = read_question(
            self.name,
            tuple(one for one in self.filters if one.name == "shop"),
            {"shop": given["shop"]} if "shop" in given else {},
            Asking(reading.now),
        )
        hours = reading.shops(only.shops).hours
        return next(iter(hours)) if len(hours) == 1 else 0
