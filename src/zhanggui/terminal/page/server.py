"""The page's routes, and serving them."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

import structlog
from litestar import Request, Response, get, websocket
from litestar.app import Litestar
from litestar.connection import WebSocket
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ...basics.errors import Misuse
from ...basics.words import Lang
from ...web.guards import same_origin
from ...web.pages import Templates, build_app, where_of
from ...web.serving import names_of, serve
from ..face import TerminalFace
from .live import CLOSE_POLICY, run_live
from .messages import SIGNATURE_BYTES_MAX, write_slip
from .open_pages import PAGES_PER_TERMINAL_MAX, OpenPages

CLOSE_FAILED = 1011
CLOSE_TRY_LATER = 1013
Terminals = Mapping[str, TerminalFace]

_log = structlog.get_logger("zhanggui.terminal.page")


def build_page(terminals: Terminals, *, hosts: Collection[str] = (), demo: bool = False) -> Litestar:
    """Make the application that shows these terminals, each by its number.

    `hosts` are names under which the page may be opened, beside addresses and localhost. With `demo` the first page tells the
    numbers and passwords of the demo data, which stand in the tutorial too; they are nobody's secrets.
    """
    templates = Templates(__package__)
    return build_app(
        __package__,
        [
            _front_route(terminals, templates, demo=demo),
            _terminal_route(terminals, templates),
            _slip_route(terminals),
            _live_route(terminals),
        ],
        error_page=lambda status: templates.text("error.html", status=status, numbers=sorted(terminals)),
        hosts=hosts,
        body_bytes_max=SIGNATURE_BYTES_MAX,
    )


async def serve_page(
    terminals: Terminals,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    demo: bool = False,
) -> None:
    """Serve the page until cancelled or until `stop` is set; sockets of pages are closed at once then.

    `ready` is called with the page's address once connections are accepted; port 0 takes any free one. Misuse when the
    address or port can't be had. `demo` is as for `build_page`.
    """
    app = build_page(terminals, hosts=names_of(host), demo=demo)
    await serve(app, host, port, message_bytes_max=SIGNATURE_BYTES_MAX, ready=ready, stop=stop)


def _terminal_of(terminals: Terminals, number: str) -> TerminalFace:
    if number not in terminals:
        raise NotFoundException(detail="no terminal of this number")
    return terminals[number]


def _lang_wanted(request: Request[Any, Any, Any]) -> Lang:
    """The language of a page that has no terminal: as chosen in its address, else the one that the browser names first."""
    chosen = request.query_params.get("lang")
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def _front_route(terminals: Terminals, templates: Templates, *, demo: bool) -> HTTPRouteHandler:
    """`/`: which terminals there are, or the only one."""

    @get("/")
    async def front(request: Request[Any, Any, Any]) -> Response[Any]:
        if len(terminals) == 1:
            return Redirect(f"/t/{next(iter(terminals))}", status_code=303)
        listed = [terminals[number] for number in sorted(terminals)]
        return templates.answer("terminals.html", terminals=listed, lang=_lang_wanted(request), demo=demo)

    return front


def _terminal_route(terminals: Terminals, templates: Templates) -> HTTPRouteHandler:
    """`/t/NUMBER`: the page of one terminal."""

    @get("/t/{number:str}")
    async def page(number: FromPath[str]) -> Response[str]:
        terminal = _terminal_of(terminals, number)
        return templates.answer("terminal.html", terminal=terminal, profile=terminal.profile, lang=terminal.view().lang)

    return page


def _slip_route(terminals: Terminals) -> HTTPRouteHandler:
    """`/t/NUMBER/slips/ID`: a slip as it was printed."""

    @get("/t/{number:str}/slips/{slip_id:str}")
    async def slip(number: FromPath[str], slip_id: FromPath[str]) -> Response[bytes]:
        terminal = _terminal_of(terminals, number)
        try:
            layout = write_slip(terminal.slip(slip_id), terminal.signature(slip_id))
        except Misuse:
            raise NotFoundException(detail="no slip of this number") from None
        return Response(layout, media_type="application/json")

    return slip


def _live_route(terminals: Terminals) -> WebsocketRouteHandler:
    """`/t/NUMBER/live`: screens one way, keys the other; only for a page of this very host, and not for too many."""
    open_pages = OpenPages()

    @websocket("/t/{number:str}/live")
    async def live(socket: WebSocket[Any, Any, Any], number: FromPath[str]) -> None:
        if not same_origin(socket.headers):
            _log.warning("page refused", reason="opened by a page of another origin", terminal=number)
            await socket.close(CLOSE_POLICY)
            return
        terminal = terminals.get(number)
        if terminal is None:
            await socket.close(CLOSE_POLICY)
            return
        await socket.accept()
        leaver = open_pages.enter(number, socket)
        if leaver is not None:
            _log.warning("page closed", reason="too many pages are open", terminal=number, most=PAGES_PER_TERMINAL_MAX)
            await leaver.close(CLOSE_TRY_LATER, "too many pages")
        try:
            await run_live(socket, terminal, lambda: open_pages.heard(number, socket))
        except Exception as error:
            _log.error("page failed", terminal=number, kind=type(error).__name__, where=where_of(error))
            await socket.close(CLOSE_FAILED, "page failed")
        finally:
            open_pages.leave(number, socket)

    return live
