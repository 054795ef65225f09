"""What a host counts, read when somebody asks: the figures of `figures.toml`, from counts that are there anyway.

Nothing is counted for this a message: the engine adds two numbers a batch. No label is a number of a shop, a terminal or a card.
"""

from collections.abc import Mapping
from functools import cache

from ..basics.figures import FigureRow, Figures, Readiness, load_figures
from ..edges.watched import failures
from .server import Host

METRICS_TOLD = (
    "Metrics 指标",
    "What programs count. With the setting `metrics.listen` (`ZHANGGUI_METRICS_LISTEN=127.0.0.1`) each serves its own at `/metrics` for "
    "Prometheus: the host on `metrics.port`, the office, terminals and bank on `metrics.office_port`, `metrics.terminal_port` and "
    "`metrics.bank_port`, whether they run by themselves or in one process. They stand on no port that browsers or terminals use. They "
    "are read when somebody asks and cost a message nothing. No label is a number of a shop, a terminal or a card, and none is a name.",
    "`/health` answers 200 while the program lives. `/ready` answers 200 while it can serve and 503 otherwise, with `ready`, and in "
    "`degraded` a word for what does not work beside it. Ready is a host whose database takes a transaction (`bank_line_down`), an office "
    "whose database is read (`host_away`), a program of terminals of which one runs (`terminals_stopped`), a bank that is open.",
)
"""The page of figures, `docs/reference/metrics.md`: title, head and foot."""


@cache
def figure_rows() -> Mapping[str, FigureRow]:
    """All figures by name."""
    return load_figures(__package__)


def read_figures(host: Host) -> Figures:
    """Every figure of the table as it stands now."""
    outbox = host.outbox
    return {
        "zhanggui_queue_length": host.queue.length,
        "zhanggui_batches_total": host.engine.batches,
        "zhanggui_requests_total": host.engine.requests,
        "zhanggui_commits_total": host.commits,
        "zhanggui_connections": host.connections,
        "zhanggui_bank_line_up": int(host.bank.link.up.is_set()),
        "zhanggui_bank_waiting": len(host.bank.waiting),
        "zhanggui_wallet_orders_waiting": host.wallets.waiting,
        "zhanggui_wallet_requests_under_way": host.wallets.under_way,
        "zhanggui_outbox_waiting": outbox.waiting if outbox is not None else 0,
        "zhanggui_outbox_under_way": outbox.under_way if outbox is not None else 0,
        "zhanggui_task_failures_total": dict(failures),
    }


async def read_readiness(host: Host) -> Readiness:
    """Whether the database answers, and what does not. A store that fails makes a host that is not ready."""
    degraded = [] if host.bank.link.up.is_set() else ["bank_line_down"]
    return Readiness(ready=await host.store_answers(), degraded=degraded)
