"""The list of missing copies has the room of its screen, on the smallest phone and on a large desktop, and no key of it is cut."""

import shutil
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import ViewportSize, async_playwright

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.screens.views import RowView

from ...worlds.fake_terminal import FakeTerminal
from ...worlds.kind_views import kind_views
from .conftest import serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIZES = ((320, 640, 3), (1440, 900, 5))
"""Width, height, and rows that are seen whole."""
pytestmark = [pytest.mark.asyncio(loop_scope="module")]
_SEEN = """() => {
    const ask = document.querySelector(".ask").getBoundingClientRect();
    const whole = [...document.querySelectorAll(".rows .row")].filter((row) => row.getBoundingClientRect().bottom <= ask.bottom + 1);
    const cut = [...document.querySelectorAll(".choices button")].filter((key) => {
        const box = key.getBoundingClientRect();
        const isOver = key.scrollWidth > key.clientWidth + 1 || key.scrollHeight > key.clientHeight + 1;
        return isOver || box.right > innerWidth || box.bottom > innerHeight;
    });
    const isAtTop = document.querySelector(".ask").scrollTop === 0;
    return { isAtTop, whole: whole.length, keys: document.querySelectorAll(".choices button").length, cut: cut.map((key) => key.textContent) };
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_some_rows_are_seen_whole_and_every_key_is(lang: Lang) -> None:
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
    terminal = FakeTerminal(model="smart", lang=lang)
    view = kind_views("smart", lang)["tick.again"]
    view = replace(view, rows=tuple(RowView("消费 000013", "", "¥1,234.56", "warn", f"tick.{n}") for n in range(20)))
    terminal.put(view)
    found: dict[int, Any] = {}
    async with serve(terminal) as served, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, height, _ in SIZES:
            page = await chromium.new_page(viewport=ViewportSize(width=width, height=height), reduced_motion="reduce")
            await page.goto(f"{served.address}t/{terminal.number}")
            await page.wait_for_selector(".rows .row")
            found[width] = await page.evaluate(_SEEN)
            await page.close()
        await chromium.close()
    for width, _, least in SIZES:
        assert (found[width]["whole"] >= least, found[width]["keys"], found[width]["cut"], found[width]["isAtTop"]) == (
            True,
            4,
            [],
            True,
        ), found
