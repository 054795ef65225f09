"""What is checked of a screen by looking at it: axe, sizes, what is cut off, what has the focus."""

from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page, ViewportSize
from tests.browser.desk import Desk

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DIGIT_WIDTH_MIN, DIGIT_HEIGHT_MIN = 72, 64
"""Digits, in CSS pixels (operators, E.1); where letters stand beside them, ten to a row, TARGET_MIN counts as for any key."""
TARGET_MIN = 24
"""WCAG 2.2, 2.5.8."""
AXE_SOURCE = Path(AXE_FILE_PATH).read_text()
NARROW, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=860)
Scheme = Literal["light", "dark"]

_MEASURE = """() => {
    const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    const box = (element) => element.getBoundingClientRect();
    const named = (element) => element.outerHTML.slice(0, 120);
    const targets = [...document.querySelectorAll("button, a[href], input, canvas[tabindex]")].filter(seen);
    const cut = [...document.querySelectorAll("body *")].filter((element) => {
        // What is there for screen readers alone has no size to be cut to.
        if (!seen(element) || element.clientWidth <= 1 || element.closest(".peek, svg, .lcd")) return false;
        return element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline";
    });
    const page = document.documentElement;
    return {
        wide: page.scrollWidth > page.clientWidth ? [`page ${page.scrollWidth} > ${page.clientWidth}`] : [],
        cut: cut.map(named),
        outside: targets.filter((each) => box(each).left < 0 || box(each).right > innerWidth + 0.5).map(named),
        small: targets.map((each) => each.closest("label") ?? each)
            .filter((each) => box(each).width < LEAST || box(each).height < LEAST).map(named),
        digits: [...document.querySelectorAll(".keys:not([data-letters=yes]) .key")]
            .filter((key) => seen(key) && /^[0-9]$/.test(key.dataset.key))
            .map((key) => [key.dataset.key, box(key).width, box(key).height]),
    };
}""".replace("LEAST", str(TARGET_MIN))


class Looker:
    """Looks at each screen that it is shown and writes down what is wrong with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.faults: list[str] = []
        self.axe_source = AXE_SOURCE
        desk.page.evaluate(self.axe_source)

    def look(self, *, langs: tuple[str, ...] = ("zh", "en")) -> None:
        """Look at the screen of now: each language at 360 and at 1280 pixels; axe in light and in dark."""
        for at, lang in enumerate(langs):
            self.desk.choose_lang(lang)
            for size in (NARROW, WIDE):
                self.desk.page.set_viewport_size(size)
                if at == 0 and size is NARROW:
                    self._look("light")
                elif at == len(langs) - 1 and size is WIDE:
                    self._look("dark")
                else:
                    self._note(_measured(self.desk.page))

    def look_as_it_is(self) -> None:
        """Look at the page as it stands, in light and dark."""
        schemes: tuple[Scheme, ...] = ("light", "dark")
        for scheme in schemes:
            self._look(scheme)

    def _look(self, scheme: Scheme) -> None:
        self.desk.page.emulate_media(color_scheme=scheme)
        # A page takes up a new size with its next frame; one that stands behind another has none of its own accord.
        self.desk.page.bring_to_front()
        self.desk.page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
        self._note([*_measured(self.desk.page), *axe_faults(self.desk.page)])

    def _note(self, faults: list[str]) -> None:
        page = self.desk.page
        where = f"{self.desk.screen} {page.get_attribute('html', 'lang')} {page.viewport_size}"
        self.faults += [f"{where}: {fault}" for fault in faults]


def _measured(page: Page) -> list[str]:
    found: dict[str, list[Any]] = page.evaluate(_MEASURE)
    faults = [f"{kind}: {each}" for kind in ("wide", "cut", "outside", "small") for each in found[kind]]
    for digit, width, height in found["digits"]:
        if width < DIGIT_WIDTH_MIN or height < DIGIT_HEIGHT_MIN:
            faults.append(f"digit {digit} has {width:.0f} × {height:.0f}")
    return faults


def axe_faults(page: Page) -> list[str]:
    """What axe finds on a page that has its source."""
    # Of what is as it should be only the first place of each rule is told: most of the time went into writing the others down.
    found = page.evaluate("(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] })", AXE_RULES)
    assert found["passes"], "axe looked at nothing"
    return [f"axe {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


def digits_seen(page: Page) -> int:
    """How many digit keys are shown."""
    return len(page.evaluate(_MEASURE)["digits"])
