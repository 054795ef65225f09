"""A socket in a folder, by which programs of one owner on one machine ask each other: one connection a question.

    whoever asks ─▶ 4 bytes of length, so many bytes ─▶ whoever answers        (and the same way back, then the line is closed)

The file is its owner's alone (0600), and who is at the other end is what the system says, never what is said over the line. A name in a
folder may be longer than an address of a socket can be (108 bytes): both ends go by the folder's open handle.
"""

import asyncio
import os
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from ..basics.errors import Fault

FRAME_BYTES_MAX = 262_144
"""Of a question or an answer: four times the largest form of the office."""
LINES_MAX = 64
"""Questions in hand at once; a further one is hung up on, unread."""
READ_WITHIN_S = 5.0
"""How long a question may take to come."""
WRITTEN_WITHIN_S = 5.0
"""How long an answer may take to be read."""
LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("iII")
"""pid, uid, gid (unix(7), SO_PEERCRED)."""
_log = structlog.get_logger("zhanggui")


class NobodyThere(Fault):
    """Nobody answers at this socket: the question was not sent."""


class AnswerLost(Fault):
    """The question was sent and no answer came: what became of it is not known."""


class TooLong(Fault):
    """It is longer than a question may be: it was not sent."""


class LocalSocket:
    """Answers at one place until it is stopped. The folder's lock is with whoever starts it: what lies there is left from before."""

    def __init__(
        self, path: Path, answer: Callable[[bytes], Awaitable[bytes]], *, read_within_s: float = READ_WITHIN_S
    ) -> None:
        self._path = path
        self._answer = answer
        self._read_within_s = read_within_s
        self._server: asyncio.Server | None = None
        self._lines = 0
        self.refused = 0
        """Lines that were hung up on: another user's, too many, too slow, or no question."""

    async def start(self) -> None:
        """Begin to answer. Fault when the folder takes no socket."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            with _short(self._path) as name:
                listener.bind(name)
            # Before anybody can be heard: a connection before `listen` is refused.
            self._path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            self._server = await asyncio.start_unix_server(self._line, sock=listener, backlog=LINES_MAX)
        except OSError as error:
            listener.close()
            raise Fault(f"can't make the socket {self._path}: {error.strerror}") from None

    async def stop(self) -> None:
        """Answer nobody any more, and take the socket away."""
        if self._server is not None:
            self._server.close()
            self._server = None
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines += 1
        try:
            why_not = await self._one(reader, writer)
            if why_not:
                self.refused += 1
                _log.warning("local_line_refused", reason=why_not)
        except OSError:
            # Whoever asked is gone: there is nobody to tell.
            pass
        finally:
            self._lines -= 1
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Answer one question; the answer here is why it was not."""
        if not is_own(writer.get_extra_info("socket")):
            return "another_user"
        if self._lines > LINES_MAX:
            return "too_many"
        try:
            async with asyncio.timeout(self._read_within_s):
                question = await _read(reader)
        except TimeoutError:
            return "too_slow"
        if question is None:
            return "no_question"
        writer.write(framed(await self._answer(question)))
        try:
            async with asyncio.timeout(WRITTEN_WITHIN_S):
                await writer.drain()
                writer.write_eof()
                # Until the other end has read it: an abort would take back what is on its way.
                await reader.read(1)
        except TimeoutError:
            return "not_read"
        return ""


async def ask_local(path: Path, question: bytes, within_s: float) -> bytes:
    """Ask whoever answers there. Raises NobodyThere, AnswerLost, TooLong."""
    if len(question) > FRAME_BYTES_MAX:
        raise TooLong("the question is longer than a local socket takes")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.setblocking(False)
    try:
        with _short(path) as name:
            await asyncio.get_running_loop().sock_connect(line, name)
        if not is_own(line):
            raise NobodyThere(f"{path} is not answered by its owner")
        reader, writer = await asyncio.open_unix_connection(sock=line)
    except OSError:
        line.close()
        raise NobodyThere(f"nobody answers at {path}") from None
    except NobodyThere:
        line.close()
        raise
    try:
        async with asyncio.timeout(within_s):
            writer.write(framed(question))
            answer = await _read(reader)
    except (OSError, TimeoutError):
        answer = None
    finally:
        writer.transport.abort()
    if answer is None:
        raise AnswerLost(f"no answer came from {path}")
    return answer


def is_own(line: socket.socket) -> bool:
    """Whether a process of this very user is at the other end."""
    _, user, _ = _CREDENTIALS.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return bool(user == os.geteuid())


def framed(payload: bytes) -> bytes:
    """A payload with its length before it."""
    return LENGTH.pack(len(payload)) + payload


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    """What stands in one frame; None where it is none, or longer than a frame may be."""
    try:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        return await reader.readexactly(length) if 0 < length <= FRAME_BYTES_MAX else None
    except asyncio.IncompleteReadError:
        return None


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of this file that fits into an address, while this lasts. OSError where there is no such folder."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
