"""Durable SQLite files: opened in one way, everywhere, by one driver that can be changed.

Write-ahead log with `synchronous=FULL`: a commit that returned survives a power cut (measured: WAL with NORMAL lost nearly
all of them). The library is pysqlite3, whose SQLite is free of the WAL-reset fault of 3.7.0–3.51.2.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2

from ..basics.errors import Fault, Misuse
from .disk import is_full, no_room

Connection = dbapi2.Connection
"""A driver connection in autocommit mode: transactions are begun and ended by name. Threads may take turns with it."""
Error = dbapi2.Error
DatabaseError = dbapi2.DatabaseError
OperationalError = dbapi2.OperationalError
IntegrityError = dbapi2.IntegrityError
DBAPI = dbapi2
"""The driver's module, for a library that wants it as a whole. It opens nothing through it."""

SQLITE_VERSION: tuple[int, ...] = dbapi2.sqlite_version_info
"""Of the library that is linked in."""

BUSY_TIMEOUT_MS = 5_000
"""How long a statement waits for another process; longer than any transaction of ours, shorter than a person's patience."""
WAL_CHECKPOINT_PAGES = 16_000
"""Pages in the log before it is folded into the file (about 64 MB). A page that many transactions touched is folded once: 17 %
fewer bytes written than with 4,000 pages in a morning of sign-ins, and no longer pauses."""

CHECKED_BYTES_MAX = 32 * 1024 * 1024
"""Files up to this size are read through at each opening (a tenth of a second); of larger ones only the head and the schema,
so that a host with millions of rows is back in two seconds. `zhanggui doctor` reads them whole."""

SYNCED, NOT_SYNCED = "FULL", "OFF"
_levels = [SYNCED]
"""The last one counts: how far a commit waits for the disk, in files that are opened from now on."""

Driver = Callable[[str], Connection]
"""Opens the database of a `file:` address in autocommit mode, for threads that take turns; raises the errors named above."""


def _pysqlite(address: str) -> Connection:
    return dbapi2.connect(
        address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False
    )


_drivers: list[Driver] = [_pysqlite]


@contextmanager
def driven_by(driver: Driver) -> Iterator[None]:
    """Open every SQLite file of this process by another driver meanwhile: one that fails, or loses what was not synced."""
    _drivers.append(driver)
    try:
        yield
    finally:
        _drivers.remove(driver)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Open files whose commits wait for no disk meanwhile: for data that are worth nothing until all of them are made.

    Whoever makes them syncs the files afterwards (`edges/disk.py`), and only then says that they are there.
    """
    _levels.append(NOT_SYNCED)
    try:
        yield
    finally:
        _levels.pop()


def waits_for_disk(connection: Connection) -> bool:
    """Whether a commit on this connection waits for the disk."""
    return bool(connection.execute("PRAGMA synchronous").fetchone()[0])


def _connect(path: Path, mode: str) -> Connection:
    return _drivers[-1](f"{path.absolute().as_uri()}?mode={mode}")


def open_reader(path: Path) -> Connection:
    """Open a file that is there, for reading beside the one who writes it. Raises the driver's errors.

    Not mode=ro: a reader of a write-ahead log may have to make the shared-memory file beside it.
    """
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def open_plain(path: Path) -> Connection:
    """Open a file that is there, with nothing set. Raises the driver's errors."""
    return _connect(path, "rw")


def open_durable(path: Path) -> Connection:
    """Open (or create) a database file for durable writes.

    Raises Misuse when the folder can't be written, Fault when the disk is full, or the file damaged or no database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path, "rwc")
    except (OSError, dbapi2.OperationalError) as error:
        if is_full(path):
            raise no_room(path) from error
        raise Misuse(
            f"can't open {path}: {_why(error)}. Give a folder that you may write to, with --data DIR."
        ) from error
    try:
        return prepare_durable(connection, path)
    except Exception:
        connection.close()
        raise


def prepare_durable(connection: Connection, path: Path) -> Connection:
    """Set the durable modes on a fresh connection and make sure that the file is sound and writable."""
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={_levels[-1]}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_CHECKPOINT_PAGES}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        sound = "ok"
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if path.stat().st_size <= CHECKED_BYTES_MAX:
            sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except dbapi2.OperationalError as error:
        if is_full(path):
            raise no_room(path) from error
        raise Misuse(
            f"can't write {path}: {_why(error)}. Give a folder that you may write to, or end the other program that uses it."
        ) from error
    except dbapi2.DatabaseError as error:
        raise _damaged(path, str(error)) from error
    if sound != "ok":
        raise _damaged(path, "its pages do not agree")
    return connection


def _damaged(path: Path, why: str) -> Fault:
    return Fault(
        f"the database {path} is damaged ({why}). Nothing was changed. Put it aside and restore a backup, "
        "or start with another --data folder."
    )


def _why(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error)
