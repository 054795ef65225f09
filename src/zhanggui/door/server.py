"""`POST /door/OPERATION`: a terminal's sealed call, answered once what it does is durable (`cup/door/calls.py`)."""

import asyncio
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from litestar import Request, Response, post
from litestar.app import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ..basics.errors import Fault
from ..cup.door.calls import CALL_BYTES_MAX, DoorCall, read_call
from ..web.lines import patient
from ..web.pages import build_app
from ..web.serving import serve

SEALED = "application/octet-stream"
LINES_MAX, FILES_SHARE = 4_096, 1 / 4
"""A fleet calls here, all of it at once after a power cut: one line a terminal, for as long as a call takes."""
_log = structlog.get_logger("zhanggui.door")


class DoorDesk(Protocol):
    """The host, as terminals see it here."""

    async def ask(self, call: DoorCall, body: bytes, peer: str) -> bytes | None:
        """The sealed answer; None to what proves nothing. Raises Fault when it could not be written, `crowded` to a flood."""
        ...


class TerminalDoor:
    """The route over one host, which does these operations. `crowded` is what it raises to a flood."""

    def __init__(self, desk: DoorDesk, operations: Collection[str], crowded: type[Exception]) -> None:
        self._desk, self._operations, self._crowded = desk, operations, crowded

    def route(self) -> HTTPRouteHandler:
        """The one route."""

        @post("/door/{operation:str}", status_code=HTTPStatus.OK)
        async def call(request: Request[Any, Any, Any], operation: FromPath[str]) -> Response[bytes]:
            return await self._hear(request, operation)

        return call

    async def _hear(self, request: Request[Any, Any, Any], operation: str) -> Response[bytes]:
        if operation not in self._operations:
            return _bare(HTTPStatus.NOT_FOUND)
        call = read_call(operation, request.headers)
        if call is None:
            return _bare(HTTPStatus.UNAUTHORIZED)
        peer = request.client.host if request.client is not None else ""
        try:
            answer = await self._desk.ask(call, await request.body(), peer)
        except self._crowded:
            return _bare(HTTPStatus.TOO_MANY_REQUESTS)
        except Fault as error:
            _log.error("door_not_answered", operation=operation, reason=str(error))
            return _bare(HTTPStatus.SERVICE_UNAVAILABLE)
        return _bare(HTTPStatus.UNAUTHORIZED) if answer is None else Response(answer, media_type=SEALED)


def _bare(status: HTTPStatus) -> Response[bytes]:
    return Response(b"", status_code=status, media_type=SEALED)


def build_door(door: TerminalDoor) -> Litestar:
    """The application. A terminal finds it by any name: no browser and no cookie has a part here."""
    return build_app(
        __package__, [door.route()], error_page=lambda status: "", hosts=None, body_bytes_max=CALL_BYTES_MAX
    )


async def serve_door(
    door: TerminalDoor,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until cancelled or until `stop` is set; `ready` hears the address. Port 0 takes any free one.

    It is not encrypted also beyond this machine: what is said is sealed, and who speaks about what no secret.
    """
    await serve(
        build_door(door),
        host,
        port,
        message_bytes_max=CALL_BYTES_MAX,
        ready=ready,
        stop=stop,
        lines=patient(LINES_MAX, FILES_SHARE),
    )
