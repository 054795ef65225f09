"""What a question asks the store for, as data: which records, by which conditions, in which order. `asked_rows.py` makes SQL of it.

The where-clause of a list, of its next page, of its totals and of its export is one value, so they can't differ.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ...acquirer.rows.records import Record

Cell: TypeAlias = str | int | None
Key: TypeAlias = tuple[Cell, ...]
"""Where a row stands in the order of its list: the values of the columns of the order."""


class Is(NamedTuple):
    """The column has one of these values."""

    column: str
    values: tuple[Cell, ...]


class IsNot(NamedTuple):
    """The column has none of these values."""

    column: str
    values: tuple[Cell, ...]


class Within(NamedTuple):
    """least ≤ the column < below; None: no bound on that side."""

    column: str
    least: Cell = None
    below: Cell = None


class Absent(NamedTuple):
    """The column holds nothing; `is_absent` False: it holds something."""

    column: str
    is_absent: bool = True


class Ends(NamedTuple):
    """The text ends so."""

    column: str
    tail: str


class Holds(NamedTuple):
    """The text holds this somewhere."""

    column: str
    part: str


class AnyOf(NamedTuple):
    """One of the arms holds whole."""

    arms: tuple[tuple["Condition", ...], ...]


Condition: TypeAlias = Is | IsNot | Within | Absent | Ends | Holds | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Records by conditions, in an order that no two rows share: `by`, then the key, all in the same direction."""

    kind: type[Record]
    by: str
    """The column of the order, or empty: the key alone."""
    newest_first: bool
    where: tuple[Condition, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The columns of the order."""
        return (self.by, *self.kind.KEY) if self.by else self.kind.KEY

    def key_of(self, row: Record) -> Key:
        """Where a row stands in the order."""
        return tuple(getattr(row, name) for name in self.order)


def holds(asked: Condition, row: object) -> bool:
    """Whether a row in memory meets the condition, as the database would say it."""
    if isinstance(asked, AnyOf):
        return any(all(holds(one, row) for one in arm) for arm in asked.arms)
    value: Cell = getattr(row, asked.column)
    match asked:
        case Absent(_, is_absent):
            return (value is None) is is_absent
        case _ if value is None:
            return False
        case Is(_, values):
            return value in values
        case IsNot(_, values):
            return value not in values
        case Within(_, least, below):
            return (least is None or value >= least) and (below is None or value < below)  # type: ignore[operator]  # of one type
        case Ends(_, tail):
            return str(value).endswith(tail)
        case Holds(_, part):
            return part.lower() in str(value).lower()
