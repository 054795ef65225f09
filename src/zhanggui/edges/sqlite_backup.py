"""Bringing a SQLite file to a newer version without a way to lose it: a copy beside it first, then one transaction.

    BEGIN IMMEDIATE ─▶ version read again ─▶ copy made, synced, named ─▶ changes ─▶ COMMIT ─▶ old copies dropped

Cut anywhere, the file is either as it was or wholly new: the changes are one transaction, and a copy bears its name only once
it is whole on the disk. The write lock is held meanwhile, so of two programs that start at once the second finds all done.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..basics.errors import Fault, Misuse
from .sqlite import Connection, DatabaseError, open_plain

COPIES_KEPT = 3
"""Copies of a file from before a change of version, the newest ones: whoever skipped a version may still go back."""
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Migrating:
    """How far a file is on its way to a newer version."""

    file: str
    version: str
    """The version that is reached."""
    newest: str
    backup: str = ""
    """Where the file stands as it was before."""


Told = Callable[[Migrating], None]
"""Hears of each step of a migration."""


def tell_nobody(_migrating: Migrating) -> None:
    """For who does not want to hear of it."""


def back_up(path: Path, version: str) -> Path:
    """Copy what is committed in a file to `NAME.before-VERSION` beside it; a copy of that name is replaced.

    The caller holds the write lock. Raises Fault when there is no room, and leaves no half copy that could be taken for one.
    """
    copy = path.with_name(f"{path.name}.before-{version}")
    draft = path.with_name(copy.name + _UNFINISHED)
    try:
        draft.unlink(missing_ok=True)
        # Made first, so that nobody else may read it: it holds what the file holds.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        reader = open_plain(path)
        try:
            reader.execute("VACUUM INTO ?", (str(draft),))
        finally:
            reader.close()
        _sync(draft)
        draft.replace(copy)
        _sync(path.parent)
    except (OSError, DatabaseError) as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        raise Fault(
            f"{path} must be changed for this version, and no copy of it could be made first ({code}). Nothing was changed. "
            "Free some space beside it and start again."
        ) from error
    return copy


def drop_old_copies(path: Path, kept: int = COPIES_KEPT) -> None:
    """Drop all but the newest copies, and what a cut left unfinished. `kept` = 0 drops all: they hold what was erased since."""
    for unfinished in path.parent.glob(f"{path.name}.before-*{_UNFINISHED}"):
        unfinished.unlink(missing_ok=True)
    copies = sorted(path.parent.glob(f"{path.name}.before-*"))
    for old in copies[: len(copies) - kept]:
        old.unlink(missing_ok=True)


def bring_up(
    connection: Connection, path: Path, newest: int, steps: Mapping[int, Sequence[str]], told: Told = tell_nobody
) -> int:
    """Bring a file that keeps its version in `user_version` to the newest; `steps[n]` are the statements that make n of n - 1.

    The answer is the version that it has now: 0 for a new file, which is left as it is. Misuse when the file is newer than the
    program, or too old for it; Fault when it could not be copied or changed.
    """
    found = _version(connection)
    if found in (0, newest):
        return found
    if found > newest or any(number not in steps for number in range(found + 1, newest + 1)):
        raise Misuse(
            f"{path} has version {found}, this program reads version {newest}. "
            "Use the program that wrote it or a newer one, or start with another --data folder."
        )
    try:
        connection.execute("BEGIN IMMEDIATE")
        found = _version(connection)
        if found < newest:
            copy = back_up(path, f"{newest:04d}")
            for number in range(found + 1, newest + 1):
                for statement in steps[number]:
                    connection.execute(statement)
                told(Migrating(path.name, str(number), str(newest), str(copy)))
            connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, DatabaseError):
            raise Fault(f"{path} could not be brought to version {newest} ({error}). Nothing was changed.") from error
        raise
    drop_old_copies(path)
    return newest


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
