"""The page on all addresses: a new device types the code that the console shows, once, and then works as any other."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk import Cashier, Desk, sign_in
from tests.browser.looking import Looker
from tests.worlds.browser_shop import Shop


@pytest.mark.parametrize("context", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_new_device_pairs_once(make_shop: Callable[[], Shop], browser: Browser, context: dict[str, object]) -> None:
    shop = make_shop().open_to_others()
    code = re.findall(r"\b\d{8}\b", shop.said("up"))[0]
    assert re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", shop.said("up"))
    device = browser.new_context(**context, ignore_https_errors=True, reduced_motion="reduce")  # type: ignore[arg-type]
    page = device.new_page()
    page.goto(f"{shop.page}/t/10000001")
    expect(page.get_by_role("heading")).to_contain_text("请输入配对码")
    assert "10000001" not in page.content().replace(page.url, "")
    page.get_by_label("配对码").fill("0000 0000")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("配对码不对")
    page.get_by_label("配对码").fill(f"{code[:4]} {code[4:]}")
    page.keyboard.press("Enter")
    page.wait_for_selector(".glass")
    page.close()
    desk = Desk(device, shop.page, "10000001").open()
    sign_in(desk, Cashier(desk))
    looker = Looker(desk)
    looker.look(langs=("zh",))
    assert looker.faults == []
    device.close()
    other = browser.new_context(**context, ignore_https_errors=True)  # type: ignore[arg-type]
    again = other.new_page()
    again.goto(shop.page)
    again.get_by_label("配对码").fill(code)
    again.get_by_role("button").click()
    expect(again.get_by_role("alert")).to_contain_text("配对码不对")
    other.close()
