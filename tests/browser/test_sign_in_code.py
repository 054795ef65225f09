"""The sign-in code of an authenticator app: asked for after the facts, wrong, used, right."""

from collections.abc import Iterator

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, Hand, Keyboard, sign_out
from tests.browser.looking import Looker
from tests.worlds.browser_office import Authenticator, Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module")
def office(shop: Shop) -> Iterator[Office]:
    """The policy asks for a code."""
    office = Office(shop)
    with office.rules(sign_in_code="totp"):
        yield office


def to_the_code(desk: Desk, hand: Hand, operator: str) -> None:
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits("0000")
    hand.press("enter")
    desk.shows("confirm")
    hand.press("enter")
    desk.shows("sign_in_code")


def give(desk: Desk, hand: Hand, code: str) -> None:
    hand.digits(code)
    assert code not in desk.page.locator("body").inner_text()
    hand.press("enter")


def through_every_code(desk: Desk, hand: Hand, operator: str, app: Authenticator, refused: str) -> None:
    """A wrong code, the right one, and after the sign-out the same one again."""
    to_the_code(desk, hand, operator)
    give(desk, hand, app.wrong_code())
    desk.says("A301")
    desk.says(refused)
    code = app.code()
    give(desk, hand, code)
    desk.shows("signed_in")
    hand.press("enter")
    sign_out(desk, hand)
    to_the_code(desk, hand, operator)
    give(desk, hand, code)
    desk.says("A301")
    desk.says(refused)
    hand.press("cancel")
    desk.shows("sign_in_number")


def test_a_wrong_and_a_used_code_are_refused(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000001", lang="zh")
    cashier = Cashier(desk)
    app = office.authenticator("01")
    through_every_code(desk, cashier, "01", app, "签到代码不正确或已使用")
    looker = Looker(desk)
    to_the_code(desk, cashier, "01")
    looker.look(langs=("en", "zh"))
    give(desk, cashier, app.wrong_code())
    desk.says("A301")
    looker.look()
    assert looker.faults == []


def test_the_same_by_keyboard_alone(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk("10000002", lang="en")
    app = office.authenticator("02")
    through_every_code(desk, Keyboard(desk), "02", app, "Sign-in code is wrong or already used")
