"""One file of a list: how far it is, and taking it when it is there. It goes once it was taken whole, and when its time is over."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from litestar import Response

from ...acquirer.people.rights import PERSON
from ...acquirer.rows.records import ExportFile
from ...basics.numbers import whole_number
from ...host.export_acts import TAKE_EXPORT, OneExport
from ...store.queries import Queries
from ...views.all_lists import LISTS
from ...views.export_files import EXPORT_FILES, ExportShown, read_export
from ...views.questions.reading import Reading
from ...views.questions.wrong import AskedWrong, filter_name
from ..routes import Right, Route
from ..sending import file_answer
from ..shown import facts_of
from ..visit import Visit
from ..words import OFFICE_WORDS
from .acts import acts_on


async def show(visit: Visit) -> Response[Any]:
    """The page of one file."""
    return await _page(visit)


async def progress(visit: Visit) -> Response[Any]:
    """How far it is, for the page that shows it."""
    found = await _found(visit)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    told = {"state": found.row.state, "done": found.done_count, "of": found.total_count, "said": _said(visit, found)}
    return Response(told, media_type="application/json")


async def take(visit: Visit) -> Response[Any]:
    """The file itself."""
    found = await _found(visit)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    file = found.file
    files = visit.desk.files
    if file.state != "ready" or not await files.has(file.file_id):
        return await _page(visit, refused=_why_not_there(visit, file))
    done = await visit.act(TAKE_EXPORT, OneExport(file.export_no), file.merchant_no)
    if done.reason:
        return await _page(visit, refused=visit.why_not(done.reason))
    return file_answer(visit.desk, visit.proof, file)


async def _found(visit: Visit) -> ExportShown | None:
    merchant_no, number = visit.part("merchant"), whole_number(visit.part("number"))
    if number is None or not visit.may("exports", "view", merchant_no):
        return None
    now = visit.desk.clock.now()

    def ask(queries: Queries) -> ExportShown | None:
        return read_export(Reading(queries, now), merchant_no, number)

    return await visit.desk.read(ask)


async def _page(visit: Visit, *, refused: str = "") -> Response[Any]:
    found = await _found(visit)
    if found is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    row, file = found.row, found.file
    is_mine = row.made_by == f"{PERSON}{visit.person.login}"
    is_there = row.state == "ready" and await visit.desk.files.has(file.file_id)
    path = f"/exports/{row.merchant_no}/{row.export_no}"
    return visit.page(
        "export_file.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        title=visit.word("export_file.title", number=row.export_no),
        facts=facts_of(EXPORT_FILES, row, visit.lang),
        asked=await _asked(visit, file) if is_mine else [],
        path=path,
        is_making=row.state == "making",
        done=found.done_count,
        of=found.total_count,
        said=_said(visit, found),
        can_take=is_there and is_mine,
        acts=acts_on(visit, "export", row.merchant_no, str(row.export_no))
        if is_mine and row.state in ("making", "ready")
        else [],
        why_not="" if is_there and is_mine else _why_not(visit, file, is_there=is_there),
        refused=refused,
    )


async def _asked(visit: Visit, file: ExportFile) -> list[str]:
    """What was asked of the list, in words; nothing where this version has no such list."""
    asked_list, now = LISTS.get(file.list_name), visit.desk.clock.now()
    if asked_list is None:
        return []
    given = dict(parse_qsl(file.question))
    try:
        question = await visit.desk.read(lambda queries: asked_list.ask(given, Reading(queries, now)))
    except AskedWrong:
        return []
    return [f"{filter_name(each.name, visit.lang)}: {each.say(value, visit.lang)}" for each, value in question.asked]


def _said(visit: Visit, found: ExportShown) -> str:
    if not found.total_count:
        return visit.word("export_file.begins")
    return visit.word("export_file.rows", done=f"{found.done_count:,}", total=f"{found.total_count:,}")


def _why_not(visit: Visit, file: ExportFile, *, is_there: bool) -> str:
    """Why it can't be taken; empty while it is made."""
    if file.state == "making":
        return ""
    if file.state == "failed":
        known = f"export_file.failed.{file.fault}"
        return visit.word(known if known in OFFICE_WORDS else "export_file.failed")
    return visit.word("export_file.theirs") if is_there else _why_not_there(visit, file)


def _why_not_there(visit: Visit, file: ExportFile) -> str:
    return visit.word("export_file.gone" if file.place == visit.desk.files.place else "export_file.elsewhere")


ROUTES = (
    Route("GET", "/exports/{merchant:str}/{number:str}", Right("exports"), show),
    Route("GET", "/exports/{merchant:str}/{number:str}/progress", Right("exports"), progress),
    Route("POST", "/exports/{merchant:str}/{number:str}/take", Right("exports", "do"), take),
)
