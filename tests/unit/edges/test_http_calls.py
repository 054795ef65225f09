"""HTTP calls to a program that nobody has proven yet: bounded in time and in bytes, whatever it sends."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Defect
from zhanggui.edges import http_calls
from zhanggui.edges.http_calls import REPLY_BYTES_MAX, HttpCalls, NoReply
from zhanggui.vault.certificate import make_certificate

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


class Kept:
    """A real server that keeps its lines: `replies` are what each call is answered with, in turn; without a length it ends with the line."""

    def __init__(self, *replies: bytes) -> None:
        self.replies = list(replies)
        self.lines = self.calls = 0
        self.serving: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        self.serving.append(asyncio.current_task())
        try:
            while self.replies:
                await reader.readuntil(b"\r\n\r\n{}")
                self.calls += 1
                reply = self.replies.pop(0)
                writer.write(reply)
                if b"Length" not in reply:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def kept(*replies: bytes, most: int = 8) -> AsyncGenerator[tuple[Kept, HttpCalls]]:
    at = Kept(*replies)
    server = await asyncio.start_server(at.serve, "127.0.0.1", 0)
    calls = HttpCalls(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections_max=most)
    try:
        yield at, calls
    finally:
        await calls.close()
        await asyncio.gather(*(one for one in at.serving if one is not None))
        server.close()
        await server.wait_closed()


OK = HEAD + b"Content-Length: 2\r\n\r\nok"


async def call(calls: HttpCalls) -> bytes:
    async with asyncio.timeout(10):
        return (await calls.post("/api", b"{}", {}, 8)).body


async def test_a_line_is_used_for_call_after_call() -> None:
    async with kept(*[OK] * 5) as (at, calls):
        assert [await call(calls) for _ in range(5)] == [b"ok"] * 5
        assert (at.calls, at.lines) == (5, 1)


async def test_no_more_lines_are_made_than_there_may_be_and_the_others_wait() -> None:
    async with kept(*[OK] * 10, most=2) as (at, calls):
        assert await asyncio.gather(*(call(calls) for _ in range(10))) == [b"ok"] * 10
        assert (at.calls, at.lines) == (10, 2)


@pytest.mark.parametrize(
    "last",
    [
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"\r\nok",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
    ],
    ids=["closing", "without_length", "two_at_once"],
)
async def test_a_line_that_may_not_go_on_carries_no_further_call(last: bytes) -> None:
    async with kept(last, OK) as (at, calls):
        assert [await call(calls), await call(calls)] == [b"ok", b"ok"]
        assert at.lines == 2


async def test_a_line_that_the_other_end_closed_meanwhile_is_left_for_a_new_one() -> None:
    async with kept(OK) as (at, calls):
        assert await call(calls) == b"ok"
        at.replies.append(OK)
        await asyncio.sleep(0.1)
        assert await call(calls) == b"ok"
        assert at.lines == 2


async def test_a_line_that_was_kept_too_long_carries_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async with kept(OK, OK) as (at, calls):
        assert await call(calls) == b"ok"
        monkeypatch.setattr(http_calls, "KEPT_FOR_S", -1.0)
        assert await call(calls) == b"ok"
        assert at.lines == 2


async def test_neither_a_redirect_nor_a_proxy_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    away = b"HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with kept(away) as (at, calls):
        reply = await calls.post("/api", b"{}", {}, 8)
        assert (reply.status, reply.headers["location"], at.calls) == (307, "http://127.0.0.1:1/", 1)


async def test_over_https_only_a_certificate_that_the_machine_trusts_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(["127.0.0.1"], SystemClock().now())
    for name, pem in (("certificate.pem", certificate), ("key.pem", key)):
        (tmp_path / name).write_bytes(pem)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")

    def serve_one() -> bool:
        """Whether a request came through."""
        line, _ = listening.accept()
        try:
            with tls.wrap_socket(line, server_side=True) as encrypted:
                encrypted.recv(65_536)
                encrypted.sendall(OK)
        except OSError:
            return False
        finally:
            line.close()
        return True

    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"https://127.0.0.1:{listening.getsockname()[1]}"
        stranger = asyncio.create_task(asyncio.to_thread(serve_one))
        with pytest.raises(NoReply, match="SSLCertVerificationError"):
            await call(HttpCalls(address))
        assert not await stranger
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        known, calls = asyncio.create_task(asyncio.to_thread(serve_one)), HttpCalls(address)
        assert await call(calls) == b"ok"
        assert await known
        await calls.close()


@pytest.mark.parametrize("address", ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://"])
def test_what_is_no_address_is_a_defect(address: str) -> None:
    with pytest.raises(Defect):
        HttpCalls(address)


@given(whole=st.binary(max_size=300), cut=st.integers(0, 300))
def test_whatever_bytes_come_a_call_ends_in_a_reply_or_a_fault(whole: bytes, cut: int) -> None:
    async def run() -> None:
        async with served(saying(HEAD[: cut % len(HEAD)] + whole)) as at:
            try:
                await at.post(5)
            except NoReply:
                return

    asyncio.run(run())
