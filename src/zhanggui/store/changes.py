"""The changes of a unit as writes: one insert or one update per row at most, tables in a fixed order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..acquirer.rows.records import ALL_RECORDS, Record
from ..acquirer.rows.state import Change, Delete, Insert
from ..basics.errors import Defect
from .rows import SHAPES

WRITE_ORDER = ALL_RECORDS
"""The order in which rows are locked and written, the same on every host, so that two hosts never wait in a ring."""


@dataclass(slots=True)
class TableWrites:
    """What happens to one table. Updates go first: a session ends before the next one on its terminal begins."""

    kind: type[Record]
    updates: list[Record]
    inserts: list[Record]
    deletes: list[Record]


def join_changes(changes: Sequence[Change]) -> Iterator[TableWrites]:
    """Join the changes of each row (the last one wins, an insert stays an insert) and order them by table.

    Raises Defect when a row is inserted after an earlier change of the same unit, or deleted and changed in one unit.
    """
    tables: dict[type[Record], dict[object, Change]] = {}
    for change in changes:
        record = change.record
        kind = type(record)
        rows = tables.get(kind)
        if rows is None:
            rows = tables[kind] = {}
        key = SHAPES[kind].key_of(record)
        earlier = rows.get(key)
        if earlier is None:
            rows[key] = change
        elif type(change) is Delete or type(earlier) is Delete:
            raise Defect(f"one unit changes and deletes the same {kind.__name__}; the decision did not look")
        elif type(change) is Insert:
            raise Defect(f"one unit changes a {kind.__name__} and then inserts it; the decision did not look")
        else:
            rows[key] = type(earlier)(record)
    for kind in WRITE_ORDER:
        rows = tables.get(kind)
        if rows:
            updates: list[Record] = []
            inserts: list[Record] = []
            deletes: list[Record] = []
            for change in rows.values():
                kept = inserts if type(change) is Insert else updates
                (deletes if type(change) is Delete else kept).append(change.record)
            yield TableWrites(kind, updates, inserts, deletes)
