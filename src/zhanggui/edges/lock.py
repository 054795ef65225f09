"""One process at a time: a lock file that the operating system frees when its holder is gone, however it went."""

import fcntl
import os
from pathlib import Path

from ..basics.errors import Misuse


class FolderLock:
    """Holds a lock file open. `what` names the thing that only one process may run."""

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._handle: int | None = None

    def acquire(self) -> "FolderLock":
        """Take the lock. Misuse when another process has it or the folder can't be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Misuse(
                f"can't write {self._path}: {error.strerror or error}. Give a folder that you may write to, with --data DIR."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise Misuse(
                f"{self._what} is running on {self._path.parent} already. End it first, or give another folder with --data DIR."
            ) from None
        self._handle = handle
        return self

    def release(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
