"""The simulated parts beside the machine: each state of each can be chosen, and the terminal takes it on."""

from playwright.sync_api import expect
from tests.browser.conftest import PHONE, OpenDesk

from zhanggui.terminal.devices.power import CHARGES


def test_a_low_battery_is_two_clicks_away_and_shows_in_the_header(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="zh")
    desk.page.get_by_text("全部部件的状态").click()
    power = desk.page.get_by_label("电源")
    power.select_option("low")
    expect(desk.glass).to_contain_text(f"{CHARGES['low']}")
    power.select_option("ok")
    expect(desk.glass).to_contain_text("外接电源")


def test_on_a_phone_they_lie_in_the_drawer_and_speak_english(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="en", **PHONE)
    desk.page.get_by_role("button", name="Simulated parts").click()
    desk.page.get_by_text("States of all parts").click()
    scanner = desk.page.get_by_label("Scanner")
    expect(scanner.locator("option")).to_have_count(2)
    scanner.select_option("ok")
