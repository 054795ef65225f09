"""The host stops: sign-in from the terminal's own envelope, no sale, the host comes back, limited sales, a full sign-in.

Two terminals at once, so that the wait for the host is waited once: one by pointer in Chinese, one by keyboard alone in English.
"""

from collections.abc import Callable

from playwright.sync_api import Browser
from tests.browser.conftest import DESKTOP
from tests.browser.desk import Cashier, Desk, Hand, Keyboard, ask_amount, give_pin, sign_in, sign_out
from tests.browser.looking import Looker
from tests.worlds.browser_shop import Shop

LINE_IS_TRIED_WITHIN_MS = 45_000


def test_sign_in_without_the_host(make_shop: Callable[[], Shop], browser: Browser) -> None:
    shop = make_shop().open_apart()
    context = browser.new_context(**DESKTOP, reduced_motion="reduce")
    zh, en = Desk(context, shop.page, "10000001").open(), Desk(context, shop.page, "10000002").open()
    en.choose_lang("en")
    people: tuple[tuple[Desk, Hand, str], ...] = ((zh, Cashier(zh), "01"), (en, Keyboard(en), "02"))
    looker = Looker(zh)
    for desk, hand, operator in people:
        sign_in(desk, hand, operator)
        sign_out(desk, hand)
    shop.kill("host")
    for desk, hand, operator in people:
        without_the_host(desk, hand, operator)
    zh.says("收款等待网络恢复")
    looker.look(langs=("en", "zh"))
    for desk, hand, _ in people:
        hand.press("enter")
        desk.shows("standby")
    zh.says("离线签到，有效期至")
    en.says("Signed in offline until")
    for desk, hand, _ in people:
        hand.press("sale")
        desk.shows("trouble")
        desk.says("D101")
        hand.press("enter")
        desk.shows("standby")
    shop.start_host()
    looker.look(langs=("en", "zh"))
    for desk, words in ((zh, "网络已恢复，单笔可收至 ¥500.00"), (en, "The line is back: sales up to ¥500.00")):
        desk.page.get_by_text(words).first.wait_for(timeout=LINE_IS_TRIED_WITHIN_MS)
    looker.look(langs=("en", "zh"))
    sell(zh, people[0][1], "5000")
    for desk, hand, _ in people:
        over_the_limit(desk, hand)
    sell(zh, people[0][1], "60000")
    assert looker.faults == []
    context.close()
    assert zh.troubles + en.troubles == []


def without_the_host(desk: Desk, hand: Hand, operator: str) -> None:
    """The terminal judges by itself, wrong passwords too."""
    desk.shows("sign_in_number")
    hand.digits(operator)
    for password in ("1111", "0000"):
        desk.shows("sign_in_password")
        hand.digits(password)
        hand.press("enter")
        if password == "1111":
            desk.says("A101")
    desk.shows("signed_in_offline")


def sell(desk: Desk, hand: Hand, amount: str) -> None:
    ask_amount(desk, hand, amount)
    hand.show_card("main", "insert")
    give_pin(desk, hand)
    if desk.shows("tear_off", "sign_here") == "sign_here":
        hand.press("skip")
    else:
        hand.press("enter")
    desk.shows("standby")


def over_the_limit(desk: Desk, hand: Hand) -> None:
    """A sale over the limit leads to a full sign-in."""
    hand.press("sale")
    desk.shows("amount")
    hand.digits("60000")
    hand.press("enter")
    desk.shows("trouble")
    desk.says("D107")
    hand.press("enter")
    desk.shows("sign_in_password")
    hand.digits("0000")
    hand.press("enter")
    desk.shows("confirm")
    hand.press("enter")
    desk.shows("signed_in")
    hand.press("enter")
    desk.shows("standby")
