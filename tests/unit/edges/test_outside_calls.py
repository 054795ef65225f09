"""Posts to addresses that others chose: nobody inside is reached, and no receiver takes more than its line and its seconds."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from zhanggui.edges.outside_calls import STATUS_LINE_BYTES_MAX, NoAnswer, OutsideCalls, is_outside

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]
OUTSIDE = "93.184.216.34"
SECRET = "whsec_must-not-be-seen"
HEADERS = {"webhook-id": "msg_1", "webhook-signature": SECRET}


class Served:
    """A real server on this machine, what it was asked, and how often."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[bytes] = []


@asynccontextmanager
async def served(answer: Serve) -> AsyncGenerator[Served]:
    at = Served()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            at.asked.append(head + await reader.readexactly(2))
            await answer(writer)
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    at.port = server.sockets[0].getsockname()[1]
    try:
        yield at
    finally:
        server.close()
        await server.wait_closed()


def says(text: bytes) -> Serve:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return answer


async def drips(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.02)


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 65_536)
        await writer.drain()


def names(*addresses: str) -> Callable[[str, str, int], Awaitable[list[str]]]:
    """A name that has these addresses."""

    async def resolve(whose: str, name: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


HERE = names("127.0.0.1")


async def post(calls: OutsideCalls, address: str, timeout_s: float = 5.0) -> int:
    return await calls.post("shop", address, b"{}", HEADERS, timeout_s)


async def word(calls: OutsideCalls, address: str, timeout_s: float = 5.0) -> str:
    with pytest.raises(NoAnswer) as caught:
        await post(calls, address, timeout_s)
    assert SECRET not in repr(caught.value)
    return caught.value.word


@pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
async def test_the_status_of_the_answer_is_all_that_is_read(status: int) -> None:
    async with served(says(f"HTTP/1.1 {status} Whatever\r\n\r\n".encode())) as at:
        calls = OutsideCalls(HERE, inside_allowed=True)
        assert await post(calls, f"http://127.0.0.1:{at.port}/hook?shop=1") == status
    (asked,) = at.asked
    assert asked.startswith(b"POST /hook?shop=1 HTTP/1.1\r\n")
    assert f"host: 127.0.0.1:{at.port}".encode() in asked
    assert asked.endswith(b"\r\n\r\n{}")


async def test_a_redirect_leads_nowhere() -> None:
    async with served(says(b"HTTP/1.1 200 OK\r\n\r\n")) as inside:
        there = f"HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{inside.port}/\r\n\r\n".encode()
        async with served(says(there)) as at:
            assert await post(OutsideCalls(HERE, inside_allowed=True), f"http://127.0.0.1:{at.port}/") == 307
    assert inside.asked == []


async def test_a_receiver_that_never_ends_costs_nothing_after_its_first_line() -> None:
    async with served(never_ends) as at:
        assert await post(OutsideCalls(HERE, inside_allowed=True), f"http://127.0.0.1:{at.port}/") == 200


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (drips, "too_slow"),
        (says(b""), "no_http"),
        (says(b"SSH-2.0-OpenSSH\r\n"), "no_http"),
        (says(b"HTTP/1.1 999 Odd\r\n"), "no_http"),
        (says(b"x" * (STATUS_LINE_BYTES_MAX + 10)), "no_http"),
    ],
    ids=["drips", "nothing", "another protocol", "no status", "no end of line"],
)
async def test_a_receiver_that_speaks_no_http_gives_a_word(answer: Serve, wanted: str) -> None:
    async with served(answer) as at:
        assert await word(OutsideCalls(HERE, inside_allowed=True), f"http://127.0.0.1:{at.port}/", 0.3) == wanted


async def test_nothing_is_sent_in_the_clear() -> None:
    async with served(says(b"HTTP/1.1 200 OK\r\n")) as at:
        assert await word(OutsideCalls(names("127.0.0.1")), f"http://127.0.0.1:{at.port}/") == "not_https"
    assert at.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.0.0.7",),
        ("169.254.169.254",),
        ("::1",),
        ("fd00::1",),
        ("::ffff:127.0.0.1",),
        (OUTSIDE, "127.0.0.1"),
    ],
    ids=" ".join,
)
async def test_a_name_that_leads_inside_is_not_connected_to(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(*there: object, **how: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(asyncio, "open_connection", connect)
    assert await word(OutsideCalls(names(*addresses)), "https://receiver.example/") == "address_inside"


async def test_it_connects_to_the_address_that_was_looked_at_and_asks_no_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [[OUTSIDE], ["127.0.0.1"]]
    opened: list[tuple[object, object]] = []

    async def rebinding(whose: str, name: str, port: int) -> list[str]:
        return answers.pop(0)

    async def connect(host: str, port: int, *, server_hostname: str, **how: object) -> None:
        opened.append((host, server_hostname))
        raise OSError("nobody is there")

    monkeypatch.setattr(asyncio, "open_connection", connect)
    assert await word(OutsideCalls(rebinding), "https://receiver.example:8443/") == "no_line"
    assert opened == [(OUTSIDE, "receiver.example")]
    assert len(answers) == 1


async def test_a_name_without_an_address_and_a_line_that_is_refused_are_no_line(free_port: int) -> None:
    assert await word(OutsideCalls(names()), "https://receiver.example/") == "no_line"
    assert await word(OutsideCalls(HERE, inside_allowed=True), f"http://127.0.0.1:{free_port}/") == "no_line"


async def test_whoever_has_no_certificate_for_the_name_hears_nothing() -> None:
    async with served(says(b"HTTP/1.1 200 OK\r\n")) as at:
        calls = OutsideCalls(HERE, inside_allowed=True, trust=ssl.create_default_context())
        assert await word(calls, f"https://127.0.0.1:{at.port}/", 1.0) in ("no_tls", "too_slow", "no_line")
    assert at.asked == []


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "192.88.98.255", "192.88.100.0", "2606:2800:220:1::1", "2400:3200::1", "3ffe:ffff::1"],
)
def test_an_address_of_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("0.0.0.0", "this host"),
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "carrier's own"),
        ("169.254.169.254", "link-local, where clouds tell their secrets"),
        ("192.88.99.1", "relays of 6to4"),
        ("198.18.0.1", "benchmarks"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "this host"),
        ("::1", "loopback"),
        ("::7f00:1", "IPv4 within, compatible"),
        ("::10.0.0.1", "IPv4 within, compatible"),
        ("::93.184.216.34", "IPv4 within, compatible"),
        ("::ffff:10.0.0.1", "IPv4 within, mapped"),
        ("::ffff:93.184.216.34", "IPv4 within, mapped"),
        ("::ffff:0:a00:1", "IPv4 within, translated"),
        ("::ffff:0:127.0.0.1", "IPv4 within, translated"),
        ("64:ff9b::a00:1", "IPv4 within, NAT64"),
        ("64:ff9b:1::a00:1", "IPv4 within, local NAT64"),
        ("100::1", "discarded"),
        ("2001::1", "Teredo"),
        ("2001:db8::1", "documentation"),
        ("2002:a00:1::1", "6to4"),
        ("3fff::1", "documentation"),
        ("3fff:fff:ffff::1", "documentation, its end"),
        ("4000::1", "given out to nobody"),
        ("5f00::1", "segment routing"),
        ("fc00::1", "unique local"),
        ("fd00::1", "unique local"),
        ("fe80::1%eth0", "link-local"),
        ("fec0::1", "site-local"),
        ("feff:ffff::1", "site-local, its end"),
        ("ff02::1", "multicast"),
    ],
)
def test_an_address_of_anything_else_is_not(address: str, what: str) -> None:
    assert not is_outside(address), what


def test_what_is_no_address_is_not_outside() -> None:
    assert not is_outside("receiver.example")
