"""The host dies and comes back, and the header says so within ten seconds; a session that ends over a slip says that the payment stands,
and its missing copy is offered after the next sign-in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP, OpenDesk
from tests.browser.desk import Cashier, Desk, ask_amount, give_pin, sign_in
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop

SHOWN_WITHIN_MS = 10_000
HEARTBEAT_MS = 40_000
"""A heartbeat brings an order within thirty seconds."""


@pytest.fixture
def office(shop: Shop) -> Office:
    """The console beside the shop."""
    return Office(shop)


def network(desk: Desk, state: str, within_ms: int = SHOWN_WITHIN_MS) -> None:
    """Wait until the header shows the network so."""
    desk.page.locator(f".device.state-{state}", has_text="网络").first.wait_for(timeout=within_ms)


def test_a_host_that_dies_and_comes_back_shows_in_the_header(make_shop: Callable[[], Shop], browser: Browser) -> None:
    shop = make_shop().open_apart()
    context = browser.new_context(**DESKTOP, reduced_motion="reduce")
    desk = Desk(context, shop.page, "10000001").open()
    hand = Cashier(desk)
    looker = Looker(desk)
    sign_in(desk, hand)
    network(desk, "ok")
    shop.kill("host")
    network(desk, "fail")
    desk.says("连接不上主机")
    looker.look(langs=("en", "zh"))
    shop.start_host()
    network(desk, "ok")
    expect(desk.glass).not_to_contain_text("连接不上主机")
    assert looker.faults == []
    context.close()


def test_a_session_that_ends_over_a_slip_never_says_that_nothing_was_charged(
    open_desk: OpenDesk, office: Office
) -> None:
    desk = open_desk("10000001", at="standby")
    hand = Cashier(desk)
    looker = Looker(desk)
    ask_amount(desk, hand, "170")
    hand.show_card("main", "insert")
    give_pin(desk, hand)
    desk.shows("tear_off")
    office.act("operators", "sign-out", "01")
    desk.page.wait_for_timeout(HEARTBEAT_MS)
    assert desk.screen == "tear_off", "the cardholder's copy comes first"
    hand.press("enter")
    desk.shows("trouble")
    desk.slips(2)
    desk.says("A203")
    desk.says("¥1.70")
    desk.says("已成功")
    assert desk.page.get_by_text("未扣款").count() == 0
    looker.look(langs=("en", "zh"))
    assert looker.faults == []


def test_slips_that_were_left_are_offered_after_the_next_sign_in(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", at="standby")
    hand = Cashier(desk)
    looker = Looker(desk)
    desk.switch("printer")
    ask_amount(desk, hand, "880")
    hand.show_card("main", "insert")
    give_pin(desk, hand)
    desk.shows("print_trouble")
    hand.press("skip")
    desk.shows("standby")
    desk.switch("printer")
    office.act("operators", "sign-out", "01")
    desk.page.wait_for_selector('.glass[data-screen="trouble"]', timeout=HEARTBEAT_MS)
    looker.look(langs=("en", "zh"))
    hand.press("enter")
    sign_in(desk, hand, then="slips_offered")
    desk.says("¥8.80")
    looker.look(langs=("en", "zh"))
    hand.press("enter")
    desk.shows("tear_off")
    hand.press("enter")
    desk.shows("standby")
    desk.slips(2)
    assert looker.faults == []
