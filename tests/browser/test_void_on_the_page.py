"""消费撤销 on the page: a cashier takes a sale back with the supervisor beside, on the smart model in both languages and on the keypad."""

from typing import Any

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Finger, Hand, Pointer, ask_amount, give_pin
from tests.browser.test_whole_job_on_other_models import RubberKeys

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WORDS = {
    "zh": ("消费撤销：请核对原交易", "需要主管授权：消费撤销", "消费撤销成功 ¥42.00", "¥42.00 已撤销"),
    "en": ("Void: is this the payment?", "void a sale", "Voided ¥42.00", "¥42.00 voided"),
}


def sell(desk: Desk, hand: Hand) -> str:
    """One sale of 42 yuan; the answer is its voucher number."""
    ask_amount(desk, hand, "4200")
    hand.show_card("second", "insert")
    give_pin(desk, hand)
    desk.shows("tear_off")
    hand.press("enter")
    desk.shows("standby")
    standby = desk.screens_received[-1]
    return str(standby["rows"][0]["left"]).split()[-1]


def take_back(desk: Desk, hand: Hand, trace_no: str, *said: str) -> None:
    """From the number to the slips."""
    desk.shows("original")
    hand.digits(trace_no.lstrip("0"))
    hand.press("enter")
    for text in (*said[:1], trace_no, "¥42.00"):
        desk.says(text)
    hand.press("enter")
    desk.shows("card")
    hand.show_card("second", "insert")
    desk.shows("approval_number")
    for text in said[1:2]:
        desk.says(text)
    hand.digits("00")
    desk.shows("approval_password")
    hand.digits("123456")
    hand.press("enter")
    desk.shows("tear_off")
    hand.press("enter")
    desk.shows("standby")


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("size", [PHONE, {}], ids=["phone", "desktop"])
def test_a_sale_is_voided_on_the_smart_model(open_desk: OpenDesk, lang: str, size: dict[str, Any]) -> None:
    desk = open_desk("10000001", lang=lang, at="standby", **size)
    hand = Finger(desk) if size else Pointer(desk)
    trace_no = sell(desk, hand)
    hand.press("void")
    take_back(desk, hand, trace_no, *WORDS[lang])
    for text in WORDS[lang][2:]:
        desk.says(text)


def test_a_sale_is_voided_on_the_keypad_model(open_desk: OpenDesk) -> None:
    desk = open_desk("10000003", at="standby", operator="02")
    keys = RubberKeys(desk)
    trace_no = sell(desk, keys)
    keys.press("8")
    take_back(desk, keys, trace_no)
    assert "消费撤销(VOID)" in desk.slips(2)[0].inner_text()
