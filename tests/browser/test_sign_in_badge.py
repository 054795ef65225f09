"""A badge at the page: by a scanner's burst and by the virtual staff card, with the password and alone, on all three models."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Keyboard, Pointer, sign_in
from tests.browser.looking import Looker
from tests.browser.test_pages_and_keys import scan
from tests.worlds.browser_shop import ROOT, Shop

CARDS: dict[str, str] = {}
"""Badge and card of the shop of this module: the text, and the card's id."""


def command(folder: Path, *words: str, check: bool = True) -> None:
    """One command over the shop's data."""
    subprocess.run([sys.executable, "-m", "zhanggui", *words, "--data", str(folder)], check=check, cwd=ROOT)


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose 01 has a badge, and where a badge alone signs in once a terminal has heard of it."""
    made = make_shop()
    card = made.folder / "cards" / "zz-badge.json"
    command(made.folder, "operators", "badge", "01", "--card", str(card))
    command(made.folder, "policy", "set", "badge", "alone")
    found = msgspec.json.decode(card.read_bytes())
    CARDS.update(text=found["badge"], id=found["id"])
    return made.open()


@pytest.fixture(autouse=True)
def nobody_elsewhere(shop: Shop) -> None:
    """Each test begins with 01 signed in nowhere."""
    command(shop.folder, "operators", "sign-out", "01", check=False)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])
def test_a_badge_that_is_scanned_says_who_and_the_password_signs_in(
    open_desk: OpenDesk, number: str, lang: str
) -> None:
    desk = open_desk(number, lang=lang)
    desk.shows("sign_in_number")
    scan(desk, CARDS["text"])
    keyboard = Keyboard(desk)
    # The first sign-in of a terminal knows no policy yet, and asks for the password. Demo passwords are the factory's, of which the
    # facts have something to say.
    if desk.shows("sign_in_password", "confirm") == "sign_in_password":
        desk.says("工牌" if lang == "zh" else "Badge")
        keyboard.digits("0000")
        keyboard.press("enter")
        desk.shows("confirm")
    desk.says("01")
    keyboard.press("enter")
    desk.shows("signed_in", "standby")
    assert CARDS["text"] not in "".join(desk.received)


@pytest.mark.parametrize("number", ["10000001", "10000002"])
def test_a_staff_card_alone_is_straight_in_and_a_refund_asks_for_the_password(open_desk: OpenDesk, number: str) -> None:
    desk = open_desk(number)
    hand = Pointer(desk)
    if desk.shows("sign_in_number", "standby") == "sign_in_number":
        sign_in(desk, hand)
    sign_out(desk, hand)
    hand.show_card(CARDS["id"], "tap")
    desk.shows("confirm")
    hand.press("enter")
    desk.shows("standby")
    desk.says("已签到")
    hand.press("refund")
    desk.shows("own_password")
    looker = Looker(desk)
    looker.look()
    assert looker.faults == []
    desk.choose_lang("zh")
    hand.digits("0000")
    hand.press("enter")
    desk.shows("original")


def test_what_is_no_badge_goes_nowhere_at_the_start_screen(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    hand = Pointer(desk)
    if desk.shows("sign_in_number", "standby") == "standby":
        sign_out(desk, hand)
    scan(desk, "6901234567892")
    expect(desk.page.locator(".notice")).to_have_text("输入过快或为扫码：请重新输入")
    assert desk.screen == "sign_in_number"


def sign_out(desk: Desk, hand: Pointer) -> None:
    """Out of standby, back to the start screen."""
    hand.press("sign_out")
    while (at := desk.shows("sign_out", "notes", "signed_out", "sign_in_number")) != "sign_in_number":
        hand.press("enter")
        desk.page.wait_for_function("(at) => document.querySelector('.glass').dataset.screen !== at", arg=at)
