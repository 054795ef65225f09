"""Is a disk full? Asked where something failed: SQLite says of a full disk that it can't be opened, or that it broke.
And asked before: what can wait leaves room for what can't.

And files that were written without waiting for the disk: waiting for all of them at once.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from ..basics.errors import Fault

ROOM_LEAST_BYTES = 256 * 1024
"""With less a database can't be opened: its log and the memory beside it need some pages."""
ROOM_KEPT_BYTES = 1_000_000_000
ROOM_KEPT_PART = 10
"""What a file that can wait leaves free: so many bytes, on a small disk this part of it. Payments are written to the same disk, and
whoever looks after it needs time to make room before they stop."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_full(path: Path) -> bool:
    """Whether there is no room left where this path is, or would be. Not known is no."""
    for folder in (path, *path.absolute().parents):
        try:
            room = os.statvfs(folder)
        except OSError:
            continue
        return room.f_bavail * room.f_frsize < ROOM_LEAST_BYTES
    return False


def room_kept(disk_bytes: int) -> int:
    """How much of a disk of this size is left free for payments.

    >>> room_kept(2_000_000_000_000), room_kept(4_000_000_000)
    (1000000000, 400000000)
    """
    return min(ROOM_KEPT_BYTES, disk_bytes // ROOM_KEPT_PART)


def require_room(folder: Path, more_bytes: int = 0) -> None:
    """Raise what the system raises of a full disk (OSError) when so much more would not leave free what is kept for payments."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize - more_bytes < room_kept(disk.f_blocks * disk.f_frsize):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def no_room(path: Path) -> Fault:
    """What is said then, in place of what the database said."""
    return Fault(f"the disk of {path} is full. Nothing was changed; free some space there and try again.")


def sync_tree(folder: Path) -> None:
    """Wait until all files below a folder, and the folders themselves, are on the disk. Fault when it refuses one."""
    for path in (folder, *sorted(folder.rglob("*"))):
        if not path.is_dir() and not path.is_file():
            continue
        try:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Fault(f"can't write {path} to the disk ({error.strerror}). Look at the disk.") from error


def is_of_full_disk(error: BaseException) -> bool:
    """Whether an error, or one from which it came, says that a disk is full."""
    return any(
        (isinstance(one, OSError) and one.errno in _NO_ROOM) or getattr(one, "sqlite_errorname", "") == "SQLITE_FULL"
        for one in _line_of(error)
    )


def _line_of(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        yield next_one
        next_one = next_one.__cause__ or next_one.__context__
