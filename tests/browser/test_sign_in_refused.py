"""Kept out: a wait after wrong tries, a locked terminal, a self-check that the policy does not let pass."""

from collections.abc import Iterator

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Hand, Keyboard
from tests.browser.looking import Looker
from tests.browser.wire import wire_to
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module")
def office(shop: Shop) -> Iterator[Office]:
    """The third wrong try in a row makes wait for five seconds; two numbers that fail lock a terminal."""
    office = Office(shop)
    with office.rules(device_lock_numbers=2, check_card_reader="blocked"):
        yield office


def fail(desk: Desk, hand: Hand, operator: str, password: str = "1111") -> None:
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits(password)
    hand.press("enter")


def test_after_wrong_tries_the_next_one_waits(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="zh")
    cashier = Cashier(desk)
    fail(desk, cashier, "01")
    desk.says("操作员号或密码不正确")
    fail_again(desk, cashier)
    desk.says("还可再试 1 次")
    fail_again(desk, cashier)
    desk.shows("wait")
    desk.says("秒后可再试")
    desk.says("同事可以先签到")
    looker = Looker(desk)
    looker.look_as_it_is()
    desk.shows("sign_in_password")
    cashier.digits("0000")
    cashier.press("enter")
    desk.shows("confirm")
    assert looker.faults == []


def test_the_same_by_keyboard_alone_and_nothing_that_is_typed_meanwhile_counts(
    open_desk: OpenDesk, office: Office
) -> None:
    desk = open_desk("10000001", lang="en")
    keyboard = Keyboard(desk)
    fail(desk, keyboard, "01")
    fail_again(desk, keyboard)
    desk.says("Tries left: 1")
    fail_again(desk, keyboard)
    desk.shows("wait")
    keyboard.digits("0000")
    keyboard.press("enter")
    desk.says("Next try in")
    looker = Looker(desk)
    looker.look_as_it_is()
    desk.shows("sign_in_password")
    assert desk.page.locator(".entry .dots i").count() == 0
    keyboard.digits("0000")
    keyboard.press("enter")
    desk.shows("confirm")
    assert looker.faults == []


def test_a_colleague_need_not_wait_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="zh")
    keyboard = Keyboard(desk)
    fail(desk, keyboard, "01")
    fail_again(desk, keyboard)
    fail_again(desk, keyboard)
    desk.shows("wait")
    keyboard.press("cancel")
    let_in(desk, keyboard, "02")
    keyboard.press("cancel")
    let_in(desk, keyboard, "01")


def let_in(desk: Desk, hand: Hand, operator: str) -> None:
    """Right at once; whoever comes back too soon waits for what is left."""
    fail(desk, hand, operator, "0000")
    if desk.shows("confirm", "wait") == "wait":
        desk.shows("sign_in_password")
        hand.digits("0000")
        hand.press("enter")
    desk.shows("confirm")


def fail_again(desk: Desk, hand: Hand) -> None:
    desk.shows("sign_in_password")
    desk.says("A101")
    hand.digits("2222")
    hand.press("enter")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_terminal_on_which_several_numbers_fail_is_locked(open_desk: OpenDesk, office: Office, lang: str) -> None:
    desk = open_desk("10000002", lang=lang)
    keyboard = Keyboard(desk)
    looker = Looker(desk)
    for operator in ("02", "77"):
        fail(desk, keyboard, operator)
        desk.says("A101")
        keyboard.press("cancel")
    fail(desk, keyboard, "01", "0000")
    desk.shows("trouble")
    desk.says("A106")
    desk.says("本终端已锁定至" if lang == "zh" else "This terminal is locked until")
    looker.look(langs=("en", "zh") if lang == "zh" else ("zh", "en"))
    office.act("terminals", "unlock", "10000002")
    keyboard.press("enter")
    desk.shows("sign_in_number")
    keyboard.digits("02")
    desk.shows("sign_in_password")
    keyboard.digits("0000")
    keyboard.press("enter")
    desk.shows("confirm")
    assert looker.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_device_that_the_policy_needs_keeps_everybody_out(
    open_desk: OpenDesk, shop: Shop, office: Office, lang: str
) -> None:
    desk = open_desk("10000001", lang=lang)
    keyboard = Keyboard(desk)
    looker = Looker(desk)
    with wire_to(shop.page, "10000001") as wire:
        wire.set_device("card_reader", "fail")
        fail(desk, keyboard, "01", "0000")
        desk.shows("trouble")
        desk.says("A108")
        desk.says("自检未通过，主机不允许签到：读卡器" if lang == "zh" else "does not allow sign-in: Card reader")
        looker.look(langs=("en", "zh") if lang == "zh" else ("zh", "en"))
        wire.set_device("card_reader", "ok")
    keyboard.press("enter")
    desk.shows("sign_in_number")
    assert looker.faults == []
