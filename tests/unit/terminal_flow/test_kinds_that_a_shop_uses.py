"""What a shop does not use stands on no menu of its terminals: a heartbeat brings it, and what the host would refuse is not begun."""

import pytest
from tests.worlds.flow_story import Story, on_duty, with_rules

from zhanggui.basics.words import Lang
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.stage import Trouble
from zhanggui.terminal.flow.payment.kinds import ALL, can_be_made, offered

PREAUTHS = tuple(kind.name for kind in ALL if kind.group == "preauths")


def keys_of(story: Story) -> set[str]:
    return {choice.key for choice in story.view.choices}


@pytest.mark.parametrize("kind", [kind.name for kind in ALL])
@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_a_kind_that_the_shop_does_not_use_is_offered_nowhere_and_not_begun(kind: str, model: str) -> None:
    story = on_duty(model, rules=with_rules(kinds_refused=kind))
    assert kind not in keys_of(story)
    made_here = [one.name for one in ALL if can_be_made(story.state, one)]
    assert [one.name for one in offered(story.state)] == [name for name in made_here if name != kind]
    if kind in PREAUTHS:
        story.keys("preauths")
        assert story.screen_id == "kinds"
        assert keys_of(story) >= set(PREAUTHS) - {kind}
        assert kind not in keys_of(story)
        story.keys("cancel")
    story.keys(kind)
    assert story.screen_id == "trouble"
    assert isinstance(story.state.stage, Trouble)
    assert story.state.stage.problem.code == "R58"
    assert not story.all_of(fx.SendPayment)


def test_an_entry_with_nothing_behind_it_is_no_entry() -> None:
    story = on_duty(rules=with_rules(kinds_refused="+".join(PREAUTHS)))
    assert "preauths" not in keys_of(story)
    story.keys("preauths")
    assert story.screen_id == "standby"


def test_where_no_sale_is_made_neither_amount_nor_card_begins_one() -> None:
    story = on_duty(rules=with_rules(kinds_refused="sale"))
    assert not story.view.digits
    story.keys("1")
    assert story.screen_id == "standby"
    story.card("insert")
    assert story.screen_id == "trouble"
    assert isinstance(story.state.stage, Trouble)
    assert story.state.stage.problem.code == "R58"
    story.keys("enter")
    assert {"balance", "void", "refund"} <= keys_of(story)


def test_a_heartbeat_brings_it_and_takes_it_back() -> None:
    story = on_duty()
    assert "refund" in keys_of(story)
    story.send(ev.Ordered(now=story.now, orders=(), rules=with_rules(kinds_refused="refund")))
    assert "refund" not in keys_of(story)
    story.send(ev.Ordered(now=story.now, orders=(), rules=with_rules()))
    assert "refund" in keys_of(story)


def test_what_is_under_way_goes_on() -> None:
    story = on_duty()
    story.keys("sale", "1", "2", "enter")
    story.send(ev.Ordered(now=story.now, orders=(), rules=with_rules(kinds_refused="sale")))
    assert story.screen_id == "card"


@pytest.mark.parametrize(("lang", "said"), [("zh", "¥0.12 未扣款"), ("en", "¥0.12 was not charged")])
def test_what_was_given_up_while_it_was_in_hand_says_that_nothing_was_charged(lang: Lang, said: str) -> None:
    story = Story("smart", lang).to_standby()
    story.keys("sale", "1", "2", "enter")
    story.send(ev.Ordered(now=story.now, orders=(), rules=with_rules(kinds_refused="sale")))
    story.card("insert")
    story.pin()
    assert isinstance(story.state.stage, Trouble)
    assert story.state.stage.problem.code == "R58"
    assert said in story.text
    assert story.all_of(fx.SendPayment) == []


def test_every_name_that_a_shop_can_refuse_is_a_kind_that_a_terminal_knows_or_no_menu_has() -> None:
    assert {kind.name for kind in ALL} <= set(PAYMENTS)
