"""A list has the room of its screen, on the smallest phone and on a large desktop, and no key beside it is cut."""

from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, ViewportSize

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.screens.views import RowView, ScreenView

from ...worlds.fake_terminal import FakeTerminal
from ...worlds.kind_views import kind_views
from .conftest import serve

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


def ticking(lang: Lang) -> ScreenView:
    """Twenty copies that are missing."""
    view = kind_views("smart", lang)["tick.again"]
    return replace(view, rows=tuple(RowView("消费 000013", "", "¥1,234.56", "warn", f"tick.{n}") for n in range(20)))


def standby(lang: Lang) -> ScreenView:
    """Behind a payment: it is said, and the list of the day goes on."""
    view = kind_views("smart", lang)["sale.done"]
    return replace(view, rows=view.rows * 20)


LISTS = {
    "ticking off": (ticking, ((320, 640, 3), (1440, 900, 5))),
    "standby": (standby, ((320, 640, 1), (1440, 900, 1))),
}
"""How each is made, then width, height, and rows that are seen whole."""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", LISTS)
async def test_some_rows_are_seen_whole_and_every_key_is(browser: Browser, name: str, lang: Lang) -> None:
    terminal = FakeTerminal(model="smart", lang=lang)
    made, sizes = LISTS[name]
    view = made(lang)
    terminal.put(view)
    found: dict[int, Any] = {}
    async with serve(terminal) as served:
        for width, height, _ in sizes:
            page = await browser.new_page(viewport=ViewportSize(width=width, height=height), reduced_motion="reduce")
            await page.goto(f"{served.address}t/{terminal.number}")
            await page.wait_for_selector(".rows .row")
            found[width] = await page.evaluate(_SEEN)
            await page.close()
    for width, _, least in sizes:
        seen = found[width]
        assert (seen["whole"] >= least, seen["keys"], seen["cut"], seen["isAtTop"]) == (
            True,
            len(view.choices),
            [],
            True,
        ), found
