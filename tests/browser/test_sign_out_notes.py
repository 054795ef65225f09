"""A word on the shift at sign-out: two short questions for who wants them, each with one key that skips it."""

from typing import Any

import pytest
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Desk, Finger, Hand, Keyboard
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop


@pytest.fixture(scope="module")
def office(shop: Shop) -> Office:
    """The profile as it stands."""
    return Office(shop)


def to_the_notes(desk: Desk, hand: Hand, key: str) -> None:
    desk.shows("standby")
    hand.press("sign_out")
    desk.shows("sign_out")
    hand.press(key)
    desk.shows("notes_well")


def reviewed(shop: Shop, office: Office, operator: str) -> tuple[str, Any]:
    """The notes of the operator's latest shift, which is over: in its row, and in what `zhanggui review --shift` shows."""
    shift = [row for row in shop.rows("sessions") if row["operator_no"] == operator][-1]
    assert shift["end_reason"] == "signed_out:asked"
    review = office.act("review", "--shift", str(shift["session_no"]))
    assert review["operator_no"] == operator
    return shift["notes"], review["notes"]


def test_both_questions_are_answered_by_touch_and_stand_in_the_review(
    open_desk: OpenDesk, shop: Shop, office: Office
) -> None:
    desk = open_desk("10000001", lang="zh", at="standby", **PHONE)
    finger = Finger(desk)
    looker = Looker(desk)
    finger.press("sign_out")
    desk.shows("sign_out")
    desk.says("可先留言再签退")
    looker.look(langs=("en", "zh"))
    finger.press("note")
    desk.shows("notes_well")
    desk.says("今天哪里顺利？")
    desk.says("主管会看到，可不答。")
    looker.look(langs=("en", "zh"))
    finger.press("smooth")
    desk.shows("notes_not")
    desk.says("哪里不顺？")
    looker.look(langs=("en", "zh"))
    finger.press("printer")
    desk.shows("signed_out")
    finger.press("enter")
    desk.shows("sign_in_number")
    assert reviewed(shop, office, "01") == ("well:smooth,not:printer", ["well:smooth,not:printer"])
    assert looker.faults == []


def test_each_question_is_skipped_with_one_key_by_keyboard_alone(
    open_desk: OpenDesk, shop: Shop, office: Office
) -> None:
    desk = open_desk("10000002", lang="en", at="standby", operator="02")
    keyboard = Keyboard(desk)
    to_the_notes(desk, keyboard, "clear")
    desk.says("What went well?")
    keyboard.press("enter")
    desk.shows("notes_not")
    desk.says("What went badly?")
    keyboard.press("enter")
    desk.shows("signed_out")
    assert reviewed(shop, office, "02") == ("", [])


def test_an_answer_stands_also_when_the_second_question_is_left_by_keyboard_alone(
    open_desk: OpenDesk, shop: Shop, office: Office
) -> None:
    desk = open_desk("10000002", lang="en", at="standby", operator="02")
    keyboard = Keyboard(desk)
    to_the_notes(desk, keyboard, "note")
    keyboard.digits("4")
    desk.shows("notes_not")
    keyboard.press("cancel")
    desk.shows("signed_out")
    assert reviewed(shop, office, "02") == ("well:calm", ["well:calm"])


def test_own_words_are_tapped_on_letters_and_stand_in_the_review(
    open_desk: OpenDesk, shop: Shop, office: Office
) -> None:
    desk = open_desk("10000001", lang="zh", at="standby", **PHONE)
    finger = Finger(desk)
    looker = Looker(desk)
    to_the_notes(desk, finger, "note")
    finger.press("own")
    desk.shows("notes_line")
    for key in ("o", "k", "_", "2"):
        finger.press(key)
    desk.says("ok 2")
    looker.look(langs=("en", "zh"))
    finger.press("enter")
    desk.shows("notes_not")
    finger.press("skip")
    desk.shows("signed_out")
    assert reviewed(shop, office, "01") == ("well:=ok 2", ["well:=ok 2"])
    assert looker.faults == []


def test_own_words_are_typed_on_a_keyboard_with_its_space_bar(open_desk: OpenDesk, shop: Shop, office: Office) -> None:
    desk = open_desk("10000001", lang="en", at="standby", operator="02")
    keyboard = Keyboard(desk)
    to_the_notes(desk, keyboard, "note")
    keyboard.digits("5")
    desk.shows("notes_line")
    for key in ("k", "i", "n", "d", "Space", "g", "u", "y", "s"):
        desk.page.keyboard.press(key)
        desk.page.wait_for_timeout(90)
    desk.says("kind guys")
    keyboard.press("enter")
    desk.shows("notes_not")
    keyboard.press("enter")
    desk.shows("signed_out")
    assert reviewed(shop, office, "02") == ("well:=kind guys", ["well:=kind guys"])
