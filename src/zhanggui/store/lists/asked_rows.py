"""Rows, next rows and totals of what a question asks (`asked.py`). No offset and no count of rows: the next page begins after a key."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, Text, and_, collate, false, func, not_, or_, select, tuple_

from ...acquirer.rows.records import Record
from ..facts import facts_of
from ..tables import TABLE_OF
from .asked import Absent, AnyOf, Chosen, Condition, Ends, Holds, Is, IsNot, Key, Within
from .reader import Reader, bounded

R = TypeVar("R", bound=Record)
SHOP = "merchant_no"
SPARE, WIDER, STRETCH_MAX = 4, 16, 1_000_000
"""Rows of the first stretch of time for each that is wanted, how much longer each further one is, and the longest."""
READ_MAX = 200_000
"""Rows of a stretch at most that are read one by one, where the index does not hold all that filters ask."""
LAST_MS = 2**53
"""An instant behind all."""


class AskedRows(Reader):
    """Rows by conditions that are data."""

    def asked_page(self, chosen: Chosen, after: Key | None, limit: int) -> list[Any]:
        """The first records after this place in the order; None: from its beginning."""
        if not _is_in_time(chosen):
            return self._part(chosen, after, limit, ())
        bounded(limit)
        by, found = TABLE_OF[chosen.kind].c[chosen.by], list[Any]()
        # Both ends are always named: of a stretch with one end SQLite thinks that it holds a quarter of all rows, and would sort them.
        below, size = by <= LAST_MS, limit * SPARE
        while True:
            if size > READ_MAX and not _is_covered(chosen):
                # Each row would be read where the index leads to it: to go through all of them in turn takes less.
                return found + self._part(chosen, after, limit - len(found), (below,))
            edge = self._edge(chosen, after, below, size)
            found += self._part(chosen, after, limit - len(found), (below, by >= (edge or 0)))
            if len(found) == limit or edge is None:
                return found
            below, after, size = by < edge, None, min(size * WIDER, STRETCH_MAX)

    def _part(self, chosen: Chosen, after: Key | None, limit: int, within: Sequence[ColumnElement[bool]]) -> list[Any]:
        statement = select(TABLE_OF[chosen.kind]).where(*_where(chosen), *within)
        order = self._order(chosen)
        if after is not None:
            statement = statement.where(_after(order, after, is_down=chosen.newest_first))
        statement = statement.order_by(*(one.desc() if chosen.newest_first else one for one in order))
        return self.records(chosen.kind, statement, limit)

    def _edge(self, chosen: Chosen, after: Key | None, below: ColumnElement[bool], size: int) -> int | None:
        """The instant at which a stretch of so many rows ends, filters not asked; None where fewer are left, or a filter ends before."""
        by = TABLE_OF[chosen.kind].c[chosen.by]
        of_shop = [one for one in chosen.where if isinstance(one, Is) and one.column == SHOP]
        bounds = [one for one in chosen.where if isinstance(one, Within) and one.column == chosen.by]
        where = [_condition(TABLE_OF[chosen.kind], one) for one in of_shop]
        where += [by < one.below for one in bounds if one.below is not None]
        where += [by <= after[0]] if after is not None else []
        found = self.rows(select(by).where(*where, below).order_by(by.desc()).offset(size).limit(1))
        edge = int(found[0][0]) if found else None
        least = max((int(str(one.least)) for one in bounds if one.least is not None), default=None)
        return None if edge is None or (least is not None and edge <= least) else edge

    def asked_totals(self, chosen: Chosen, sums: Sequence[str]) -> tuple[int, ...]:
        """How many rows, and what these columns of them come to. Exact, so as slow as there are rows."""
        table = TABLE_OF[chosen.kind]
        columns = (func.count(), *(func.coalesce(func.sum(table.c[name]), 0) for name in sums))
        ((*found,),) = self.rows(select(*columns).select_from(table).where(*_where(chosen)))
        return tuple(map(int, found))

    def _order(self, chosen: Chosen) -> list[ColumnElement[Any]]:
        table = TABLE_OF[chosen.kind]
        # As Python orders text, whatever language the database sorts by.
        is_plain = self._engine.dialect.name != "postgresql"
        return [
            column if is_plain or not isinstance(column.type, Text) else collate(column, "C")
            for column in (table.c[name] for name in chosen.order)
        ]


def _where(chosen: Chosen) -> list[ColumnElement[bool]]:
    return [_condition(TABLE_OF[chosen.kind], one) for one in chosen.where]


def _is_in_time(chosen: Chosen) -> bool:
    """Whether rows are looked for by stretches of time, newest first: the planner of neither database knows how many of them a filter
    finds, and would rather sort all. Not where an index leads to few rows at once."""
    whole = [fact.columns for fact in facts_of(chosen.kind).indexes if not fact.where]
    fixed = {one.column for one in chosen.where if isinstance(one, Is) and len(one.values) == 1}
    order = (SHOP, chosen.by) if SHOP in fixed else (chosen.by,)
    of_several = any(isinstance(one, Is) and one.column == SHOP and len(one.values) > 1 for one in chosen.where)
    if not chosen.newest_first or of_several or not any(columns[: len(order)] == order for columns in whole):
        return False
    ways = [*(fact.columns for fact in facts_of(chosen.kind).indexes if not fact.unique), chosen.kind.KEY]
    return not any(_leads_to_few(way, fixed) for way in ways)


def _is_covered(chosen: Chosen) -> bool:
    """Whether the index in the order of time holds all that the filters ask."""
    held = {
        name
        for fact in facts_of(chosen.kind).indexes
        if not fact.where and fact.columns[0] == chosen.by
        for name in fact.columns
    }
    return all(_columns(one) <= held for one in chosen.where)


def _columns(asked: Condition) -> set[str]:
    if isinstance(asked, AnyOf):
        return {name for arm in asked.arms for one in arm for name in _columns(one)}
    return {asked.column}


def _leads_to_few(way: Sequence[str], fixed: AbstractSet[str]) -> bool:
    """Whether more than the shop is fixed of the columns by which a way is entered."""
    entered = list(takewhile(fixed.__contains__, way))
    return bool(set(entered) - {SHOP})


def _after(order: Sequence[ColumnElement[Any]], after: Key, *, is_down: bool) -> ColumnElement[bool]:
    """Behind this key, by one column after the other; the first one also alone, for the index."""
    first, value = order[0], after[0]
    behind = tuple_(*order) < tuple_(*after) if is_down else tuple_(*order) > tuple_(*after)
    return and_(first <= value if is_down else first >= value, behind)


def _condition(table: Table, asked: Condition) -> ColumnElement[bool]:
    match asked:
        case Is(column, (value,)):
            return table.c[column] == value
        case Is(column, values):
            return table.c[column].in_(values)
        case IsNot(column, values):
            return not_(table.c[column].in_(values))
        case Within(column, least, below):
            bounds = [table.c[column] >= least if least is not None else None]
            bounds.append(table.c[column] < below if below is not None else None)
            return and_(True, *(bound for bound in bounds if bound is not None))
        case Absent(column, is_absent):
            return table.c[column].is_(None) if is_absent else table.c[column].is_not(None)
        case Ends(column, tail):
            return table.c[column].endswith(tail, autoescape=True)
        case Holds(column, part):
            return table.c[column].icontains(part, autoescape=True)
        case AnyOf(arms):
            return or_(false(), *(and_(True, *(_condition(table, one) for one in arm)) for arm in arms))
