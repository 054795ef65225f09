"""Rows, next rows and totals of what a question asks (`asked.py`). No offset and no count of rows: the next page begins after a key."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, Text, and_, collate, false, func, not_, or_, select
from sqlalchemy.sql.expression import ColumnExpressionArgument

from ...acquirer.rows.records import Record
from ..tables import TABLE_OF
from .asked import Absent, AnyOf, Chosen, Condition, Ends, Holds, Is, IsNot, Key, Within
from .reader import Reader

R = TypeVar("R", bound=Record)


class AskedRows(Reader):
    """Rows by conditions that are data."""

    def asked_page(self, chosen: Chosen, after: Key | None, limit: int) -> list[Any]:
        """The first records after this place in the order; None: from its beginning."""
        statement = select(TABLE_OF[chosen.kind]).where(*_where(chosen))
        order = self._order(chosen)
        if after is not None:
            statement = statement.where(_after(order, after, is_down=chosen.newest_first))
        statement = statement.order_by(*(one.desc() if chosen.newest_first else one for one in order))
        return self.records(chosen.kind, statement, limit)

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


def _after(order: Sequence[ColumnElement[Any]], after: Key, *, is_down: bool) -> ColumnExpressionArgument[bool]:
    """Behind this key, by one column after the other; the first one also alone, for the index."""
    beyond: Callable[[ColumnElement[Any], Any], ColumnElement[bool]] = (
        (lambda column, value: column < value) if is_down else (lambda column, value: column > value)
    )
    pairs = list(zip(order, after, strict=True))
    behind = reduce(
        lambda later, pair: or_(beyond(*pair), and_(pair[0] == pair[1], later)), reversed(pairs), false().self_group()
    )
    first, value = pairs[0]
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
