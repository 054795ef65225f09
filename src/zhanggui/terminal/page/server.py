"""The page's server: its routes, and running it inside a loop that belongs to somebody else."""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import structlog
import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from litestar import Litestar, Request, Response, get, websocket
from litestar.connection import WebSocket
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from ...basics.errors import Misuse
from ...edges.watched import short_task
from ..face import TerminalFace
from .assets import load_assets
from .guards import known_host, same_origin, secure_answer
from .live import CLOSE_POLICY, run_live, where_of
from .messages import SIGNATURE_BYTES_MAX, write_slip

PAGES_PER_TERMINAL_MAX = 16
"""Pages that may be open on one terminal at a time; one more is told to try again later."""
CLOSE_FAILED = 1011
CLOSE_TRY_LATER = 1013
SHUTDOWN_S_MAX = 2
"""Seconds that answers under way may take when the server ends."""

HTML = "text/html; charset=utf-8"

_log = structlog.get_logger("zhanggui.terminal.page")


def build_page(terminals: Mapping[str, TerminalFace], *, hosts: Collection[str] = ()) -> Litestar:
    """Make the application that shows these terminals, each by its number.

    `hosts` are names under which the page may be opened, beside addresses and localhost.
    """
    templates = Environment(
        loader=PackageLoader(__package__), autoescape=select_autoescape(["html"]), undefined=StrictUndefined
    )
    assets = load_assets()
    open_pages: Counter[str] = Counter()

    def html(name: str, **values: object) -> Response[str]:
        return Response(templates.get_template(name).render(**values), media_type=HTML)

    def error_page(status: int) -> Response[str]:
        body = templates.get_template("error.html").render(status=status, numbers=sorted(terminals))
        return Response(body, status_code=status, media_type=HTML)

    def terminal_of(number: str) -> TerminalFace:
        if number not in terminals:
            raise NotFoundException(detail="no terminal of this number")
        return terminals[number]

    def say_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
        return error_page(error.status_code)

    def say_failure(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        _log.error("page failed", kind=type(error).__name__, where=where_of(error))
        return error_page(HTTPStatus.INTERNAL_SERVER_ERROR)

    @get("/")
    async def front() -> Response[Any]:
        if len(terminals) == 1:
            return Redirect(f"/t/{next(iter(terminals))}", status_code=303)
        return html("terminals.html", terminals=[terminals[number] for number in sorted(terminals)])

    @get("/t/{number:str}")
    async def page(number: FromPath[str]) -> Response[str]:
        terminal = terminal_of(number)
        return html("terminal.html", terminal=terminal, profile=terminal.profile, lang=terminal.view().lang)

    @get("/t/{number:str}/slips/{slip_id:str}")
    async def slip(number: FromPath[str], slip_id: FromPath[str]) -> Response[bytes]:
        terminal = terminal_of(number)
        try:
            layout = write_slip(terminal.slip(slip_id), terminal.signature(slip_id))
        except Misuse:
            raise NotFoundException(detail="no slip of this number") from None
        return Response(layout, media_type="application/json")

    @get("/static/{name:str}")
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        asset = assets.get(name)
        if asset is None:
            raise NotFoundException(detail="no file of this name")
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers, media_type=asset.media_type)
        return Response(asset.body, headers=headers, media_type=asset.media_type)

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
        if open_pages[number] >= PAGES_PER_TERMINAL_MAX:
            _log.warning("page refused", reason="too many pages are open", terminal=number, most=PAGES_PER_TERMINAL_MAX)
            await socket.close(CLOSE_TRY_LATER, "too many pages")
            return
        open_pages[number] += 1
        try:
            await run_live(socket, terminal)
        except Exception as error:
            _log.error("page failed", terminal=number, kind=type(error).__name__, where=where_of(error))
            await socket.close(CLOSE_FAILED, "page failed")
        finally:
            open_pages[number] -= 1

    return Litestar(
        [front, page, slip, static, live],
        before_send=[secure_answer],
        exception_handlers={HTTPException: say_http_error, Exception: say_failure},
        guards=[known_host(hosts)],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=SIGNATURE_BYTES_MAX,
    )


async def serve_page(
    terminals: Mapping[str, TerminalFace],
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve the page until cancelled or until `stop` is set; sockets of pages are closed at once then.

    `ready` is called with the page's address once connections are accepted; port 0 takes any free one. Misuse when the
    address or port can't be had.
    """
    listening = _listen(host, port)
    address = _address(host, listening)
    machine = socket.gethostname()
    app = build_page(terminals, hosts=(host, machine, f"{machine}.local"))
    config = uvicorn.Config(
        app,
        access_log=False,
        http="h11",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S_MAX,
        ws="websockets-sansio",
        ws_max_size=SIGNATURE_BYTES_MAX,
        ws_per_message_deflate=False,
    )
    server = _GuestServer(config, lambda: ready(address) if ready else None)
    running = short_task(server.serve(sockets=[listening]))
    stopping = short_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Cancelling uvicorn would leave its connections open, so it is asked, and waited for, in every case.
        stopping.cancel()
        server.should_exit = True
        await running


class _GuestServer(uvicorn.Server):
    """A server that is a guest in somebody's loop: it leaves signals to the host and tells when it accepts."""

    def __init__(self, config: uvicorn.Config, accepting: Callable[[], None]) -> None:
        super().__init__(config)
        self._accepting = accepting

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accepting()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror:
        raise Misuse(f"the page cannot be served on '{host}': no address of that name; use 127.0.0.1") from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen()
    except OSError as error:
        listening.close()
        raise Misuse(_why_not(error, host, port)) from None
    listening.setblocking(False)
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use by another program; end that program or choose another port for the page"
        case errno.EACCES:
            return f"port {port} on {host} may not be used by this user; choose a port above 1023 for the page"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; serve the page on 127.0.0.1 or on one of its own addresses"
        case _:
            return f"port {port} on {host} cannot be opened ({error.strerror}); choose another address or port for the page"


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
