"""A person at a page in Chromium, with a terminal that shows what it is told to show."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from ...worlds.fake_terminal import FakeTerminal
from .served import Served, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 860}
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

BURST = """([keys, gap]) => {
    let at = performance.now() - keys.length * gap;
    for (const key of keys) {
        const code = /^[0-9]$/.test(key) ? `Digit${key}` : key;
        const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
        Object.defineProperty(event, "timeStamp", { value: (at += gap) });
        document.activeElement.dispatchEvent(event);
    }
}"""
EAN_13 = (*"6901234567892", "Enter")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        await chromium.close()


class Desk:
    """A person at the page of one terminal."""

    def __init__(self, page: Page, terminal: FakeTerminal, served: Served) -> None:
        self.page = page
        self.terminal = terminal
        self.served = served
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self._ours(request.url))

    def _ours(self, url: str) -> None:
        if not url.startswith((self.served.address, f"ws://{self.served.host}/", "blob:", "data:")):
            self.troubles.append(f"asked {url}")

    async def open(self) -> None:
        await self.page.goto(f"{self.served.address}t/{self.terminal.number}")
        await self.shows(self.terminal.view().id)

    async def shows(self, screen: str) -> None:
        await self.page.wait_for_selector(f'.glass[data-screen="{screen}"]')

    async def go(self, screen: str) -> None:
        self.terminal.go(screen)
        await self.shows(screen)

    async def sent(self, *calls: tuple[object, ...]) -> None:
        """The terminal was called with these and nothing else since the last time."""
        await self.terminal.until(lambda: len(self.terminal.calls) >= len(calls))
        # Whatever was sent too much comes before this answer.
        await self.page.evaluate("new Promise((done) => setTimeout(done, 60))")
        assert self.terminal.calls == list(calls)
        self.terminal.calls.clear()

    async def type(self, *keys: str, gap_ms: float = 40) -> None:
        """Keys as a quick hand presses them."""
        for key in keys:
            await self.page.wait_for_timeout(gap_ms)
            await self.page.keyboard.press(key)

    async def burst(self, *keys: str, gap_ms: float = 5) -> None:
        """Keys as a scanner types them, by their own time, however busy this machine is."""
        await self.page.wait_for_timeout(200)
        await self.page.evaluate(BURST, [list(keys), gap_ms])

    async def text(self, selector: str) -> str:
        return str(await self.page.locator(selector).inner_text())


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk; `pytest.mark.parametrize("desk", [{…}], indirect=True)` chooses model, screen, lang and browser context."""
    wanted = dict(getattr(request, "param", {}))
    terminal = FakeTerminal(
        model=wanted.pop("model", "smart"), screen=wanted.pop("screen", "sign_in_number"), lang=wanted.pop("lang", "zh")
    )
    wanted.setdefault("viewport", DESKTOP)
    async with serve(terminal) as served:
        context = await browser.new_context(**wanted)
        here = Desk(await context.new_page(), terminal, served)
        await here.open()
        yield here
        await context.close()
        assert here.troubles == []


async def check_with_axe(desk: Desk, where: str) -> None:
    found = await desk.page.evaluate("(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] })", AXE_RULES)
    assert len(found["passes"]) > 10
    told = [f"{where}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]
    assert told == []
