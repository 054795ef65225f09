"""Rows of the database ↔ records, by position: the columns of a table stand in the order of the record's fields."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

from msgspec.structs import astuple

from ..acquirer.rows.records import ALL_RECORDS, KEY_OF, Record

R = TypeVar("R", bound=Record)
Row = Sequence[Any]

write_row = astuple
"""The record's values in the order of the columns."""


class RowShape(Generic[R]):
    """How one record type becomes a row and back."""

    __slots__ = ("columns", "key_of", "key_of_row", "key_width", "read", "record")

    def __init__(self, record: type[R]) -> None:
        columns = record.__struct_fields__
        self.record = record
        self.columns: tuple[str, ...] = columns
        self.key_width = len(record.KEY)
        """Number of leading columns that make the primary key."""
        if columns[: self.key_width] != record.KEY:
            raise TypeError(f"{record.__name__}: the fields of its KEY come first, in the same order")
        self.read: Callable[[Row], R] = _reader(record)
        """Build the record from a row."""
        self.key_of: Callable[[Record], tuple[object, ...]] = KEY_OF[record]
        """The record's key among its own kind."""
        self.key_of_row: Callable[[Row], Any] = itemgetter(slice(self.key_width))
        """The key within a row."""


def _reader(record: type[R]) -> Callable[[Row], R]:
    # The structs take keywords only. A call with its keywords spelled out is a third faster than one with a dict of
    # them, and rows are read several times a payment; so the call is spelled out once, from the struct's own fields.
    keywords = ", ".join(f"{name}=row[{place}]" for place, name in enumerate(record.__struct_fields__))
    reader: Callable[[Row], R] = eval(f"lambda row: record({keywords})", {"record": record})
    return reader


SHAPES: dict[type[Any], RowShape[Any]] = {record: RowShape(record) for record in ALL_RECORDS}
