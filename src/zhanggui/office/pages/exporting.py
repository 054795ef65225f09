"""A list as a file (导出): the list's own question, in the format that is chosen, and why; the note stands before the first row.

What a page can hold is answered at once, as a file that the browser keeps; of what is more a job makes a file (`export_files.py`).
"""

import io
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Response

from ...acquirer.people.exporting import FileOrder
from ...acquirer.people.proposals import REASON_MAX, is_reason
from ...acquirer.people.rights import AREAS, PERSON
from ...acquirer.rows.records import WHOLE_HOST
from ...basics.errors import certain
from ...basics.numbers import MerchantNo, UnixMs
from ...host.export_acts import EXPORT_LIST_ACT, ORDER_EXPORT, ListToTake
from ...store.queries import Queries
from ...views.exports.export import head_of
from ...views.exports.files import FORMATS, check_format, write_file
from ...views.questions.asked_list import PAGE_ROWS_MAX, Page
from ...views.questions.question import Question
from ...views.questions.reading import Reading
from ...views.questions.wrong import AskedWrong, filter_name
from ..links import export_file_path
from ..lists import OFFICE_LISTS, OfficeList
from ..routes import Answer, Right, Route
from ..sending import file_name
from ..visit import Visit

ROWS_AT_ONCE = PAGE_ROWS_MAX
"""Rows that are answered at once: a tenth of a second of one thread."""


def export_path(one: OfficeList) -> str:
    """Where a list is put into a file."""
    return f"{one.path}/export"


def form_of(one: OfficeList) -> Answer:
    """The page that asks in which format, and why."""

    async def show(visit: Visit) -> Response[Any]:
        return await _form(visit, one, visit.query)

    return show


def taking(one: OfficeList) -> Answer:
    """Makes the file."""

    async def take(visit: Visit) -> Response[Any]:
        given = dict(parse_qsl(visit.form.get("asked", "")))
        reason, kind = visit.form.get("reason", "").strip(), visit.form.get("format", "")
        if EXPORT_LIST_ACT.asks_reason and not reason:
            return await _form(visit, one, given, wrong=visit.word("act.reason.missing"))
        if reason and not is_reason(reason):
            return await _form(visit, one, given, wrong=visit.word("act.reason.wrong", most=REASON_MAX))
        now = visit.desk.clock.now()
        try:
            check_format(kind)
            question, page = await visit.desk.read(lambda queries: _first(visit, one, queries, given, now))
        except AskedWrong as wrong:
            return await _form(visit, one, given, wrong=wrong.of(visit.lang))
        shops = question.shops or ()
        merchant_no = shops[0] if len(shops) == 1 else MerchantNo(WHOLE_HOST)
        asked = ListToTake(one.area, one.name, f"{kind} {question.noted}".rstrip())
        if page.cursor is not None:
            return await _ordered(visit, one, question, kind, merchant_no, asked.detail, reason)
        done = await visit.act(EXPORT_LIST_ACT, asked, merchant_no, reason)
        if done.reason:
            return await _form(visit, one, given, wrong=visit.why_not(done.reason))
        contents = await visit.desk.read(lambda queries: _written(visit, one, queries, question, page.rows, kind, now))
        return Response(
            contents,
            media_type=FORMATS[kind].media_type,
            headers={"content-disposition": f'attachment; filename="{file_name(one.name, kind, now)}"'},
        )

    return take


async def _ordered(
    visit: Visit, one: OfficeList, question: Question, kind: str, merchant_no: MerchantNo, detail: str, reason: str
) -> Response[Any]:
    """Have a job make the file, and go to its page."""
    order = FileOrder(one.area, one.name, detail, kind, visit.lang, question.text)
    done = await visit.act(ORDER_EXPORT, order, merchant_no, reason)
    if done.reason:
        return await _form(visit, one, question.parameters, wrong=visit.why_not(done.reason))
    return visit.go_to(export_file_path(merchant_no, certain(done.export_no, "an order has a place")))


def _first(
    visit: Visit, one: OfficeList, queries: Queries, given: dict[str, str], now: UnixMs
) -> tuple[Question, Page[Any]]:
    reading = Reading(queries, now)
    question = one.asked.ask(given, reading, visit.shop)
    return question, one.asked.page(question, reading, visit.desk.seal, limit=ROWS_AT_ONCE)


def _written(
    visit: Visit, one: OfficeList, queries: Queries, question: Question, rows: list[Any], kind: str, now: UnixMs
) -> bytes:
    head = head_of(one.asked, question, Reading(queries, now), f"{PERSON}{visit.person.login}", visit.lang)
    file = io.BytesIO()
    write_file(kind, file, one.asked, rows, head, visit.lang)
    return file.getvalue()


async def _form(visit: Visit, one: OfficeList, given: dict[str, str], *, wrong: str = "") -> Response[Any]:
    now = visit.desk.clock.now()
    try:
        question = await visit.desk.read(lambda queries: one.asked.ask(given, Reading(queries, now), visit.shop))
    except AskedWrong:
        # The list says beside the filter what is wrong with it.
        return visit.go_to(f"{one.path}?{urlencode(given)}")
    asked = [
        f"{filter_name(each.name, visit.lang)}: {each.say(value, visit.lang)}"
        for each, value in question.asked
        if visit.shop is None or each.name != "shop"
    ]
    return visit.page(
        "export.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        title=visit.word("export.title", list=visit.word(f"list.{one.name}")),
        path=export_path(one),
        asked=asked,
        question=question.text,
        formats=[(name, visit.word(f"export.format.{name}")) for name in FORMATS],
        chosen=visit.form.get("format", ""),
        asks_reason=EXPORT_LIST_ACT.asks_reason,
        reason=visit.form.get("reason", ""),
        large=visit.word("export.large", most=f"{ROWS_AT_ONCE:,}"),
        wrong=wrong,
        back=f"{one.path}?{question.text}" if question.text else one.path,
    )


ROUTES = tuple(
    route
    for one in OFFICE_LISTS
    if AREAS[one.area].export
    for route in (
        Route("GET", export_path(one), Right(one.area, "export"), form_of(one)),
        Route("POST", export_path(one), Right(one.area, "export"), taking(one)),
    )
)
