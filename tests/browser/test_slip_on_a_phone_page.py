"""A customer's slip by link: the terminal shows a code in the place of the second copy, a second page is the customer's phone."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Hand, Keyboard, Pointer, ask_amount, give_pin, sign_out
from tests.browser.test_sign_in_phone import address_of, axe, phone_page, picture_of
from tests.browser.wire import wire_to
from tests.conftest import Ports
from tests.worlds.browser_shop import Shop

from zhanggui.terminal.page.qr import modules_of

AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
NUMBERS = ["10000001", "10000002", "10000003"]
KEYPAD, ESIGN = "10000003", "10000002"
COPY = {"zh": "持卡人存根", "en": "CARDHOLDER COPY"}
NONE = {"zh": "没有这张签购单", "en": "There is no such slip"}


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop], ports: Ports) -> Shop:
    """A shop whose host serves pages for phones; its terminals hear of it with their first sign-in."""
    made = make_shop()
    made.open(phone_port=ports.take())
    for number in NUMBERS:
        with wire_to(made.page, number) as wire:
            wire.speak("zh")
            wire.go_to_standby("01")
            wire.go_home()
    return made


class RubberKeys(Pointer):
    """The keys of the keypad model: choices are numbers of a menu."""

    MENU: ClassVar = {"sale": "1", "link": "1", "sign_out": "3"}

    def press(self, key: str) -> None:
        super().press(self.MENU.get(key, key))


def sell(desk: Desk, hand: Hand, number: str) -> None:
    """From standby to the code that stands for the customer's copy."""
    ask_amount(desk, hand, "12850")
    hand.show_card("main", "insert")
    give_pin(desk, hand)
    if number == ESIGN:
        desk.shows("sign_here")
        hand.press("skip")
        desk.shows("standby")
        hand.press("slip_link")
    else:
        desk.shows("tear_off")
        hand.press("link")
    desk.page.wait_for_selector("svg.qr:visible")


@pytest.mark.parametrize(
    ("number", "hand_of", "lang"),
    [("10000001", Keyboard, "zh"), (ESIGN, Pointer, "en"), (KEYPAD, RubberKeys, "zh")],
)
def test_the_customer_scans_a_code_and_has_the_slip(
    open_desk: OpenDesk,
    browser: Browser,
    number: str,
    hand_of: type[Pointer] | type[Keyboard],
    lang: str,
) -> None:
    desk = open_desk(number, lang=lang, at="standby")
    hand = hand_of(desk)
    sell(desk, hand, number)
    address = address_of(desk)
    assert picture_of(desk) == modules_of(address)
    phone = phone_page(browser, address, lang)
    slip = phone.locator(".slip")
    expect(slip).to_contain_text(COPY[lang], ignore_case=True)
    expect(slip).to_contain_text("128.50")
    expect(slip).to_contain_text("621700*********0012")
    expect(slip.locator("svg.bars")).to_be_visible()
    phone.evaluate(AXE)
    assert axe(phone) == []
    phone.locator(".lang").click()
    other = "en" if lang == "zh" else "zh"
    expect(phone.locator(".slip")).to_contain_text(COPY[other], ignore_case=True)
    hand.press("enter")
    desk.shows("standby")
    phone.goto(address[:-4] + "AAAA")
    expect(phone.get_by_role("status")).to_contain_text(NONE[lang])
    phone.evaluate(AXE)
    assert axe(phone) == []
    phone.context.close()
    sign_out(desk, hand)
