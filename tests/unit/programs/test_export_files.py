"""Files of lists on the disk that payments are written to: room is left, and nothing stays of what is no whole file of a row."""

import asyncio
import errno
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from types import SimpleNamespace
from typing import IO, Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.contract.store_rows import MORNING, SHOP, merchant, payment, save

from zhanggui.acquirer.rows.records import ExportFile
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.host.jobs.export_job import NO_ROOM, Written
from zhanggui.programs import export_files, export_writer
from zhanggui.programs.export_files import ExportFiles, FileToWrite, part_name, rows_name
from zhanggui.store.open import open_store
from zhanggui.views.exports import export

ROWS = 1_000
FILE_BYTES_MAX = 65_536
"""Of which so many rows are some times more."""
ID = "f1"
ROOMY, CRAMPED = 50_000_000_000, 5_000_000


def file_of(file_id: str = ID, **changed: Any) -> ExportFile:
    file = ExportFile(
        merchant_no=SHOP,
        export_no=1,
        file_id=file_id,
        place="here",
        list_name="payments",
        area="payments",
        format="csv",
        lang="zh",
        question="",
        state="making",
        made_by="console",
        made_ms=MORNING,
        until_ms=UnixMs(MORNING + 60_000),
    )
    return replace(file, **changed)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with many payments, which nobody changes."""
    path = str(tmp_path_factory.mktemp("many") / "host.db")

    async def fill() -> None:
        store = open_store(path)
        await save(store, merchant(), *(payment(number + 1, state="approved") for number in range(ROWS)))
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


@pytest.fixture
async def files(folder: Path, target: str) -> AsyncIterator[ExportFiles]:
    files = ExportFiles(folder, target, SystemChance())
    yield files
    await files.stop()


Run = Callable[..., tuple[int, list[Written]]]


@pytest.fixture
def run(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> Run:
    """The writing program in this process: its exit code and its words."""

    def run(kind: str = "csv") -> tuple[int, list[Written]]:
        order = FileToWrite(target, str(folder), file_of(format=kind))
        monkeypatch.setattr(export_writer, "take_order", lambda asked: order)
        with warnings.catch_warnings():
            # The library of workbooks leaves a file open that is broken off; the true process ends then.
            warnings.simplefilter("ignore", ResourceWarning)
            code = export_writer.main()
            gc.collect()
        said = capfdbinary.readouterr().out.splitlines()
        return code, [msgspec.json.decode(line, type=Written) for line in said]

    return run


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def disks(monkeypatch: pytest.MonkeyPatch, *free: int) -> list[int]:
    """A disk of 100 GB with so much room at each look, at last as much as at the last one; the list grows by a look each."""
    looks: list[int] = []

    def statvfs(path: Path) -> SimpleNamespace:
        looks.append(free[min(len(looks), len(free) - 1)])
        return SimpleNamespace(f_frsize=1, f_bavail=looks[-1], f_blocks=100_000_000_000)

    monkeypatch.setattr(os, "statvfs", statvfs)
    return looks


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_a_file_is_written_and_nothing_stays_beside_it(kind: str, run: Run, folder: Path) -> None:
    code, words = run(kind)
    assert (code, words[-1].rows, words[-1].size_bytes) == (0, ROWS, (folder / ID).stat().st_size)
    assert names(folder) == {ID}


def test_a_file_is_not_begun_where_payments_need_the_room(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks(monkeypatch, CRAMPED)
    code, words = run()
    assert (code, words[-1]) == (0, Written(0, 0, fault=NO_ROOM))
    assert not names(folder)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_that_takes_the_room_of_payments_is_given_up_in_the_middle(
    kind: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "TOLD_EVERY", ROWS // 10)
    looks = disks(monkeypatch, ROOMY, ROOMY, ROOMY, CRAMPED)
    code, words = run(kind)
    assert (code, words[-1]) == (0, Written(0, 0, fault=NO_ROOM))
    assert (len(looks), [word.rows for word in words[:-1]]) == (4, [0, 100, 200])
    assert not names(folder)


def test_a_workbook_needs_room_for_its_rows_once_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "TOLD_EVERY", ROWS // 2)
    # What a text may still have, the second writing of a workbook's rows would use up.
    disks(monkeypatch, 1_000_000_010)
    assert run("csv")[1][-1].rows == ROWS
    assert run("xlsx")[1][-1].fault == NO_ROOM


@pytest.mark.parametrize(
    ("number", "ends"), [(errno.ENOSPC, (0, NO_ROOM)), (errno.EDQUOT, (0, NO_ROOM)), (errno.EIO, (1, ""))]
)
def test_whatever_ends_the_writing_nothing_stays_of_it(
    number: int, ends: tuple[int, str], run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(kind: str, file: IO[bytes], *rest: Any, folder: Path) -> None:
        file.write(b"rows in clear")
        (folder / "rows").write_bytes(b"rows in clear")
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(export_writer, "write_file", break_off)
    code, words = run()
    assert (code, words[-1].fault) == ends
    assert not names(folder)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_disk_that_takes_no_more_leaves_nothing(kind: str, target: str, folder: Path) -> None:
    order = FileToWrite(target, str(folder), file_of(format=kind))
    with subprocess.Popen(
        [sys.executable, "-m", export_files.WRITER_MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX)),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.flush()
        said = process.stdout.read().splitlines()
        code = process.wait()
    assert (code, msgspec.json.decode(said[-1], type=Written)) == (1, Written(0, ROWS))
    assert not names(folder)


def lay(folder: Path, *names: str) -> None:
    """Put files there; a name that ends with `/` is a folder with a file in it."""
    for name in names:
        if name.endswith("/"):
            (folder / name).mkdir()
        (folder / (f"{name}rows" if name.endswith("/") else name)).write_bytes(b"rows in clear")


async def test_what_a_killed_writer_left_goes_at_once(
    files: ExportFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "WRITER_MODULE", "zhanggui.programs.nothing_so_called")
    lay(folder, part_name(ID), f"{rows_name(ID)}/")
    with pytest.raises(Fault, match="it is begun again"):
        await files.write_on(file_of())
    assert not names(folder)


async def test_a_file_goes_with_all_that_was_begun_of_it(files: ExportFiles, folder: Path) -> None:
    lay(folder, ID, part_name(ID), f"{rows_name(ID)}/", "other")
    await files.drop(ID)
    assert names(folder) == {"other"}


async def test_whoever_stops_reading_holds_no_room_of_a_file_that_went(files: ExportFiles, folder: Path) -> None:
    contents = bytes(range(256)) * 3_000
    (folder / ID).write_bytes(contents)
    assert b"".join([piece async for piece in files.contents(ID)]) == contents
    reading = files.contents(ID)
    assert await anext(reading) == contents[: export_files.PIECE_BYTES]
    await files.drop(ID)
    with pytest.raises(Fault, match="can't read a file"):
        await anext(reading)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[ExportFiles, Path]]:
    """A folder as a host left it that was killed, and the rows of its files."""
    folder, database = tmp_path / "left", str(tmp_path / "left.db")
    files = ExportFiles(folder, database, SystemChance())
    place = files.place
    rows = [
        file_of("ready", export_no=1, place=place, state="ready"),
        file_of("making", export_no=2, place=place, state="making"),
        file_of("taken", export_no=3, place=place, state="taken"),
        file_of("failed", export_no=4, place=place, state="failed"),
        file_of("theirs", export_no=5, place="elsewhere", state="ready"),
    ]

    async def fill() -> None:
        store = open_store(database)
        await save(store, merchant(), *rows)
        await store.close()

    asyncio.run(fill())
    lay(
        folder,
        *(row.file_id for row in rows),
        "nobody's",
        part_name("making"),
        f"{rows_name('making')}/",
        "zhanggui-x/",
    )
    (folder / "link").symlink_to(tmp_path / "left.db")
    yield files, folder
    asyncio.run(files.stop())


def test_a_start_removes_all_that_is_no_file_of_a_row(kept: tuple[ExportFiles, Path]) -> None:
    files, folder = kept
    files.sweep(MORNING)
    assert names(folder) == {"place", "ready"}
    assert (folder.parent / "left.db").is_file()


def test_where_rows_can_t_be_read_nothing_is_removed(kept: tuple[ExportFiles, Path]) -> None:
    files, folder = kept
    before = names(folder)
    (folder.parent / "left.db").unlink()
    files.sweep(MORNING)
    assert names(folder) == before


def test_a_folder_without_files_asks_no_database(tmp_path: Path) -> None:
    files = ExportFiles(tmp_path / "none", str(tmp_path / "none.db"), SystemChance())
    files.sweep(MORNING)
    assert not (tmp_path / "none").exists()
    assert files.place
    files.sweep(MORNING)
    assert names(tmp_path / "none") == {"place"}
