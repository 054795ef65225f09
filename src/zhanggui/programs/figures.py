"""The figures of programs, each on a port of its own."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from ..basics.figures import FigureRow, Figures, Readiness
from ..host.figures import figure_rows, read_figures, read_readiness
from ..host.server import Host
from .served import start_serving
from .settings import Settings

MESSAGE_BYTES_MAX = 1_024


async def serve_figures(
    settings: Settings,
    port: int,
    rows: Mapping[str, FigureRow],
    read: Callable[[], Figures],
    ready: Callable[[], Awaitable[Readiness]],
    stack: AsyncExitStack,
) -> str:
    """Serve `/metrics`, `/health` and `/ready` where the settings name an address for them; the answer is it, empty where nowhere."""
    listen = settings.metrics.listen
    if not listen:
        return ""
    # The web framework takes a third of a second to import, and only pages need it.
    from ..web.figures import build_figures_app
    from ..web.serving import serve

    app = build_figures_app(rows, read, ready, hosts=(listen,))
    return await start_serving(
        "figures",
        "metrics",
        lambda told: serve(app, listen, port, message_bytes_max=MESSAGE_BYTES_MAX, ready=told),
        stack,
    )


async def start_figures(settings: Settings, host: Host, stack: AsyncExitStack) -> str:
    """Serve those of a host."""
    return await serve_figures(
        settings,
        settings.metrics.port,
        figure_rows(),
        lambda: read_figures(host),
        lambda: read_readiness(host),
        stack,
    )
