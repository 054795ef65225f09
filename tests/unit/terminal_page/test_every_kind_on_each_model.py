"""Every screen of every kind of payment, slips on phones, ticking off and the end of a batch: nothing is cut, on a phone and on a desktop,
on three models, in both languages; and axe finds nothing."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, ViewportSize
from tests.worlds.seeded import drawn

from zhanggui.basics.words import Lang
from zhanggui.terminal.models.profiles import ModelName

from ...worlds.fake_terminal import FakeTerminal
from ...worlds.kind_views import Views, kind_views
from .conftest import serve

DRAWN = 2
"""Of models and languages in one run of `make test`; `make screens` looks at all."""
SIZES = (ViewportSize(width=360, height=740), ViewportSize(width=1280, height=860))
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WAIT_MS = 5_000
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
pytestmark = [pytest.mark.asyncio(loop_scope="module")]

_AXE_RUN = "(rules) => axe.run('.glass', { runOnly: rules, resultTypes: ['violations'] })"
"""Of what is as it should be only the first place is told: most of the time went into writing it down."""
_CUT = """() => {
    const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    const cut = [...document.querySelectorAll(".glass *")].filter((element) => {
        if (!seen(element) || element.clientWidth <= 1 || element.closest("svg, .lcd, .peek")) return false;
        return element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline";
    }).map((element) => element.outerHTML.slice(0, 90));
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) cut.push(`page ${page.scrollWidth} > ${page.clientWidth}`);
    const wide = [...document.querySelectorAll(".choices button > span")]
        .filter((part) => part.scrollWidth > part.closest("button").clientWidth + 1).map((part) => part.textContent);
    return [...cut, ...wide];
}"""


async def look(page: Page, terminal: FakeTerminal, views: Views, *, on_glass: bool, axe: bool) -> dict[str, Any]:
    """What is wrong with each screen."""
    found: dict[str, Any] = {}
    looked_at: set[str] = set()
    for name, view in views.items():
        terminal.put(view)
        await page.wait_for_selector(f'.glass[data-screen="{view.id}"]', state="attached")
        if on_glass:
            await page.wait_for_function(
                "(title) => document.querySelector('.ask .title').innerText === title", arg=view.title, timeout=WAIT_MS
            )
        faults = await page.evaluate(_CUT)
        if axe and view.id not in looked_at:
            looked_at.add(view.id)
            told = await page.evaluate(_AXE_RUN, AXE_RULES)
            faults += [f"{each['id']}: {each['nodes'][0]['html'][:90]}" for each in told["violations"]]
        if faults:
            found[name] = faults
    return found


@pytest.mark.parametrize(
    ("model", "lang"), drawn(list(product(("smart", "esign", "keypad"), ("zh", "en"))), DRAWN, "kinds on models")
)
async def test_nothing_of_any_kind_is_cut_and_axe_finds_nothing(browser: Browser, model: ModelName, lang: Lang) -> None:
    terminal = FakeTerminal(model=model, lang=lang)
    every = kind_views(model, lang)
    # Kinds share their screens: one that says the same in as many lines is drawn once.
    shapes = {(view.id, view.title, len(view.lines), len(view.choices)): name for name, view in every.items()}
    views = {name: every[name] for name in shapes.values()}
    found: dict[str, Any] = {}
    async with serve(terminal) as served:
        # The machine on a desktop has one width for both languages, and the longer words are English. Names are the same at each
        # size: axe looks once at each screen of each model in each language, in light on a phone and in dark on a desktop.
        for size in SIZES if lang == "en" else SIZES[:1]:
            is_dark = size is not SIZES[0]
            page = await browser.new_page(
                viewport=size, reduced_motion="reduce", color_scheme="dark" if is_dark else "light"
            )
            await page.goto(f"{served.address}t/{terminal.number}")
            await page.evaluate(AXE)
            wrong = await look(page, terminal, views, on_glass=model != "keypad", axe=is_dark or lang == "zh")
            found |= {f"{size['width']} {name}": faults for name, faults in wrong.items()}
            await page.close()
    assert found == {}
