"""A day of each role at the office in Chromium: what it came for, on pages that are clean by axe, without a word on the console."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.office import Office
from tests.worlds.browser_shop import Shop

from zhanggui.acquirer.rows.records import WHOLE_HOST
from zhanggui.basics.clock import SystemClock
from zhanggui.host.people import CODE_DIGITS
from zhanggui.programs.demo_people import DEMO_PASSWORD
from zhanggui.vault.one_time_code import STEP_S, hotp

SHOP_NO = "102100058120001"
FOR_TWO = {"rule": "refund_limit_fen", "value": "300000"}
Come = Callable[..., "Seat"]


class Seat:
    """One person at the office, page by page; each page is looked at by axe when it is left."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.faults: list[str] = []

    def open(self, path: str) -> "Seat":
        self.office.open(path)
        self.faults += self.office.faults()
        return self

    def says(self, text: str) -> "Seat":
        self.office.says(text)
        return self

    def fill(self, **values: str) -> "Seat":
        for name, value in values.items():
            field = self.office.page.locator(f"#f-{name}")
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def press(self, which: str = "main form button") -> "Seat":
        self.office.page.locator(which).first.click()
        self.faults += self.office.faults()
        return self

    def act(self, which: str, reason: str, about: str = "", /, shop: str = SHOP_NO, **values: str) -> "Seat":
        self.open(f"/acts/{which}?merchant={shop}{about}").fill(**values, reason=reason)
        return self.press()

    def shown(self) -> str:
        return str(self.office.page.locator(".secret").inner_text())


@pytest.fixture
def come(browser: Browser, shop: Shop) -> Iterator[Come]:
    """Somebody signs in, with the second factor where the role asks for it: `come("demo.admin", "en", **PHONE)`."""
    offices: list[Office] = []
    keys: dict[str, str] = {}

    def sign_in(login: str, lang: str = "zh", **context: Any) -> Seat:
        office = Office(browser, shop.office, **(DESKTOP | {"locale": {"zh": "zh-CN", "en": "en-GB"}[lang]} | context))
        offices.append(office)
        office.sign_in(login)
        if office.page.url.endswith("/second-factor") or "second-factor" in office.page.url:
            found = office.page.locator("code").first
            if login not in keys:
                keys[login] = str(found.inner_text())
            office.page.fill("#f-code", code_of(keys[login]))
            office.page.locator("main button").first.click()
        return Seat(office)

    yield sign_in
    for office in offices:
        office.close()


def code_of(key: str) -> str:
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    return hotp(secret, SystemClock().now() // 1000 // STEP_S, CODE_DIGITS)


def test_an_administrator_lets_somebody_in_and_looks_at_the_audit(come: Come) -> None:
    seat = come("demo.admin", "en")
    seat.act("invite_person", "the new one", shop=WHOLE_HOST, login="new.support", name="Lin Two", role="support")
    assert "/invitation/" in seat.says("new.support Lin Two").shown()
    assert seat.open("/people").office.page.locator("main").inner_text().count("demo.") >= 4
    seat.open(f"/audit?shop={SHOP_NO}")
    assert seat.faults == []


def test_what_an_owner_proposes_a_reviewer_decides(come: Come) -> None:
    owner = come("demo.owner", "zh")
    owner.act("set_rule", "晚上客人多", **FOR_TWO)
    proposal = owner.office.page.locator('main a[href*="/proposals/"]').first.get_attribute("href")
    assert proposal is not None, "a weaker rule needs a second person"
    assert not owner.open(proposal).office.page.locator('form[action$="/confirm"]').count()
    reviewer = come("demo.reviewer", "zh")
    reviewer.open("/proposals").open(proposal).says("晚上客人多")
    reviewer.press('form[action$="/confirm"] button').says("已同意并执行")
    assert owner.open(f"/policy/{SHOP_NO}").faults + reviewer.faults == []


def test_support_finds_why_and_helps(come: Come) -> None:
    seat = come("demo.support", "en")
    seat.open(f"/sign-ins?shop={SHOP_NO}&show=refused").open(f"/cases?shop={SHOP_NO}")
    seat.open(f"/terminals/{SHOP_NO}/10000001").act("unlock_operator", "called by phone", "&operator_no=01")
    assert seat.office.page.get_by_role("alert").inner_text() == "it is not locked; there is nothing to undo"
    seat.act("order_announcement", "asked for", "&terminal_no=10000001", contents="Count the till at 22:00").says(
        "Done"
    )
    assert not seat.open("/policy").office.page.locator('a[href*="/acts/set_rule"]').count()
    assert seat.faults == []


def test_an_auditor_sees_all_takes_it_away_and_changes_nothing(come: Come) -> None:
    seat = come("demo.auditor", "zh")
    for path in ("/audit", "/people", "/proposals", "/jobs", f"/policy/{SHOP_NO}", f"/operators/{SHOP_NO}/01"):
        seat.open(path)
        acts = seat.office.page.locator('main a[href*="/acts/"]').all()
        assert [link.get_attribute("href") for link in acts] == [], path
    seat.open(f"/audit/export?shop={SHOP_NO}").fill(reason="季度检查")
    with seat.office.page.expect_download() as taken:
        seat.office.page.locator("main form button").first.click()
    assert re.search(r"\.(csv|xlsx|json)$", taken.value.suggested_filename)
    assert seat.faults == []


def test_a_manager_opens_the_shop_on_a_phone(come: Come) -> None:
    seat = come("demo.manager", "zh", **PHONE)
    seat.act("add_operator", "新来的", operator_no="07", name="小周").says("07 小周")
    assert seat.shown().strip()
    seat.open("/shifts").open("/trends").open(f"/operators/{SHOP_NO}/07").says("小周")
    assert seat.faults == []


def test_without_script_an_owner_does_it_all_the_same(browser: Browser, shop: Shop) -> None:
    office = Office(browser, shop.office, **DESKTOP, locale="zh-CN", java_script_enabled=False)
    page = office.open("/sign-in").page
    page.fill("#f-login", "demo.owner")
    page.fill("#f-password", DEMO_PASSWORD)
    page.locator("main button").first.click()
    office.open(f"/acts/reset_password?merchant={SHOP_NO}&operator_no=02")
    page.fill("#f-reason", "忘记了")
    page.locator("main form button").first.click()
    office.says("已完成")
    assert page.locator(".secret").inner_text().strip()
    office.open("/payments?show=all").page.fill('input[type="search"]', "12.00")
    page.locator('form[role="search"] button, form.box button').first.click()
    office.says("12.00")
    office.close()
