"""What the simulated bank counts, read when somebody asks: the figures of `bank/figures.toml`."""

from collections.abc import Mapping
from functools import cache

from ..bank.server import Bank
from ..basics.figures import FigureRow, Figures, Readiness, load_figures


@cache
def figure_rows() -> Mapping[str, FigureRow]:
    """All figures by name."""
    return load_figures("zhanggui.bank")


def read_figures(bank: Bank) -> Figures:
    """Every figure of the table as it stands now."""
    return {"zhanggui_bank_connections": bank.connections, "zhanggui_bank_requests_total": dict(bank.decided)}


async def read_readiness(bank: Bank) -> Readiness:
    """Whether it takes requests."""
    return Readiness(ready=bank.is_open, degraded=[])
