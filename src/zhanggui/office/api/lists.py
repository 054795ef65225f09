"""Every list by GET: the rows that the command prints, filtered by the same parameters, page by page, with totals where they are asked for."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response

from ...basics.words import Word
from ...store.queries import Queries
from ...views.all_lists import LISTS
from ...views.exports.export import export_words
from ...views.questions.asked_list import PAGE_ROWS, PAGE_ROWS_MAX, AskedList, Page
from ...views.questions.filters import Filter
from ...views.questions.question import Question
from ...views.questions.reading import Reading
from ...views.questions.sources import Totals
from ...views.questions.wrong import AskedWrong, question_words
from ..routes import Right
from .call import Call
from .problems import API_WORDS
from .routes import BASE, ApiRoute, NotNoted, Operation, Parameter

CURSOR, LIMIT, TOTALS = "cursor", "limit", "totals"
"""Parameters beside the list's own filters."""
LOOKED = NotNoted("it looks and changes nothing; the day on which the token was used stands in its row")


def path_of_list(name: str) -> str:
    """Where the list of this name is, below the base: `sign_ins` at `/sign-ins`."""
    return "/" + name.replace("_", "-")


def page_of(asked: AskedList[Any]) -> type[msgspec.Struct]:
    """The shape of a page of this list."""
    fields: list[Any] = [
        ("rows", list[asked.view.row]),  # type: ignore[name-defined]  # each list's own
        ("next", str | None),
        ("totals", Totals | None, None),
    ]
    return msgspec.defstruct(f"{asked.view.row.__name__}sPage", fields, omit_defaults=True)


def route_of(asked: AskedList[Any]) -> ApiRoute:
    """The route of one list."""
    shape: Any = page_of(asked)

    async def show(call: Call) -> Response[Any]:
        try:
            question, page, totals = await _read(call, asked)
        except AskedWrong as wrong:
            return call.wrong(wrong)
        answer = call.json(shape(page.rows, page.cursor, totals))
        if page.cursor is not None:
            address = urlencode({**question.parameters, **_kept(call), CURSOR: page.cursor})
            answer.headers["Link"] = f'<{BASE}{path_of_list(asked.name)}?{address}>; rel="next"'
        return answer

    operation = Operation(
        name=f"list_{asked.name}",
        said=export_words()[f"list.{asked.name}"],
        group=asked.area,
        parameters=(*(_parameter(one, asked.required) for one in asked.filters), *BESIDE),
        answers=((HTTPStatus.OK, shape),),
    )
    return ApiRoute(
        method="GET",
        path=path_of_list(asked.name),
        right=Right(asked.area),
        note=LOOKED,
        operation=operation,
        answer=show,
    )


async def _read(call: Call, asked: AskedList[Any]) -> tuple[Question, Page[Any], Totals | None]:
    query, now, desk = call.query, call.desk.clock.now(), call.desk
    given = {name: text for name, text in query.items() if name not in (CURSOR, LIMIT, TOTALS)}
    limit, wants_totals = _limit(query.get(LIMIT, "")), _yes(query.get(TOTALS, ""))

    def ask(queries: Queries) -> tuple[Question, Page[Any], Totals | None]:
        reading = Reading(queries, now)
        question = asked.ask(given, reading, call.shop)
        holder = f"token:{call.holder.token.token_id}"
        page = asked.page(question, reading, desk.seal, cursor=query.get(CURSOR) or None, limit=limit, holder=holder)
        return question, page, asked.totals(question, reading) if wants_totals else None

    return await desk.read(ask)


def _kept(call: Call) -> dict[str, str]:
    """What the next page is asked for with, beside the filters."""
    return {name: text for name, text in call.query.items() if name == LIMIT and text}


def _limit(text: str) -> int:
    if not text:
        return PAGE_ROWS
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(PAGE_ROWS_MAX))):
        raise AskedWrong(LIMIT, "limit", most=str(PAGE_ROWS_MAX))
    return int(text)


def _yes(text: str) -> bool:
    if text not in ("", "yes", "no"):
        raise AskedWrong(TOTALS, "choice", choices="yes, no")
    return text == "yes"


def _parameter(one: Filter, required: tuple[str, ...]) -> Parameter:
    word = question_words().get(f"filter.{one.name}") or Word(zh=one.name, en=one.name)
    return Parameter(name=one.name, said=word, choices=one.choices, is_required=one.name in required)


BESIDE = tuple(
    Parameter(name=name, said=API_WORDS[f"parameter.{name}"], choices=choices, example=example)
    for name, choices, example in ((CURSOR, (), ""), (LIMIT, (), str(PAGE_ROWS)), (TOTALS, ("yes", "no"), ""))
)
ROUTES = tuple(route_of(asked) for asked in LISTS.values())
