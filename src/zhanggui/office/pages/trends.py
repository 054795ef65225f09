"""Trends (走势): each picture answers a question that stands above it, with the answer in words, and all of its figures below it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response

from ...basics.money import format_yuan
from ...views.listing import short_time
from ...views.trends import DAYS, DayRow, HourRow, ReasonRow, read_trends
from ..routes import Right, Route
from ..visit import Visit


class Bar(msgspec.Struct, frozen=True):
    """One bar: what it is of, its height, the same in words; `second` stands on top of it."""

    label: str
    value: int
    said: str
    second: int = 0


class Chart(msgspec.Struct, frozen=True):
    """One picture: its question, the answer in words, heads and rows of the table, the bars."""

    name: str
    question: str
    answer: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]
    is_list: bool = False
    """Bars that lie in the rows of the table, for what has long names."""

    @property
    def most(self) -> int:
        """The height of the highest one; 1 where all are nothing."""
        return max((bar.value + bar.second for bar in self.bars), default=0) or 1


async def show(visit: Visit) -> Response[Any]:
    """The page: of each subject what this visitor may see."""
    now, shop = visit.desk.clock.now(), visit.shop
    row = await visit.desk.read(lambda queries: read_trends(queries, shop, now))
    charts = []
    if visit.may("payments", "view"):
        charts.append(_days(visit, row.days))
    if visit.may("sign_ins", "view"):
        charts += [_hours(visit, row.hours), _reasons(visit, "sign_ins", row.refused_sign_ins)]
    if visit.may("payments", "view"):
        charts.append(_reasons(visit, "payments", row.refused_payments))
    return visit.page(
        "trends.html",
        title=visit.word("menu.trends"),
        at=short_time(row.at),
        days=DAYS,
        charts=[("list" if one.is_list else "bars", one) for one in charts],
    )


def _days(visit: Visit, days: Sequence[DayRow]) -> Chart:
    best = max(days, key=lambda one: one.net_fen)
    total = sum(one.net_fen for one in days)
    answer = visit.word(
        "trends.days.answer" if total else "trends.nothing",
        days=len(days),
        total=f"¥{format_yuan(total)}",
        best=best.shop_day,
        most=f"¥{format_yuan(best.net_fen)}",
    )
    rows = tuple((one.shop_day, f"{one.taken_count:,}", f"¥{format_yuan(one.net_fen)}") for one in days)
    return Chart(
        name="days",
        question=visit.word("trends.days"),
        answer=answer,
        heads=_heads(visit, "day", "count", "net"),
        rows=rows,
        # A day on which more went back than came in has no height; its figure stands in the table.
        bars=tuple(
            Bar(day, max(0, one.net_fen), f"{day}: {net}") for one, (day, _, net) in zip(days, rows, strict=True)
        ),
    )


def _hours(visit: Visit, hours: Sequence[HourRow]) -> Chart:
    total, refused = sum(one.went_well for one in hours), sum(one.refused for one in hours)
    busiest = max(hours, key=lambda one: one.went_well)
    answer = visit.word(
        "trends.hours.answer" if total or refused else "trends.nothing",
        total=f"{total:,}",
        refused=f"{refused:,}",
        hour=f"{busiest.hour:02d}:00",
        most=f"{busiest.went_well:,}",
        days=DAYS,
    )
    labels = [f"{one.hour:02d}:00" for one in hours]
    return Chart(
        name="hours",
        question=visit.word("trends.hours"),
        answer=answer,
        heads=_heads(visit, "hour", "went_well", "refused"),
        rows=tuple((label, f"{one.went_well:,}", f"{one.refused:,}") for label, one in zip(labels, hours, strict=True)),
        bars=tuple(
            Bar(label, one.went_well, f"{label}: {one.went_well} / {one.refused}", one.refused)
            for label, one in zip(labels, hours, strict=True)
        ),
    )


def _reasons(visit: Visit, of: str, reasons: Sequence[ReasonRow]) -> Chart:
    said = [one.zh if visit.lang == "zh" else one.en for one in reasons]
    total = sum(one.count for one in reasons)
    answer = visit.word(
        "trends.reasons.answer" if total else "trends.nothing",
        total=f"{total:,}",
        first=said[0] if said else "",
        most=f"{reasons[0].count:,}" if reasons else "0",
        days=DAYS,
    )
    return Chart(
        name=f"refused_{of}",
        question=visit.word(f"trends.refused_{of}"),
        answer=answer,
        heads=_heads(visit, "reason", "count"),
        rows=tuple((text, f"{one.count:,}") for text, one in zip(said, reasons, strict=True)),
        bars=tuple(Bar(text, one.count, f"{text}: {one.count}") for text, one in zip(said, reasons, strict=True)),
        is_list=True,
    )


def _heads(visit: Visit, *names: str) -> tuple[str, ...]:
    return tuple(visit.word(f"trends.head.{name}") for name in names)


ROUTES = (Route("GET", "/trends", Right("today"), show),)
