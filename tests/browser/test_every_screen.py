"""Each screen in both languages, light and dark, narrow and wide: axe, sizes, nothing cut off, focus that is seen."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, ask_amount, give_pin, sign_out
from tests.browser.looking import NARROW, WIDE, Looker, Scheme, digits_seen


def test_screens_from_sign_in_to_sign_out(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    cashier = Cashier(desk)
    looker = Looker(desk)
    looker.look()
    assert digits_seen(desk.page) == 0, "the start has one key, and the number's keys come with it"
    cashier.press("sign_in")
    expect(desk.page.locator(".entry")).to_be_visible()
    looker.look()
    assert digits_seen(desk.page) == 10
    cashier.press("user_name")
    desk.shows("sign_in_name")
    looker.look()
    cashier.press("cancel")
    desk.shows("sign_in_number")
    cashier.digits("01")
    desk.shows("sign_in_password")
    cashier.digits("9999")
    cashier.press("enter")
    desk.says("A101")
    looker.look()
    assert digits_seen(desk.page) == 10
    cashier.digits("0000")
    cashier.press("enter")
    desk.shows("confirm")
    looker.look()
    cashier.press("wrong")
    desk.shows("wrong_item")
    looker.look()
    cashier.press("cancel")
    desk.shows("confirm")
    cashier.press("enter")
    desk.shows("signed_in")
    looker.look(langs=("zh",))
    desk.shows("standby")
    cashier.press("sign_out")
    desk.shows("sign_out")
    looker.look()
    cashier.press("enter")
    desk.shows("signed_out")
    looker.look()
    assert looker.faults == []


def test_screens_of_a_sale(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    cashier = Cashier(desk)
    looker = Looker(desk)
    cashier.press("sale")
    desk.shows("amount")
    cashier.digits("9999999")
    looker.look()
    assert digits_seen(desk.page) == 10
    cashier.press("enter")
    desk.shows("card")
    looker.look()
    cashier.show_card("slow", "insert")
    desk.shows("pin")
    looker.look()
    cashier.digits("123456")
    cashier.press("enter")
    desk.shows("sale_refused")
    looker.look()
    cashier.press("enter")
    ask_amount(desk, cashier, "5000")
    cashier.show_card("slow", "insert")
    give_pin(desk, cashier)
    desk.shows("selling")
    looker.look(langs=("en",))
    desk.shows("tear_off")
    looker.look()
    desk.switch("printer")
    cashier.press("enter")
    desk.shows("print_trouble")
    looker.look()
    desk.switch("printer")
    cashier.press("retry")
    desk.shows("standby")
    desk.slips(2)
    looker.look()
    assert looker.faults == []


def test_screens_of_the_other_models(open_desk: OpenDesk) -> None:
    faults = []
    esign = open_desk("10000002", at="standby", operator="02")
    cashier = Cashier(esign)
    ask_amount(esign, cashier, "36000")
    cashier.show_card("main", "insert")
    give_pin(esign, cashier)
    esign.shows("sign_here")
    looker = Looker(esign)
    looker.look()
    faults += looker.faults
    cashier.press("skip")
    sign_out(esign, cashier)
    keypad = open_desk("10000003", at="standby", operator="02")
    looker = Looker(keypad)
    looker.look()
    faults += looker.faults
    assert faults == []


def test_the_drawers_of_a_phone(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", viewport=NARROW)
    looker = Looker(desk)
    for drawer in ("parts", "tray"):
        desk.page.locator(f"[data-opens={drawer}]").click()
        looker.look_as_it_is()
        desk.page.keyboard.press("Escape")
    assert looker.faults == []


def test_what_has_the_focus_is_seen(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby", viewport=WIDE)
    unseen = []
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        desk.page.emulate_media(color_scheme=scheme)
        for _ in range(30):
            desk.page.keyboard.press("Tab")
            unseen += desk.page.evaluate(
                """() => {
                    const focused = document.activeElement;
                    if (focused === document.body) return [];
                    const ringed = (each) => getComputedStyle(each).outlineStyle !== "none"
                        && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
                    const seen = ringed(focused) || ringed(focused.closest("label") ?? focused);
                    return seen ? [] : [focused.outerHTML.slice(0, 100)];
                }"""
            )
    assert unseen == []


@pytest.mark.parametrize("number", ["10000001", "10000003"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_narrowest_phone_cuts_nothing_off(open_desk: OpenDesk, number: str, lang: str) -> None:
    desk = open_desk(number, lang=lang, viewport={"width": 320, "height": 640})
    desk.shows("sign_in_number")
    ends = "[...document.querySelectorAll('.top *')].map(each => each.getBoundingClientRect().right)"
    assert max(desk.page.evaluate(f"() => [document.documentElement.scrollWidth, ...{ends}]")) <= 320
    label = desk.page.locator(".langs button").first
    assert label.evaluate("each => each.getBoundingClientRect().height") <= 44, "the label stands on one line"
