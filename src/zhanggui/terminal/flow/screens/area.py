"""How an area of the flow says what it has: its stages, its rows of the table, its drawings and its entrances. `machine` joins them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..core.effects import Effect
from ..core.events import Event
from ..core.stage import Stage
from ..core.state import State
from ..core.step import Step
from ..core.ways import Way
from .screens import Screen

S = TypeVar("S", bound=Stage)
E = TypeVar("E", bound=Event)
W = TypeVar("W", bound=Way)

Target = type[Stage] | type[Way]
"""Where a handler may lead: to a stage of its own area or of the core, or through a way."""
Draw = Callable[[State, Any], Screen]


class Row(NamedTuple):
    """One row of the table; `leads_to` names every stage that the handler may enter, and every way that it may take."""

    stage: type[Stage]
    event: type[Event]
    request: str
    handler: Callable[[State, Any, Any], Step]
    leads_to: tuple[Target, ...]


class Entrance(NamedTuple):
    """What a way leads to."""

    way: type[Way]
    enter: Callable[[State, Any], Step]
    leads_to: tuple[Target, ...]


class Area(NamedTuple):
    """One area. `everywhere` holds for every stage that has no row of its own for the event."""

    drawings: Mapping[type[Stage], Draw]
    rows: tuple[Row, ...]
    entrances: tuple[Entrance, ...] = ()
    everywhere: tuple[Row, ...] = ()


def row(
    stage: type[S],
    event: type[E],
    handler: Callable[[State, S, E], Step],
    *leads_to: Target,
    request: type[Effect] | None = None,
) -> Row:
    """Make a row; the type checker sees that the handler takes this stage and this event.

    For answers, `request` is the effect that they answer.
    """
    return Row(stage, event, request.__name__ if request else "", handler, leads_to)


def entrance(way: type[W], enter: Callable[[State, W], Step], *leads_to: Target) -> Entrance:
    """Make an entrance; the type checker sees that it takes this way."""
    return Entrance(way, enter, leads_to)


def shows(stage: type[S], draw: Callable[[State, S], Screen]) -> tuple[type[Stage], Draw]:
    """One drawing; the type checker sees that it takes this stage."""
    return stage, draw
