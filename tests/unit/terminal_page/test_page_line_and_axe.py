"""A line that breaks, or looks open and is dead, is told and comes back; and axe finds nothing on any screen."""

import asyncio
from collections.abc import Sequence

import pytest
from axe_playwright_python.base import AXE_FILE_PATH as AXE_FILE
from playwright.async_api import Browser
from tests.worlds.seeded import drawn

from zhanggui.basics.words import Lang
from zhanggui.terminal.page.server import serve_page

from ...worlds.fake_terminal import FakeTerminal
from .conftest import serve
from .page_desk import DESKTOP, PHONE, Desk, check_with_axe
from .relay import relay_to

AXE_LOOKS_AT: Sequence[tuple[dict[str, object], Lang]] = (
    ({"viewport": PHONE, "color_scheme": "light", "reduced_motion": "reduce"}, "en"),
    ({"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}, "zh"),
    ({"viewport": DESKTOP, "color_scheme": "light", "reduced_motion": "reduce"}, "zh"),
    ({"viewport": DESKTOP, "color_scheme": "dark", "reduced_motion": "reduce"}, "en"),
    ({"model": "keypad", "viewport": DESKTOP, "color_scheme": "light", "reduced_motion": "reduce"}, "zh"),
    ({"model": "esign", "viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}, "en"),
)
DRAWN = 2
"""Of them in one run of `make test`; `make screens` looks at all."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_broken_line_is_told_and_comes_back_with_the_screen_of_now(browser: Browser) -> None:
    terminal = FakeTerminal()
    page = await browser.new_page()
    async with serve(terminal) as served:
        await page.goto(f"{served.address}t/{terminal.number}")
        await page.wait_for_selector('.glass[data-screen="standby"]')
        assert not await page.locator(".banner").is_visible()
    await page.get_by_text("与终端的连接断开").first.wait_for()
    await page.keyboard.press("5")
    terminal.go("amount")
    port = int(served.host.rpartition(":")[2])
    running = asyncio.create_task(serve_page({terminal.number: terminal}, "127.0.0.1", port))
    await page.wait_for_selector('.glass[data-screen="amount"]')
    assert not await page.locator(".banner").is_visible()
    assert terminal.calls == []
    await page.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_dead_line_that_looks_open_is_seen_within_ten_seconds_and_comes_back(browser: Browser) -> None:
    """No key is lost without a word, none is sent late, and a screen reader hears that it broke and that it is well again."""
    terminal = FakeTerminal()
    page = await browser.new_page()
    async with serve(terminal) as served, relay_to(int(served.host.rpartition(":")[2])) as relay:
        await page.goto(f"http://{relay.host}/t/{terminal.number}")
        await page.wait_for_selector('.glass[data-screen="standby"]')
        await page.wait_for_timeout(3500)
        assert not await page.locator(".banner").is_visible(), "a quiet line is not a dead one"
        relay.stop()
        await page.locator(".banner", has_text="连接断开").wait_for(timeout=10_000)
        assert "连接断开" in (await page.locator("#alarm").text_content() or "")
        await page.keyboard.press("5")
        await page.locator(".banner", has_text="按键没有送出").wait_for()
        assert "按键没有送出" in (await page.locator("#alarm").text_content() or "")
        relay.go_on()
        await page.locator(".banner").wait_for(state="hidden", timeout=15_000)
        await page.locator("#say", has_text="已重新连接").wait_for(state="attached")
        assert await page.locator("#alarm").text_content() == ""
        await page.wait_for_timeout(300)
        assert terminal.calls == []
        await page.keyboard.press("6")
        await terminal.until(lambda: terminal.calls == [("press", "6", "standby")])
        await page.close()


@pytest.mark.parametrize(
    ("desk", "lang"),
    drawn(AXE_LOOKS_AT, DRAWN, "axe on pages"),
    indirect=["desk"],
)
async def test_axe_finds_nothing(desk: Desk, lang: Lang) -> None:
    desk.terminal.choose_lang(lang)
    await desk.page.evaluate(AXE_FILE.read_text())
    for screen in desk.terminal.screens:
        await desk.go(screen)
        await check_with_axe(desk, screen)
    if desk.page.viewport_size == PHONE:
        for drawer in ("parts", "tray"):
            await desk.page.locator(f"[data-opens={drawer}]").click()
            await check_with_axe(desk, drawer)
            await desk.page.keyboard.press("Escape")
