"""What a walk through the page missed: a power key with a check to be read, slips of any row, the name that hands the machine over."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, ask_amount, give_pin

HELD_MS = 1_100


def hold_power(desk: Desk) -> None:
    key = desk.page.locator("[data-item=power-key]")
    key.dispatch_event("pointerdown")
    desk.page.wait_for_timeout(HELD_MS)
    key.dispatch_event("pointerup")


def sell(desk: Desk, cashier: Cashier, digits: str) -> None:
    ask_amount(desk, cashier, digits)
    cashier.show_card("main", "insert")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    cashier.press("enter")
    desk.shows("standby")


@pytest.mark.parametrize(("lang", "passed"), [("zh", "自检通过"), ("en", "Self-check passed")])
def test_the_power_key_shows_a_check_to_be_read_and_the_slips_stay(open_desk: OpenDesk, lang: str, passed: str) -> None:
    desk = open_desk("10000001", at="standby", lang=lang)
    sell(desk, Cashier(desk), "1250")
    hold_power(desk)
    desk.shows("off")
    desk.page.locator("[data-item=power-key]").dispatch_event("pointerdown")
    desk.shows("self_check")
    desk.says(passed)
    expect(desk.page.locator(".row.tone-good")).to_have_count(9)
    desk.shows("sign_in_number")
    desk.slips(2)


def test_any_row_tells_its_payment_and_prints_its_slips_again_marked(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    cashier = Cashier(desk)
    sell(desk, cashier, "1250")
    sell(desk, cashier, "990")
    row = desk.page.locator("button.row", has_text="¥12.50").first
    row.click()
    desk.shows("line")
    desk.says("¥12.50")
    cashier.press("reprint")
    desk.shows("tear_off")
    desk.says("重打印")
    cashier.press("enter")
    desk.shows("standby")
    slips = desk.page.locator(".slip")
    expect(slips).to_have_count(2)
    expect(slips.first).to_contain_text(re.compile("重打印.*DUPLICATED"))
    expect(slips.first).to_contain_text("12.50")


def test_a_tap_on_the_name_asks_who_goes_on(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    desk.page.locator("button.operator").click()
    desk.shows("locked_menu")
    Cashier(desk).press("another")
    desk.shows("sign_in_number")


def test_an_empty_battery_is_seen_in_the_header_and_begins_no_payment(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    supply = desk.page.locator("[data-part=power]")
    desk.page.locator(".parts-switches summary").click()
    supply.select_option("电池 3%")
    expect(desk.page.locator(".status")).to_contain_text("电池 3%")
    Cashier(desk).press("sale")
    desk.shows("trouble")
    desk.says("D104")
    supply.select_option("外接电源")
    Cashier(desk).press("enter")
    desk.shows("standby")
    expect(desk.page.locator(".status")).to_contain_text("外接电源")
