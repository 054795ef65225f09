"""The operations of the terminals' door as the host does them: one row each, whatever the line.

A new one: its question and answer in `cup/door/asks.py`, its rule in `acquirer`, its row here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from ...acquirer.rows.decision import Decision
from ...acquirer.rows.state import Needs, State
from ...acquirer.terminals.door import decide_standing
from ...basics.numbers import UnixMs
from ...cup.door.asks import STANDING, Operation, Question
from ...cup.door.calls import DoorCall

Q = TypeVar("Q", bound=Question)
A = TypeVar("A", bound=msgspec.Struct)


def nothing_more(call: DoorCall, asked: Question) -> Needs:
    """The terminal's own rows are enough."""
    return Needs()


class DoorRow(msgspec.Struct, Generic[Q, A], frozen=True):
    """One operation."""

    operation: Operation[Q, A]
    needs: Callable[[DoorCall, Q], Needs]
    """Rows beside the terminal's own."""
    decide: Callable[[State, DoorCall, Q, UnixMs], Decision]
    for_all: bool = False
    """Whether also a terminal may ask that is locked, lost or opened, or whose shop is suspended."""


DOOR_ROWS: Mapping[str, DoorRow[Any, Any]] = MappingProxyType(
    {row.operation.name: row for row in (DoorRow(STANDING, nothing_more, decide_standing, for_all=True),)}
)
"""Every operation by its name."""
