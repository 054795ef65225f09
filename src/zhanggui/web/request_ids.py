"""What a request to a page or to the interface is called: in the log of each program that has a part in it, and in its answer."""

import time
from typing import Any

from litestar import Request
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import Message, Scope

from ..edges.logs import called_now, request_id
from .counts import BEGAN

HEADER = "X-Request-Id"
PLACE = "request_id"
"""Where it stands in the state of a request."""


async def begin(request: Request[Any, Any, Any]) -> None:
    """Before whatever answers: from here on its name stands in each line that is logged for it."""
    called_now(_name(request.scope))
    request.scope["state"][BEGAN] = time.perf_counter()


async def name_answer(message: Message, scope: Scope) -> None:
    """Say in the answer what its request is called, also where nothing of ours came to answer."""
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message)[HEADER] = _name(scope)


def _name(scope: Scope) -> str:
    """As it was called, or is from now on."""
    state: dict[str, Any] = scope.setdefault("state", {})
    name: str = state.setdefault(PLACE, "") or request_id(Headers.from_scope(scope).get(HEADER.lower(), ""))
    state[PLACE] = name
    return name
