"""One process at a time: a lock file that the operating system frees when its holder is gone, however it went."""

import fcntl
import os
from pathlib import Path

from ..basics.errors import Misuse


class FolderLock:
    """Holds a lock file and its folder open. `what` names the thing that only one process may run."""

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._handles: list[int] = []

    def acquire(self) -> "FolderLock":
        """Take the lock. Misuse when another process has it or the folder can't be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handles.append(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            # The folder as well: a lock file that somebody removed would let a second program in.
            self._handles.append(os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            self.release()
            raise Misuse(
                f"can't write {self._path}: {error.strerror or error}. Give a folder that you may write to, with --data DIR."
            ) from error
        try:
            for handle in self._handles:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            raise Misuse(
                f"{self._what} is running on {self._path.parent} already. End it first, or give another folder with --data DIR."
            ) from None
        return self

    def release(self) -> None:
        """Give the lock back."""
        while self._handles:
            os.close(self._handles.pop())


def is_held(path: Path) -> bool:
    """Whether a process holds this lock now; False where there is none, or none that may be looked at."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
