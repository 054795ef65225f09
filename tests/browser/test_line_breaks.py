"""The host, or the terminal itself, goes and comes back while the page is open."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP
from tests.browser.desk import WAIT_MS, Cashier, Desk, ask_amount, give_pin, sign_in
from tests.worlds.browser_shop import Shop

MakeShop = Callable[[], Shop]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[Shop], Desk]]:
    """Opens the smart model's page of a shop."""
    contexts = []

    def open_one(shop: Shop) -> Desk:
        contexts.append(browser.new_context(**DESKTOP, reduced_motion="reduce"))
        return Desk(contexts[-1], shop.page, "10000001").open()

    yield open_one
    for context in contexts:
        context.close()


def test_the_host_goes_and_comes_back(make_shop: MakeShop, open_page: Callable[[Shop], Desk]) -> None:
    shop = make_shop()
    shop.open_apart()
    desk = open_page(shop)
    cashier = Cashier(desk)
    sign_in(desk, cashier)
    shop.kill("host")
    ask_amount(desk, cashier, "4200")
    cashier.show_card("second", "insert")
    give_pin(desk, cashier)
    desk.shows("sale_refused")
    for text in ("交易未发出：¥42.00", "未扣款", "请检查网络", "T101"):
        desk.says(text)
    shop.start_host()
    # The card is still at hand; the PIN is not, because nothing keeps it.
    cashier.press("retry")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    cashier.press("enter")
    desk.shows("standby")
    desk.says("已收款 ¥42.00")
    assert desk.troubles == []


def test_the_terminal_goes_and_comes_back(make_shop: MakeShop, open_page: Callable[[Shop], Desk]) -> None:
    shop = make_shop().open()
    desk = open_page(shop)
    cashier = Cashier(desk)
    sign_in(desk, cashier)
    shop.kill("up")
    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text("与终端的连接断开", timeout=WAIT_MS)
    desk.page.keyboard.press("5")
    shop.open()
    desk.shows("sign_in_number")
    expect(banner).to_be_hidden()
    sign_in(desk, cashier)
    assert all("WebSocket connection" in trouble for trouble in desk.troubles)
