"""Somebody at the office with a browser that runs script; what it wrote to the console, asked elsewhere or was refused is kept."""

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect
from tests.browser.looking import AXE_SOURCE, axe_faults

from zhanggui.programs.demo_people import DEMO_PASSWORD

WAIT_MS = 10_000
OF_THE_BROWSER = "Failed to load resource: the server responded with a status of 4"
"""What Chromium writes by itself where a page says 4xx: a form that was refused, what is not there."""
_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
    console.error("csp " + event.violatedDirective + " " + event.blockedURI);
});"""


class Office:
    """One browser window of one person."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        self.troubles: list[str] = []
        self.context = browser.new_context(**({"reduced_motion": "reduce"} | context))
        self.context.add_init_script(_VIOLATIONS)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(OF_THE_BROWSER):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "blob:", "data:")):
            self.troubles.append(f"asked {request.url}")

    def open(self, path: str = "/") -> "Office":
        """Open a page."""
        self.page.goto(f"{self.address}{path}")
        return self

    def sign_in(self, login: str) -> "Office":
        """As one of the demo people who need no second factor."""
        self.open("/sign-in")
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", DEMO_PASSWORD)
        self.page.click("main button")
        expect(self.page.locator("h1")).to_be_visible()
        return self

    def follow(self, text: str) -> "Office":
        """Click a link by its words: one click."""
        self.page.get_by_role("link", name=text, exact=True).first.click()
        return self

    def links(self, path: str) -> list[str]:
        """Where the first row of a list leads; nothing where the list is empty."""
        first = self.open(path).page.locator("main [data-row] a").first
        return [str(first.get_attribute("href"))] if first.count() else []

    def says(self, text: str) -> None:
        """Wait until the page says this."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=WAIT_MS)

    def faults(self) -> list[str]:
        """What axe finds here, and whether the page is wider than its window."""
        self.page.evaluate(AXE_SOURCE)
        found = [f"{self.page.url}: {fault}" for fault in axe_faults(self.page)]
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*found, f"{self.page.url}: {wide} px too wide"] if wide > 0 else found

    def close(self) -> None:
        """Close the window. AssertionError with what went wrong in it."""
        self.context.close()
        assert self.troubles == []
