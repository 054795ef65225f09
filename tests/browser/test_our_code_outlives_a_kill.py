"""The host is killed while our code stands on the screen, then the terminal: what a phone paid meanwhile arrives all the same."""

from collections.abc import Callable

from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk import Desk, sign_in
from tests.browser.test_paid_by_phone import Hand, slips_out, to_code
from tests.worlds.browser_shop import Shop

NUMBER = "10000001"


def opened(browser: Browser, shop: Shop) -> tuple[Desk, Hand]:
    """The counter's page, and somebody who signs in there."""
    desk = Desk(browser.new_context(locale="zh-CN", reduced_motion="reduce", **DESKTOP), shop.page, NUMBER).open()
    hand = Hand(desk)
    if desk.shows("self_check_result", "sign_in_number") == "self_check_result":
        hand.press("enter")
    return desk, hand


def pays(browser: Browser, address: str) -> None:
    """A customer's phone reads the code, and pays."""
    context = browser.new_context(locale="zh-CN", **PHONE)
    phone = context.new_page()
    phone.goto(address)
    phone.locator("a[href^='/w/alipay/chen']").click()
    expect(phone.locator("#said")).to_contain_text("42.00")
    phone.locator("#scan button").click()
    expect(phone.locator("#said")).to_contain_text("付款成功")
    context.close()


def test_neither_a_kill_of_the_host_nor_of_the_terminal_loses_what_a_phone_paid(
    browser: Browser, make_shop: Callable[[], Shop]
) -> None:
    shop = make_shop().open_apart(with_wallets=True)
    desk, hand = opened(browser, shop)
    sign_in(desk, hand)
    address = to_code(desk, hand)
    shop.kill("host")
    pays(browser, address)
    shop.start_host()
    desk.shows("own_paid")
    slips_out(desk, hand)

    address = to_code(desk, hand)
    shop.kill("terminal")
    desk.context.close()
    shop.start_terminals()
    desk, hand = opened(browser, shop)
    sign_in(desk, hand)
    desk.shows("own_code")
    pays(browser, address)
    desk.shows("own_paid")
    desk.context.close()
    owed = [row["amount_fen"] for row in shop.rows("postings") if row["account"] == "wallet_clearing"]
    assert owed == [4200, 4200]
