"""The terminal measures each step of a sign-in, and tells the host when nobody goes on with one."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import RULES, Story

from zhanggui.basics.numbers import RecordNo, UnixMs
from zhanggui.cup.values.steps import all_steps_ms
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import CONFIRM_IDLE_S


def passes(story: Story, ms: int) -> None:
    """Time goes by before the next event."""
    story.now = UnixMs(story.now + ms)


def at_the_facts(**facts: Any) -> Story:
    story = Story()
    story.power_on()
    passes(story, 2_000)
    story.checked()
    story.wait(30)
    story.signed_on()
    story.keys("0")
    passes(story, 500)
    story.keys("1")
    passes(story, 3_000)
    story.pin(digits=4)
    passes(story, 180)
    story.verified(rules=RULES, **facts)
    return story


def test_each_step_is_timed_from_power_on_and_goes_with_the_confirmation() -> None:
    story = at_the_facts()
    passes(story, 4_000)
    story.keys("enter")
    (sent,) = story.all_of(fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    steps = dict(sent.steps)
    assert steps["check"] == 2_000
    assert steps["number"] == 500, "thirty seconds before the first key belong to nobody"
    assert steps["password"] >= 3_000
    assert steps["verify"] >= 180
    assert steps["facts"] >= 4_000
    assert all_steps_ms(sent.steps) >= 9_680


def test_the_next_sign_in_begins_with_its_first_key() -> None:
    story = at_the_facts()
    story.keys("enter")
    story.confirmed()
    assert story.state.steps == ()


def test_another_try_keeps_the_self_check_and_nothing_else() -> None:
    story = at_the_facts()
    story.keys("cancel", "0")
    assert [name for name, _ in story.state.steps] == ["check"]


def test_a_clock_that_was_set_took_no_time() -> None:
    story = at_the_facts()
    before = story.state.steps
    passes(story, 3_600_000)
    story.keys("change")
    assert story.state.steps == before


def given_up(story: Story) -> fx.SendGivenUp:
    (sent,) = story.all_of(fx.SendGivenUp)
    assert isinstance(sent, fx.SendGivenUp)
    return sent


def test_cancel_at_the_facts_ends_the_record() -> None:
    story = at_the_facts()
    facts = story.state.stage.facts  # type: ignore[attr-defined]  # the facts are shown
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"
    sent = given_up(story)
    assert (sent.record_no, sent.operator_no, sent.reason) == (facts.record_no, facts.operator_no, "given_up")
    story.send(ev.GivenUp(now=story.now))
    story.refused("SendGivenUp", "PA")
    story.failed("SendGivenUp", "no_answer")
    assert story.screen_id == "sign_in_number", "nothing depends on the answer"


@pytest.mark.parametrize(("outcome", "reason"), [("cancelled", "given_up"), ("timed_out", "timed_out")])
def test_a_code_that_is_not_typed_ends_the_record(outcome: str, reason: str) -> None:
    story = at_the_facts(needs_code=True)
    story.keys("enter")
    story.pin(outcome, digits=0)
    assert given_up(story).reason == reason


def test_a_needed_password_that_is_not_set_ends_the_record() -> None:
    story = at_the_facts(needs_new_password=True)
    story.pin("cancelled", digits=0)
    assert given_up(story).reason == "given_up"


def test_whoever_walks_away_from_the_facts_is_not_waited_for() -> None:
    story = at_the_facts()
    story.wait(CONFIRM_IDLE_S - 1)
    assert story.screen_id == "confirm"
    story.wait(1)
    assert story.screen_id == "sign_in_number"
    assert given_up(story).reason == "timed_out"


def test_without_keys_nothing_can_be_told() -> None:
    story = at_the_facts()
    story.state = replace(story.state, keys="failed")
    story.keys("cancel")
    assert story.all_of(fx.SendGivenUp) == []


def test_success_and_sign_out_show_the_number_of_the_shift() -> None:
    story = at_the_facts()
    story.keys("enter")
    story.send(ev.SignInConfirmed(now=story.now, record_no=RecordNo(9), host_now=story.now, session_no=417))
    assert "班次号" in story.text
    assert "417" in story.text
    story.keys("enter", "sign_out", "enter")
    story.send(ev.SignedOut(now=story.now, sales_count=0, sales_fen=0))
    assert story.screen_id == "signed_out"
    assert "417" in story.text
