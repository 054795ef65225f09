"""The e-signature model by pointer and by keyboard, and the keypad model by its keys."""

from typing import ClassVar

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Desk, Finger, Hand, Keyboard, Pointer, ask_amount, give_pin, sign_in, sign_out


def sell_until_the_signature(desk: Desk, hand: Hand) -> None:
    ask_amount(desk, hand, "36000")
    hand.show_card("main", "insert")
    give_pin(desk, hand)
    desk.shows("sign_here")


def assert_only_the_merchant_copy_is_signed(desk: Desk) -> None:
    cardholder, merchant = desk.slips(2)
    assert merchant.locator(".hand polyline").count() >= 1
    assert cardholder.locator(".hand").count() == 0
    for slip in (cardholder, merchant):
        assert "RMB 360.00" in slip.inner_text()
    assert desk.page.locator(".slot .peek .paper").count() == 0


def test_the_cardholder_signs_with_a_pen(open_desk: OpenDesk) -> None:
    desk = open_desk("10000002", at="standby")
    pointer = Pointer(desk)
    sell_until_the_signature(desk, pointer)
    box = desk.page.locator(".sign canvas").bounding_box()
    assert box is not None
    mouse = desk.page.mouse
    for x, y in ((0.2, 0.3), (0.5, 0.8), (0.8, 0.3)):
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        mouse.down()
    mouse.up()
    desk.page.get_by_role("button", name="完成签名").click()
    desk.shows("standby")
    desk.says("已收款 ¥360.00")
    assert_only_the_merchant_copy_is_signed(desk)
    sign_out(desk, pointer)


def test_by_keyboard_a_simulated_signature_stands_in(open_desk: OpenDesk) -> None:
    desk = open_desk("10000002", lang="en", at="standby")
    keyboard = Keyboard(desk)
    sell_until_the_signature(desk, keyboard)
    keyboard.tab_to(".sign canvas")
    desk.page.keyboard.press("Enter")
    desk.says("A simulated signature is in the box")
    keyboard.tab_to(".sign .primary")
    desk.page.keyboard.press("Enter")
    desk.shows("standby")
    assert_only_the_merchant_copy_is_signed(desk)
    sign_out(desk, keyboard)


def test_who_cannot_sign_goes_on_without(open_desk: OpenDesk) -> None:
    desk = open_desk("10000002", at="standby", **PHONE)
    finger = Finger(desk)
    sell_until_the_signature(desk, finger)
    finger.press("skip")
    desk.shows("standby")
    _, merchant = desk.slips(2)
    assert merchant.locator(".hand").count() == 0
    sign_out(desk, finger)


class RubberKeys(Pointer):
    """The keys of the keypad model: choices are numbers of a menu."""

    MENU: ClassVar = {"sale": "1", "sign_out": "3"}

    def press(self, key: str) -> None:
        super().press(self.MENU.get(key, key))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_keypad_model_by_its_keys(open_desk: OpenDesk, lang: str) -> None:
    desk = open_desk("10000003", lang=lang)
    keys = RubberKeys(desk)
    display = desk.page.locator(".lcd-line .unseen")
    expect(display).to_have_count(4)
    sign_in(desk, keys)
    expect(display.first).to_contain_text("待机" if lang == "zh" else "Ready")
    ask_amount(desk, keys, "7300")
    keys.show_card("main", "insert")
    desk.shows("pin")
    keys.digits("12345")
    keys.press("clear")
    keys.digits("56")
    assert "123456" not in desk.page.locator("body").inner_text()
    keys.press("enter")
    desk.shows("tear_off")
    keys.press("enter")
    desk.shows("standby")
    for slip in desk.slips(2):
        assert "RMB 73.00" in slip.inner_text()
    keys.press("down")
    sign_out(desk, keys)


def test_a_line_of_the_keypad_display_has_sixteen_columns_at_most(open_desk: OpenDesk) -> None:
    desk = open_desk("10000003", lang="en", at="standby")
    for line in desk.page.locator(".lcd-line .cells").all():
        assert line.locator(".narrow").count() + 2 * line.locator(".wide").count() <= 16
