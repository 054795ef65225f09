"""The files of lists in a data folder, and the processes that write them: one a file, so that a host goes on with its sales meanwhile.

    <data>/host/exports/place          the folder's own name
    <data>/host/exports/ID             a file that is whole; `.ID.part` while it is written, `.ID.part.d` for rows on their way into a
                                       workbook

What was begun when a host ended is begun anew. At its start a host removes all that is no file of a row which counts: the places of a
shop bound what lies here only so, and rows in clear must not outlive whoever wrote them.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec

from ..acquirer.rows.records import ExportFile
from ..basics.bad_json import BAD_JSON
from ..basics.chance import Chance
from ..basics.errors import Fault, Misuse
from ..basics.numbers import UnixMs
from ..host.jobs.export_job import NobodyWrites, Written
from ..host.work import log
from ..store.open import open_queries
from .side_process import CannotBegin, SideProcess

ID_BYTES = 16
PLACE = "place"
WRITER_MODULE = "zhanggui.programs.export_writer"
SILENT_MAX_S = 300.0
"""The longest pause between two words: counting some millions of rows takes seconds."""
WORD_BYTES_MAX = 4_096
PIECE_BYTES = 262_144
"""Read at once of a file that somebody takes."""
READERS = 2
"""Threads that read files: a slow disk keeps the loop from nothing."""
A = TypeVar("A")
R = TypeVar("R")


class FileToWrite(msgspec.Struct, frozen=True):
    """What a process is told that writes a file: the row, from which database, where to."""

    target: str
    folder: str
    file: ExportFile


class ExportFiles:
    """The files of one data folder."""

    def __init__(self, folder: Path, target: str, chance: Chance) -> None:
        self._folder = folder
        self._target = target
        self._chance = chance
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="export-files")
        self._writing: dict[str, SideProcess] = {}

    @cached_property
    def place(self) -> str:
        """The folder's own name, made when it is first asked for."""
        kept = self._folder / PLACE
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError), kept.open("x", encoding="ascii") as file:
                file.write(self.new_id())
            return kept.read_text(encoding="ascii").strip()
        except OSError as error:
            raise Fault(f"can't write to {self._folder}: {error.strerror}") from None

    def new_id(self) -> str:
        """A name for a file, by chance."""
        return self._chance.take_secret(ID_BYTES).hex()

    def sweep(self, now: UnixMs) -> None:
        """Before anything is written: remove all that is no whole file of a row that is ready. What can't be looked at stays, and is logged."""
        try:
            found = {path.name: path for path in self._folder.iterdir() if path.name != PLACE}
        except OSError:
            # No list became a file yet.
            return
        if not found:
            # The library by which lists are read takes a while to load.
            return
        try:
            kept = self._ready_ids(now)
        except (Fault, Misuse) as error:
            log.warning("exports_not_swept", reason=str(error))
            return
        for path in (path for name, path in found.items() if name not in kept):
            try:
                _remove(path)
            except OSError as error:
                log.warning("exports_not_swept", reason=error.strerror)

    def _ready_ids(self, now: UnixMs) -> frozenset[str]:
        from ..store.lists.asked import Is
        from ..views.questions.reading import Reading

        with open_queries(self._target) as queries:
            ready = Reading(queries, now).each(ExportFile, Is("place", (self.place,)), Is("state", ("ready",)))
            return frozenset(file.file_id for file in ready)

    async def write_on(self, file: ExportFile) -> Written:
        """Begin this file or go on with it; the next word about it."""
        process = self._writing.get(file.file_id)
        if process is None:
            order = FileToWrite(self._target, str(self._folder), file)
            try:
                process = await SideProcess.begin(WRITER_MODULE, order, WORD_BYTES_MAX)
            except CannotBegin as error:
                raise NobodyWrites(str(error)) from None
            self._writing[file.file_id] = process
        try:
            told = msgspec.json.decode(await process.line(SILENT_MAX_S), type=Written)
        except (Fault, *BAD_JSON):
            await self._give_up(file.file_id)
            raise Fault("the process that writes a file broke off; it is begun again") from None
        if told.fault:
            await self._give_up(file.file_id)
        elif told.size_bytes is not None:
            await self._end(file.file_id)
        return told

    async def _end(self, file_id: str) -> None:
        process = self._writing.pop(file_id, None)
        if process is not None:
            await process.end()

    async def _give_up(self, file_id: str) -> None:
        """End its process, and take away what was written, also where the process could not: it may have been killed."""
        await self._end(file_id)
        await self._in_thread(self._remove_part, file_id)

    def _remove_part(self, file_id: str) -> None:
        try:
            remove_part(self._folder, file_id)
        except OSError as error:
            # The next try begins with it, and so does the next start.
            log.warning("exports_not_swept", reason=error.strerror)

    async def has(self, file_id: str) -> bool:
        """Whether the file is there."""
        return await self._in_thread(self._has, file_id)

    async def contents(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The contents of a file, a piece at a time. Fault when it can't be read, or was dropped meanwhile."""
        at = 0
        while piece := await self._in_thread(self._piece, (file_id, at)):
            yield piece
            at += len(piece)

    async def drop(self, file_id: str) -> None:
        """Take a file away, and all that was begun of it."""
        await self._end(file_id)
        await self._in_thread(self._unlink, file_id)

    async def _in_thread(self, do: Callable[[A], R], asked: A) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, do, asked)

    def _has(self, file_id: str) -> bool:
        return (self._folder / file_id).is_file()

    def _piece(self, asked: tuple[str, int]) -> bytes:
        file_id, at = asked
        try:
            # Opened for each piece: whoever takes a file and stops reading would hold the room of one that was dropped.
            with (self._folder / file_id).open("rb") as file:
                file.seek(at)
                return file.read(PIECE_BYTES)
        except OSError as error:
            raise Fault(f"can't read a file in {self._folder}: {error.strerror}") from None

    def _unlink(self, file_id: str) -> None:
        try:
            (self._folder / file_id).unlink(missing_ok=True)
            remove_part(self._folder, file_id)
        except OSError as error:
            raise Fault(f"can't remove a file in {self._folder}: {error.strerror}") from None

    async def stop(self) -> None:
        """End whatever writes, and read nothing more."""
        for file_id in tuple(self._writing):
            await self._give_up(file_id)
        self._threads.shutdown(wait=False)


def part_name(file_id: str) -> str:
    """What a file is called while it is not whole."""
    return f".{file_id}.part"


def rows_name(file_id: str) -> str:
    """Where rows lie meanwhile that become a workbook."""
    return f"{part_name(file_id)}.d"


def remove_part(folder: Path, file_id: str) -> None:
    """Take away what was written of a file that is not whole. OSError where the system refuses."""
    for name in (part_name(file_id), rows_name(file_id)):
        _remove(folder / name)


def _remove(path: Path) -> None:
    """Take away a file, or a folder with all in it; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
