"""A person at the page of one terminal, by touch, by pointer or by keyboard, and a record of what went over the line."""

import json
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, WebSocket, expect

WAIT_MS = 10_000
TYPING_MS = 35
"""A quick person's time between two keys; what comes faster than any hand is taken for a scanner."""
TABS_MAX = 80


class Desk:
    """One page of one terminal."""

    def __init__(self, context: BrowserContext, origin: str, number: str) -> None:
        self.origin = origin
        self.address = f"{origin}/t/{number}"
        self.number = number
        self.troubles: list[str] = []
        self.received: list[str] = []
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("request", self._request)
        self.page.on("websocket", self._websocket)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "blob:", "data:")):
            self.troubles.append(f"asked {request.url}")

    def _websocket(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self.origin.replace("http", "ws", 1) + "/"):
            self.troubles.append(f"opened {socket.url}")
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))

    # ── what is seen ─────────────────────────────────────────────────────────

    def open(self) -> "Desk":
        """Load the page and wait for its first screen."""
        self.page.goto(self.address)
        self.page.wait_for_selector(".glass[data-screen]")
        return self

    @property
    def screen(self) -> str:
        """The name of the screen that is shown."""
        return self.page.locator(".glass").get_attribute("data-screen") or ""

    @property
    def glass(self) -> Locator:
        """The machine's screen."""
        return self.page.locator(".glass")

    def shows(self, *screens: str) -> str:
        """Wait until one of these screens is shown; the answer is which."""
        while True:
            self.page.wait_for_selector(", ".join(f'.glass[data-screen="{screen}"]' for screen in screens))
            # The terminal may have gone on since; then it is waited for again.
            if (shown := self.screen) in screens:
                return shown

    def says(self, text: str) -> None:
        """Wait until the machine's screen says this."""
        expect(self.glass).to_contain_text(text, timeout=WAIT_MS)

    def slips(self, count: int) -> list[Locator]:
        """Wait until so many slips lie in the tray; newest first."""
        papers = self.page.locator(".pile .paper")
        expect(papers).to_have_count(count, timeout=WAIT_MS)
        return papers.all()

    @property
    def screens_received(self) -> list[dict[str, Any]]:
        """Every screen that was sent to the page, in order."""
        messages = [json.loads(frame) for frame in self.received]
        return [message["screen"] for message in messages if message["type"] == "screen"]

    # ── what is done beside the story ────────────────────────────────────────

    def choose_lang(self, lang: str) -> None:
        """Choose the language and wait for it."""
        self.page.locator(f'[data-lang="{lang}"]').click()
        self.page.wait_for_selector(f'html[lang="{"zh-CN" if lang == "zh" else "en"}"]')

    def switch(self, item: str) -> None:
        """Turn the switch of a simulated device."""
        toggle = self.page.locator(f'.toggle[data-item="{item}"]')
        before = toggle.get_attribute("aria-checked")
        toggle.click()
        after = "false" if before == "true" else "true"
        self.page.wait_for_selector(f'.toggle[data-item="{item}"][aria-checked="{after}"]')


class Hand(Protocol):
    """A way to use the page."""

    def press(self, key: str) -> None:
        """A key of the terminal: `enter`, `cancel`, `clear`, or a choice of the screen such as `sale`."""
        ...

    def digits(self, digits: str) -> None:
        """Digits, one after the other."""
        ...

    def show_card(self, card: str, way: str) -> None:
        """Choose a virtual card and swipe, insert or tap it."""
        ...


class Pointer:
    """A mouse."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def press(self, key: str) -> None:
        on_pad = self.desk.page.locator(f'.keys [data-key="{key}"]:visible')
        choice = self.desk.page.locator(f'.choices [data-key="{key}"]:visible')
        self._hit(on_pad.or_(choice).first)

    def digits(self, digits: str) -> None:
        # The start of a sign-in has one key, and number keys once it was pressed.
        begin = self.desk.page.locator('.choices [data-key="sign_in"]:visible')
        if begin.count():
            self._hit(begin)
        for digit in digits:
            self._hit(self.desk.page.locator(f'.keys [data-key="{digit}"]'))

    def show_card(self, card: str, way: str) -> None:
        self._hit(self.desk.page.locator(f'.card:has(input[value="{card}"])'))
        self._hit(self.desk.page.locator(f'.way[data-way="{way}"]'))

    def _hit(self, target: Locator) -> None:
        target.click()


class Finger(Pointer):
    """A finger on a phone: everything by tap, and cards lie in a drawer."""

    def show_card(self, card: str, way: str) -> None:
        self._hit(self.desk.page.locator("[data-opens=parts]"))
        super().show_card(card, way)

    def _hit(self, target: Locator) -> None:
        target.tap()


class Keyboard:
    """A keyboard and nothing else: what has no key of its own is reached with Tab."""

    NAMES: ClassVar = {"enter": "Enter", "cancel": "Escape", "clear": "Backspace"}

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def press(self, key: str) -> None:
        if key in self.NAMES:
            self._type(self.NAMES[key])
        else:
            self.tab_to(f'[data-key="{key}"]')
            self._type("Enter")

    def digits(self, digits: str) -> None:
        for digit in digits:
            self._type(digit)

    def show_card(self, card: str, way: str) -> None:
        self.tab_to("input[name=card]")
        chosen = f'input[name=card][value="{card}"]'
        self._until(lambda: self._type("ArrowDown"), f"document.activeElement.matches('{chosen}')")
        self.tab_to(f'.way[data-way="{way}"]')
        self._type("Enter")

    def switch(self, item: str) -> None:
        """Turn the switch of a simulated device, as `Desk.switch` does with a mouse."""
        toggle = f'.toggle[data-item="{item}"]'
        before = self.desk.page.locator(toggle).get_attribute("aria-checked")
        self.tab_to(toggle)
        self._type("Space")
        self.desk.page.wait_for_selector(f'{toggle}[aria-checked="{"false" if before == "true" else "true"}"]')

    def tab_to(self, selector: str) -> None:
        """Press Tab until this has the focus."""
        self._until(lambda: self._type("Tab"), f"document.activeElement.matches('{selector}')")

    def _type(self, key: str) -> None:
        self.desk.page.wait_for_timeout(TYPING_MS)
        self.desk.page.keyboard.press(key)

    def _until(self, press: Callable[[], None], reached: str) -> None:
        for _ in range(TABS_MAX):
            if self.desk.page.evaluate(reached):
                return
            press()
        raise AssertionError(f"not reached with the keyboard: {reached}")


class Cashier(Pointer):
    """Quick hands at a desktop: digits, Enter, Esc and Backspace on the keyboard, everything else with the mouse."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._keyboard = Keyboard(desk)

    def press(self, key: str) -> None:
        if key in Keyboard.NAMES:
            self._keyboard.press(key)
        else:
            super().press(key)

    def digits(self, digits: str) -> None:
        self._keyboard.digits(digits)


# ── parts of the story ───────────────────────────────────────────────────────


def sign_in(desk: Desk, hand: Hand, operator: str = "01", password: str = "0000", then: str = "standby") -> None:
    """From the operator's number to standby, or to what comes before it."""
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits(password)
    hand.press("enter")
    desk.shows("confirm")
    hand.press("enter")
    desk.shows("signed_in")
    hand.press("enter")
    desk.shows(then)


def ask_amount(desk: Desk, hand: Hand, amount: str) -> None:
    """From standby to the screen that waits for a card. `amount` in fen, as it is typed."""
    desk.shows("standby")
    hand.press("sale")
    desk.shows("amount")
    hand.digits(amount)
    hand.press("enter")
    desk.shows("card")


def give_pin(desk: Desk, hand: Hand, pin: str = "123456") -> None:
    """The cardholder's part."""
    desk.shows("pin")
    hand.digits(pin)
    hand.press("enter")


def sign_out(desk: Desk, hand: Hand, then: str = "sign_in_number") -> None:
    """From standby to the operator's number, or to what comes before it."""
    desk.shows("standby")
    hand.press("sign_out")
    desk.shows("sign_out")
    hand.press("enter")
    desk.shows("signed_out")
    hand.press("enter")
    desk.shows(then)
