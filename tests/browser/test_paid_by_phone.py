"""Payments by phone, two pages: the counter, and a customer's phone (port 8595) that shows a code, types a password, or reads ours."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Desk, Keyboard, Pointer, ask_amount, sign_out
from tests.browser.looking import Looker
from tests.browser.test_pages_and_keys import scan
from tests.browser.test_sign_in_phone import address_of, picture_of
from tests.worlds.browser_shop import Shop

from zhanggui.terminal.page.qr import modules_of

MODELS = {"10000001": "zh", "10000002": "en", "10000003": "en"}
PASSWORD = "123456"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
PAID = {"zh": "付款成功", "en": "Paid"}
OpenPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose clocks can be put forward, and in which customers are found again as they were left."""
    return make_shop().open(clock_moves=True)


@pytest.fixture
def open_phone(browser: Browser, shop: Shop) -> Iterator[OpenPhone]:
    pages: list[Page] = []

    def open_(address: str, lang: str = "zh", behaviour: str = "normal") -> Page:
        page = browser.new_context(locale=LOCALES[lang], **PHONE).new_page()
        pages.append(page)
        page.goto(address if address.startswith("http") else shop.wallets + address)
        if page.locator("#behaviour").count():
            page.locator("#behaviour").select_option(behaviour)
        return page

    yield open_
    for page in pages:
        page.context.close()


class RubberKeys(Pointer):
    """The keys of the keypad model: choices are numbers of a menu."""

    MENU: ClassVar = {"sale": "1", "sign_out": "3", "refund": "9", "qr_own": "*", "brand": "2"}

    def press(self, key: str) -> None:
        super().press(self.MENU.get(key, key))


class Hand(Pointer):
    """A hand that says which wallet pays by its name."""

    def press(self, key: str) -> None:
        super().press("alipay" if key == "brand" else key)


class Keys(Keyboard):
    """The same with a keyboard alone."""

    def press(self, key: str) -> None:
        super().press("alipay" if key == "brand" else key)


HANDS: dict[str, type[Pointer] | type[Keyboard]] = {"10000001": Keys, "10000002": Hand, "10000003": RubberKeys}


def code_on(page: Page) -> str:
    expect(page.locator("#digits")).not_to_be_empty()
    return page.locator("#digits").get_attribute("data-digits") or ""


def to_code(desk: Desk, hand: Any, amount: str = "4200") -> str:
    """From standby to our code; the answer is what it says."""
    desk.shows("standby")
    hand.press("qr_own")
    desk.shows("amount")
    hand.digits(amount)
    hand.press("enter")
    desk.shows("brand")
    hand.press("brand")
    desk.shows("own_code")
    return address_of(desk)


def slips_out(desk: Desk, hand: Any) -> None:
    """From the outcome to standby, on any model."""
    while (shown := desk.shows("tear_off", "sign_here", "standby")) != "standby":
        hand.press("enter" if shown == "tear_off" else "skip")
        desk.page.wait_for_selector(f'.glass:not([data-screen="{shown}"])')


@pytest.mark.parametrize("number", MODELS)
def test_a_phone_reads_our_code_and_what_it_pays_arrives_by_itself(
    open_desk: OpenDesk, open_phone: OpenPhone, number: str
) -> None:
    lang = MODELS[number]
    desk = open_desk(number, lang=lang, at="standby")
    hand = HANDS[number](desk)
    address = to_code(desk, hand)
    assert picture_of(desk) == modules_of(address), "a camera reads what it says"
    desk.says("42.00")
    phone = open_phone(address, lang)
    phone.locator("a[href^='/w/alipay/chen']").click()
    expect(phone.locator("#said")).to_contain_text("42.00")
    phone.locator("#scan button").click()
    expect(phone.locator("#said")).to_contain_text(PAID[lang])
    desk.shows("own_paid")
    desk.says("42.00")
    assert desk.page.evaluate("document.body.dataset.sounded") == "good"
    slips_out(desk, hand)
    sign_out(desk, hand)


def test_the_screens_of_our_code_are_looked_at_and_it_is_given_up(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    looker, hand = Looker(desk), Hand(desk)
    hand.press("qr_own")
    desk.shows("amount")
    hand.digits("100")
    hand.press("enter")
    desk.shows("brand")
    hand.press("brand")
    desk.shows("own_code")
    looker.look()
    hand.press("cancel")
    desk.shows("standby")
    desk.says("The code is void")
    assert looker.faults == []


def test_a_customers_code_is_paid_with_and_without_a_password_voided_by_its_slip_and_given_back_in_part(
    open_desk: OpenDesk, open_phone: OpenPhone, shop: Shop
) -> None:
    lang = "zh"
    desk = open_desk("10000001", lang=lang, at="standby")
    hand = Hand(desk)
    phone = open_phone("/w/wechat/zhou", lang)
    before = phone.locator("#balance").text_content() or ""
    ask_amount(desk, hand, "1200")
    scan(desk, code_on(phone))
    slips_out(desk, hand)
    first = slip_number(desk)
    phone.locator("#behaviour").select_option("password")
    phone.locator("#refresh").click()
    ask_amount(desk, hand, "3300")
    scan(desk, code_on(phone))
    expect(phone.locator("#asked")).to_contain_text("33.00")
    desk.shows("selling")
    phone.locator("#answer-password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.locator("#said")).to_contain_text(PAID[lang])
    # The wallet is asked five seconds later.
    shop.let_pass(seconds=5)
    slips_out(desk, hand)
    phone.locator("#behaviour").select_option("normal")
    second = slip_number(desk)
    # By the bar codes of their slips: a part of the second goes back, the first is voided.
    later(desk, hand, "qr_refund", second)
    desk.shows("amount")
    hand.digits("1300")
    hand.press("enter")
    supervisor(desk, hand)
    slips_out(desk, hand)
    desk.says("13.00")
    later(desk, hand, "qr_void", first)
    supervisor(desk, hand)
    slips_out(desk, hand)
    phone.reload()
    after = phone.locator("#balance").text_content() or ""
    assert fen(before) - fen(after) == 2000, "33.00 less 13.00, and 12.00 that came back"
    sign_out(desk, hand)


def fen(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def later(desk: Desk, hand: Any, kind: str, bars: str) -> None:
    """Something about the payment of this slip, whose bar code is scanned."""
    hand.press("codes")
    desk.shows("kinds")
    hand.press(kind)
    desk.shows("original")
    scan(desk, bars)
    desk.says("¥")
    hand.press("enter")


def slip_number(desk: Desk) -> str:
    """What the bar code of the newest slip says."""
    slips = [slip for view in desk.screens_received for slip in view["slips"]]
    lines = desk.page.evaluate(
        "async (id) => (await (await fetch(`${location.pathname}/slips/${id}`)).json()).slip.lines", slips[-1]
    )
    return str(next(line["left"] for line in lines if line["kind"] == "bar_code"))


def supervisor(desk: Desk, hand: Any) -> None:
    desk.shows("approval_number")
    hand.digits("00")
    desk.shows("approval_password")
    hand.digits("123456")
    hand.press("enter")


def test_a_code_that_is_too_old_and_one_that_is_paid_in_the_moment_of_the_cancel_take_nothing(
    open_desk: OpenDesk, open_phone: OpenPhone, shop: Shop
) -> None:
    lang = "en"
    desk = open_desk("10000002", lang=lang, at="standby")
    hand = Hand(desk)
    phone = open_phone("/w/wechat/chen", lang)
    before = phone.locator("#balance").text_content()
    old = code_on(phone)
    ask_amount(desk, hand, "900")
    shop.let_pass(seconds=61)
    scan(desk, old)
    desk.shows("sale_refused")
    desk.says("The payment code has expired")
    hand.press("enter")
    desk.shows("standby")
    phone.locator("#behaviour").select_option("race")
    phone.locator("#refresh").click()
    expect(phone.locator("#digits")).not_to_have_attribute("data-digits", old)
    ask_amount(desk, hand, "900")
    scan(desk, code_on(phone))
    expect(phone.locator("#asked")).to_contain_text("9.00")
    shop.let_pass(seconds=46)
    desk.shows("sale_refused")
    phone.reload()
    assert phone.locator("#balance").text_content() == before
    phone.locator("#behaviour").select_option("normal")
    hand.press("enter")
    sign_out(desk, hand)
