"""Badges at the terminal: taken where a number is asked, then the password, or straight in; and what a badge alone is not enough for."""

from typing import Any

import pytest
from tests.worlds.flow_story import Story, memory

from zhanggui.acquirer.payments.kinds import KINDS as HOST_KINDS
from zhanggui.acquirer.policy.capabilities import CAPABILITIES
from zhanggui.cup.values.badge import BADGE_ALONE, BY_BADGE
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.payment.kinds import KINDS, SETTLES_BY_BADGE

ALONE = "badge=alone"
MODELS = ["smart", "esign", "keypad"]


def shown(story: Story) -> Story:
    """A badge is held to the machine."""
    story.send(ev.BadgeShown(now=story.now))
    return story


def last(story: Story, kind: type[Any]) -> Any:
    return story.all_of(kind)[-1]


def ready(model: str = "smart", rules: str = "") -> Story:
    story = Story(model).to_number(memory(rules=rules))
    story.signed_on()
    return story


def in_standby(model: str = "smart") -> Story:
    """Signed in by a badge alone."""
    story = shown(ready(model, ALONE))
    story.verified(login=BADGE_ALONE)
    story.confirmed()
    return story


@pytest.mark.parametrize("model", MODELS)
def test_a_badge_and_the_password_are_six_keys(model: str) -> None:
    story = shown(ready(model))
    assert story.screen_id == "sign_in_password"
    assert "工牌" in story.text
    assert last(story, fx.StartPinEntry).login == BY_BADGE
    story.pin(digits=4)  # four digits and 确认
    assert last(story, fx.SendVerify).login == BY_BADGE
    story.verified(login=BY_BADGE)
    assert story.screen_id == "confirm"
    story.keys("enter")
    assert last(story, fx.SendConfirm).operator_no == "01"
    story.confirmed()
    assert story.screen_id == "signed_in"
    assert story.state.session is not None
    assert not story.state.session.by_badge


@pytest.mark.parametrize("model", MODELS)
def test_a_badge_alone_is_no_key_from_the_start_screen_to_standby(model: str) -> None:
    story = in_standby(model)
    assert story.screen_id == "standby"
    assert "01 王芳" in story.text
    assert story.state.session is not None
    assert story.state.session.by_badge
    assert not story.all_of(fx.StartPinEntry)


@pytest.mark.parametrize("more", [{"needs_code": True}, {"days_left": 3}, {"degraded": ("slip",)}, {"drift_s": 60}])
def test_who_comes_by_a_badge_alone_looks_at_the_facts_where_there_is_something_to_see(more: dict[str, object]) -> None:
    story = shown(ready(rules=ALONE))
    story.verified(login=BADGE_ALONE, **more)  # type: ignore[arg-type]
    assert story.screen_id == "confirm"


@pytest.mark.parametrize("keys", [(), ("0",), ("user_name",), ("user_name", "w")])
def test_a_badge_is_taken_wherever_a_number_or_a_name_is_being_typed(keys: tuple[str, ...]) -> None:
    story = ready()
    story.keys(*keys)
    assert story.view.badge
    assert shown(story).screen_id == "sign_in_password"


def test_nowhere_else_is_a_badge_awaited_or_taken() -> None:
    story = ready()
    seen = {story.screen_id: story.view.badge}
    story.keys("0", "1")
    seen[story.screen_id] = story.view.badge
    story.pin(digits=4)
    story.verified()
    seen[story.screen_id] = story.view.badge
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    seen[story.screen_id] = story.view.badge
    before = story.state
    assert shown(story).state.stage == before.stage
    assert seen == {"sign_in_number": True, "sign_in_password": False, "confirm": False, "standby": False}


def test_where_policy_takes_no_badges_none_is_awaited_or_taken() -> None:
    story = ready(rules="badge=off")
    assert not story.view.badge
    assert shown(story).screen_id == "sign_in_number"


def test_a_badge_that_is_refused_is_said_and_the_number_is_asked_again() -> None:
    story = shown(ready(rules=ALONE))
    story.refused("SendVerify", "P1", tries_left=2)
    assert "工牌或密码不正确，还可再试 2 次" in story.text
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_wrong_password_beside_a_badge_is_typed_again() -> None:
    story = shown(ready())
    story.pin(digits=4)
    story.refused("SendVerify", "P1", tries_left=2)
    assert story.screen_id == "sign_in_password"
    story.pin(digits=4)
    assert last(story, fx.SendVerify).login == BY_BADGE


def test_where_the_terminal_was_locked_a_badge_alone_asks_for_the_password_first() -> None:
    story = shown(ready(rules=ALONE))
    story.refused("SendVerify", "P4", reason="badge_opens_no_lock")
    assert story.screen_id == "sign_in_password"
    story.pin(digits=4)
    assert last(story, fx.SendVerify).login == BY_BADGE


def test_where_a_new_password_is_due_a_badge_alone_asks_for_the_old_one_first() -> None:
    story = shown(ready(rules=ALONE))
    story.refused("SendVerify", "P4", reason="password_needed")
    assert story.screen_id == "sign_in_password"
    story.pin(digits=4)
    story.verified(login=BY_BADGE, needs_new_password=True)
    story.pin(digits=6)
    story.pin(digits=6)
    assert last(story, fx.SendNewPassword).login == BY_BADGE


def test_a_badge_before_the_keys_waits_for_them() -> None:
    story = Story().to_number(memory(rules=ALONE))
    shown(story)
    assert story.screen_id == "verifying"
    story.signed_on()
    assert last(story, fx.SendVerify).login == BADGE_ALONE


@pytest.mark.parametrize("failure", ["unreachable", "no_answer"])
def test_without_an_answer_the_badge_is_shown_again(failure: ev.Failure) -> None:
    story = shown(ready(rules=f"{ALONE},offline=1"))
    story.failed("SendVerify", failure)
    assert not story.all_of(fx.CheckOffline), "the PIN pad knows no badge"
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_kind_begins_by_a_badge_alone_exactly_where_the_host_lets_it() -> None:
    assert {name: kind.by_badge for name, kind in KINDS.items()} == {
        name: CAPABILITIES[kind.action].by_badge for name, kind in HOST_KINDS.items()
    }
    assert CAPABILITIES["settle"].by_badge == SETTLES_BY_BADGE


@pytest.mark.parametrize(("key", "then"), [("refund", "original"), ("settle", "counting"), ("void", "original")])
def test_what_a_badge_is_not_enough_for_asks_for_the_password_once_and_goes_on(key: str, then: str) -> None:
    story = in_standby()
    story.keys(key)
    assert story.screen_id == "own_password"
    story.pin(digits=4)
    sent = last(story, fx.SendLock)
    assert (sent.verdict, sent.login) == ("unlock", "01")
    story.send(ev.LockAnswered(now=story.now, verdict="unlock"))
    assert story.screen_id not in ("own_password", "own_password_sent", "standby"), then
    assert story.state.session is not None
    assert not story.state.session.by_badge


def test_a_sale_asks_for_no_password() -> None:
    story = in_standby()
    story.keys("sale")
    assert story.screen_id == "amount"


def test_a_wrong_own_password_is_typed_again_and_nothing_goes_on() -> None:
    story = in_standby()
    story.keys("refund")
    story.pin(digits=4)
    story.refused("SendLock", "P1", tries_left=4)
    assert story.screen_id == "own_password"
    assert story.state.session is not None
    assert story.state.session.by_badge
    story.send(ev.PinDone(now=story.now, outcome="cancelled"))
    assert story.screen_id == "standby"


@pytest.mark.parametrize(("code", "screen"), [("PA", "trouble"), ("A0", "trouble"), ("P2", "trouble")])
def test_a_session_that_is_gone_ends_here_too(code: str, screen: str) -> None:
    story = in_standby()
    story.keys("refund")
    story.pin(digits=4)
    story.refused("SendLock", code)
    assert story.screen_id == screen
    assert (story.state.session is None) == (code != "P2")
