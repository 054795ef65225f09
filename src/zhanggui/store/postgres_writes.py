"""PostgreSQL's writes: one statement for the rows of one table and one group of merchants, with `merchant_no` in each.

A distributed PostgreSQL sends a statement to the shard that its merchants name. So rows are written by groups of merchants; on
one machine there is one group, and a batch costs one statement a table in place of one a row.
    insert   VALUES (…), (…), …      a key that is there already stays a conflict with the name of its constraint
    update   … FROM unnest(…)        one array a column, whatever the number of rows
    delete   … IN (SELECT … unnest)
The rows of an insert are parameters each, and a statement takes 65,535 of them: more rows are cut into several statements.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import ARRAY, bindparam, func, tuple_

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


def update_many(record: type[Record]) -> str:
    """Change rows of one group, whole: one array for each column, in their order, then the merchants."""
    table = TABLE_OF[record]
    names = SHAPES[record].columns
    arrays = [bindparam(f"many_{name}", type_=ARRAY(table.c[name].type)) for name in names]
    given = func.unnest(*arrays).table_valued(*names).render_derived(name="given")
    # The text of SET comes before that of FROM and WHERE; only FROM and WHERE hold parameters, in this order.
    changed = table.update().values({table.c[name]: given.c[name] for name in names[len(record.KEY) :]})
    return compile_to_text(
        changed.where(in_group(table.c.merchant_no), *(table.c[name] == given.c[name] for name in record.KEY)),
        POSTGRES,
        column_keys=[],
    )


def delete_many(record: type[Record]) -> str:
    """Delete rows of one group: the merchants, then one array for each column of the key."""
    table = TABLE_OF[record]
    keys = tuple(table.primary_key)
    return compile_to_text(
        table.delete().where(in_group(table.c.merchant_no), tuple_(*keys).in_(keys_given(keys))), POSTGRES
    )
