"""What a route of the interface is: its right, what it leaves in the notes, how `openapi.json` tells of it, and what answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Response

from ...basics.words import Word
from ..routes import Everybody, Method, Right
from .call import Call

BASE = "/api/v1"


@dataclass(frozen=True, slots=True)
class Noted:
    """It leaves the note of this act in the chain."""

    action: str


@dataclass(frozen=True, slots=True)
class NotNoted:
    """It leaves no note, for this reason."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of the address."""

    name: str
    said: Word
    choices: tuple[str, ...] = ()
    """All that it may be, where that is a few words; several with commas between them."""
    is_required: bool = False
    is_one: bool = False
    """Of the choices exactly one, where a filter takes several."""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What `openapi.json` says of a route."""

    name: str
    said: Word
    group: str
    """By which routes stand together: an area of the rights, or empty."""
    parameters: tuple[Parameter, ...] = ()
    """Those behind `?`."""
    body: type | None = None
    answers: tuple[tuple[int, type | None], ...] = ()
    """Good answers by status, with the shape of their JSON; None: it is none of ours to shape."""
    media_types: tuple[str, ...] = ()
    """What a good answer is where it is no JSON of ours: a file in one of these."""
    refuses: bool = False
    """Whether a rule may refuse it, though it has no body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """One address of the interface. None of these can be left out: a route without right, note or description can't be written."""

    method: Method
    path: str
    """Below `/api/v1`."""
    right: Right | Everybody
    note: Noted | NotNoted
    operation: Operation
    answer: Callable[[Call], Awaitable[Response[Any]]]
