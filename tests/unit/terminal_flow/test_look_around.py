"""What only eyes can see: asked before a sign-in where the policy wants it, of the items that the shop chose."""

import pytest
from tests.worlds.flow_story import Story, memory, with_rules

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev

MODELS = ("smart", "esign", "keypad")


def last(story: Story, kind: type[fx.Effect]) -> fx.Effect:
    return story.all_of(kind)[-1]


def eyes_asked(model: str = "smart") -> Story:
    return Story(model).to_number(memory(rules=with_rules(check_eyes=1)))


@pytest.mark.parametrize("model", MODELS)
def test_one_key_says_that_all_is_well_and_the_evidence_goes_with_the_sign_in(model: str) -> None:
    story = eyes_asked(model)
    assert story.screen_id == "eyes"
    assert "SendSignOn" in [type(effect).__name__ for effect in story.effects], "keys come meanwhile"
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    sent = last(story, fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.eyes == "stands:ok,cables:ok,counter:ok,light:ok"


@pytest.mark.parametrize("model", MODELS)
def test_what_is_not_well_is_chosen_taken_back_and_noted(model: str) -> None:
    story = eyes_asked(model)
    story.keys("clear")
    assert story.screen_id == "eyes_which"
    story.keys("2", "3", "3")
    assert [row.tone for row in story.view.rows] == ["good", "warn", "good", "good"]
    story.keys("enter")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    sent = last(story, fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.eyes == "stands:ok,cables:wrong,counter:ok,light:ok"


@pytest.mark.parametrize("model", MODELS)
def test_a_host_that_misses_the_look_around_is_answered_with_one(model: str) -> None:
    """The shop's policy changed, or the terminal is new: it hears of the rule by the refusal."""
    story = Story(model).to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.refused("SendVerify", "P9", reason="eyes")
    assert story.screen_id == "trouble"
    story.keys("enter")
    assert story.screen_id == "eyes"
    story.keys("enter")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    sent = last(story, fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.eyes == "stands:ok,cables:ok,counter:ok,light:ok"


def test_every_sign_in_is_asked_anew_and_without_the_rule_nobody_is() -> None:
    story = eyes_asked()
    story.keys("enter", "7", "cancel")
    assert story.screen_id == "sign_in_number", "the same sign-in is not asked twice"
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=with_rules(check_eyes=1))
    story.keys("enter")
    story.confirmed()
    story.keys("enter", "sign_out", "enter")
    story.send(ev.SignedOut(now=story.now, sales_count=0, sales_fen=0))
    story.keys("enter")
    assert story.screen_id == "eyes"
    assert Story().to_number().screen_id == "sign_in_number"


def told_of_the_look(story: Story) -> str:
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    sent = last(story, fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    return sent.eyes


@pytest.mark.parametrize("model", MODELS)
def test_what_is_looked_at_is_what_the_shop_chose_and_its_own_words_stand_as_they_are(model: str) -> None:
    rules = with_rules(check_eyes=1) + ",eyes_items=cables+display+temperature+dryness+插座无损+enter"
    story = Story(model).to_number(memory(rules=rules))
    assert story.screen_id == "eyes"
    shown = str(story.view.lines)
    assert "周围干燥" in shown
    assert "插座无损" in shown
    assert "台面" not in shown
    story.keys("clear", "3", "5", "6", "6")
    assert [row.tone for row in story.view.rows] == ["good", "good", "warn", "good", "warn", "good"]
    story.keys("enter")
    said = "cables:ok,display:ok,temperature:wrong,dryness:ok,插座无损:wrong,enter:ok"
    assert told_of_the_look(story) == said


@pytest.mark.parametrize("model", MODELS)
def test_a_refusal_for_an_item_that_this_terminal_did_not_know_brings_it(model: str) -> None:
    story = eyes_asked(model)
    story.keys("enter")
    assert told_of_the_look(story) == "stands:ok,cables:ok,counter:ok,light:ok"
    rules = with_rules(check_eyes=1) + ",eyes_items=display"
    story.refused("SendVerify", "P9", reason="eyes", rules=rules)
    story.keys("enter")
    assert story.screen_id == "eyes"
    story.keys("enter")
    assert told_of_the_look(story) == "display:ok"
