"""Small files that must be whole or absent: written beside, forced to the disk, then put in place by one rename."""

import os
import stat
from pathlib import Path

from ...basics.errors import Fault, Misuse

OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_owner_only(path: Path, content: bytes) -> None:
    """Replace a file by `content`, readable by its owner alone; after a power cut the old or the new one is there whole.

    Raises Fault when the disk refuses.
    """
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        try:
            os.fchmod(descriptor, OWNER_ONLY)
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.write(content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(beside, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Fault(
            f"can't write {path}: {error.strerror or error}. Check that the disk is not full and the folder may be written."
        ) from error


def read_owner_only(path: Path) -> bytes | None:
    """The file's content, or None when there is none. Misuse when others may read it, Fault when the disk refuses."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise Misuse(f"{path} holds keys and other users may read it. Run: chmod 600 {path}")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Fault(f"can't read {path}: {error.strerror or error}. Check the folder's rights.") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
