"""The job `export`: a list becomes a file, and goes again when its time is over. Its rule is `acquirer/people/exporting.py`.

A step waits for the next word of whoever writes the file (a process of its own, so that neither loop nor interpreter of the host is
kept busy) and puts down how far it is. A host that ends in the middle begins the file anew.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from ...acquirer.people.exporting import ENDED, failed, forgotten, further, ready, until_night
from ...acquirer.people.programs.tokens import has_ended
from ...acquirer.people.rights import PERSON, is_let_in
from ...acquirer.rows.records import WHOLE_HOST, ApiToken, ExportFile, Job, Person
from ...acquirer.rows.state import Needs, Update
from ...basics.errors import Fault
from ...basics.numbers import MerchantNo, UnixMs
from ...store.port import Store
from ..commit import Sheet
from .durable import Asked, JobKind


class NobodyWrites(Fault):
    """No process could be begun that writes the file."""


NO_ROOM = "no_room"
"""The fault of a file that would have left the disk too little room for payments: it is not begun again."""
WRITER = Asked("file writer", NobodyWrites, every_s=1.0)
"""Somebody waits before a page, so it begins at once."""


class Written(msgspec.Struct, frozen=True):
    """One word of whoever writes a file: rows written, of how many."""

    rows: int
    of: int
    size_bytes: int | None = None
    """How large it is; None while it is not whole."""
    fault: str = ""
    """Why there will be none: a word of a wrong question, or NO_ROOM."""


class KeptFiles(Protocol):
    """The files of lists in a folder, for whoever takes them."""

    @property
    def place(self) -> str:
        """The folder's own name, which no other has."""
        ...

    async def has(self, file_id: str) -> bool:
        """Whether the file is there."""
        ...

    def contents(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The contents of a file, a piece at a time. Fault when it can't be read, or was taken away meanwhile."""
        ...


class Files(KeptFiles, Protocol):
    """The files of lists in this host's folder, and writing them."""

    def new_id(self) -> str:
        """A name for a file, by chance."""
        ...

    async def write_on(self, file: ExportFile) -> Written:
        """Begin this file or go on with it; the next word about it. NobodyWrites, Fault when it broke off."""
        ...

    async def drop(self, file_id: str) -> None:
        """Take a file away, and all that was begun of it."""
        ...


class _Page(msgspec.Struct, frozen=True):
    """The file's place, and what was told of it; None: it is to go, or went."""

    export_no: int
    file_id: str
    told: Written | None


def export_kind(files: Files) -> JobKind[_Page]:
    """The kind of job, with the folder that the files lie in."""

    async def page(store: Store, job: Job) -> _Page:
        _, number, file_id = job.subject.split("/")
        key = (job.merchant_no, int(number))
        async with store.unit() as unit:
            file = (await unit.load(Needs({ExportFile: [key]}))).get(ExportFile, *key)
        is_wanted = file is not None and file.file_id == file_id and job.due_ms < file.until_ms
        if file is None or not is_wanted or file.state != "making" or job.state == "waiting":
            await files.drop(file_id)
            return _Page(int(number), file_id, None)
        if await _has_ended(store, file):
            await files.drop(file_id)
            return _Page(int(number), file_id, Written(0, 0, fault=ENDED))
        return _Page(int(number), file_id, await files.write_on(file))

    return JobKind(
        begin=_begin,
        page=page,
        needs=_needs,
        decide=_decide,
        asks=WRITER,
        is_ours=lambda job: job.subject.startswith(f"{files.place}/"),
    )


async def _has_ended(store: Store, file: ExportFile) -> bool:
    """Whether nobody is there any more for whom it is made: by a stolen token nothing is made further once that is revoked."""
    if not file.made_by.startswith(PERSON):
        return False
    login = file.made_by.removeprefix(PERSON)
    needs = Needs({Person: [(WHOLE_HOST, login)]})
    if file.token_id:
        needs.add(ApiToken, (WHOLE_HOST, file.token_id))
    async with store.unit() as unit:
        state = await unit.load(needs)
    person = state.get(Person, WHOLE_HOST, login)
    if not file.token_id:
        return person is None or not is_let_in(person)
    return has_ended(state.get(ApiToken, WHOLE_HOST, file.token_id), person)


async def _begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
    """Each is ordered by somebody; nothing is planned here."""
    nothing: tuple[Sequence[Job], ...] = ()
    for page in nothing:
        yield page


def _needs(job: Job, page: _Page) -> Needs:
    return Needs({ExportFile: [(MerchantNo(job.merchant_no), page.export_no)]})


def _decide(sheet: Sheet, job: Job, page: _Page) -> Job:
    file, told = sheet.state.get(ExportFile, job.merchant_no, page.export_no), page.told
    if file is not None and file.file_id != page.file_id:
        # Its place was given to another one.
        file = None
    if file is None or told is None:
        done, changes = forgotten(job, file, sheet.now)
        sheet.take(changes)
        return done
    if told.fault:
        sheet.take((Update(failed(file, told.fault)),))
        return until_night(job, file, sheet.now)
    stepped = further(job, told.rows, told.of, sheet.now)
    if told.size_bytes is None:
        return stepped
    sheet.take((Update(ready(file, told.rows, told.size_bytes, sheet.now)),))
    return until_night(stepped, file, sheet.now)
