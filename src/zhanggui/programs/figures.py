"""The figures of a host as a part of its program."""

from contextlib import AsyncExitStack

from ..host.figures import figure_rows, read_figures, read_readiness
from ..host.server import Host
from .served import start_serving
from .settings import Settings

MESSAGE_BYTES_MAX = 1_024


async def start_figures(settings: Settings, host: Host, stack: AsyncExitStack) -> str:
    """Serve `/metrics`, `/health` and `/ready` where the settings name an address for them; the answer is it, empty where nowhere."""
    section = settings.metrics
    if not section.listen:
        return ""
    # The web framework takes a third of a second to import, and only pages need it.
    from ..web.figures import build_figures_app
    from ..web.serving import serve

    app = build_figures_app(
        figure_rows(), lambda: read_figures(host), lambda: read_readiness(host), hosts=(section.listen,)
    )
    return await start_serving(
        "figures",
        "metrics",
        lambda ready: serve(app, section.listen, section.port, message_bytes_max=MESSAGE_BYTES_MAX, ready=ready),
        stack,
    )
