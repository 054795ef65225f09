"""What a program of terminals counts, read when somebody asks: the figures of `terminal/figures.toml`."""

from collections.abc import Collection, Mapping
from functools import cache

from ..basics.figures import FigureRow, Figures, Readiness, load_figures
from ..terminal.link.host_exchange import exchanges
from ..web.counts import AnswerCounts


@cache
def figure_rows() -> Mapping[str, FigureRow]:
    """All figures by name."""
    return load_figures("zhanggui.terminal")


def read_figures(running: Collection[bool], counts: AnswerCounts) -> Figures:
    """Every figure of the table as it stands now."""
    return {
        "zhanggui_terminal_terminals": sum(running),
        "zhanggui_terminal_exchanges_total": dict(exchanges),
        "zhanggui_terminal_http_requests_total": dict(counts.by_status),
        "zhanggui_terminal_http_request_seconds_total": counts.seconds,
    }


def readiness(running: Collection[bool]) -> Readiness:
    """Whether one of the terminals runs."""
    return Readiness(ready=any(running), degraded=[] if all(running) else ["terminals_stopped"])
