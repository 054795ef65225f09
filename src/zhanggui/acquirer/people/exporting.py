"""Who takes a list away in a file. It is a right of its own, apart from looking, and stands in the chain before anything is written.

small    one act, and the file is the answer
large    ordered ─▶ a job makes the file ─▶ ready ─▶ read by whoever asked for it, and by nobody else; read whole ─▶ the file is
         dropped ─▶ taken, and its place is free
         its time over ─▶ the same job takes file and row away in the night after
         deleted by whoever asked for it ─▶ the same job does so at once
         its token revoked, its person let in no more ─▶ it is not made further
"""

from collections import Counter as Counted
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from ...basics.clock import next_at_hour
from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter, ExportFile, Job
from ..rows.state import Change, Delete, Insert, Needs, State, Update
from .rights import EXPORTS, PERSON

EXPORT_LIST = "export_list"
JOB = "export"
"""The kind of job that makes a file."""
NUMBERS = range(1, 21)
"""Places that a shop has for files at one time: a bound on the disk that somebody can fill, so a place is free when its file is gone."""
OWN_MAX = 5
"""Of these, how many one person has at one time, so that nobody has all of them."""
DELETED, ENDED = "deleted", "ended"
"""Why there is no file: it was deleted; or the token or person that it was for is worth nothing any more."""
KEPT_MS = 3 * DAY_MS
"""How long a file can be taken."""
FORGOTTEN_HOUR = 4
"""Of China's night: when a file goes whose time is over."""


class FileOrder(msgspec.Struct, frozen=True):
    """A list that is to become a file: which, what was asked of it, and (`file_id`, `place`) how its file is called and where it lies,
    which the host says whose folder that is.

    `detail`: the format and what was asked, no name of a person in it.
    """

    area: str
    list_name: str
    detail: str
    format: str
    lang: str
    question: str
    file_id: str = ""
    place: str = ""
    token_id: str = ""
    """The token of the program that asks; empty where none does: the host's to say as well."""


def export_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that an export needs: those of its note."""
    return Needs({Counter: [(merchant_no, "note")]})


def files_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that a large one needs: the places for files besides."""
    return Needs({Counter: [(merchant_no, "note")], ExportFile: [(merchant_no, number) for number in NUMBERS]})


def may_export(by: Actor, area: str) -> bool:
    """Whether this one may take lists of an area away."""
    return may_manage(by, EXPORT_LIST) and (by.actions is None or f"{EXPORTS}{area}" in by.actions)


def decide_export(
    state: State, merchant_no: MerchantNo, area: str, list_name: str, detail: str, by: Actor, now: UnixMs
) -> Decision:
    """Let somebody have a list of a shop (`*`: of all together). `detail`: the format and what was asked, no name of a person in it."""
    if not may_export(by, area):
        return Decision(reason=NOT_PERMITTED)
    return Decision(changes=noted(state, merchant_no, by, EXPORT_LIST, list_name, detail, now))


def decide_order_file(state: State, merchant_no: MerchantNo, order: FileOrder, by: Actor, now: UnixMs) -> Decision:
    """Have a file made, by a job that begins at once."""
    if not may_export(by, order.area):
        return Decision(reason=NOT_PERMITTED)
    places = [state.get(ExportFile, merchant_no, number) for number in NUMBERS]
    having = Counted(one.made_by for one in places if one is not None and one.state in ("making", "ready"))
    if having[by.name] >= OWN_MAX:
        return Decision(reason="too_many_own_exports")
    number = _free_number(places)
    if number is None:
        return Decision(reason=f"too_many_exports:{whose(having)}")
    file = ExportFile(
        merchant_no=merchant_no,
        export_no=number,
        file_id=order.file_id,
        place=order.place,
        list_name=order.list_name,
        area=order.area,
        format=order.format,
        lang=order.lang,
        question=order.question,
        state="making",
        made_by=by.name,
        made_ms=now,
        until_ms=UnixMs(now + KEPT_MS),
        token_id=order.token_id or None,
    )
    is_new = state.get(ExportFile, merchant_no, number) is None
    begun: tuple[Change, ...] = (Insert(file) if is_new else Update(file), Insert(_job_of(file, now)))
    return Decision(changes=(*begun, *noted(state, merchant_no, by, EXPORT_LIST, order.list_name, order.detail, now)))


def whose(having: Mapping[str, int]) -> str:
    """Who has how many of the places, most first.

    >>> whose({"person:li": 1, "person:zhao": 3})
    'zhao 3, li 1'
    """
    by_count = sorted(having.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name.removeprefix(PERSON)} {count}" for name, count in by_count)


def _free_number(places: Iterable[ExportFile | None]) -> int | None:
    """A place where nothing stands; else where what stood longest is over."""
    over: list[ExportFile] = []
    for number, file in zip(NUMBERS, places, strict=True):
        if file is None:
            return number
        if file.state in ("taken", "failed"):
            over.append(file)
    return min(over, key=lambda file: file.made_ms).export_no if over else None


def _job_of(file: ExportFile, now: UnixMs) -> Job:
    return Job(
        merchant_no=MerchantNo(file.merchant_no),
        kind=JOB,
        subject=job_subject(file),
        state="planned",
        due_ms=now,
        started_ms=now,
        changed_ms=now,
    )


def job_subject(file: ExportFile) -> str:
    """What the job of a file is about: its folder, its place there, the file."""
    return f"{file.place}/{file.export_no}/{file.file_id}"


def decide_take_file(state: State, merchant_no: MerchantNo, export_no: int, by: Actor, now: UnixMs) -> Decision:
    """Let whoever asked for a file take it; each time is noted, and whether it is still there is its folder's to say.

    It stays ready: whoever's line breaks in the middle begins again.
    """
    file = state.get(ExportFile, merchant_no, export_no)
    if file is None:
        return Decision(reason="unknown_export")
    if by.name != file.made_by or not may_export(by, file.area):
        return Decision(reason=NOT_PERMITTED)
    if file.state != "ready" or now >= file.until_ms:
        return Decision(reason="export_not_there")
    return Decision(changes=noted(state, merchant_no, by, EXPORT_LIST, file.list_name, f"taken {export_no}", now))


def job_of(state: State, merchant_no: MerchantNo, export_no: int, more: Needs) -> None:
    """The job of the file in this place."""
    file = state.get(ExportFile, merchant_no, export_no)
    if file is not None:
        more.add(Job, (merchant_no, JOB, job_subject(file)))


def decide_delete_file(state: State, merchant_no: MerchantNo, export_no: int, by: Actor, now: UnixMs) -> Decision:
    """Let whoever asked for a file do without it, made or not: its job takes it away, in the folder that has it."""
    file = state.get(ExportFile, merchant_no, export_no)
    if file is None:
        return Decision(reason="unknown_export")
    if by.name != file.made_by or not may_manage(by, EXPORT_LIST):
        return Decision(reason=NOT_PERMITTED)
    if file.state not in ("making", "ready"):
        return Decision(reason="export_not_there")
    job = state.get(Job, merchant_no, JOB, job_subject(file))
    at_once = (Update(replace(job, due_ms=now)),) if job is not None and job.state != "done" else ()
    note = noted(state, merchant_no, by, EXPORT_LIST, file.list_name, f"deleted {export_no}", now)
    return Decision(changes=(Update(failed(file, DELETED)), *at_once, *note))


def dropped_needs(merchant_no: MerchantNo, export_no: int) -> Needs:
    """The row of a file that was dropped."""
    return Needs({ExportFile: [(merchant_no, export_no)]})


def dropped(state: State, merchant_no: MerchantNo, export_no: int, file_id: str) -> Decision:
    """Its place is free once the file was taken whole and is gone. Nothing changes where another file has the place by now."""
    file = state.get(ExportFile, merchant_no, export_no)
    if file is None or file.file_id != file_id or file.state != "ready":
        return Decision()
    return Decision(changes=(Update(replace(file, state="taken")),))


def further(job: Job, done: int, total: int, now: UnixMs) -> Job:
    """The job after some rows more."""
    return replace(job, state="running", done_count=done, total_count=total, changed_ms=now)


def ready(file: ExportFile, rows: int, size_bytes: int, now: UnixMs) -> ExportFile:
    """The file, whole."""
    return replace(file, state="ready", rows=rows, size_bytes=size_bytes, ready_ms=now)


def failed(file: ExportFile, fault: str) -> ExportFile:
    """There will be none."""
    return replace(file, state="failed", fault=fault)


def until_night(job: Job, file: ExportFile, now: UnixMs) -> Job:
    """The job when its file is made, or will never be: it waits until the file is to go."""
    due = next_at_hour(file.until_ms, FORGOTTEN_HOUR)
    return replace(job, state="waiting", due_ms=due, changed_ms=now)


def forgotten(job: Job, file: ExportFile | None, now: UnixMs) -> tuple[Job, tuple[Change, ...]]:
    """The job when the file is gone, and the row that goes with it."""
    return replace(job, state="done", changed_ms=now, ended_ms=now), (Delete(file),) if file is not None else ()
