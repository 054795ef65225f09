"""Today (今日): the first page. It is whole without script; with it, figures and lists follow by server-sent events."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.response import ServerSentEvent
from litestar.types import SSEData

from ...basics.money import format_yuan
from ...basics.words import Lang
from ...views.listing import short_time
from ...views.payments import PAYMENTS
from ...views.sign_ins import SIGN_INS
from ...views.today import APPROVED, GIVEN_BACK, OPEN, REFUSED, TAKEN, UNDONE, WENT_WELL, TodayRow, read_today
from ..links import operator_path, path_of_payment, path_of_sign_in
from ..live import changes_of
from ..routes import Right, Route
from ..shown import Cell, Line, payment_tone, sign_in_tone
from ..visit import Visit
from ..words import OFFICE_WORDS

AGAIN_MS = 500
"""After how long a browser opens a stream again that has ended."""


class Figure(msgspec.Struct, frozen=True):
    """One figure: its name, what it is now, the list that holds what it counts."""

    name: str
    called: str
    value: str
    link: str


class TodayShown(msgspec.Struct, frozen=True):
    """The page in one language: what the template draws and what the stream sends."""

    day: str
    at: str
    change_no: int
    figures: tuple[Figure, ...]
    on_duty: tuple[Line, ...]
    payments: tuple[Line, ...]
    sign_ins: tuple[Line, ...]


async def show(visit: Visit) -> Response[Any]:
    """The page."""
    return visit.page("today.html", today=await _read(visit))


async def live(visit: Visit) -> Response[Any]:
    """What changes on it, as often as something does."""

    streams, login = visit.desk.streams, visit.person.login
    if not streams.begin(login):
        return visit.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    async def events() -> AsyncIterator[SSEData]:
        try:
            async for _ in changes_of(visit.desk):
                yield msgspec.json.encode(await _read(visit)).decode()
        finally:
            streams.end(login)

    return ServerSentEvent(events(), retry_duration=AGAIN_MS)


async def _read(visit: Visit) -> TodayShown:
    desk, shop = visit.desk, visit.shop
    change_no, now = desk.changes(), desk.clock.now()
    row = await desk.read(lambda queries: read_today(queries, shop, now, change_no))
    return today_shown(row, visit.lang)


def today_shown(row: TodayRow, lang: Lang) -> TodayShown:
    """The figures and lists in one language."""
    day, _, _ = row.shop_day.partition("+")
    of_day = {"day_from": day, "day_to": day}

    def payments(**asked: tuple[str, ...]) -> str:
        return _address("/payments", of_day | {name: ",".join(words) for name, words in asked.items()})

    values = {
        "net": (f"¥{format_yuan(row.net_fen)}", payments(kind=(*TAKEN, *GIVEN_BACK), state=APPROVED)),
        "taken": (_counted(row.taken_count, row.taken_fen), payments(kind=TAKEN, state=APPROVED)),
        "given_back": (_counted(row.given_back_count, row.given_back_fen), payments(kind=GIVEN_BACK, state=APPROVED)),
        "refused": (str(row.refused_count), payments(state=REFUSED)),
        "undone": (str(row.undone_count), payments(state=UNDONE)),
        "open": (str(row.open_count), payments(state=OPEN)),
        "sign_ins": (str(row.sign_ins_count), _address("/sign-ins", of_day | {"outcome": ",".join(WENT_WELL)})),
        "sign_ins_refused": (str(row.sign_ins_refused), _address("/sign-ins", of_day | {"outcome": "refused"})),
        "cases": (str(row.cases_open), "/cases?state=open"),
    }
    return TodayShown(
        day=day,
        at=short_time(row.at),
        change_no=row.change_no,
        figures=tuple(
            Figure(name, OFFICE_WORDS[f"today.{name}"].of(lang), value, link) for name, (value, link) in values.items()
        ),
        on_duty=tuple(
            Line(
                link=operator_path(one.merchant_no, one.operator_no),
                cells=(
                    Cell(f"{one.operator_no} · {one.operator_name}"),
                    Cell(f"{one.terminal_no} · {one.place}" if one.place else one.terminal_no),
                    Cell(short_time(one.since)),
                    Cell(OFFICE_WORDS["today.locked" if one.is_locked else "today.at_work"].of(lang)),
                ),
            )
            for one in row.on_duty
        ),
        payments=tuple(
            Line(
                link=path_of_payment(one),
                cells=(
                    Cell(short_time(one.created)),
                    Cell(_cell(PAYMENTS, "kind", one, lang)),
                    Cell(f"¥{format_yuan(one.amount_fen)}", is_amount=True),
                    Cell(_cell(PAYMENTS, "state", one, lang), tone=payment_tone(one)),
                ),
            )
            for one in row.payments
        ),
        sign_ins=tuple(
            Line(
                link=path_of_sign_in(one),
                cells=(
                    Cell(short_time(one.steps.began)),
                    Cell(_cell(SIGN_INS, "operator", one, lang)),
                    Cell(one.terminal_no),
                    Cell(_cell(SIGN_INS, "outcome", one, lang), tone=sign_in_tone(one)),
                ),
            )
            for one in row.sign_ins
        ),
    )


def _address(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode(asked)}"


def _counted(count: int, fen: int) -> str:
    return f"{count} · ¥{format_yuan(fen)}"


def _cell(view: Any, name: str, row: Any, lang: Lang) -> str:
    """What a list shows of a row in one of its columns."""
    text: str = view.column(name).cell(row, lang)
    return text


ROUTES = (
    Route("GET", "/", Right("today"), show),
    Route("GET", "/today/live", Right("today"), live),
)
