"""PostgreSQL's writes: one statement for the rows of one table and one group of merchants, with `merchant_no` in each.

A distributed PostgreSQL sends a statement to the shard that its merchants name. So rows are written by groups of merchants; on
one machine there is one group, and a batch costs one statement a table in place of one a row.
    insert   VALUES (…), (…), …      a key that is there already stays a conflict with the name of its constraint
    update   … FROM (VALUES (…), …)  measured: lists of 24 columns cost the driver half as much again as the values one by one
    delete   … IN (SELECT … unnest)  one array a column of the key
The values are parameters each, and a statement takes 65,535 of them: more rows are cut into several statements.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import tuple_

from ..acquirer.rows.records import Heard, Record
from .postgres_statements import POSTGRES, in_group, keys_given
from .rows import SHAPES, Row
from .statements import compile_to_text
from .tables import TABLE_OF

PARAMETERS_MAX = 65_535
"""Of one statement, by PostgreSQL's protocol."""
HEARD_LATER = " ON CONFLICT (merchant_no, terminal_no) DO UPDATE SET heard_ms = greatest(excluded.heard_ms, terminals_heard.heard_ms)"
GroupOf = Callable[[Any], int]
"""The number of the group that a merchant belongs to; the merchants of one group are in one place."""


def one_group(_merchant_no: object) -> int:
    """All merchants are in one place: a PostgreSQL on one machine."""
    return 0


def grouped(rows: Sequence[Row], group_of: GroupOf) -> list[list[Row]]:
    """The rows (or keys) by the groups of their merchants, which lead them; the groups in the order of their numbers."""
    if group_of is one_group:
        return [list(rows)] if rows else []
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(group_of(row[0]), []).append(row)
    return [groups[number] for number in sorted(groups)]


def merchants_in(rows: Sequence[Row]) -> list[object]:
    """Whose rows (or keys) these are, each merchant once."""
    return list(dict.fromkeys(row[0] for row in rows))


def insert_rows_max(record: type[Record]) -> int:
    """Rows that one insert takes."""
    return PARAMETERS_MAX // len(SHAPES[record].columns)


@lru_cache(maxsize=1024)
def insert_text(record: type[Record], count: int) -> str:
    """Insert so many whole rows. Parameters are `$n`: the driver need not look for places in a long text."""
    columns = SHAPES[record].columns
    width = len(columns)
    values = ", ".join(
        "(" + ", ".join(f"${row * width + place}" for place in range(1, width + 1)) + ")" for row in range(count)
    )
    tail = HEARD_LATER if record is Heard else ""
    return f"INSERT INTO {TABLE_OF[record].name} ({', '.join(columns)}) VALUES {values}{tail}"


def inserts(record: type[Record], rows: Sequence[Row]) -> Iterator[tuple[str, list[object]]]:
    """Statements and parameters that insert these rows of one group; one statement, unless they are very many."""
    rows_max = insert_rows_max(record)
    for first in range(0, len(rows), rows_max):
        some = rows[first : first + rows_max]
        yield insert_text(record, len(some)), list(chain.from_iterable(some))


@lru_cache(maxsize=1024)
def update_text(record: type[Record], count: int) -> str:
    """Change so many rows of one group, whole: the merchants, then the rows in their order."""
    table, names = TABLE_OF[record], SHAPES[record].columns
    types = [table.c[name].type.compile(POSTGRES) for name in names]
    # The first row's types are those of all.
    first = ", ".join(f"${place}::{kind}" for place, kind in enumerate(types, start=2))
    rest = (", ".join(f"${row * len(names) + place}" for place in range(2, len(names) + 2)) for row in range(1, count))
    values = ", ".join(f"({row})" for row in (first, *rest))
    changed = ", ".join(f"{name} = given.{name}" for name in names[len(record.KEY) :])
    same = " AND ".join(f"{table.name}.{name} = given.{name}" for name in record.KEY)
    return (
        f"UPDATE {table.name} SET {changed} FROM (VALUES {values}) AS given({', '.join(names)}) "
        f"WHERE {table.name}.merchant_no = ANY ($1::TEXT[]) AND {same}"
    )


def updates(record: type[Record], rows: Sequence[Row]) -> Iterator[tuple[str, list[object]]]:
    """Statements and parameters that change these rows of one group; one statement, unless they are very many."""
    rows_max = update_rows_max(record)
    for first in range(0, len(rows), rows_max):
        some = rows[first : first + rows_max]
        yield update_text(record, len(some)), [merchants_in(some), *chain.from_iterable(some)]


def update_rows_max(record: type[Record]) -> int:
    """Rows that one update takes, beside the merchants."""
    return (PARAMETERS_MAX - 1) // len(SHAPES[record].columns)


def delete_many(record: type[Record]) -> str:
    """Delete rows of one group: the merchants, then one array for each column of the key."""
    table = TABLE_OF[record]
    keys = tuple(table.primary_key)
    return compile_to_text(
        table.delete().where(in_group(table.c.merchant_no), tuple_(*keys).in_(keys_given(keys))), POSTGRES
    )
