"""The page of a list: a search box that knows what a number is, filters that live in the address, rows, and a link to the next ones.

No filter is hidden: what is asked stands above the rows, each with a link that takes it away. How many rows there are is asked for
by a link of its own, because a page of fifty need not count five millions.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from ...acquirer.rows.records import WHOLE_HOST
from ...basics.money import format_yuan
from ...basics.words import Lang
from ...store.queries import Queries
from ...views.listing import View
from ...views.questions.asked_list import AskedList, Page
from ...views.questions.filters import Filter
from ...views.questions.question import Question
from ...views.questions.reading import Reading
from ...views.questions.search_box import candidates
from ...views.questions.sources import Totals
from ...views.questions.wrong import AskedWrong, filter_name
from ..lists import OFFICE_LISTS, OfficeList
from ..menu import BELOW
from ..routes import Answer, Right, Route
from ..shown import Cell, Line
from ..visit import Visit
from ..words import OFFICE_WORDS
from .acts import acts_on
from .exporting import export_path

SEARCH, CURSOR, COUNT = "q", "cursor", "count"
"""Parameters of the page beside the list's own filters."""
OF_ALL = ("people", "tokens", "webhooks")
"""Areas in which the acquirer has something of its own, beside what its shops have."""
DAYS = ("day", "day_from", "day_to")


def page_of(one: OfficeList) -> Answer:
    """The page of one list."""

    async def show(visit: Visit) -> Response[Any]:
        asked = one.asked
        given = {name: text for name, text in visit.query.items() if name not in (SEARCH, CURSOR, COUNT)}
        searched = visit.query.get(SEARCH, "").strip()
        offers = candidates(asked, searched) if searched else ()
        if len(offers) == 1:
            return visit.go_to(_address(one, {**given, offers[0].filter: offers[0].text}))
        try:
            question, page, totals = await _read(visit, asked, given)
        except AskedWrong as wrong:
            return visit.page(
                "list.html",
                status=HTTPStatus.BAD_REQUEST,
                **_head(visit, one, given, searched),
                wrong=wrong.of(visit.lang),
                wrong_field=wrong.field,
                offers=(),
                question=(),
                lines=(),
                heads=(),
                more="",
                totals="",
                count="",
                export="",
            )
        return visit.page(
            "list.html",
            **_head(visit, one, given, searched),
            wrong="" if offers or not searched else visit.word("list.nothing_like_it", text=searched),
            wrong_field=SEARCH,
            offers=[(offer.say(visit.lang), _address(one, {**given, offer.filter: offer.text})) for offer in offers],
            question=_asked(visit, one, question),
            lines=lines_of(one, page.rows, visit.lang),
            heads=heads_of(asked.view, visit.lang),
            more=_address(one, {**question.parameters, CURSOR: page.cursor}) if page.cursor else "",
            totals=_totals_said(visit, totals) if totals is not None else "",
            count="" if totals is not None else _address(one, {**question.parameters, COUNT: "yes"}),
            export=f"{export_path(one)}?{question.text}" if page.rows and visit.may(one.area, "export") else "",
        )

    return show


async def _read(
    visit: Visit, asked: AskedList[Any], given: dict[str, str]
) -> tuple[Question, Page[Any], Totals | None]:
    now, desk, shop = visit.desk.clock.now(), visit.desk, visit.shop

    def ask(queries: Queries) -> tuple[Question, Page[Any], Totals | None]:
        reading = Reading(queries, now)
        question = asked.ask(given, reading, shop)
        page = asked.page(
            question, reading, desk.seal, cursor=visit.query.get(CURSOR) or None, holder=visit.person.login
        )
        return question, page, asked.totals(question, reading) if visit.query.get(COUNT) == "yes" else None

    return await desk.read(ask)


def _head(visit: Visit, one: OfficeList, given: dict[str, str], searched: str) -> dict[str, Any]:
    asked = one.asked
    return {
        "title": visit.word(f"list.{one.name}"),
        "path": one.path,
        "searched": searched,
        "filters": [
            _drawn(each, given.get(each.name, ""), visit.lang) for each in asked.filters if _is_offered(visit, each)
        ],
        "acts": acts_on(visit, "shop", _place(visit, one, given), "", areas=(one.area,)),
        "beside": [
            (visit.word(f"list.{each.name}"), each.path)
            for each in OFFICE_LISTS
            if BELOW.get(each.path) == one.path and visit.may(each.area, "view")
        ],
        "has_days": any(each.name in DAYS for each in asked.filters),
        "is_filtered": bool(given),
        "empty": visit.word(f"empty.{one.name}" if f"empty.{one.name}" in OFFICE_WORDS else "list.empty"),
    }


def _place(visit: Visit, one: OfficeList, given: dict[str, str]) -> str:
    """Where an act from this list would be done: the visitor's shop, the only one that is asked about, or the acquirer as a whole."""
    shop = visit.shop or given.get("shop", "")
    return WHOLE_HOST if not shop and one.area in OF_ALL else shop


def _is_offered(visit: Visit, one: Filter) -> bool:
    """People of one shop are not asked which."""
    return one.name != "shop" or visit.shop is None


def _drawn(one: Filter, text: str, lang: Lang) -> dict[str, Any]:
    return {
        "name": one.name,
        "called": filter_name(one.name, lang),
        "value": text,
        "choices": [(choice, one.say((choice,), lang) if one.said else choice) for choice in one.choices],
        "is_day": one.name in DAYS,
    }


def _asked(visit: Visit, one: OfficeList, question: Question) -> list[tuple[str, str]]:
    """What is asked, each with the address of the list without it. The only shop that somebody may see was not asked for."""
    return [
        (
            f"{filter_name(each.name, visit.lang)}: {each.say(value, visit.lang)}",
            _address(one, question.without(each.name).parameters),
        )
        for each, value in question.asked
        if _is_offered(visit, each)
    ]


def heads_of(view: View[Any], lang: Lang) -> list[tuple[str, bool]]:
    """The heads of a list's columns, and which of them are amounts."""
    return [(head, column.is_amount) for head, column in zip(view.heads(lang), view.shown(), strict=True)]


def lines_of(one: OfficeList, rows: list[Any], lang: Lang) -> list[Line]:
    """Rows as the page draws them."""
    view = one.asked.view
    return [
        Line(
            link=one.link(row) if one.link is not None else "",
            cells=tuple(
                Cell(text, one.tones[column.name](row) if column.name in one.tones else "", column.is_amount)
                for text, column in zip(cells, view.shown(), strict=True)
            ),
        )
        for row, cells in zip(rows, view.cells(rows, lang), strict=True)
    ]


def _totals_said(visit: Visit, totals: Totals) -> str:
    said = visit.word("list.total", rows=totals.rows)
    return " · ".join([said, *(f"¥{format_yuan(fen)}" for fen in totals.sums.values())])


def _address(one: OfficeList, parameters: dict[str, Any]) -> str:
    return f"{one.path}?{urlencode(parameters)}" if parameters else one.path


ROUTES = tuple(Route("GET", one.path, Right(one.area), page_of(one)) for one in OFFICE_LISTS)
