"""余额查询 on the page: what the cardholder reads, in both languages, and that the next customer does not."""

import pytest
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Cashier, Finger, give_pin
from tests.browser.test_whole_job_on_other_models import RubberKeys

WORDS = {"zh": ("余额查询", "可用余额"), "en": ("Balance", "Available balance")}


@pytest.mark.parametrize("lang", WORDS)
def test_the_cardholder_reads_the_balance_on_a_phone(open_desk: OpenDesk, lang: str) -> None:
    desk = open_desk("10000001", lang=lang, at="standby", **PHONE)
    finger = Finger(desk)
    finger.press("balance")
    desk.shows("card")
    finger.show_card("second", "insert")
    give_pin(desk, finger)
    desk.shows("answer")
    for word in (*WORDS[lang], "¥5,000.00"):
        desk.says(word)
    finger.press("enter")
    desk.shows("standby")
    assert "5,000.00" not in desk.glass.inner_text()


def test_no_funds_are_a_balance_too(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    cashier = Cashier(desk)
    cashier.press("balance")
    cashier.show_card("no-funds", "insert")
    give_pin(desk, cashier)
    desk.shows("answer")
    desk.says("可用余额")


def test_on_the_keypad_model_it_is_an_entry_of_the_menu(open_desk: OpenDesk) -> None:
    desk = open_desk("10000003", at="standby", operator="02")
    keys = RubberKeys(desk)
    keys.press("7")
    desk.shows("card")
    keys.show_card("second", "insert")
    give_pin(desk, keys)
    desk.shows("answer")
    desk.says("¥5,000.00")
    keys.press("enter")
    desk.shows("standby")
