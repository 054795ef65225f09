"""The file of the sealed local key: the only part of the vault that touches the disk."""

import os
import stat
import tempfile
from pathlib import Path

from .errors import KeyFileRefused, KeyFileUnusable, SealedFileDamaged
from .sealed import TEXT_BYTES_MAX

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Permission bits of everyone but the owner."""


def write_key_file(path: Path, text: str) -> None:
    """Write the sealed key so that it is there whole or not at all, readable by its owner only.

    Raises KeyFileRefused when the file exists: an old local key must never be lost under a new one. KeyFileUnusable
    when the disk refuses. The folder must exist.
    """
    try:
        draft = _draft(path, text)
        try:
            # A hard link, unlike a rename, fails when the name is taken.
            os.link(draft, path)
        finally:
            os.unlink(draft)
        _sync_folder(path.parent)
    except FileExistsError:
        raise KeyFileRefused(
            f"{path} is already there and is not overwritten: keys sealed under it would be lost. Move it away first"
        ) from None
    except OSError as error:
        raise KeyFileUnusable(f"{path} can't be written: {error.strerror}. Check the folder and the disk") from error


def replace_key_file(path: Path, text: str) -> None:
    """Write a file of sealed keys that takes the place of the one that is there: it is the old one or the new one, whole.

    For a file that gets one more key and keeps all that it had. KeyFileUnusable when the disk refuses.
    """
    try:
        os.replace(_draft(path, text), path)
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileUnusable(f"{path} can't be written: {error.strerror}. Check the folder and the disk") from error


def _draft(path: Path, text: str) -> str:
    """The text on the disk beside the file, in one of mode 0600, whatever the umask says."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(draft)
        raise
    return draft


def read_key_file(path: Path) -> str:
    """Read the sealed key.

    Raises KeyFileRefused when it is missing or other users may read it, KeyFileUnusable when the disk refuses, and
    SealedFileDamaged when it is longer than a sealed key or no text.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(TEXT_BYTES_MAX + 1)
    except FileNotFoundError:
        raise KeyFileRefused(f"{path} is missing: there is no local key yet, or the path is wrong") from None
    except OSError as error:
        raise KeyFileUnusable(f"{path} can't be read: {error.strerror}. Check its owner and the disk") from error
    if mode & OTHERS:
        raise KeyFileRefused(f"{path} is open to other users (mode {mode:04o}); run: chmod 600 {path}")
    if len(content) > TEXT_BYTES_MAX:
        raise SealedFileDamaged(f"{path} is longer than a sealed local key. Restore it from its backup")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise SealedFileDamaged(f"{path} is not the text that was written. Restore it from its backup") from None


def _sync_folder(folder: Path) -> None:
    """Make the new name durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
