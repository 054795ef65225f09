"""The page at 200 % and 400 %, on its side, on the smallest phone, on a tablet and on 4K: nothing lost (WCAG 1.4.4, 1.4.10)."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from tests.worlds.seeded import drawn

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.screens.views import RowView
from zhanggui.terminal.models.profiles import ModelName

from ...worlds.fake_terminal import FakeTerminal
from .conftest import serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIZES = {
    "a desktop at 200 %": (720, 450),
    "a wide desktop at 200 %": (960, 540),
    "a phone on its side": (740, 360),
    "the smallest phone": (320, 568),
    "a phone": (390, 844),
    "a tablet": (820, 1180),
    "a tablet on its side": (1180, 820),
    "a laptop": (1280, 720),
    "4K": (3840, 2160),
}
AT_EACH_SIZE = [(*whose, size) for whose in (("smart", "en"), ("esign", "zh"), ("keypad", "en")) for size in SIZES]
DRAWN = 9
"""Of them in one run of `make test`; `make screens` looks at all."""
SCREENS = ("sign_in_number", "confirm", "standby", "amount", "card", "pin", "signature")

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

_LOST = """() => {
    const ASK_HEIGHT_MIN = 90;
    const lost = [];
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) lost.push(`wide ${page.scrollWidth}`);
    const ask = document.querySelector(".ask, .lcd").getBoundingClientRect();
    if (ask.height < ASK_HEIGHT_MIN) lost.push(`ask ${ask.height}`);
    // What must be seen without a scroll: the question, the amount, what is typed.
    const seen = ".title, .line.amount, .entry";
    for (const element of document.querySelectorAll(seen)) {
        const box = element.getBoundingClientRect();
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        if (at === null || !(element.contains(at) || at.contains(element))) lost.push(element.className);
        if (box.top < ask.top - 1 || box.bottom > ask.bottom + 1) lost.push(`cut ${element.className}`);
    }
    // What is pressed: in the window, or to be scrolled to, and under nothing.
    for (const button of document.querySelectorAll(".keys button, .choices button, .sign button")) {
        if (!button.checkVisibility()) continue;
        button.scrollIntoView({ block: "nearest" });
        const box = button.getBoundingClientRect();
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        if (at === null || !button.contains(at)) lost.push(`covered ${button.textContent}`);
        if (box.height < 36 || box.width < 36) lost.push(`small ${button.textContent} ${box.width} ${box.height}`);
        for (const part of button.children) if (part.scrollWidth > button.clientWidth) lost.push(`cut ${part.textContent}`);
    }
    return lost;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


async def shown(page: Page, terminal: FakeTerminal, screen: str) -> None:
    """Lead the terminal and its page to a screen."""
    terminal.go(screen)
    await page.wait_for_selector(f'.glass[data-screen="{screen}"]', state="attached")


def busy_day(terminal: FakeTerminal) -> None:
    """A list that is longer than any screen."""
    view = terminal.view()
    terminal.put(
        replace(view, rows=view.rows + tuple(RowView(f"07:{n}:03", "0012", "¥9.90", "good") for n in range(10, 40)))
    )


@pytest.mark.parametrize(("model", "lang", "size"), drawn(AT_EACH_SIZE, DRAWN, "sizes of pages"))
async def test_nothing_is_lost_at_any_size(browser: Browser, model: ModelName, lang: Lang, size: str) -> None:
    width, height = SIZES[size]
    terminal = FakeTerminal(model=model, lang=lang)
    lost: dict[str, Any] = {}
    async with serve(terminal) as served:
        page = await browser.new_page(viewport=ViewportSize(width=width, height=height), reduced_motion="reduce")
        await page.goto(f"{served.address}t/{terminal.number}")
        for screen in SCREENS:
            await shown(page, terminal, screen)
            lost[screen] = await page.evaluate(_LOST)
        await page.close()
    assert {screen: found for screen, found in lost.items() if found} == {}


async def test_at_400_percent_the_page_scrolls_in_one_direction_and_nothing_is_cut(browser: Browser) -> None:
    terminal = FakeTerminal(screen="pin", lang="en")
    async with serve(terminal) as served:
        page = await browser.new_page(viewport=ViewportSize(width=320, height=256))
        await page.goto(f"{served.address}t/{terminal.number}")
        await shown(page, terminal, "pin")
        for text in ("Cardholder: enter your PIN", "¥1,234.56", "622588******1234"):
            await page.get_by_text(text).first.scroll_into_view_if_needed()
        for key in ("1", "0", "Enter"):
            await page.get_by_role("button", name=key, exact=True).click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await page.close()
    assert [call[1] for call in terminal.calls] == ["1", "0", "enter"]


async def test_the_machine_grows_with_a_large_window(browser: Browser) -> None:
    terminal = FakeTerminal()
    async with serve(terminal) as served:
        heights = {}
        for size in ("a tablet", "4K"):
            width, height = SIZES[size]
            page = await browser.new_page(viewport=ViewportSize(width=width, height=height))
            await page.goto(f"{served.address}t/{terminal.number}")
            await shown(page, terminal, "standby")
            box = await page.locator(".machine .body").bounding_box()
            assert box is not None
            heights[size] = box["height"] / height
            await page.close()
    assert heights["a tablet"] > 0.75
    assert heights["4K"] > 0.75


async def test_totals_stand_above_the_list_and_a_list_that_goes_on_fades(browser: Browser) -> None:
    terminal = FakeTerminal()
    busy_day(terminal)
    async with serve(terminal) as served:
        page = await browser.new_page(viewport=ViewportSize(width=390, height=844))
        await page.goto(f"{served.address}t/{terminal.number}")
        ask = page.locator(".ask")
        await page.locator('.ask[data-more="below"]').wait_for()
        assert await ask.evaluate("(ask) => getComputedStyle(ask).maskImage") != "none"
        totals, rows = await page.locator(".totals").bounding_box(), await page.locator(".rows").bounding_box()
        assert totals is not None
        assert rows is not None
        assert totals["y"] < rows["y"]
        assert totals["y"] + totals["height"] < 500, "seen without a scroll"
        await ask.evaluate("(ask) => ask.scrollTo(0, 100)")
        await page.locator('.ask[data-more="above below"]').wait_for()
        await ask.evaluate("(ask) => ask.scrollTo(0, 100000)")
        await page.locator('.ask[data-more="above"]').wait_for()
        await page.close()


async def test_an_open_reader_asks_for_a_card_only_where_one_is_wanted(browser: Browser) -> None:
    """A reprint shows no ways to present a card, although the reader stays open; where it shows them, they are no buttons."""
    terminal = FakeTerminal()
    async with serve(terminal) as served:
        page = await browser.new_page()
        await page.goto(f"{served.address}t/{terminal.number}")
        await page.locator(".ask .reader").wait_for()
        assert (
            await page.locator(".ask .reader li").first.evaluate("(li) => getComputedStyle(li).borderTopWidth") == "0px"
        )
        terminal.put(replace(terminal.view(), id="tear_off"))
        await page.wait_for_selector('.glass[data-screen="tear_off"]')
        assert await page.locator(".ask .reader").count() == 0
        await page.close()
