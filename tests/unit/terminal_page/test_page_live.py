import asyncio
import contextlib
import json
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed, InvalidStatus

from zhanggui.terminal.page.live import LatestScreen
from zhanggui.terminal.page.open_pages import PAGES_PER_TERMINAL_MAX

from .conftest import Served
from .gallery import CARDS
from .wire import ClientConnection, open_socket


async def receive(live: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await live.recv())
    return message


async def until_calls(served: Served, count: int, number: str = "10000001") -> list[tuple[object, ...]]:
    """Wait until the terminal was called so often."""
    terminal = served.terminals[number]
    await terminal.until(lambda: len(terminal.calls) >= count)
    return terminal.calls


async def close_code(live: ClientConnection) -> int | None:
    """Read until the server closes; the code it closes with."""
    with contextlib.suppress(ConnectionClosed):
        async for _ in live:
            pass
    return live.close_code


async def test_a_page_gets_the_cards_and_the_screen_as_it_stands(served: Served) -> None:
    async with open_socket(served.host) as live:
        cards, screen = await receive(live), await receive(live)
    assert cards["type"] == "cards"
    assert [card["id"] for card in cards["cards"]] == [card.id for card in CARDS]
    assert screen["type"] == "screen"
    assert screen["screen"]["id"] == "standby"
    assert screen["display"] == []


async def test_each_new_screen_follows(served: Served) -> None:
    async with open_socket(served.host) as live:
        await receive(live), await receive(live)
        served.terminals["10000001"].go("amount")
        assert (await receive(live))["screen"]["id"] == "amount"


async def test_a_keypad_model_gets_its_four_lines(served: Served) -> None:
    async with open_socket(served.host, "10000003") as live:
        await receive(live)
        screen = await receive(live)
    assert len(screen["display"]) == 4
    assert all(isinstance(line, str) for line in screen["display"])


async def test_what_the_page_sends_reaches_the_terminal(served: Served) -> None:
    async with open_socket(served.host) as live:
        await live.send('{"type":"key","key":"sale","screen":"standby"}')
        await live.send('{"type":"card","card":"ok","way":"tap"}')
        await live.send('{"type":"device","item":"network","state":"down"}')
        await live.send('{"type":"sign","strokes":[[[1,2],[3,4]]]}')
        await live.send('{"type":"lang","lang":"en"}')
        calls = await until_calls(served, 5)
    assert calls == [
        ("press", "sale", "standby"),
        ("card", "ok", "tap"),
        ("device", "network", "down"),
        ("sign", [[(1, 2), (3, 4)]]),
        ("lang", "en"),
    ]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{}", 1008),
        ("not json", 1008),
        (b"\x00\x01", 1008),
        ('{"type":"card","card":"nobody","way":"tap"}', 1008),
        ('{"type":"lang","lang":"en"' + " " * 5000 + "}", 1009),
        ("x" * 20_000, 1009),
    ],
)
async def test_a_bad_message_closes_the_socket(served: Served, sent: str | bytes, code: int) -> None:
    async with open_socket(served.host) as live:
        await live.send(sent)
        assert await close_code(live) == code
    assert served.terminals["10000001"].calls == []


async def test_a_refused_message_is_logged_without_its_contents(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_socket(served.host) as live:
        await live.send('{"type":"key","key":"6225 8812","screen":"pin"}')
        await close_code(live)
    told = capsys.readouterr()
    assert "$.key" in told.out + told.err
    assert "6225" not in told.out + told.err


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1", "null"])
async def test_a_page_of_another_origin_cannot_drive_a_terminal(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus):
        async with open_socket(served.host, origin=origin):
            pass
    assert served.terminals["10000001"].watchers == 0


async def test_an_unknown_terminal_has_no_socket(served: Served) -> None:
    with pytest.raises(InvalidStatus):
        async with open_socket(served.host, "99999999"):
            pass


async def test_a_page_that_asks_is_answered(served: Served) -> None:
    async with open_socket(served.host) as live:
        await receive(live), await receive(live)
        await live.send('{"type":"ping"}')
        assert await receive(live) == {"type": "pong"}
    assert served.terminals["10000001"].calls == []


async def test_a_page_that_says_nothing_for_long_keeps_nobody_elses_place(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhanggui.terminal.page.live.SILENT_S_MAX", 0.2)
    async with open_socket(served.host) as live:
        assert await close_code(live) == 1001
    terminal = served.terminals["10000001"]
    await terminal.until(lambda: terminal.watchers == 0)


async def test_a_page_that_goes_is_watched_no_more(served: Served) -> None:
    terminal = served.terminals["10000001"]
    async with open_socket(served.host) as live:
        await receive(live)
        assert terminal.watchers == 1
    await terminal.until(lambda: terminal.watchers == 0)


async def test_a_page_that_does_not_read_gets_the_newest_screen_only(served: Served) -> None:
    terminal = served.terminals["10000001"]
    big = replace(terminal.view(), lines=(replace(terminal.view().lines[0], text="字" * 20_000),))
    async with open_socket(served.host) as live:
        await receive(live), await receive(live)
        for count in range(400):
            terminal.put(replace(big, id=f"screen{count}"))
            await asyncio.sleep(0)
        seen = []
        async with asyncio.timeout(20):
            while "screen399" not in seen:
                seen.append((await receive(live))["screen"]["id"])
    assert len(seen) < 400


async def test_the_mailbox_keeps_the_newest_screen(served: Served) -> None:
    terminal = served.terminals["10000001"]
    mailbox = LatestScreen(terminal.view())
    first, second = replace(terminal.view(), id="first"), replace(terminal.view(), id="second")
    mailbox.put(first)
    mailbox.put(second)
    assert await mailbox.take() is second
    taking = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    assert not taking.done()
    mailbox.put(first)
    assert await taking is first


async def test_a_screen_that_cannot_be_sent_closes_the_page_instead_of_leaving_it_stale(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> tuple[str, ...]:
        raise ValueError("no lines")

    async with open_socket(served.host, "10000003") as live:
        await receive(live), await receive(live)
        monkeypatch.setattr("zhanggui.terminal.page.live.keypad_lines", broken)
        served.terminals["10000003"].go("amount")
        assert await close_code(live) == 1011


async def test_one_page_more_takes_the_place_of_the_one_that_was_quiet_longest_which_is_told_to_come_later(
    served: Served,
) -> None:
    shop = await open_socket(served.host)
    await receive(shop)
    others = [await open_socket(served.host) for _ in range(PAGES_PER_TERMINAL_MAX - 1)]
    try:
        for live in others:
            await receive(live)
        await shop.send('{"type":"ping"}')
        while (await receive(shop))["type"] != "pong":
            pass
        async with open_socket(served.host) as late:
            assert await receive(late), "the new page is served"
            assert await close_code(others[0]) == 1013
            await shop.send('{"type":"ping"}')
            while (await receive(shop))["type"] != "pong":
                pass
    finally:
        for live in (shop, *others):
            await live.close()
