"""The office in Chromium beside a terminal: today as it happens, from today to anything in three clicks, every page by axe, by keys alone."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP, PHONE, OpenDesk
from tests.browser.desk import Pointer, ask_amount, give_pin
from tests.browser.office import WAIT_MS, Office
from tests.worlds.browser_shop import Shop

from zhanggui.office.acts import OFFICE_ACTS
from zhanggui.office.lists import OFFICE_LISTS

SHOP_NO = "102100058120001"
OpenOffice = Callable[..., Office]
LANGS = {"zh": {"locale": "zh-CN"}, "en": {"locale": "en-GB"}}


@pytest.fixture
def open_office(browser: Browser, shop: Shop) -> Iterator[OpenOffice]:
    """Opens a browser window at the office of the shop: `open_office("owner", lang="en", **PHONE)`."""
    offices: list[Office] = []

    def open_one(login: str = "demo.owner", *, lang: str = "zh", **context: Any) -> Office:
        offices.append(Office(browser, shop.office, **(DESKTOP | LANGS[lang] | context)))
        return offices[-1].sign_in(login)

    yield open_one
    for office in offices:
        office.close()


def sell(open_desk: OpenDesk, amount: str = "1200") -> None:
    desk = open_desk("10000001", at="standby")
    hand = Pointer(desk)
    ask_amount(desk, hand, amount)
    hand.show_card("second", "insert")
    give_pin(desk, hand)
    desk.shows("tear_off", "standby")


def test_a_sign_in_and_a_sale_are_on_today_within_a_second_of_the_screen(
    open_desk: OpenDesk, open_office: OpenOffice
) -> None:
    office = open_office()
    payments = office.page.locator('[data-rows="payments"] tr')
    before = payments.count()
    desk = open_desk("10000001", at="standby")
    expect(office.page.locator('[data-rows="on_duty"]')).to_contain_text("王芳", timeout=1_500)
    hand = Pointer(desk)
    ask_amount(desk, hand, "3456")
    hand.show_card("second", "insert")
    give_pin(desk, hand)
    desk.shows("tear_off", "standby")
    since = time.monotonic()
    expect(office.page.locator('[data-rows="payments"]')).to_contain_text("¥34.56", timeout=WAIT_MS)
    assert payments.count() == min(before + 1, 8)
    assert time.monotonic() - since < WAIT_MS / 1_000
    hand.press("enter")


@pytest.mark.parametrize(
    ("lang", "window", "scheme"),
    [("zh", DESKTOP, "light"), ("en", PHONE, "dark")],
    ids=["zh-desktop-light", "en-phone-dark"],
)
def test_every_page_is_clean(
    open_desk: OpenDesk, open_office: OpenOffice, lang: str, window: dict[str, Any], scheme: str
) -> None:
    """Each page once in each language, at each size and in each scheme; which of them meet costs nothing to vary and much to multiply."""
    sell(open_desk)
    office = open_office(lang=lang, color_scheme=scheme, **window)
    faults = office.faults()
    pages = [one.path for one in OFFICE_LISTS if one.area != "jobs"]
    payment = office.page.locator('[data-rows="payments"] a').first.get_attribute("href")
    sign_in = office.page.locator('[data-rows="sign_ins"] a').first.get_attribute("href")
    things = [
        f"/operators/{SHOP_NO}/01",
        f"/terminals/{SHOP_NO}/10000001",
        f"/policy/{SHOP_NO}",
        "/people/demo.owner",
        "/password",
    ]
    about = f"merchant={SHOP_NO}&operator_no=01&terminal_no=10000001"
    acts = [f"{OFFICE_ACTS[name].path}?{about}" for name in ("reset_password", "set_rule", "add_webhook")]
    exports = ["/payments/export?state=approved", "/sign-ins/export", "/findings?show=all"]
    reports = ["/trends", *office.links("/shifts"), *office.links("/batches"), "/webhooks", "/exports"]
    asked = [*reports, "/payments?q=12", "/payments?amount=1.00"]
    for path in [*pages, str(payment), str(sign_in), *things, *acts, *exports, *asked]:
        faults += office.open(path).faults()
        assert office.page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang], path
    assert faults == []


def test_the_form_of_the_gate_is_clean_and_says_who_is_there_on_demo_data(browser: Browser, shop: Shop) -> None:
    office = Office(browser, shop.office, **PHONE, locale="zh-CN").open("/sign-in")
    office.says("演示数据")
    office.says("demo.owner")
    assert office.faults() == []
    office.close()


def test_rows_are_walked_and_the_box_is_reached_by_keys(open_desk: OpenDesk, open_office: OpenOffice) -> None:
    sell(open_desk, "1300")
    office = open_office().open("/payments")
    keys = office.page.keyboard
    keys.press("j")
    expect(office.page.locator("[data-row] a").first).to_be_focused()
    keys.press("j")
    keys.press("k")
    expect(office.page.locator("[data-row] a").first).to_be_focused()
    keys.press("/")
    expect(office.page.locator('input[type="search"]')).to_be_focused()
    keys.type("13.00")
    keys.press("Enter")
    office.says("金额: ¥13.00")
    assert office.page.locator("[data-row]").count() >= 1


def test_a_lock_from_the_office_reaches_the_terminal_by_itself(open_desk: OpenDesk, open_office: OpenOffice) -> None:
    desk = open_desk("10000002", at="standby", operator="02")
    office = open_office().open(f"/acts/order_remote_lock?merchant={SHOP_NO}&terminal_no=10000002")
    office.page.fill("#f-contents", "请联系店长")
    office.page.fill("#f-reason", "收银台没有人")
    office.page.locator("main form button").click()
    office.says("已完成")
    assert office.faults() == []
    desk.says("请联系店长")
    office.open(f"/acts/order_remote_unlock?merchant={SHOP_NO}&terminal_no=10000002")
    office.page.locator("main form button").click()
    office.says("已完成")
    desk.shows("sign_in_number")
