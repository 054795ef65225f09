"""What a route is. Each names the right that it asks for; one without a right is for whoever has not signed in yet, and says why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from litestar import Response

from .visit import Visit

Method = Literal["GET", "POST"]
Answer = Callable[[Visit], Awaitable[Response[Any]]]


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody must be allowed: to view, to do or to export something of an area of the office."""

    area: str
    what: Literal["view", "do", "export"] = "view"


@dataclass(frozen=True, slots=True)
class Everybody:
    """In place of a right: open to all, for this reason. `signed_in`: to all who have signed in."""

    why: str
    signed_in: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the office: method, path (`/payments/{trace:str}`), who may, and what answers."""

    method: Method
    path: str
    right: Right | Everybody
    answer: Answer
