"""The page's routes, and serving them."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, get, post, websocket
from litestar.app import Litestar
from litestar.connection import ASGIConnection, WebSocket
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler, WebsocketRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ...basics.bad_json import BAD_JSON
from ...basics.errors import Misuse
from ...web.counts import AnswerCounts
from ...web.guards import Guard, same_origin
from ...web.languages import lang_of
from ...web.pages import Templates, build_app, where_of
from ...web.serving import Tls, names_of, serve
from ..face import TerminalFace
from .live import CLOSE_POLICY, run_live
from .messages import SIGNATURE_BYTES_MAX, write_slip
from .open_pages import PAGES_PER_TERMINAL_MAX, OpenPages
from .pairing import Pairing

PAIR = "/pair"
COOKIE = "__Host-zhanggui_page"
"""A door is only where the page comes encrypted: the browser keeps such a name to this host and to that way (RFC 6265bis, 4.1.3.2)."""
COOKIE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""
CODE_CHARACTERS_MAX = 32
CLOSE_FAILED = 1011
CLOSE_TRY_LATER = 1013
Terminals = Mapping[str, TerminalFace]

_log = structlog.get_logger("zhanggui.terminal.page")


class PairMessage(msgspec.Struct, frozen=True):
    """What the door's page sends."""

    code: Annotated[str, msgspec.Meta(max_length=CODE_CHARACTERS_MAX)]


def build_page(
    terminals: Terminals,
    *,
    hosts: Collection[str] = (),
    demo: bool = False,
    pairing: Pairing | None = None,
    counts: AnswerCounts | None = None,
) -> Litestar:
    """Make the application that shows these terminals, each by its number.

    `hosts` are names under which the page may be opened, beside addresses and localhost. With `demo` the first page tells the
    numbers and passwords of the demo data, which stand in the tutorial too; they are nobody's secrets. With `pairing` only devices
    that were paired get in.
    """
    templates = Templates(__package__)
    return build_app(
        __package__,
        [
            _front_route(terminals, templates, demo=demo),
            _terminal_route(terminals, templates),
            _slip_route(terminals),
            _live_route(terminals),
            *([_pair_route(pairing)] if pairing is not None else []),
        ],
        error_page=lambda status: (
            templates.text("pair.html")
            if pairing is not None and status == HTTPStatus.UNAUTHORIZED
            else templates.text("error.html", status=status, numbers=sorted(terminals) if pairing is None else ())
        ),
        hosts=hosts,
        guards=[_paired(pairing)] if pairing is not None else [],
        body_bytes_max=SIGNATURE_BYTES_MAX,
        counts=counts,
    )


async def serve_page(
    terminals: Terminals,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    demo: bool = False,
    pairing: Pairing | None = None,
    tls: Tls | None = None,
    counts: AnswerCounts | None = None,
) -> None:
    """Serve the page until cancelled or until `stop` is set; sockets of pages are closed at once then.

    `ready` is called with the page's address once connections are accepted; port 0 takes any free one. Misuse when the
    address or port can't be had. `demo` and `pairing` are as for `build_page`; with `tls` it is served encrypted.
    """
    app = build_page(terminals, hosts=names_of(host), demo=demo, pairing=pairing, counts=counts)
    await serve(app, host, port, message_bytes_max=SIGNATURE_BYTES_MAX, ready=ready, stop=stop, tls=tls)


def _paired(pairing: Pairing) -> Guard:
    """Only devices that were paired get in; whoever was not gets the door's own page and files, and nothing of any terminal."""

    def guard(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        path = connection.scope["path"]
        if path == PAIR or path.startswith("/static/"):
            return
        if not pairing.knows(connection.cookies.get(COOKIE, "")):
            raise HTTPException(status_code=HTTPStatus.UNAUTHORIZED, detail="this device was not paired")

    return guard


def _pair_route(pairing: Pairing) -> HTTPRouteHandler:
    """`POST /pair`: the code for a secret of one's own."""

    @post(PAIR, status_code=HTTPStatus.NO_CONTENT)
    async def pair(request: Request[Any, Any, Any]) -> Response[None]:
        if not same_origin(request.headers):
            raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="asked by a page of another origin")
        try:
            typed = msgspec.json.decode(await request.body(), type=PairMessage).code
        except BAD_JSON:
            raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="no code") from None
        outcome = pairing.pair(typed, request.client.host if request.client is not None else "")
        if outcome == "wait":
            raise HTTPException(status_code=HTTPStatus.TOO_MANY_REQUESTS, detail="too many wrong codes")
        if outcome == "wrong":
            raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="not the code")
        cookie = Cookie(
            key=COOKIE, value=outcome, max_age=COOKIE_S, secure=True, httponly=True, samesite="strict", path="/"
        )
        return Response(None, cookies=[cookie], status_code=HTTPStatus.NO_CONTENT)

    return pair


def _terminal_of(terminals: Terminals, number: str) -> TerminalFace:
    if number not in terminals:
        raise NotFoundException(detail="no terminal of this number")
    return terminals[number]


def _front_route(terminals: Terminals, templates: Templates, *, demo: bool) -> HTTPRouteHandler:
    """`/`: which terminals there are, or the only one."""

    @get("/")
    async def front(request: Request[Any, Any, Any]) -> Response[Any]:
        if len(terminals) == 1:
            return Redirect(f"/t/{next(iter(terminals))}", status_code=303)
        listed = [terminals[number] for number in sorted(terminals)]
        return templates.answer("terminals.html", terminals=listed, lang=lang_of(request), demo=demo)

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
