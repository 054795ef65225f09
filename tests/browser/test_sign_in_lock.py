"""Lock and hand-over: by key and by itself, unlocked by its operator, taken by another, released by a supervisor."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser.conftest import DESKTOP, PHONE, OpenDesk
from tests.browser.desk import Cashier, Desk, Finger, Hand, Keyboard, sign_in, sign_out
from tests.browser.looking import Looker
from tests.browser.wire import wire_to
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop

IDLE_LOCK_S, IDLE_WARNING_S = 30, 5
LOCKED_WITHIN_MS = 1000 * (IDLE_LOCK_S + IDLE_WARNING_S)


@pytest.fixture(scope="module")
def office(shop: Shop) -> Iterator[Office]:
    """The shortest idle lock that there is."""
    office = Office(shop)
    with office.rules(idle_lock_s=IDLE_LOCK_S, idle_warning_s=IDLE_WARNING_S):
        yield office


@pytest.fixture(scope="module", autouse=True)
def left_alone(browser: Browser, shop: Shop, office: Office) -> Iterator[Desk]:
    """A terminal on which somebody typed an amount and went away, before the other tests began."""
    with wire_to(shop.page, "10000002") as wire:
        wire.speak("zh")
        wire.go_to_standby("02")
    context = browser.new_context(**DESKTOP, reduced_motion="reduce")
    desk = Desk(context, shop.page, "10000002").open()
    yield desk
    context.close()


def lock(desk: Desk, hand: Hand) -> None:
    desk.shows("standby")
    hand.press("lock")
    desk.shows("locked")


def unlock(desk: Desk, hand: Hand, password: str) -> None:
    desk.shows("locked")
    hand.digits(password)
    hand.press("enter")


def test_lock_and_unlock_by_touch(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="zh", at="standby", **PHONE)
    finger = Finger(desk)
    lock(desk, finger)
    desk.says("由操作员锁定")
    desk.says("01 · 王芳")
    unlock(desk, finger, "1111")
    desk.says("A101")
    unlock(desk, finger, "0000")
    desk.shows("standby")


def test_each_screen_of_a_lock(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="zh", at="standby")
    cashier = Cashier(desk)
    looker = Looker(desk)
    lock(desk, cashier)
    looker.look(langs=("en", "zh"))
    unlock(desk, cashier, "1111")
    desk.says("A101")
    looker.look(langs=("en", "zh"))
    cashier.press("cancel")
    desk.shows("locked_menu")
    looker.look(langs=("en", "zh"))
    cashier.press("unlock")
    unlock(desk, cashier, "0000")
    desk.shows("standby")
    assert looker.faults == []


def test_a_supervisor_releases_the_terminal_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="en", at="standby")
    keyboard = Keyboard(desk)
    looker = Looker(desk)
    lock(desk, keyboard)
    keyboard.press("cancel")
    desk.shows("locked_menu")
    keyboard.press("supervisor")
    desk.shows("approval_number")
    desk.says("release the locked terminal")
    keyboard.digits("00")
    desk.shows("approval_password")
    keyboard.digits("123456")
    keyboard.press("enter")
    desk.shows("trouble")
    desk.says("A supervisor released this terminal")
    desk.says("A205")
    looker.look()
    keyboard.press("enter")
    desk.shows("sign_in_number")
    assert looker.faults == []


def test_nobody_at_the_terminal_locks_it(left_alone: Desk) -> None:
    desk = left_alone
    desk.page.wait_for_selector('.glass[data-screen="locked"]', timeout=LOCKED_WITHIN_MS)
    desk.says("无人操作，已自动锁定")
    warned = [screen for screen in desk.screens_received if screen["countdown"]]
    assert [screen["id"] for screen in warned] == ["standby"] * len(warned)
    assert [screen["countdown"]["left_s"] for screen in warned][:2] == [5, 4]
    assert "秒后锁屏，按任意键继续" in warned[0]["countdown"]["text"]
    cashier = Cashier(desk)
    unlock(desk, cashier, "0000")
    desk.shows("standby")
    sign_out(desk, cashier)
    assert desk.troubles == []


def test_a_colleague_takes_the_terminal_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="en", at="standby")
    keyboard = Keyboard(desk)
    lock(desk, keyboard)
    desk.says("Locked by the operator")
    unlock(desk, keyboard, "1111")
    desk.says("A101")
    unlock(desk, keyboard, "0000")
    lock(desk, keyboard)
    keyboard.press("cancel")
    desk.shows("locked_menu")
    desk.says("the earlier session ends; its payments stay")
    keyboard.press("another")
    desk.shows("sign_in_number")
    sign_in(desk, keyboard, "02")
    desk.says("02 · 李强")
