"""扫码消费 asks for a code alone; behind a refused code a card is taken as well."""

import pytest
from tests.worlds.flow_story import Story, on_duty

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
