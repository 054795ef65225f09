"""A card that is pulled out before it heard the answer, and one that is shown once more than it was asked for."""

import pytest
from tests.worlds.flow_story import Story, on_duty, putting_right, slips_out, with_rules

from zhanggui.terminal.flow.core import effects as fx

MODELS = ("smart", "esign", "keypad")


@pytest.mark.parametrize("model", MODELS)
def test_an_approval_that_the_card_never_heard_is_undone_with_reason_06_and_said(model: str) -> None:
    story = on_duty(model).to_selling(700)
    story.failed("SendPayment", "card_gone")
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    assert sent.reversal.reason == "06"
    assert "卡拔出过早" in story.text
    assert story.all_of(fx.Print) == []
    story.reversal_taken()
    assert story.view.code == "C101"
    assert "卡拔出过早" in story.text
    assert "自动退回" in story.text
    assert "未扣款" not in story.text, "the bank may hold it for a moment"
    story.keys("enter")
    assert [line.state for line in story.state.today] == ["reversed"]


def test_what_would_have_undone_another_leaves_that_standing() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0)).to_selling(700)
    story.approved(700)
    slips_out(story)
    putting_right(story, 70).failed("SendPayment", "card_gone")
    story.reversal_taken()
    assert "原交易仍有效" in story.text
    story.keys("enter")
    assert story.screen_id == "standby"


def test_an_inquiry_whose_card_was_pulled_out_is_tried_again() -> None:
    story = on_duty()
    story.keys("balance")
    story.card("insert")
    story.pin()
    story.failed("SendPayment", "card_gone")
    assert story.view.code == "C101"
    assert story.all_of(fx.SendReversal) == []
    story.keys("retry")
    assert story.screen_id == "pin"


def shown_twice_at(screen: str) -> Story:
    """The card comes once more where it was read already."""
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.keys("sale", *"700", "enter")
    story.card("tap" if screen == "selling" else "insert")
    if screen == "selling":
        assert story.screen_id == "selling"
    story.card("tap")
    return story


@pytest.mark.parametrize("screen", ["pin", "selling"])
def test_a_card_that_is_seen_twice_pays_once(screen: str) -> None:
    story = shown_twice_at(screen)
    assert story.screen_id == screen
    if screen == "pin":
        story.pin()
    story.card("tap")
    story.approved(700)
    story.card("tap")
    slips_out(story)
    assert len(story.all_of(fx.SendPayment)) == 1
    assert (story.state.sales_count, story.state.sales_fen) == (1, 700)


def test_a_card_that_is_still_held_there_in_standby_pays_nothing_by_itself() -> None:
    story = shown_twice_at("selling")
    story.approved(700)
    slips_out(story)
    story.card("tap")
    assert story.screen_id == "amount"
    story.keys("enter")
    assert "不能为零" in story.text
    assert len(story.all_of(fx.SendPayment)) == 1
