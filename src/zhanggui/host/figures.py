"""What a host counts, read when somebody asks: the figures of `figures.toml`, from counts that are there anyway.

Nothing is counted for this a message: the engine adds two numbers a batch. No label is a number of a shop, a terminal or a card.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from ..basics.words import Word, load_rows
from ..edges.watched import failures
from .server import Host

Values = float | Mapping[str, float]
"""One value, or one for each value of the label."""


METRICS_TOLD = (
    "Metrics 指标",
    "What a host counts. With the setting `metrics.listen` (`ZHANGGUI_METRICS_LISTEN=127.0.0.1`) it serves them at `/metrics` for "
    "Prometheus, on `metrics.port`. They are read when somebody asks and cost a message nothing. No label is a number of a shop, a "
    "terminal or a card, and none is a name.",
    "`/health` answers 200 while the program lives. `/ready` answers 200 while the database takes a transaction and 503 otherwise, "
    "with `ready`, and in `degraded` a word for what does not work beside it: `bank_line_down`.",
)
"""The page of figures, `docs/reference/metrics.md`: title, head and foot."""


class FigureRow(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure: what it is, whether it only grows, and by what it is told apart."""

    kind: Literal["gauge", "counter"]
    label: str = ""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a host can serve. `degraded`: it serves, and not everything."""

    ready: bool
    degraded: list[str]


@cache
def figure_rows() -> Mapping[str, FigureRow]:
    """All figures by name."""
    return load_rows(__package__, "figures.toml", FigureRow)


def read_figures(host: Host) -> Mapping[str, Values]:
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
