"""A customer's code at the page: by the phone beside a virtual card and by a scanner's burst, and what is no code."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Keyboard, Pointer, ask_amount, sign_out
from tests.browser.looking import Looker
from tests.browser.test_pages_and_keys import scan
from tests.browser.test_whole_job_on_other_models import RubberKeys
from tests.worlds.browser_shop import Shop
from tests.worlds.customers_phone import phone_in

SCANNING = {"10000001": "01", "10000002": "02"}
"""And who works there."""
KEYPAD = "10000003"


def code_of(shop: Shop) -> str:
    """What the phone of the main card's holder shows."""
    return phone_in(shop.folder / "cards").code()


def to_card(desk: Desk) -> None:
    ask_amount(desk, Cashier(desk), "4200")
    desk.shows("card")


def test_a_machine_without_a_scanner_offers_none_and_a_burst_is_refused(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk(KEYPAD, at="standby", operator="02")
    keys = RubberKeys(desk)
    ask_amount(desk, keys, "4200")
    expect(desk.page.locator('.way[data-way="scan"]')).to_have_count(0)
    scan(desk, code_of(shop))
    expect(desk.page.locator(".notice")).to_be_visible()
    assert desk.screen == "card"
    desk.page.wait_for_timeout(200)
    keys.press("cancel")
    desk.shows("standby")
    sign_out(desk, keys)


@pytest.mark.parametrize("number", SCANNING)
@pytest.mark.parametrize("hand_of", [Pointer, Keyboard])
def test_a_code_is_shown_or_scanned_where_a_card_is_awaited(
    open_desk: OpenDesk, shop: Shop, number: str, hand_of: type[Pointer] | type[Keyboard]
) -> None:
    desk = open_desk(number, at="standby", operator=SCANNING[number])
    hand, looker = hand_of(desk), Looker(desk)
    to_card(desk)
    desk.says("扫付款码")
    looker.look()
    desk.choose_lang("zh")
    if isinstance(hand, Pointer):
        hand.show_card("main", "scan")
        code = ""
    else:
        code = code_of(shop)
        scan(desk, code)
    desk.shows("tear_off", "standby")
    assert looker.faults == []
    slips = "".join(desk.received) + desk.page.content()
    assert not code or code not in slips, "the page never holds the code"


@pytest.mark.parametrize("number", SCANNING)
def test_what_is_no_code_is_said_at_once_and_the_wait_goes_on(open_desk: OpenDesk, shop: Shop, number: str) -> None:
    desk = open_desk(number, at="standby", operator=SCANNING[number])
    looker = Looker(desk)
    to_card(desk)
    scan(desk, "https://example.org/1")
    desk.says("不是付款码")
    assert desk.screen == "card"
    looker.look()
    desk.choose_lang("zh")
    desk.page.wait_for_timeout(200)
    scan(desk, "6901234567892")
    desk.says("不是付款码")
    desk.page.wait_for_timeout(200)
    scan(desk, code_of(shop))
    desk.shows("tear_off", "standby")
    assert looker.faults == []


@pytest.mark.parametrize("number", SCANNING)
def test_while_an_amount_is_typed_a_code_is_no_amount(open_desk: OpenDesk, shop: Shop, number: str) -> None:
    desk = open_desk(number, at="standby", operator=SCANNING[number])
    Cashier(desk).press("sale")
    desk.shows("amount")
    scan(desk, code_of(shop))
    expect(desk.page.locator(".entry .shown")).to_have_text("¥0.00")
