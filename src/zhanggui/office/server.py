"""The office as an application, and serving it."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from litestar import Litestar

from ..web.counts import AnswerCounts
from ..web.pages import Templates, build_app
from ..web.serving import Tls, names_of, serve
from .api.gate import ApiGate, api_error
from .api.table import ROUTES as API_ROUTES
from .desk import OfficeDesk
from .gate import FORM_BYTES_MAX, Gate
from .table import ROUTES


def build_office(
    desk: OfficeDesk, *, hosts: Collection[str] = (), secure: bool = False, counts: AnswerCounts | None = None
) -> Litestar:
    """The application. `hosts` are names under which it may be opened; `secure`: it is served encrypted."""
    gate = Gate(desk, Templates(__package__), ROUTES, secure=secure)
    return build_app(
        __package__,
        [*gate.handlers(), *ApiGate(replace(desk, read=desk.read_for_program), API_ROUTES).handlers()],
        error_page=gate.error_page,
        hosts=hosts,
        body_bytes_max=FORM_BYTES_MAX,
        forms=True,
        error_answer=api_error,
        counts=counts,
    )


async def serve_office(
    desk: OfficeDesk,
    host: str,
    port: int,
    *,
    hosts: Collection[str] = (),
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    tls: Tls | None = None,
    counts: AnswerCounts | None = None,
) -> None:
    """Serve the office until cancelled or until `stop` is set. CannotListen when the address or port can't be had."""
    app = build_office(desk, hosts=(*names_of(host), *hosts), secure=tls is not None, counts=counts)
    await serve(app, host, port, message_bytes_max=FORM_BYTES_MAX, ready=ready, stop=stop, tls=tls)
