"""HTTP calls to a program that nobody has proven yet: bounded in time and in bytes, whatever it sends."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from zhanggui.edges.http_calls import REPLY_BYTES_MAX, HttpCalls, NoReply

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\n"


class Served:
    """A real server that answers each request as it is told, and what it was asked."""

    def __init__(self, calls: HttpCalls) -> None:
        self.calls = calls
        self.asked = b""

    async def post(self, timeout_s: float) -> bytes:
        return (await self.calls.post("/api", b"{}", {"zhanggui-nonce": "7"}, timeout_s)).body


@asynccontextmanager
async def served(answer: Serve) -> AsyncGenerator[Served]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            at.asked = await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    at = Served(HttpCalls(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    try:
        yield at
    finally:
        await at.calls.close()
        server.close()
        await server.wait_closed()


def dripping(head: bytes, drop: bytes) -> Serve:
    """A byte or a line now and then, each well within the time of one read; until the other end has gone."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.05)

    return drip


def saying(whole: bytes) -> Serve:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(whole)
        await writer.drain()

    return say


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (HEAD, b"A: 1\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["body", "head", "hints", "chunks"],
)
async def test_who_drips_is_given_up_at_the_end_of_the_whole_time(head: bytes, drop: bytes) -> None:
    async with served(dripping(head, drop)) as at:
        async with asyncio.timeout(10):
            with pytest.raises(NoReply, match=r"within 0\.4 s"):
                await at.post(0.4)


async def test_a_packed_reply_is_refused_and_never_unpacked() -> None:
    packed = gzip.compress(bytes(64 << 20))
    assert len(packed) < REPLY_BYTES_MAX
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with served(saying(head + packed)) as at:
        with pytest.raises(NoReply, match="packed"):
            await at.post(10)
        assert b"accept-encoding: identity" in at.asked.lower()
        assert at.asked.lower().count(b"accept-encoding") == 1


async def test_bytes_are_counted_as_they_come() -> None:
    async with served(saying(HEAD + b"\r\n" + bytes(REPLY_BYTES_MAX + 1))) as at:
        with pytest.raises(NoReply, match="longer than"):
            await at.post(10)


@pytest.mark.parametrize("coding", [b"", b"Content-Encoding: identity\r\n"])
async def test_a_reply_as_it_is_comes_whole(coding: bytes) -> None:
    async with served(saying(HEAD + coding + b"Content-Length: 2\r\n\r\nok")) as at:
        assert await at.post(10) == b"ok"
