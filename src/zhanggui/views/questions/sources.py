"""Where the rows of a list come from: the store's records, rows that are reckoned from them, or one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from ...acquirer.rows.records import Record
from ...store.lists.asked import Chosen, Condition, Key, holds
from .question import Question
from .reading import Reading

R = TypeVar("R", bound=msgspec.Struct)
WALKED_AT_ONCE = 2_000
"""Records of one step of a walk: about 1 MB."""


class Totals(msgspec.Struct, frozen=True):
    """What a whole list comes to: its rows, and each of its amounts in fen by the name of the field."""

    rows: int
    sums: dict[str, int] = {}


class Line(msgspec.Struct, Generic[R], frozen=True):
    """What one record becomes: where it stands in the order, and its rows, mostly one."""

    place: Key
    rows: tuple[R, ...]


class Source(Protocol[R]):
    """Lines in an order that no two share."""

    def page(self, reading: Reading, question: Question, after: Key | None, limit: int) -> list[Line[R]]:
        """The first lines behind a place; None: from the beginning."""
        ...

    def totals(self, reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
        """What all lines of the question come to."""
        ...


def conditions_of(reading: Reading, question: Question) -> tuple[Condition, ...]:
    """What the filters of a question ask of the rows."""
    shops = reading.shops(question.shops)
    return tuple(condition for one, value in question.asked for condition in one.conditions(value, shops))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Generic[R]):
    """Records of one kind, in the order of a column (newest first) and of their key, or by their key alone."""

    kind: type[Record]
    by: str = ""
    rows: Callable[[Reading, Sequence[Any]], Sequence[tuple[R, ...]]]
    """The rows of each of these records."""
    counts_rows: bool = False
    """A record becomes several rows, so only walking counts them."""

    def page(self, reading: Reading, question: Question, after: Key | None, limit: int) -> list[Line[R]]:
        chosen = self._chosen(reading, question)
        records = reading.queries.asked_page(chosen, after, limit)
        told = self.rows(reading, records)
        return [Line(chosen.key_of(record), rows) for record, rows in zip(records, told, strict=True)]

    def totals(self, reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
        if self.counts_rows:
            return walked_totals(self, reading, question, sums)
        count, *found = reading.queries.asked_totals(self._chosen(reading, question), sums)
        return Totals(count, dict(zip(sums, found, strict=True)))

    def _chosen(self, reading: Reading, question: Question) -> Chosen:
        where = conditions_of(reading, question)
        return Chosen(kind=self.kind, by=self.by, newest_first=bool(self.by), where=where)


class Gathered(msgspec.Struct, Generic[R], frozen=True):
    """One line that was reckoned: `about` is what filters look at, by the names of the store's columns."""

    place: Key
    about: object
    row: R


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned(Generic[R]):
    """Rows that are in no table: gathered anew for each page, so there may be a day of a shop of them, not a year."""

    gather: Callable[[Reading, Question], list[Gathered[R]]]

    def page(self, reading: Reading, question: Question, after: Key | None, limit: int) -> list[Line[R]]:
        lines = self._lines(reading, question)
        return [Line(one.place, (one.row,)) for one in lines if after is None or one.place > after][:limit]

    def totals(self, reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
        rows = [one.row for one in self._lines(reading, question)]
        return Totals(len(rows), {name: sum(getattr(row, name) for row in rows) for name in sums})

    def _lines(self, reading: Reading, question: Question) -> list[Gathered[R]]:
        where = conditions_of(reading, question)
        found = [one for one in self.gather(reading, question) if all(holds(asked, one.about) for asked in where)]
        return sorted(found, key=lambda one: one.place)


@dataclass(frozen=True, slots=True)
class InTurn(Generic[R]):
    """All lines of one source, then those of the next. A place begins with the number of its source."""

    sources: tuple[Source[R], ...]

    def page(self, reading: Reading, question: Question, after: Key | None, limit: int) -> list[Line[R]]:
        found: list[Line[R]] = []
        first = int(str(after[0])) if after is not None else 0
        for number, source in enumerate(self.sources[first:], first):
            behind = after[1:] if after is not None and number == first else None
            lines = source.page(reading, question, behind, limit - len(found))
            found += [Line((number, *line.place), line.rows) for line in lines]
            if len(found) == limit:
                break
        return found

    def totals(self, reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
        parts = [source.totals(reading, question, sums) for source in self.sources]
        return Totals(
            sum(part.rows for part in parts), {name: sum(part.sums.get(name, 0) for part in parts) for name in sums}
        )


def walked_totals(source: Source[R], reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
    """What all lines come to, counted one by one."""
    count, found, after = 0, dict.fromkeys(sums, 0), None
    while lines := source.page(reading, question, after, WALKED_AT_ONCE):
        for row in (row for line in lines for row in line.rows):
            count += 1
            for name in sums:
                found[name] += getattr(row, name)
        after = lines[-1].place
    return Totals(count, found)


def one_each(row: Callable[[Any], R]) -> Callable[[Reading, Sequence[Any]], list[tuple[R, ...]]]:
    """Rows that follow from their records alone, one from each."""
    return lambda reading, records: [(row(record),) for record in records]
