"""Lists as files by REST: have one made, ask how far it is, take it. Deleting one is an act of the office (`acts/delete_export`).

A program's file is always made by the job, however small, so that there is one way to it. It is its person's: whoever asked for it takes it.
"""

from http import HTTPStatus
from typing import Any, Literal

import msgspec
from litestar import Response

from ...acquirer.people.exporting import FileOrder
from ...acquirer.people.rights import AREAS
from ...acquirer.rows.records import WHOLE_HOST
from ...basics.numbers import MerchantNo, whole_number
from ...basics.words import Word
from ...host.export_acts import EXPORT_LIST_ACT, ORDER_EXPORT, TAKE_EXPORT, OneExport
from ...store.queries import Queries
from ...views.all_lists import LISTS
from ...views.export_files import ExportRow, ExportShown, read_export
from ...views.exports.export import export_words
from ...views.exports.files import FORMATS
from ...views.questions.asked_list import AskedList
from ...views.questions.reading import Reading
from ...views.questions.wrong import AskedWrong
from ..routes import Right
from ..sending import file_answer
from .acts import done_once, given_in, wrong_values
from .call import Call
from .lists import LOOKED, path_of_list
from .outcomes import Done, refused_of
from .problems import API_WORDS, PROBLEM_JSON, FieldError
from .routes import ApiRoute, Noted, Operation

FILES = path_of_list("export_files")
ONE = FILES + "/{merchant_no:str}/{export_no:str}"
NOTED = Noted(EXPORT_LIST_ACT.capability)


class FileWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that is to be made: its format, the list's own filters by name, and why."""

    format: Literal["csv", "xlsx", "json"]
    filters: dict[str, str] = {}
    reason: str = ""


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """One file, and how far it is: rows written, of how many. `is_here`: it can be taken from this host."""

    file: ExportRow
    done_count: int = 0
    total_count: int = 0
    is_here: bool = False


def making_route(asked_list: AskedList[Any]) -> ApiRoute:
    """The route by which this list becomes a file."""

    async def make(call: Call) -> Response[Any]:
        given = await given_in(call, FileWanted)
        if isinstance(given, Response):
            return given
        wrong = tuple(wrong_values(call.lang, given, asks_reason=EXPORT_LIST_ACT.asks_reason))
        if wrong:
            return call.problem("wrong_field", detail=wrong[0].detail, errors=wrong)
        now = call.desk.clock.now()
        try:
            question = await call.desk.read(
                lambda queries: asked_list.ask(given.filters, Reading(queries, now), call.shop)
            )
        except AskedWrong as error:
            field = FieldError(pointer=f"/filters/{error.field}", detail=error.of(call.lang))
            return call.problem("wrong_field", detail=field.detail, errors=(field,))
        shops = question.shops or ()
        merchant_no = shops[0] if len(shops) == 1 else MerchantNo(WHOLE_HOST)
        if not call.holder.may(asked_list.area, "export", None if merchant_no == WHOLE_HOST else merchant_no):
            return call.problem("not_found")
        order = FileOrder(
            asked_list.area,
            asked_list.name,
            f"{given.format} {question.noted}".rstrip(),
            given.format,
            call.lang,
            question.text,
        )
        return await done_once(call, ORDER_EXPORT, order, merchant_no, given.reason)

    called = export_words()[f"list.{asked_list.name}"]
    made = API_WORDS["export.make"]
    return ApiRoute(
        method="POST",
        path=f"{path_of_list(asked_list.name)}/export",
        right=Right(asked_list.area, "export"),
        note=NOTED,
        operation=Operation(
            name=f"export_{asked_list.name}",
            said=Word(zh=made.fill("zh", list=called.zh), en=made.fill("en", list=called.en)),
            group=asked_list.area,
            body=FileWanted,
            answers=((HTTPStatus.OK, Done),),
        ),
        answer=make,
    )


async def show(call: Call) -> Response[Any]:
    """How far it is."""
    found = await _found(call)
    if found is None:
        return call.problem("not_found")
    is_here = found.file.state == "ready" and await call.desk.files.has(found.file.file_id)
    done, of = found.done_count, found.total_count
    return call.json(FileState(file=found.row, done_count=done, total_count=of, is_here=is_here))


async def take(call: Call) -> Response[Any]:
    """The file itself. It goes once it was taken whole; a download that broke off is begun again."""
    found = await _found(call)
    if found is None:
        return call.problem("not_found")
    file = found.file
    if file.state != "ready" or not await call.desk.files.has(file.file_id):
        return _refused(call, "export_not_there")
    asked, merchant_no = OneExport(file.export_no), MerchantNo(file.merchant_no)
    done = await call.desk.acting.act(call.proof, TAKE_EXPORT, asked, merchant_no)
    return _refused(call, done.reason) if done.reason else file_answer(call.desk, call.proof, file)


def _refused(call: Call, reason: str) -> Response[Any]:
    said = refused_of(call.lang, reason)
    return Response(said.body, media_type=PROBLEM_JSON, status_code=said.status)


async def _found(call: Call) -> ExportShown | None:
    merchant_no, number = call.part("merchant_no"), whole_number(call.part("export_no"))
    if number is None or not merchant_no or not call.holder.may("exports", "view", merchant_no):
        return None
    now = call.desk.clock.now()

    def ask(queries: Queries) -> ExportShown | None:
        return read_export(Reading(queries, now), merchant_no, number)

    return await call.desk.read(ask)


ROUTES = (
    *(making_route(one) for one in LISTS.values() if AREAS[one.area].export),
    ApiRoute(
        method="GET",
        path=ONE,
        right=Right("exports"),
        note=LOOKED,
        operation=Operation(
            name="export_file",
            said=API_WORDS["export.file"],
            group="exports",
            answers=((HTTPStatus.OK, FileState),),
        ),
        answer=show,
    ),
    ApiRoute(
        method="POST",
        path=f"{ONE}/take",
        right=Right("exports", "do"),
        note=NOTED,
        operation=Operation(
            name="take_export",
            said=API_WORDS["export.take"],
            group="exports",
            answers=((HTTPStatus.OK, None),),
            media_types=tuple(one.media_type for one in FORMATS.values()),
            refuses=True,
        ),
        answer=take,
    ),
)
