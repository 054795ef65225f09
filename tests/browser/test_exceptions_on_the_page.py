"""A wrong amount put right, and a slow host with its restart, on the page of each model."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Finger, Hand, Keyboard, ask_amount, give_pin, sign_in, sign_out
from tests.browser.looking import Looker
from tests.browser.test_whole_job_on_other_models import RubberKeys
from tests.worlds.browser_shop import Shop

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SLOW_S = 3.4
"""More than the three seconds from which on an answer is slow."""
RIGHT_DUE = {"zh": ("原金额已撤销", "¥12.80", "已撤销", "¥128.00"), "en": ("charge the right one", "¥12.80", "¥128.00")}


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose slow card is slow enough to be said."""
    return make_shop().open(slow_answer_s=SLOW_S)


def slips_out(desk: Desk, hand: Hand, then: str) -> None:
    if desk.shows("tear_off", "sign_here") == "sign_here":
        hand.press("skip")
    else:
        hand.press("enter")
    desk.shows(then)


def sell(desk: Desk, hand: Hand, amount: str, card: str = "second", then: str = "standby") -> None:
    ask_amount(desk, hand, amount)
    hand.show_card(card, "insert")
    give_pin(desk, hand)
    slips_out(desk, hand, then)


def open_row(desk: Desk, hand: Hand) -> None:
    """The details of the newest payment."""
    if isinstance(hand, RubberKeys):
        row = desk.screens_received[-1]["rows"][0]
        hand.press("2")
        desk.shows("which_line")
        hand.digits(str(row["left"]).split()[-1].lstrip("0"))
        hand.press("enter")
    else:
        key = desk.page.locator(".rows [data-key^='row.']").first.get_attribute("data-key")
        hand.press(str(key)) if isinstance(hand, Keyboard) else desk.page.locator(f"[data-key='{key}']").first.click()
    desk.shows("line")


def take_back(desk: Desk, hand: Hand, looker: Looker | None = None) -> None:
    """From the row to the screen that asks for the right amount."""
    open_row(desk, hand)
    if looker is not None:
        looker.look()
    hand.press("2" if isinstance(hand, RubberKeys) else "put_right")
    desk.shows("amount")
    hand.digits("1280")
    if looker is not None:
        looker.look()
    hand.press("enter")
    desk.shows("card")
    if looker is not None:
        looker.look()
    hand.show_card("second", "insert")
    desk.shows("approval_number")
    hand.digits("00")
    desk.shows("approval_password")
    hand.digits("123456")
    hand.press("enter")
    slips_out(desk, hand, "right_due")


def charge(desk: Desk, hand: Hand) -> None:
    hand.press("enter")
    desk.shows("card")
    hand.show_card("second", "insert")
    give_pin(desk, hand)
    slips_out(desk, hand, "standby")


@pytest.mark.parametrize("lang", RIGHT_DUE)
@pytest.mark.parametrize("size", [PHONE, {}], ids=["phone", "desktop"])
def test_a_wrong_amount_is_put_right_on_the_smart_model(open_desk: OpenDesk, lang: str, size: dict[str, Any]) -> None:
    desk = open_desk("10000001", lang=lang, at="standby", **size)
    hand = Finger(desk) if size else Cashier(desk)
    sell(desk, hand, "12800")
    take_back(desk, hand)
    for text in RIGHT_DUE[lang]:
        desk.says(text)
    charge(desk, hand)
    desk.says("¥12.80")


@pytest.mark.parametrize(("number", "operator"), [("10000002", "02"), ("10000003", "02")])
def test_a_wrong_amount_is_put_right_on_the_other_models(open_desk: OpenDesk, number: str, operator: str) -> None:
    desk = open_desk(number, at="standby", operator=operator)
    hand: Hand = RubberKeys(desk) if number == "10000003" else Cashier(desk)
    sell(desk, hand, "12800")
    take_back(desk, hand)
    looker = Looker(desk)
    looker.look()
    charge(desk, hand)
    sign_out(desk, hand)
    assert looker.faults == []


def test_a_keyboard_alone_puts_a_wrong_amount_right(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    hand = Keyboard(desk)
    sell(desk, hand, "12800")
    take_back(desk, hand)
    hand.press("cancel")
    desk.shows("standby")
    desk.says("未再收款")


def test_screens_of_a_wrong_amount(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    hand, looker = Cashier(desk), Looker(desk)
    sell(desk, hand, "12800")
    take_back(desk, hand, looker)
    looker.look()
    desk.page.reload()
    desk.shows("right_due")
    charge(desk, hand)
    assert looker.faults == []


@pytest.mark.parametrize(
    ("number", "operator"),
    [("10000001", "01"), ("10000002", "02"), ("10000003", "02")],
    ids=["smart", "esign", "keypad"],
)
def test_a_slow_host_is_said_and_the_restart_leads_to_the_sign_in(
    open_desk: OpenDesk, number: str, operator: str
) -> None:
    desk = open_desk(number, at="standby", operator=operator)
    hand: Hand = RubberKeys(desk) if number == "10000003" else Cashier(desk)
    looker = Looker(desk)
    for then in ("standby", "standby", "trouble"):
        sell(desk, hand, "100", "slow", then)
    desk.says("N107")
    looker.look()
    hand.press("clear" if number == "10000003" else "restart")
    sign_in(desk, hand, operator)
    sign_out(desk, hand)
    assert looker.faults == []
