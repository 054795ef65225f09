"""The office over shops that have lived: in three clicks from today to six answers, counted; and the page of the interface, by axe."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.office import Office
from tests.conftest import Ports
from tests.worlds.browser_shop import Program
from tests.worlds.past_office import DOORS, LOCKED, NOW

from zhanggui.basics.clock import format_time
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.office.gate import SESSION_COOKIE

CLICKS_MAX = 3
DAYS = 4
"""So many days are lived: they have a settlement of yesterday, and somebody who typed a wrong password then."""


class Walk:
    """Somebody who begins at today, and clicks."""

    def __init__(self, office: Office) -> None:
        self.office, self.page = office.open("/"), office.page
        self.clicks = 0

    def click(self, place: Locator) -> None:
        """One click. AssertionError after the third."""
        self.clicks += 1
        assert self.clicks <= CLICKS_MAX
        place.click()

    def follow(self, text: str) -> None:
        """Click the link of these words."""
        self.click(self.page.get_by_role("link", name=text, exact=True).first)

    def row(self, text: str) -> Locator:
        """The link of the first row that has this text."""
        return self.page.locator("main [data-row]", has_text=text).first.locator("a").first


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and doors of the office of shops that have lived."""
    folder, port = tmp_path_factory.mktemp("lived"), ports.take()
    office = Program(str(folder), str(port), str(DAYS), module="tests.worlds.past_office")
    office.wait_until_ready()
    yield f"http://127.0.0.1:{port}", json.loads((Path(folder) / DOORS).read_text(encoding="utf-8"))
    office.kill()


@pytest.fixture
def walk(browser: Browser, lived: tuple[str, dict[str, Any]]) -> Iterator[Walk]:
    """The owner of the demo's shop, who has signed in."""
    address, doors = lived
    office = Office(browser, address, **DESKTOP, locale="zh-CN")
    office.context.add_cookies([{"name": SESSION_COOKIE, "value": doors["sessions"]["demo.owner"], "url": address}])
    yield Walk(office)
    office.close()


def who_signed_in_this_morning(walk: Walk) -> None:
    walk.click(walk.page.locator("#figures a", has_text="签到").first)
    walk.office.says("王芳")
    expect(walk.page.locator("main [data-row]").first).to_contain_text(f"{format_time(NOW)[:10]} 09:")


def why_a_sign_in_failed(walk: Walk) -> None:
    walk.click(walk.page.locator('[data-rows="sign_ins"] tr', has_text="被拒").first.locator("a"))
    walk.office.says("密码错误")


def unlocking_an_operator(walk: Walk) -> None:
    walk.follow("操作员")
    expect(walk.page.locator("main [data-row]", has_text="锁定")).to_contain_text(LOCKED)
    walk.click(walk.row("锁定"))
    walk.click(walk.page.get_by_role("button", name="解锁操作员"))
    walk.office.says("已完成 · 03 · 赵敏")


def messages_of_a_payment(walk: Walk) -> None:
    walk.click(walk.page.locator('[data-rows="payments"] a').first)
    walk.click(walk.page.locator("summary").first)
    walk.office.says("交易处理码")


def settlement_of_yesterday(walk: Walk) -> None:
    yesterday = format_time(UnixMs(NOW - DAY_MS))[:10]
    walk.follow("结算")
    walk.click(walk.row("对账平"))
    walk.office.says(yesterday)
    walk.office.says("对账平")


def who_changed_the_policy(walk: Walk) -> None:
    walk.follow("策略")
    walk.follow("谁改过")
    walk.office.says("demo.owner")
    walk.office.says("午间换班太挤")


@pytest.mark.parametrize(
    "way",
    [
        who_signed_in_this_morning,
        why_a_sign_in_failed,
        unlocking_an_operator,
        messages_of_a_payment,
        settlement_of_yesterday,
        who_changed_the_policy,
    ],
    ids=lambda way: way.__name__,
)
def test_it_takes_three_clicks_at_most_from_today(walk: Walk, way: Callable[[Walk], None]) -> None:
    way(walk)


@pytest.mark.parametrize(
    ("locale", "window", "scheme"), [("zh-CN", PHONE, "light"), ("en-GB", DESKTOP, "dark")], ids=["zh", "en"]
)
def test_the_page_of_the_interface_is_clean_shut_and_open(
    browser: Browser, lived: tuple[str, dict[str, Any]], locale: str, window: dict[str, Any], scheme: str
) -> None:
    office = Office(browser, lived[0], **window, locale=locale, color_scheme=scheme).open("/api/v1/docs")
    faults = office.faults()
    count: int = office.page.evaluate(
        "() => { const all = document.querySelectorAll('main details'); all.forEach((one) => (one.open = true)); return all.length; }"
    )
    assert count > len(("lists", "acts"))
    faults += office.faults()
    assert faults == []
    office.close()
