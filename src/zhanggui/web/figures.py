"""Figures for Prometheus, and whether a program lives and can serve: `/metrics`, `/health`, `/ready`. Whoever counts hands in readers."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Literal, Protocol

import msgspec
from litestar import Litestar, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from .pages import build_app

BODY_BYTES_MAX = 1_024
JSON = "application/json"
Values = float | Mapping[str, float]


class FigureSaid(Protocol):
    """A figure's row: its words, whether it only grows, and by what it is told apart."""

    @property
    def en(self) -> str: ...

    @property
    def kind(self) -> Literal["gauge", "counter"]: ...

    @property
    def label(self) -> str: ...


class Ready(Protocol):
    """Whether a program can serve: a struct that is sent as it is."""

    @property
    def ready(self) -> bool: ...


class _Read(Collector):
    """Reads everything when it is asked, and nothing in between."""

    def __init__(self, rows: Mapping[str, FigureSaid], read: Callable[[], Mapping[str, Values]]) -> None:
        self._rows, self._read = rows, read

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        for name, values in self._read().items():
            row = self._rows[name]
            family = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
            found = family(name, row.en, labels=[row.label] if row.label else [])
            for label, value in values.items() if isinstance(values, Mapping) else [("", values)]:
                found.add_metric([label] if row.label else [], value)
            yield found


def metrics_text(rows: Mapping[str, FigureSaid], read: Callable[[], Mapping[str, Values]]) -> bytes:
    """All figures, as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_Read(rows, read))
    return generate_latest(registry)


def build_figures_app(
    rows: Mapping[str, FigureSaid],
    read: Callable[[], Mapping[str, Values]],
    ready: Callable[[], Awaitable[Ready]],
    hosts: Collection[str],
) -> Litestar:
    """The three pages, which nobody signs in to: they are served on this machine, or where the settings say."""

    @get("/metrics")
    async def metrics() -> Response[bytes]:
        return Response(metrics_text(rows, read), media_type=CONTENT_TYPE_LATEST)

    @get("/health")
    async def health() -> Response[bytes]:
        return Response(b'{"lives":true}', media_type=JSON)

    @get("/ready")
    async def readiness() -> Response[bytes]:
        found: Any = await ready()
        status = HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(msgspec.json.encode(found), media_type=JSON, status_code=status)

    return build_app(
        __package__, [metrics, health, readiness], error_page=str, hosts=hosts, body_bytes_max=BODY_BYTES_MAX
    )
