"""扫码消费 asks for a code alone; behind a refused code a card is taken as well."""

import pytest
from tests.worlds.flow_story import Story, on_duty

from zhanggui.terminal.flow.core.effects import SendPayment
from zhanggui.terminal.flow.core.policy import ASK_AGAIN_FROM_S

MODELS = ("smart", "esign")


def begin(model: str) -> Story:
    story = on_duty(model)
    story.keys("codes", "qr_sale")
    assert story.screen_id == "amount"
    return story


@pytest.mark.parametrize("model", MODELS)
def test_who_chose_a_sale_by_code_is_asked_for_a_code_alone(model: str) -> None:
    story = begin(model)
    assert story.view.reader == ()
    story.keys("7", "0", "0", "enter")
    assert story.screen_id == "card"
    assert story.view.pay_code
    assert story.view.reader == ()
    assert "扫付款码" in story.text
    assert "刷卡" not in story.text
    story.keys("cancel")
    assert story.view.reader != ()


@pytest.mark.parametrize("model", MODELS)
def test_behind_a_refused_code_another_one_or_a_card_is_taken(model: str) -> None:
    story = begin(model)
    story.keys("7", "0", "0", "enter")
    story.card("scan")
    assert story.screen_id == "selling"
    story.refused("SendPayment", "40")
    assert story.screen_id == "sale_refused"
    assert "换一个付款码" in [choice.label for choice in story.view.choices]
    assert "云闪付" not in story.text
    story.keys("other_card")
    assert story.screen_id == "card"
    assert story.view.pay_code
    assert story.view.reader != ()


@pytest.mark.parametrize("model", MODELS)
def test_whose_customer_takes_time_asks_once_more_and_it_is_the_same_payment(model: str) -> None:
    story = begin(model)
    story.keys("7", "0", "0", "enter")
    story.card("scan")
    assert not story.view.choices
    story.wait(ASK_AGAIN_FROM_S)
    assert "再查询一次" in [choice.label for choice in story.view.choices]
    assert story.view.countdown is not None
    left_s = story.view.countdown.left_s
    story.keys("again")
    first, again = story.all_of(SendPayment)
    assert first == again
    assert story.view.countdown.left_s > left_s
    story.wait(ASK_AGAIN_FROM_S)
    assert not story.view.choices, "once is enough: what is in doubt then is undone"


def test_nobody_asks_again_for_a_card() -> None:
    story = on_duty("smart")
    story.keys("sale", "7", "0", "0", "enter")
    story.card("insert")
    story.pin()
    assert story.screen_id == "selling"
    story.wait(ASK_AGAIN_FROM_S)
    assert not story.view.choices
