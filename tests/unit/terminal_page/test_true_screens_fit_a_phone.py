"""The screens that the flow makes, on a phone of 360 × 740: what somebody agrees to, signs or approves stands in sight."""

from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize

from zhanggui.basics.words import Lang
from zhanggui.terminal.models.profiles import ModelName

from ...worlds.fake_terminal import FakeTerminal
from ...worlds.flow_views import flow_views
from .conftest import serve

PHONE = ViewportSize(width=360, height=740)
ROWS_MIN = 1
"""Payments of today's list that stand in sight without a scroll."""

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

_OUT_OF_SIGHT = """() => {
    const ask = document.querySelector(".ask").getBoundingClientRect();
    const entry = document.querySelector(".ask .entry");
    const hidden = [];
    const scrolls = document.querySelector(".ask .rows") !== null;
    for (const element of document.querySelectorAll(".ask .title, .ask .line, .ask .entry, .ask .code")) {
        if (scrolls && element.closest(".totals")) continue;
        const box = element.getBoundingClientRect();
        const typed = entry?.getBoundingClientRect();
        const under = typed && !entry.contains(element) && box.bottom > typed.top + 1 && box.top < typed.top;
        if (box.top < ask.top - 1 || box.bottom > ask.bottom + 1 || under) hidden.push(element.textContent.trim());
    }
    return hidden;
}"""
_ROWS_IN_SIGHT = """() => {
    const ask = document.querySelector(".ask").getBoundingClientRect();
    return [...document.querySelectorAll(".ask .row")].filter((row) => row.getBoundingClientRect().bottom <= ask.bottom).length;
}"""
_WIDE_KEYS = """() => [...document.querySelectorAll(".choices button > span, .keys button")]
    .filter((part) => part.scrollWidth > (part.closest("button").clientWidth + 1)).map((part) => part.textContent)"""


@pytest.mark.parametrize(("model", "lang"), [("esign", "en"), ("esign", "zh"), ("smart", "en"), ("smart", "zh")])
async def test_nothing_that_matters_is_out_of_sight(browser: Browser, model: ModelName, lang: Lang) -> None:
    terminal = FakeTerminal(model=model, lang=lang)
    hidden: dict[str, Any] = {}
    rows = 0
    async with serve(terminal) as served:
        page = await browser.new_page(viewport=PHONE, reduced_motion="reduce")
        await page.goto(f"{served.address}t/{terminal.number}")
        for name, view in flow_views(model, lang).items():
            terminal.put(view)
            await page.wait_for_selector(f'.glass[data-screen="{view.id}"]', state="attached")
            await page.wait_for_function(
                "(title) => document.querySelector('.ask .title').innerText === title", arg=view.title
            )
            hidden[name] = await page.evaluate(_OUT_OF_SIGHT) + await page.evaluate(_WIDE_KEYS)
            if name == "list":
                rows = await page.evaluate(_ROWS_IN_SIGHT)
        await page.close()
    assert {name: found for name, found in hidden.items() if found} == {}
    assert rows >= ROWS_MIN
