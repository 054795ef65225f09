"""What only eyes can see: asked before a sign-in where the policy wants it, and kept in the sign-in's record."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Desk, Finger, Hand, Keyboard, Pointer, sign_in, sign_out
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module", autouse=True)
def office(shop: Shop) -> Iterator[Office]:
    """The policy asks for a look; terminals hear of it with a sign-in, and ask from the next one on."""
    office = Office(shop)
    with office.rules(check_eyes="yes"):
        yield office


def to_the_eyes(desk: Desk, hand: Hand) -> None:
    """Signed out, and asked to look."""
    sign_out(desk, hand, then="eyes")


def seen_by(shop: Shop, operator: str) -> str:
    """What stands in the record of the operator's latest sign-in, which succeeded."""
    record = [row for row in shop.rows("sign_ins") if row["operator_no"] == operator][-1]
    assert record["state"] == "active"
    return str(record["eyes"])


def test_what_is_not_well_is_chosen_by_touch_and_recorded(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk("10000001", lang="zh", at="standby", **PHONE)
    finger = Finger(desk)
    looker = Looker(desk)
    to_the_eyes(desk, finger)
    desk.says("请看一眼本机")
    for seen in ("摆放平稳", "线缆牢固", "台面整洁", "光线充足"):
        desk.says(seen)
    looker.look(langs=("en", "zh"))
    finger.press("some")
    desk.shows("eyes_which")
    finger.press("cables")
    desk.says("线缆：不妥")
    finger.press("counter")
    desk.says("台面：不妥")
    finger.press("light")
    desk.says("光线：不妥")
    finger.press("counter")
    expect(desk.glass).not_to_contain_text("台面：不妥")
    looker.look(langs=("en", "zh"))
    finger.press("enter")
    sign_in(desk, finger, "01")
    assert seen_by(shop, "01") == "stands:ok,cables:wrong,counter:ok,light:wrong"
    to_the_eyes(desk, finger)
    assert looker.faults == []


def test_the_same_by_keyboard_alone_and_one_key_when_all_is_well(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk("10000002", lang="en", at="standby", operator="02")
    keyboard = Keyboard(desk)
    to_the_eyes(desk, keyboard)
    desk.says("Please look at the terminal")
    keyboard.press("enter")
    sign_in(desk, keyboard, "02")
    assert seen_by(shop, "02") == "stands:ok,cables:ok,counter:ok,light:ok"
    to_the_eyes(desk, keyboard)
    keyboard.press("clear")
    desk.shows("eyes_which")
    keyboard.digits("3")
    desk.says("Counter: not well")
    keyboard.press("cancel")
    desk.shows("eyes")
    keyboard.press("clear")
    desk.shows("eyes_which")
    keyboard.digits("1")
    desk.says("Stand: not well")
    keyboard.press("enter")
    sign_in(desk, keyboard, "02")
    assert seen_by(shop, "02") == "stands:wrong,cables:ok,counter:ok,light:ok"
    to_the_eyes(desk, keyboard)


@pytest.mark.parametrize(("lang", "chosen"), [("zh", "2.线缆不妥"), ("en", "2.Cables: bad")])
def test_four_lines_show_what_was_chosen(open_desk: OpenDesk, lang: str, chosen: str) -> None:
    desk = open_desk("10000003", lang=lang, at="standby")
    keys = Pointer(desk)
    keys.press("3")
    desk.shows("sign_out")
    keys.press("enter")
    desk.shows("signed_out")
    keys.press("enter")
    desk.shows("eyes")
    keys.press("clear")
    desk.shows("eyes_which")
    keys.press("2")
    desk.says(chosen)
