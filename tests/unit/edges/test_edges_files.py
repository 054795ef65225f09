"""Files that keep data: durable modes, one clear message for what is damaged or can't be written, one process a folder."""

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from zhanggui.basics.errors import Fault, Misuse
from zhanggui.edges.disk import is_full
from zhanggui.edges.lock import FolderLock
from zhanggui.edges.sqlite import SQLITE_VERSION, Connection, OperationalError, driven_by, open_durable


def filled(path: Path) -> Path:
    connection = open_durable(path)
    connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO rows VALUES (?, ?)", [(number, "x" * 200) for number in range(500)])
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def test_a_database_is_opened_in_the_durable_modes(tmp_path: Path) -> None:
    connection = open_durable(tmp_path / "deep" / "er" / "a.db")
    modes = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    connection.close()
    assert modes == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_sqlite_that_is_linked_in_has_no_wal_reset_fault() -> None:
    assert SQLITE_VERSION >= (3, 51, 3)


def test_a_file_of_garbage_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"\x00garbage\xff" * 1000)
    before = path.read_bytes()
    with pytest.raises(Fault, match=r"a\.db is damaged .* Nothing was changed\. .*restore a backup"):
        open_durable(path)
    assert path.read_bytes() == before


def test_a_file_with_overwritten_pages_is_called_damaged(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db")
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(Fault, match="is damaged"):
        open_durable(path)


def test_a_file_that_was_cut_is_called_damaged(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(Fault, match="is damaged"):
        open_durable(path)


def test_a_place_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a regular file")
    with pytest.raises(Misuse, match="--data DIR"):
        open_durable(tmp_path / "file" / "a.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(Misuse, match="--data DIR"):
        open_durable(tmp_path / "folder.db")


def test_a_database_that_another_program_is_writing_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhanggui.edges.sqlite.BUSY_TIMEOUT_MS", 10)
    path = filled(tmp_path / "a.db")
    other = open_durable(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Misuse, match="end the other program"):
        open_durable(path)
    other.execute("ROLLBACK")
    other.close()
    open_durable(path).close()


# --------------------------------------------------------------------------------------------------------------- locks


def test_a_second_lock_on_a_folder_is_refused_until_the_first_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "host.lock"
    first = FolderLock(path, "a host").acquire()
    with pytest.raises(Misuse, match=r"a host is running on .*data already"):
        FolderLock(path, "a host").acquire()
    first.release()
    first.release()
    FolderLock(path, "a host").acquire().release()


def _hold_and_die(path: Path) -> None:
    FolderLock(path, "a host").acquire()


def test_a_lock_is_free_when_its_holder_died(tmp_path: Path) -> None:
    path = tmp_path / "host.lock"
    holder = multiprocessing.get_context("spawn").Process(target=_hold_and_die, args=(path,))
    holder.start()
    holder.join()
    assert holder.exitcode == 0
    FolderLock(path, "a host").acquire().release()


def test_a_lock_in_a_place_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a regular file")
    with pytest.raises(Misuse, match="--data DIR"):
        FolderLock(tmp_path / "file" / "host.lock", "a host").acquire()


class NoSharedMemory(OperationalError):
    """What SQLite reports where the disk has no room for the memory beside the file."""

    sqlite_errorname = "SQLITE_IOERR"


def failing_driver(address: str) -> Connection:
    raise NoSharedMemory("disk I/O error")


@pytest.mark.parametrize(("free_blocks", "family", "text"), [(3, Fault, "is full"), (90_000, Misuse, "disk I/O error")])
def test_a_database_that_does_not_open_on_a_full_disk_says_that_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_blocks: int, family: type[Exception], text: str
) -> None:
    room = os.statvfs(tmp_path)
    blocks = SimpleNamespace(f_bavail=free_blocks, f_frsize=4096, f_files=room.f_files)
    monkeypatch.setattr(os, "statvfs", lambda path: blocks)
    with driven_by(failing_driver), pytest.raises(family, match=text):
        open_durable(tmp_path / "host.db")
    assert is_full(tmp_path / "not" / "there" / "yet") is (free_blocks == 3)
