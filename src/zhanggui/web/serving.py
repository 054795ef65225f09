"""Running an application inside a loop that belongs to somebody else: addresses, plain errors, a calm end."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from ..basics.errors import Misuse
from ..edges.listener import CannotListen
from ..edges.watched import short_task
from .lines import PatientProtocol

ACCEPT_AT_ONCE = 64
"""Connections accepted in one turn of the loop, before the bound of `lines.py` is looked at."""
SHUTDOWN_S_MAX = 2
"""Seconds that answers under way may take when the server ends."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate and key, as PEM files."""

    certificate: Path
    key: Path


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches what is served there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def names_of(host: str) -> tuple[str, ...]:
    """The names under which pages may be opened when they are served on `host`: that, and what this machine calls itself."""
    machine = socket.gethostname()
    return (host, machine, f"{machine}.local")


async def serve(
    app: Litestar,
    host: str,
    port: int,
    *,
    message_bytes_max: int,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    tls: Tls | None = None,
    lines: type[PatientProtocol] = PatientProtocol,
) -> None:
    """Serve an application until cancelled or until `stop` is set; sockets of pages are closed at once then.

    `ready` is called with the address once connections are accepted; port 0 takes any free one. `message_bytes_max` bounds
    what comes over a socket at once. `tls` serves it encrypted, `lines` has other bounds
    than pages need. CannotListen when the address or port can't be had, Misuse for a
    certificate that can't be used.
    """
    listening = _listen(host, port)
    address = _address(host, listening, "http" if tls is None else "https")
    config = uvicorn.Config(
        head_as_get(app),
        access_log=False,
        backlog=ACCEPT_AT_ONCE,
        http=lines,
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=None if tls is None else str(tls.certificate),
        ssl_keyfile=None if tls is None else str(tls.key),
        timeout_graceful_shutdown=SHUTDOWN_S_MAX,
        ws="websockets-sansio",
        ws_max_size=message_bytes_max,
        ws_per_message_deflate=False,
    )
    if tls is not None:
        try:
            config.load()
        except (OSError, ValueError) as error:
            listening.close()
            raise Misuse(f"the page's certificate {tls.certificate} or its key can't be used ({error})") from None
        if config.ssl is not None:
            # Whatever the machine's own settings of TLS allow.
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
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


def head_as_get(app: ASGIApp) -> ASGIApp:
    """An application that answers HEAD as it would answer GET, without the body: the routes know GET alone (RFC 9110, 9.3.2)."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == HttpMethod.HEAD:
            # A copy: the server looks at its own and leaves the body out.
            scope = scope.copy()
            scope["method"] = HttpMethod.GET
        await app(scope, receive, send)

    return answer


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
        raise CannotListen(f"the page cannot be served on '{host}': no address of that name; use 127.0.0.1") from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen()
    except OSError as error:
        listening.close()
        raise CannotListen(_why_not(error, host, port)) from None
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


def _address(host: str, listening: socket.socket, scheme: str) -> str:
    port = listening.getsockname()[1]
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"
