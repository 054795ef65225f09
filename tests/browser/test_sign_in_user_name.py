"""A user name at the page: by the letters on the screen, by a keyboard, and by several presses of a key on the keypad model."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Keyboard, Pointer
from tests.worlds.browser_shop import ROOT, Shop

NAME = "wang.fang"


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose 01 has a user name."""
    made = make_shop()
    rename = ["operators", "rename", "01", "--user-name", NAME, "--data", str(made.folder)]
    subprocess.run([sys.executable, "-m", "zhanggui", *rename], check=True, cwd=ROOT)
    return made.open()


def key(desk: Desk, name: str) -> Locator:
    """A key on the screen's keyboard."""
    return desk.page.locator(f'.keys [data-key="{name}"]')


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", ["10000001", "10000002"])
def test_letters_on_the_screen_sign_in_by_pointer(open_desk: OpenDesk, lang: str, number: str) -> None:
    desk = open_desk(number, lang=lang)
    hand = Pointer(desk)
    hand.press("user_name")
    desk.shows("sign_in_name")
    for letter in NAME:
        key(desk, letter).click()
    expect(desk.page.locator(".entry .shown")).to_have_text(NAME)
    hand.press("enter")
    desk.shows("sign_in_password")
    desk.says(NAME)
    hand.digits("0000")
    hand.press("enter")
    desk.shows("confirm")
    desk.says("01")


def test_a_keyboard_types_it_without_another_key(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    desk.page.keyboard.type(NAME.upper(), delay=60)
    desk.shows("sign_in_name")
    expect(desk.page.locator(".entry .shown")).to_have_text(NAME)
    keyboard = Keyboard(desk)
    keyboard.press("enter")
    desk.shows("sign_in_password")
    keyboard.digits("0000")
    keyboard.press("enter")
    desk.shows("confirm")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_keypad_model_types_letters_by_several_presses(open_desk: OpenDesk, lang: str) -> None:
    desk = open_desk("10000003", lang=lang)
    key(desk, "#").click()
    desk.shows("sign_in_name")
    for presses in ("9", "2", "66", "4", "1", "333", "2", "66", "4"):
        for digit in presses:
            key(desk, digit).click()
        if presses in ("333", "2"):
            desk.page.wait_for_timeout(60)
    desk.says(NAME)
    key(desk, "enter").click()
    desk.shows("sign_in_password")
