"""A password that must change: after a reset, and after its time; what is refused of a new one; and a change of one's own accord."""

from collections.abc import Iterator

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Hand, Keyboard, Pointer, sign_in, sign_out
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module")
def office(shop: Shop) -> Iterator[Office]:
    """Passwords have six digits and last ninety days."""
    office = Office(shop)
    with office.rules(password_digits_min=6, password_age_days=90):
        yield office


def to_the_new_password(desk: Desk, hand: Hand, operator: str, password: str) -> None:
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits(password)
    hand.press("enter")
    desk.shows("new_password")
    desk.says("A103")


def offer(desk: Desk, hand: Hand, password: str, again: str = "") -> None:
    desk.shows("new_password")
    hand.digits(password)
    hand.press("enter")
    desk.shows("repeat_password")
    hand.digits(again or password)
    hand.press("enter")


def until_it_is_good(desk: Desk, hand: Hand, old: str, refusals: tuple[str, str, str, str], new: str) -> None:
    """Too short, too simple, the old one, typed differently, and one that counts."""
    offers = (("8317", "8317"), ("123456", "123456"), (old, old), (new, new[::-1]))
    for (first, again), refusal in zip(offers, refusals, strict=True):
        offer(desk, hand, first, again)
        desk.says(refusal)
        assert desk.shows("new_password")
    offer(desk, hand, new)
    desk.shows("confirm")


def test_a_password_past_its_time_must_change(open_desk: OpenDesk, office: Office) -> None:
    office.days_pass("01", 91)
    desk = open_desk("10000001", lang="zh")
    cashier = Cashier(desk)
    looker = Looker(desk)
    to_the_new_password(desk, cashier, "01", "0000")
    desk.says("请先设置新密码")
    looker.look(langs=("en", "zh"))
    cashier.digits("831746")
    cashier.press("enter")
    desk.shows("repeat_password")
    looker.look(langs=("en", "zh"))
    cashier.digits("111111")
    cashier.press("enter")
    desk.says("两次输入不一致")
    desk.says("A111")
    offer(desk, cashier, "20251")
    desk.says("新密码太短")
    looker.look(langs=("en", "zh"))
    offer(desk, cashier, "654321")
    desk.says("新密码太简单")
    offer(desk, cashier, "831746")
    desk.shows("confirm")
    desk.says("密码已修改")
    cashier.press("enter")
    desk.shows("signed_in")
    press_on(desk, cashier)
    sign_out(desk, cashier)
    sign_in(desk, cashier, "01", "831746")
    assert looker.faults == []


def press_on(desk: Desk, hand: Hand) -> None:
    hand.press("enter")
    desk.shows("standby")


def test_the_same_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    office.days_pass("02", 91)
    desk = open_desk("10000002", lang="en")
    keyboard = Keyboard(desk)
    to_the_new_password(desk, keyboard, "02", "0000")
    desk.says("Set a new password first")
    refusals = ("is too short", "is too simple", "is too short", "The two entries differ")
    until_it_is_good(desk, keyboard, "0000", refusals, "274960")
    desk.says("The password is changed")
    keyboard.press("enter")
    desk.shows("signed_in")
    press_on(desk, keyboard)
    sign_out(desk, keyboard)
    sign_in(desk, keyboard, "02", "274960")


def test_a_reset_password_must_change_by_pointer_alone(open_desk: OpenDesk, office: Office) -> None:
    first = office.first_password("01")
    desk = open_desk("10000001", lang="zh")
    pointer = Pointer(desk)
    to_the_new_password(desk, pointer, "01", first)
    desk.says("请先设置新密码")
    refusals = ("新密码太短", "新密码太简单", "新密码与原密码相同", "两次输入不一致")
    until_it_is_good(desk, pointer, first, refusals, "618250")
    desk.says("密码已修改")
    pointer.press("enter")
    desk.shows("signed_in")
    press_on(desk, pointer)
    sign_out(desk, pointer)
    pointer.digits("01")
    desk.shows("sign_in_password")
    pointer.digits(first)
    pointer.press("enter")
    desk.says("A101")
    pointer.digits("618250")
    pointer.press("enter")
    desk.shows("confirm")


def test_a_reset_password_must_change_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    first = office.first_password("02")
    desk = open_desk("10000002", lang="en")
    keyboard = Keyboard(desk)
    to_the_new_password(desk, keyboard, "02", first)
    desk.says("Set a new password first")
    refusals = ("is too short", "is too simple", "is the old one", "The two entries differ")
    until_it_is_good(desk, keyboard, first, refusals, "590273")
    keyboard.press("enter")
    desk.shows("signed_in")
    press_on(desk, keyboard)
    sign_out(desk, keyboard)
    keyboard.digits("02")
    desk.shows("sign_in_password")
    keyboard.digits(first)
    keyboard.press("enter")
    desk.says("A101")
    keyboard.digits("590273")
    keyboard.press("enter")
    desk.shows("confirm")


def test_who_likes_changes_the_password_from_standby(open_desk: OpenDesk, office: Office) -> None:
    first = office.first_password("01")
    desk = open_desk("10000003", lang="zh")
    assert desk.screen == "sign_in_number"
    desk = open_desk("10000001", lang="zh")
    keyboard = Keyboard(desk)
    to_the_new_password(desk, keyboard, "01", first)
    offer(desk, keyboard, "831746")
    desk.shows("confirm")
    keyboard.press("enter")
    press_on(desk, keyboard)
    looker = Looker(desk)
    keyboard.press("password")
    desk.shows("old_password")
    looker.look(langs=("en", "zh"))
    keyboard.digits("000000")
    keyboard.press("enter")
    offer(desk, keyboard, "604938")
    desk.shows("old_password")
    desk.says("A101")
    keyboard.digits("831746")
    keyboard.press("enter")
    offer(desk, keyboard, "604938")
    desk.shows("standby")
    desk.says("密码已修改")
    assert looker.faults == []
