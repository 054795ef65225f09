"""One operator, one place: refused, moved with a supervisor's approval, and what the terminal that lost says; both are seen."""

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Hand, Keyboard, ask_amount, give_pin
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module")
def office(shop: Shop) -> Office:
    """The profile as it stands: a supervisor may move a session."""
    return Office(shop)


def sign_in_again(desk: Desk, hand: Hand, operator: str = "01") -> None:
    """With a session elsewhere."""
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits("0000")
    hand.press("enter")
    desk.shows("elsewhere")
    desk.says("A201")


def approve(desk: Desk, hand: Hand, password: str = "123456") -> None:
    """The supervisor's part."""
    desk.shows("approval_password")
    hand.digits(password)
    hand.press("enter")


def test_a_session_moves_with_a_supervisor_and_the_loser_learns_where(open_desk: OpenDesk, office: Office) -> None:
    first = open_desk("10000001", lang="zh", at="standby")
    second = open_desk("10000002", lang="zh")
    here, there = Cashier(second), Cashier(first)
    looker = Looker(second)
    ask_amount(first, there, "12850")
    sign_in_again(second, here)
    second.says("您已在另一台终端签到")
    second.says("10000001")
    second.says("主管授权接管")
    looker.look(langs=("en", "zh"))
    here.press("supervisor")
    second.shows("approval_number")
    second.says("需要主管授权：把签到转到本机")
    looker.look(langs=("en", "zh"))
    here.digits("00")
    second.shows("approval_password")
    looker.look(langs=("en", "zh"))
    approve(second, here, "654321")
    second.says("A101")
    looker.look(langs=("en", "zh"))
    approve(second, here)
    second.shows("signed_in")
    here.press("enter")
    second.shows("standby")
    there.show_card("main", "insert")
    give_pin(first, there)
    first.shows("trouble")
    first.says("本次签到已转到终端 10000002")
    first.says("未扣款")
    looked = Looker(first)
    looked.look(langs=("en", "zh"))
    first.page.wait_for_selector(".pile .paper", state="detached")
    there.press("enter")
    first.shows("sign_in_number")
    assert looker.faults + looked.faults == []


def test_the_same_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    first = open_desk("10000002", lang="en", at="standby")
    second = open_desk("10000001", lang="en")
    here, there = Keyboard(second), Keyboard(first)
    ask_amount(first, there, "9900")
    sign_in_again(second, here)
    second.says("let a supervisor approve the move here")
    here.press("enter")
    second.shows("approval_number")
    here.press("cancel")
    second.shows("elsewhere")
    here.press("supervisor")
    second.shows("approval_number")
    here.digits("00")
    approve(second, here)
    second.shows("signed_in")
    there.show_card("second", "insert")
    give_pin(first, there)
    first.shows("trouble")
    first.says("Your session was moved to terminal 10000001")
    there.press("enter")
    first.shows("sign_in_number")


def test_a_cashier_cannot_approve(open_desk: OpenDesk, office: Office) -> None:
    open_desk("10000001", at="standby")
    desk = open_desk("10000002", lang="zh")
    cashier = Cashier(desk)
    sign_in_again(desk, cashier)
    cashier.press("supervisor")
    desk.shows("approval_number")
    cashier.digits("02")
    approve(desk, cashier, "0000")
    desk.shows("elsewhere")
    desk.says("主管（00）")
    desk.says("P101")


def test_a_policy_may_leave_only_the_sign_out_there(open_desk: OpenDesk, office: Office) -> None:
    open_desk("10000001", at="standby")
    with office.rules(duplicate="refuse"):
        desk = open_desk("10000002", lang="en")
        keyboard = Keyboard(desk)
        sign_in_again(desk, keyboard)
        desk.says("Sign out there, then sign in here")
        assert desk.page.locator('[data-key="supervisor"]').count() == 0
        looker = Looker(desk)
        looker.look()
        keyboard.press("enter")
        desk.shows("sign_in_number")
    assert looker.faults == []
