"""Checkpoints in a file beside the database, one JSON object a line, only ever appended to.

Whoever alters rows of the database, the checkpoints among them, is still caught by this file, and by any copy of it that lies
elsewhere (`zhanggui audit verify --anchor FILE`). Nothing in it is secret.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from ...acquirer.proof.export import CheckpointLine, encode_line
from ...acquirer.rows.records import Checkpoint
from ...basics.errors import Fault, Misuse

LINE_BYTES_MAX = 8_192
"""Some ten times a checkpoint. A file that is none, or that never ends, is refused at its first line."""


class CheckpointFile:
    """Appends checkpoints durably; one process writes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Write lines and wait until they are on the disk. Fault when that fails; then the file is as it was before."""
        text = b"".join(encode_line(CheckpointLine.of(one)) + b"\n" for one in checkpoints)
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if self._ends_in_the_middle():
                    text = b"\n" + text
                _append_or_undo(handle, text)
            finally:
                os.close(handle)
        except OSError as error:
            raise Fault(f"can't append to {self.path} ({error.strerror}). Look at the disk.") from None

    def _ends_in_the_middle(self) -> bool:
        """Whether a power cut left half a line."""
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"


def _append_or_undo(handle: int, text: bytes) -> None:
    """Write all of it and wait for the disk. When that fails, the file is cut back to where it was."""
    size = os.fstat(handle).st_size
    try:
        left = memoryview(text)
        while left:
            # On a full disk a write may take a part and report no error; the next one reports it.
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            # Where even this fails half a line stays, as after a power cut: it is passed over when the file is read.
            os.ftruncate(handle, size)
            os.fsync(handle)
        raise


def read_checkpoint_file(path: Path) -> list[Checkpoint]:
    """All checkpoints of a file, or of a copy. Misuse when it is not there or is none; half a line is passed over."""
    try:
        with path.open("rb") as file:
            return _read_checkpoints(path, file)
    except OSError as error:
        raise Misuse(f"can't read the checkpoints in {path}: {error.strerror}") from None


def _read_checkpoints(path: Path, file: BinaryIO) -> list[Checkpoint]:
    found: list[Checkpoint] = []
    number = 0
    while line := file.readline(LINE_BYTES_MAX):
        number += 1
        line = line.rstrip(b"\n")
        if not line.strip():
            continue
        try:
            if len(line) == LINE_BYTES_MAX:
                line = line.lstrip(b"{")  # longer than any checkpoint, whatever it begins with
                raise ValueError
            found.append(msgspec.json.decode(line, type=CheckpointLine).checkpoint())
        except ValueError:
            # msgspec's errors are ValueErrors too. A power cut leaves the beginning of a line, which has no end.
            if not line.startswith(b"{") or line.endswith(b"}"):
                raise Misuse(
                    f"{path}, line {number}, is no checkpoint; give a copy of host/checkpoints.jsonl"
                ) from None
    return found
