"""Merchant copies ticked off with the keyboard and nothing else, on the models that print: named, taken back, from the list, printed."""

from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import TYPING_MS, WAIT_MS, Desk, Hand, Keyboard, Pointer, ask_amount, give_pin
from tests.browser.test_whole_job_on_other_models import RubberKeys


def sell(desk: Desk, hand: Hand, amount: str) -> None:
    ask_amount(desk, hand, amount)
    hand.show_card("second", "insert")
    give_pin(desk, hand)
    desk.shows("tear_off")
    hand.press("enter")
    desk.shows("standby")


def newest_missing(desk: Desk) -> str:
    """Its voucher number as somebody types it."""
    return str(desk.screens_received[-1]["rows"][0]["left"]).split()[-1].lstrip("0")


def test_with_the_keyboard_alone_on_a_touch_screen(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    for amount in ("1200", "3400"):
        sell(desk, Pointer(desk), amount)
    keyboard = Keyboard(desk)
    keyboard.press("settle")
    desk.says("现在结算")
    keyboard.press("tick")
    desk.shows("tick_off")
    desk.says("0 / 2 张")
    keyboard.digits(newest_missing(desk))
    keyboard.press("enter")
    desk.says("1 / 2 张")
    keyboard.press("untick")
    desk.says("0 / 2 张")
    for said in ("1 / 2 张", "2 / 2 张"):
        keyboard.tab_to(".rows button.row")
        desk.page.keyboard.press("Enter")
        desk.says(said)
    keyboard.press("untick")
    desk.says("1 / 2 张")
    before = desk.page.locator(".pile .paper").count()
    keyboard.press("slip")
    desk.slips(before + 1)
    keyboard.press("number")
    keyboard.digits("99")
    keyboard.press("enter")
    desk.says("今日没有 99")
    keyboard.press("cancel")
    keyboard.press("cancel")
    desk.shows("settle")
    keyboard.press("cancel")
    desk.shows("standby")


class OnFourLines:
    """The keys of the keypad model on a computer's keyboard: a choice is the figure or sign that stands before it."""

    NAMES = Keyboard.NAMES

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def press(self, key: str) -> None:
        shortcuts = {choice["key"]: choice["shortcut"] for choice in self.desk.screens_received[-1]["choices"]}
        shortcut = str(shortcuts.get(key, key))
        self.desk.page.wait_for_timeout(TYPING_MS)
        self.desk.page.keyboard.press(self.NAMES.get(shortcut, shortcut))

    def says(self, text: str) -> None:
        """Wait until a page of the display says it; what is asked for first stands on the first."""
        expect(self.desk.page.locator(".lcd")).to_contain_text(text, timeout=WAIT_MS)


def test_with_the_keyboard_alone_on_four_lines(open_desk: OpenDesk) -> None:
    desk = open_desk("10000003", lang="en", at="standby", operator="02")
    sell(desk, RubberKeys(desk), "5600")
    keys, keyboard = OnFourLines(desk), Keyboard(desk)
    keys.press("settle")
    desk.shows("settle")
    keys.press("tick")
    desk.shows("tick_off")
    keys.says("0 of 1")
    trace = newest_missing(desk)
    keyboard.digits(trace)
    keys.press("enter")
    keys.says(f"Ticked {trace.zfill(6)}")
    keys.press("untick")
    keys.says("Unticked")
    before = desk.page.locator(".pile .paper").count()
    keys.press("slip")
    desk.slips(before + 1)
    keyboard.digits(trace)
    keys.press("enter")
    keys.says(f"Ticked {trace.zfill(6)}")
    keys.press("cancel")
    desk.shows("settle")
    keys.press("cancel")
    desk.shows("standby")
