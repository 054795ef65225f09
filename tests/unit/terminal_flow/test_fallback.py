"""降级: a chip that can't be read opens its card's stripe, after the tries that policy asks for and never without them."""

import pytest
from tests.worlds.flow_story import Story, on_duty, with_rules

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import FALLBACK_WITHIN_S

MODELS = ("smart", "esign", "keypad")
BEGUN: tuple[tuple[str, ...], ...] = ((), ("sale",), ("sale", "5", "00", "enter"))
"""On standby, while the amount is typed, and where the card is awaited."""


def duty(tries: int = 3, model: str = "smart") -> Story:
    return on_duty(model, with_rules(idle_lock_s=0, fallback_tries=tries))


def inserts_in_vain(story: Story, times: int = 1) -> None:
    for _ in range(times):
        story.send(ev.CardUnreadable(now=story.now, reason="card.chip_unread", chip=True))


def card_in_hand(story: Story) -> str:
    doing = story.state.stage.begun()
    return doing.card.way if doing is not None and doing.card is not None else ""


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("first", BEGUN)
def test_after_the_tries_the_stripe_is_asked_for_and_taken(model: str, first: tuple[str, ...]) -> None:
    story = duty(model=model)
    story.keys(*first)
    for said in ("1/3", "2/3"):
        inserts_in_vain(story)
        assert said in story.text
        story.card("swipe")
        assert "芯片卡，请插卡" in story.text, "the slot was not silent often enough"
    inserts_in_vain(story)
    assert "刷卡" in story.text
    assert "读不出" in story.text
    story.card("swipe")
    assert card_in_hand(story) == "fallback"
    assert "降级" in story.text


@pytest.mark.parametrize("first", BEGUN)
def test_a_swipe_without_a_failed_chip_is_sent_to_the_slot(first: tuple[str, ...]) -> None:
    story = duty(1)
    story.keys(*first)
    story.send(ev.CardUnreadable(now=story.now, reason="card.unreadable"))
    story.card("swipe")
    assert (card_in_hand(story), "芯片卡，请插卡" in story.text) == ("", True)
    story.card("insert")
    assert card_in_hand(story) == "insert"


def test_where_policy_takes_no_fallback_another_card_or_a_tap_is_asked_for() -> None:
    story = duty(0)
    story.keys(*BEGUN[2])
    inserts_in_vain(story, 9)
    assert "不接受其磁条" in story.text
    story.card("swipe")
    assert card_in_hand(story) == ""
    story.card("tap")
    assert card_in_hand(story) == "tap"


def test_a_stripe_card_is_swiped_as_ever() -> None:
    story = duty()
    story.keys(*BEGUN[2])
    inserts_in_vain(story, 3)
    story.card("swipe", chip=False)
    assert card_in_hand(story) == "swipe"


def test_what_failed_long_ago_or_for_another_payment_counts_no_more() -> None:
    late = duty(1)
    inserts_in_vain(late)
    late.wait(FALLBACK_WITHIN_S)
    late.card("swipe")
    assert card_in_hand(late) == "fallback", "just in time"
    late.keys("cancel")
    late.card("swipe")
    assert card_in_hand(late) == "", "one silence opens one stripe"
    inserts_in_vain(late)
    late.wait(FALLBACK_WITHIN_S + 1)
    late.card("swipe")
    assert card_in_hand(late) == ""
    given_up = duty(1)
    given_up.keys("sale")
    inserts_in_vain(given_up)
    given_up.keys("cancel", "sale")
    given_up.card("swipe")
    assert card_in_hand(given_up) == ""


def test_the_whole_payment_and_its_slip_say_so() -> None:
    story = duty(1)
    story.keys(*BEGUN[2])
    inserts_in_vain(story)
    story.card("swipe")
    story.pin()
    (sent,) = story.all_of(fx.SendPayment)
    assert isinstance(sent, fx.SendPayment)
    assert sent.attempt.doing.card is not None
    assert sent.attempt.doing.card.way == "fallback"
    story.approved(500)
    slip = "\n".join(f"{line.left}{line.right}" for line in story.slips()[0].lines)
    assert "621700*********0012 F" in slip
    assert "FALLBACK 80" in slip
