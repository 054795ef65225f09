import asyncio
import contextlib
import json
import signal
import socket

import pytest

from zhanggui.basics.errors import Misuse
from zhanggui.terminal.page.server import build_page, serve_page
from zhanggui.web import lines

from ...worlds.fake_terminal import FakeTerminal
from .conftest import Served, serve
from .wire import fetch, open_socket


async def test_the_front_lists_the_terminals(served: Served) -> None:
    answer = await fetch(served.host, "/")
    assert answer.status == 200
    assert 'href="/t/10000001"' in answer.body
    assert 'href="/t/10000003"' in answer.body


async def test_the_front_goes_to_the_only_terminal() -> None:
    async with serve(FakeTerminal("10000007")) as page:
        answer = await fetch(page.host, "/")
    assert (answer.status, answer.headers["location"]) == (303, "/t/10000007")


@pytest.mark.parametrize(
    "path", ["/", "/t/10000001", "/static/main.js", "/t/10000001/slips/000012-merchant", "/nowhere"]
)
async def test_head_is_answered_as_get_without_the_body(served: Served, path: str) -> None:
    head, get = await fetch(served.host, path, method="HEAD"), await fetch(served.host, path)
    assert head.body == ""
    assert head.status == get.status
    of_each_answer = {"date", "x-request-id"}
    assert head.headers.keys() == get.headers.keys()
    assert {name: value for name, value in head.headers.items() if name not in of_each_answer} == {
        name: value for name, value in get.headers.items() if name not in of_each_answer
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
        ("/static/main.js", "text/javascript; charset=utf-8"),
        ("/static/seal.svg", "image/svg+xml"),
    ],
)
async def test_an_answer_says_its_kind_once(served: Served, path: str, kind: str) -> None:
    assert (await fetch(served.host, path)).headers["content-type"] == kind


DEMO_SECRETS = (">0000<", ">123456<", ">12345678<")


async def test_the_front_tells_the_demo_operators_on_demo_data_alone() -> None:
    terminals = (FakeTerminal("10000001"), FakeTerminal("10000003", "keypad"))
    async with serve(*terminals, demo=True) as page:
        demo = (await fetch(page.host, "/")).body
    async with serve(*terminals) as page:
        real = (await fetch(page.host, "/")).body
    for told in (*DEMO_SECRETS, "01, 02", "<td>00</td>", "<td>99</td>", "Enter", "Esc", "Backspace"):
        assert told in demo
    for secret in (*DEMO_SECRETS, "01, 02", "演示"):
        assert secret not in real


@pytest.mark.parametrize(
    ("path", "accepted", "said"),
    [
        ("/", "", "终端"),
        ("/", "en-GB,en;q=0.9,zh;q=0.5", "Terminals"),
        ("/", "zh-CN,en;q=0.5", "终端"),
        ("/?lang=en", "zh-CN", "Terminals"),
        ("/?lang=zh", "en", "终端"),
        ("/?lang=xx", "en", "Terminals"),
    ],
)
async def test_the_front_speaks_the_chosen_language(served: Served, path: str, accepted: str, said: str) -> None:
    body = (await fetch(served.host, path, {"Accept-Language": accepted} if accepted else {})).body
    assert f"<h1>{said}</h1>" in body
    assert f'<html lang="{"en" if said == "Terminals" else "zh-CN"}">' in body


async def test_the_front_says_when_no_terminal_runs() -> None:
    async with serve() as page:
        answer = await fetch(page.host, "/")
    assert "还没有终端" in answer.body


async def test_a_terminal_has_its_page_in_its_language(served: Served) -> None:
    answer = await fetch(served.host, "/t/10000001")
    assert answer.status == 200
    assert '<html lang="zh-CN">' in answer.body
    assert 'data-number="10000001"' in answer.body


@pytest.mark.parametrize("path", ["/t/99999999", "/t/99999999/slips/000012-merchant", "/nothing", "/t", "/static/x.js"])
async def test_what_is_not_there_is_told_in_words(served: Served, path: str) -> None:
    answer = await fetch(served.host, path)
    assert answer.status == 404
    assert "There is no such page" in answer.body
    assert "99999999" not in answer.body


async def test_a_slip_is_a_layout(served: Served) -> None:
    answer = await fetch(served.host, "/t/10000001/slips/000012-merchant")
    assert answer.status == 200
    told = json.loads(answer.body)
    assert told["slip"]["id"] == "000012-merchant"
    assert {"kind": "amount", "left": "金额(AMOUNT)", "right": "RMB 1,234.56"} in told["slip"]["lines"]
    assert told["strokes"] == []
    assert (await fetch(served.host, "/t/10000001/slips/000099-merchant")).status == 404


async def test_an_electronic_slip_comes_with_what_was_signed() -> None:
    async with serve(FakeTerminal(model="esign")) as page:
        answer = await fetch(page.host, "/t/10000001/slips/000012-merchant")
    assert json.loads(answer.body)["strokes"] == [[[20, 80], [200, 40], [460, 120]]]


async def test_a_file_that_is_known_is_not_sent_again(served: Served) -> None:
    first = await fetch(served.host, "/static/main.js")
    assert first.status == 200
    assert first.headers["content-type"].startswith("text/javascript")
    again = await fetch(served.host, "/static/main.js", {"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, "")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/t/10000001", 200),
        ("GET", "/static/main.js", 200),
        ("GET", "/t/10000001/slips/000012-merchant", 200),
        ("GET", "/t/1/slips/1", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/schema", 404),
        ("POST", "/t/10000001", 405),
        ("GET", "/t/10000666", 500),
    ],
)
async def test_every_answer_carries_the_security_headers(
    served: Served, monkeypatch: pytest.MonkeyPatch, method: str, path: str, status: int
) -> None:
    if status == 500:
        broken = FakeTerminal("10000666")
        monkeypatch.setattr(broken, "view", lambda: 1 / 0)
        async with serve(broken) as page:
            answer = await fetch(page.host, path, method=method)
        assert "The page failed" in answer.body
        assert "ZeroDivision" not in answer.body
    else:
        answer = await fetch(served.host, path, method=method)
    assert answer.status == status
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    cached = path.startswith("/static") and status == 200
    assert answer.headers["cache-control"] == ("no-cache" if cached else "no-store")


async def test_no_page_has_script_or_style_of_its_own(served: Served) -> None:
    for path in ("/", "/t/10000001", "/t/10000003", "/nowhere"):
        body = (await fetch(served.host, path)).body
        assert "<style" not in body
        assert "style=" not in body
        assert "onclick" not in body
        assert "http" not in body.replace("http-equiv", "")


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "",
        "[::1",
        "[evil]",
        "[::1].evil.com",
        "[::1]x",
        "[::1]:",
        "[::1]:80.evil.com",
        "127.0.0.1:80.evil.com",
        "localhost:80.evil.com",
        "127.0.0.1:",
        "127.0.0.1:80:80",
        "127.0.0.1@evil.com",
        "localhost..",
    ],
)
async def test_a_foreign_host_name_is_not_served(served: Served, name: str) -> None:
    answer = await fetch(served.host, "/t/10000001", {"Host": name})
    assert answer.status in (400, 421)
    assert "10000001" not in answer.body


@pytest.mark.parametrize(
    "name", ["127.0.0.1:8600", "localhost", "LocalHost:1", "zg.localhost", "[::1]:8600", "192.168.1.7"]
)
async def test_addresses_and_localhost_are_served(served: Served, name: str) -> None:
    assert (await fetch(served.host, "/t/10000001", {"Host": name})).status == 200


async def test_a_busy_port_is_one_clear_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misuse, match=f"port {port} on 127.0.0.1 is in use"):
            await serve_page({}, "127.0.0.1", port)


async def test_an_address_that_is_not_ours_is_one_clear_message() -> None:
    with pytest.raises(Misuse, match="no address of this machine"):
        await serve_page({}, "192.0.2.1", 0)
    with pytest.raises(Misuse, match="no address of that name"):
        await serve_page({}, "no-such-name.invalid", 0)


async def test_signals_stay_with_the_host() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    async with serve(FakeTerminal()):
        assert {number: signal.getsignal(number) for number in before} == before


async def test_cancelling_closes_pages_and_frees_the_port() -> None:
    terminal = FakeTerminal()
    async with serve(terminal) as page:
        async with open_socket(page.host) as live:
            await live.recv()
            page.running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await page.running
            await live.wait_closed()
            assert live.close_code == 1012
        name, _, port = page.host.rpartition(":")
    assert terminal.watchers == 0
    with socket.create_server((name, int(port))):
        pass


async def test_stop_ends_the_page_without_an_error() -> None:
    stop = asyncio.Event()
    await asyncio.wait_for(serve_page({}, "127.0.0.1", 0, ready=lambda _: stop.set(), stop=stop), 10)


def test_there_is_no_schema_page_and_no_debug_mode() -> None:
    app = build_page({})
    assert app.debug is False
    assert app.openapi_config is None


# ------------------------------------------------------------------------------------------------- those who say nothing


async def until_closed(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
    ],
    ids=["nothing", "half a header", "half a body"],
)
async def test_a_connection_without_a_whole_request_is_closed_in_time(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "HEAD_WITHIN_S", 0.1)
    async with serve(FakeTerminal("10000001"), FakeTerminal("10000003")) as page:
        name, _, port = page.host.rpartition(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(said)
        await asyncio.wait_for(until_closed(reader), 10)
        writer.close()
        assert (await fetch(page.host, "/")).status == 200


async def test_half_a_request_after_a_whole_one_is_closed_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "HEAD_WITHIN_S", 0.1)
    async with serve(FakeTerminal("10000001")) as page:
        name, _, port = page.host.rpartition(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(f"GET /static/main.js HTTP/1.1\r\nHost: {page.host}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        await asyncio.wait_for(until_closed(reader), 10)
        writer.close()


async def test_a_socket_lives_longer_than_a_request_may_take_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "HEAD_WITHIN_S", 0.1)
    async with serve(FakeTerminal("10000001")) as page, open_socket(page.host) as live:
        await live.recv()
        await asyncio.sleep(0.3)
        await live.send('{"type":"ping"}')
        while "pong" not in str(await live.recv()):
            pass


async def test_silent_connections_never_shut_the_page_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_MAX", 10)
    async with serve(FakeTerminal("10000001")) as page:
        name, _, port = page.host.rpartition(":")
        silent = [await asyncio.open_connection(name, int(port)) for _ in range(40)]
        assert (await fetch(page.host, "/t/10000001")).status == 200
        for _, writer in silent:
            writer.close()


@pytest.mark.parametrize("path", ["/t/10000001", "/static/main.js", "/nowhere"])
async def test_a_content_type_names_its_character_set_once(served: Served, path: str) -> None:
    assert (await fetch(served.host, path)).headers["content-type"].count("charset") <= 1
