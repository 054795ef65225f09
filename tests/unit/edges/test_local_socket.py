"""The socket between programs of one owner: one question a line, and whoever sends anything else is hung up on without harm to others."""

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from zhanggui.edges import local_socket
from zhanggui.edges.local_socket import (
    FRAME_BYTES_MAX,
    LENGTH,
    LINES_MAX,
    AnswerLost,
    LocalSocket,
    NobodyThere,
    TooLong,
    ask_local,
    framed,
)

WITHIN_S = 5.0
SLOW_S = 0.2


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Path]:
    """Where somebody answers with what was asked, backwards; the folder's name is longer than an address may be."""
    folder = tmp_path / ("a folder with a long name " * 5)
    folder.mkdir()

    async def answer(question: bytes) -> bytes:
        return question[::-1]

    served = LocalSocket(folder / "here.sock", answer, read_within_s=SLOW_S)
    await served.start()
    yield folder / "here.sock"
    await served.stop()
    assert not (folder / "here.sock").exists()


async def sent(place: Path, data: bytes) -> bytes:
    """Send these bytes and nothing more; what comes until the line is closed."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.setblocking(False)
    with local_socket._short(place) as name:
        await asyncio.get_running_loop().sock_connect(line, name)
    reader, writer = await asyncio.open_unix_connection(sock=line)
    try:
        async with asyncio.timeout(WITHIN_S):
            writer.write(data)
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def test_a_question_is_answered_and_the_file_is_its_owner_s_alone(place: Path) -> None:
    assert len(str(place)) > 108
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600
    assert await ask_local(place, b"abc", WITHIN_S) == b"cba"
    largest = os.urandom(FRAME_BYTES_MAX)
    assert await ask_local(place, largest, WITHIN_S) == largest[::-1]


async def test_many_at_once_are_each_answered(place: Path) -> None:
    asked = [str(number).encode() for number in range(LINES_MAX // 2)]
    assert await asyncio.gather(*(ask_local(place, one, WITHIN_S) for one in asked)) == [one[::-1] for one in asked]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        LENGTH.pack(FRAME_BYTES_MAX + 1) + b"x" * 64,
        LENGTH.pack(0xFFFFFFFF),
        LENGTH.pack(0),
        b"",
        b"\0\0",
        LENGTH.pack(8) + b"half",
    ],
    ids=["text", "too long", "the longest", "empty", "nothing", "half a length", "half a frame"],
)
async def test_what_is_no_question_is_hung_up_on_in_time_and_others_are_answered(place: Path, data: bytes) -> None:
    others = asyncio.gather(*(ask_local(place, b"abc", WITHIN_S) for _ in range(4)))
    assert await sent(place, data) == b""
    assert await others == [b"cba"] * 4


async def test_those_who_say_nothing_keep_nobody_out_for_long(place: Path) -> None:
    silent = [asyncio.ensure_future(sent(place, b"\0")) for _ in range(LINES_MAX)]
    await asyncio.sleep(SLOW_S / 4)
    with pytest.raises(AnswerLost):
        await ask_local(place, b"abc", WITHIN_S)
    assert await asyncio.gather(*silent) == [b""] * LINES_MAX
    assert await ask_local(place, b"abc", WITHIN_S) == b"cba"


async def test_another_user_is_hung_up_on_at_both_ends(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_711)
    with pytest.raises(NobodyThere):
        await ask_local(place, b"abc", WITHIN_S)
    assert await sent(place, framed(b"abc")) == b""


async def test_nobody_there_is_told_from_an_answer_that_is_lost(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def never(question: bytes) -> bytes:
        asked.set()
        await asyncio.sleep(WITHIN_S)
        return b""

    place = tmp_path / "here.sock"
    with pytest.raises(NobodyThere):
        await ask_local(place, b"abc", WITHIN_S)
    with pytest.raises(NobodyThere):
        await ask_local(tmp_path / "no folder" / "here.sock", b"abc", WITHIN_S)
    # What a killed program left lies in nobody's way.
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(place))
    left.close()
    with pytest.raises(NobodyThere):
        await ask_local(place, b"abc", WITHIN_S)
    served = LocalSocket(place, never)
    await served.start()
    with pytest.raises(AnswerLost):
        await ask_local(place, b"abc", SLOW_S)
    assert asked.is_set()
    with pytest.raises(TooLong):
        await ask_local(place, b"x" * (FRAME_BYTES_MAX + 1), WITHIN_S)
    await served.stop()
