"""Copies of SQLite files: made while their program writes, looked through, and put back in place of what is there."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..basics.errors import Fault, Misuse
from .sqlite import DatabaseError, open_plain

PAGES_AT_ONCE = 2_000
"""Pages copied between two looks at the writer (8 MB): it waits for none of them."""
LOG_ENDINGS = ("", "-wal", "-shm")
"""A database and what belongs to it: a copy of the file alone lacks what its log still holds."""

Progress = Callable[[str, int, int], None]
"""Hears which file, how many of its pages are copied, and how many there are."""


def copy_online(path: Path, copy: Path, told: Progress) -> None:
    """Copy what is committed in a database to a file that must not exist yet, also while somebody writes it.

    The copy bears its name only once it is whole on the disk and was looked through. Raises Misuse when it is there or there is no
    database, Fault when it can't be made.
    """
    if copy.exists():
        raise Misuse(f"{copy} is there already and is not overwritten; give another folder")
    if not path.is_file():
        raise Misuse(f"there is no database {path}")
    draft = copy.with_name(copy.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        source, target = open_plain(path), open_plain(draft)
        try:
            source.backup(
                target,
                pages=PAGES_AT_ONCE,
                progress=lambda _status, left, whole: told(path.name, whole - left, whole),
            )
            # The copy stands alone: no log belongs to it.
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
            source.close()
        wrong = what_is_wrong(draft)
        if wrong:
            raise Fault(f"{path} is damaged ({wrong}); no copy was kept")
        _sync(draft)
        draft.replace(copy)
        _sync(copy.parent)
    except (OSError, DatabaseError) as error:
        raise Fault(f"{path} could not be copied to {copy} ({_kind(error)}). Free some space there.") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def what_is_wrong(path: Path) -> str:
    """The first thing that is wrong with a database, read through whole; empty when it is sound."""
    try:
        connection = open_plain(path)
        try:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        finally:
            connection.close()
    except DatabaseError as error:
        return _kind(error)
    return "" if found == "ok" else found


def put_back(copy: Path, path: Path) -> list[Path]:
    """Put a copy in place of a database that nobody uses; the answer names what was there before, under its new names.

    Raises Misuse when the copy is missing or not sound: then nothing was changed.
    """
    wrong = what_is_wrong(copy) if copy.is_file() else "there is no such file"
    if wrong:
        raise Misuse(f"{copy} can't be put back: {wrong}. Nothing was changed.")
    draft = path.with_name(path.name + ".part")
    kept: list[Path] = []
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file, copy.open("rb") as whole:
            while part := whole.read(1 << 20):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        number = 1
        while any(path.with_name(f"{path.name}.replaced-{number}{end}").exists() for end in LOG_ENDINGS):
            number += 1
        for end in LOG_ENDINGS:
            old = path.with_name(path.name + end)
            if old.exists():
                kept.append(old.rename(path.with_name(f"{path.name}.replaced-{number}{end}")))
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise Fault(f"{copy} could not be put in place of {path} ({error.strerror}). Do it again.") from error
    return kept


def _kind(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
