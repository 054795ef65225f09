"""What an office counts, read when somebody asks: the figures of `figures.toml`."""

from collections.abc import Mapping
from functools import cache

from ..basics.errors import Fault, Misuse
from ..basics.figures import FigureRow, Figures, Readiness, load_figures
from ..web.counts import AnswerCounts
from .desk import OfficeDesk


@cache
def figure_rows() -> Mapping[str, FigureRow]:
    """All figures by name."""
    return load_figures(__package__)


def read_figures(desk: OfficeDesk, counts: AnswerCounts) -> Figures:
    """Every figure of the table as it stands now."""
    return {
        "zhanggui_office_http_requests_total": dict(counts.by_status),
        "zhanggui_office_http_request_seconds_total": counts.seconds,
        "zhanggui_office_streams": desk.streams.count,
        "zhanggui_office_host_up": int(not desk.reads_only()),
    }


async def read_readiness(desk: OfficeDesk) -> Readiness:
    """Whether the database is read, and whether there is a host that would do anything."""
    try:
        await desk.read(lambda queries: None)
    except (Fault, Misuse):
        return Readiness(ready=False, degraded=[])
    return Readiness(ready=True, degraded=["host_away"] if desk.reads_only() else [])
