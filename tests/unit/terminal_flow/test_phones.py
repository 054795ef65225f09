"""Sign-in by phone at the terminal: the code on the screen, what the host says of it, and what else may happen meanwhile."""

from typing import Any

import pytest
from tests.worlds.flow_story import Story, memory

from zhanggui.basics.numbers import OperatorNo, RecordNo
from zhanggui.cup.values.phone import BY_PHONE
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import Approved, Elsewhere, Refused
from zhanggui.terminal.flow.core.policy import PHONE_ASK_S, PHONE_CODE_S_MAX
from zhanggui.terminal.flow.machine import screen_of
from zhanggui.terminal.flow.sign_in.phone.told import PhoneCodeGiven, PhoneLeft, PhoneStands

RULES, NAME, ADDRESS, LIFE_S = "phone=1", "ABCDEFGH", "https://host/P/1/2/ABCDEFGH", 60
MODELS = ["smart", "esign", "keypad"]


def last(story: Story, kind: type[Any]) -> Any:
    return story.all_of(kind)[-1]


def ready(model: str = "smart", rules: str = RULES) -> Story:
    story = Story(model).to_number(memory(rules=rules))
    story.signed_on()
    return story


def given(story: Story, life_s: int = LIFE_S) -> Story:
    story.send(PhoneCodeGiven(now=story.now, name=NAME, address=ADDRESS, life_s=life_s))
    return story


def showing(model: str = "smart") -> Story:
    """A code stands on the screen."""
    story = ready(model)
    story.keys("phone")
    return given(story)


def stands(story: Story, *, known: bool, name: str = NAME) -> None:
    story.send(PhoneStands(now=story.now, name=name, known=known))


@pytest.mark.parametrize("model", MODELS)
def test_one_key_shows_a_code_and_the_rest_is_the_phones(model: str) -> None:
    story = ready(model)
    assert "phone" in {choice.key for choice in screen_of(story.state).choices}
    story.keys("phone")
    assert story.screen_id == "phone_code"
    given(story)
    assert story.screen_id == "sign_in_phone"
    screen = screen_of(story.state)
    assert screen.scan == ADDRESS
    assert screen.countdown is not None
    assert screen.countdown.left_s == LIFE_S
    story.wait(PHONE_ASK_S)
    assert last(story, fx.SendPhoneAsk).name == NAME
    stands(story, known=True)
    verify = last(story, fx.SendVerify)
    assert (verify.login, verify.phone) == (BY_PHONE, NAME)
    assert story.screen_id == "verifying"
    assert screen_of(story.state).scan == ""
    story.verified(login=BY_PHONE)
    assert story.screen_id == "confirm"
    story.keys("enter")
    story.confirmed()
    assert story.state.session is not None
    assert not story.state.session.by_badge
    assert [step for step, _ in last(story, fx.SendConfirm).steps if step == "phone"] == ["phone"]
    assert not story.all_of(fx.StartPinEntry)


@pytest.mark.parametrize("rules", ["", "phone=0"])
def test_where_policy_takes_no_phones_there_is_no_such_key(rules: str) -> None:
    story = ready(rules=rules)
    assert "phone" not in {choice.key for choice in screen_of(story.state).choices}
    story.keys("phone")
    assert story.screen_id == "sign_in_number"
    assert not story.all_of(fx.SendPhoneCode)


def test_the_host_is_asked_every_two_seconds_and_never_twice_at_once() -> None:
    story = showing()
    story.wait(10)
    assert len(story.all_of(fx.SendPhoneAsk)) == 1, "its answer is still to come"
    stands(story, known=False)
    story.wait(PHONE_ASK_S)
    assert len(story.all_of(fx.SendPhoneAsk)) == 2
    traces = [ask.trace_no for ask in story.all_of(fx.SendPhoneAsk) if isinstance(ask, fx.SendPhoneAsk)]
    assert len(set(traces)) == 2


def test_seconds_run_out_on_the_screen_and_the_host_is_asked_once_more_at_the_end() -> None:
    story = showing()
    for _ in range(LIFE_S // PHONE_ASK_S):
        story.wait(PHONE_ASK_S)
        stands(story, known=False)
    assert story.screen_id == "sign_in_number"
    assert "已失效" in story.text
    assert last(story, fx.SendPhoneLeft).name == NAME
    story.send(PhoneLeft(now=story.now))
    assert story.screen_id == "sign_in_number"


def test_a_phone_that_answers_in_the_last_second_still_signs_in() -> None:
    story = showing()
    for _ in range(LIFE_S // PHONE_ASK_S - 1):
        story.wait(PHONE_ASK_S)
        stands(story, known=False)
    story.wait(PHONE_ASK_S)
    stands(story, known=True)
    assert last(story, fx.SendVerify).phone == NAME


def test_no_code_is_shown_for_longer_than_its_bound() -> None:
    story = ready()
    story.keys("phone")
    given(story, 10_000)
    countdown = screen_of(story.state).countdown
    assert countdown is not None
    assert countdown.left_s == PHONE_CODE_S_MAX


def test_cancel_takes_the_code_away_and_tells_the_host() -> None:
    story = showing("keypad")
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"
    assert last(story, fx.SendPhoneLeft).name == NAME
    stands(story, known=True)
    assert not story.all_of(fx.SendVerify), "nobody waits for it any more"


def test_what_is_said_of_another_code_changes_nothing() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    stands(story, known=True, name="HGFEDCBA")
    assert story.screen_id == "sign_in_phone"
    assert not story.all_of(fx.SendVerify)


def test_whoever_is_faster_than_the_keys_waits_for_them() -> None:
    story = Story("smart").to_number(memory(rules=RULES))
    story.keys("phone")
    assert story.screen_id == "phone_code"
    assert not story.all_of(fx.SendPhoneCode)
    story.signed_on()
    assert story.all_of(fx.SendPhoneCode)
    given(story)
    assert story.screen_id == "sign_in_phone"


def test_without_keys_it_is_said_why() -> None:
    story = Story("smart").to_number(memory(rules=RULES))
    story.keys("phone")
    story.failed("SendSignOn", "unreachable")
    assert (story.screen_id, story.code) == ("trouble", "N101")
    story.keys("retry")
    assert story.screen_id == "sign_in_number"


def test_without_a_line_a_phone_is_told_to_need_one() -> None:
    story = Story("smart").to_number(memory(rules=f"{RULES},offline=1"))
    story.failed("SendSignOn", "unreachable")
    story.keys("phone")
    assert story.screen_id == "sign_in_number"
    assert "无网络" in story.text


@pytest.mark.parametrize(
    ("reason", "said"), [("phone_not_taken", "本店不用手机签到"), ("phone_not_served", "主机没有开设手机页面")]
)
def test_a_host_that_gives_no_code_says_why(reason: str, said: str) -> None:
    story = ready()
    story.keys("phone")
    story.refused("SendPhoneCode", "P9", reason=reason)
    assert (story.screen_id, story.code) == ("trouble", "A108")
    assert said in story.text


def test_a_code_that_the_host_calls_over_goes() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    story.refused("SendPhoneAsk", "P9", reason="phone_code_over")
    assert story.screen_id == "sign_in_number"
    assert "已失效" in story.text


def test_a_terminal_that_is_locked_meanwhile_says_so() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    story.refused("SendPhoneAsk", "P3", locked_until=story.now)
    assert story.code == "A106"


def test_a_line_that_fails_once_is_asked_again_while_there_is_time() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    story.failed("SendPhoneAsk", "no_answer")
    assert story.screen_id == "sign_in_phone"
    story.wait(PHONE_ASK_S)
    assert len(story.all_of(fx.SendPhoneAsk)) == 2
    story.failed("SendPhoneAsk", "bad_mac")
    assert story.code == "N104"


@pytest.mark.parametrize("failure", ["no_answer", "unreachable"])
def test_a_lost_answer_to_the_sign_in_begins_anew(failure: Any) -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    stands(story, known=True)
    story.failed("SendVerify", failure)
    assert story.screen_id == "trouble"
    story.keys("retry")
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize(("code", "reason"), [("P1", ""), ("P2", "operator_disabled"), ("P4", "password_needed")])
def test_a_refusal_after_the_phone_asks_for_no_password_here(code: str, reason: str) -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    stands(story, known=True)
    story.send(Refused(now=story.now, request="SendVerify", response_code=code, reason=reason))
    assert story.screen_id == "trouble"
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    assert not story.all_of(fx.StartPinEntry)


def test_no_new_password_is_offered_to_whoever_typed_none_here() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    stands(story, known=True)
    story.verified(login=BY_PHONE, days_left=3, notice_about="factory_password")
    assert ("签到后在待机页修改" in story.text, "现在修改" in story.text) == (True, False), "no key here changes it"
    assert "confirm.change" not in [choice.label.key for choice in screen_of(story.state).choices]
    story.keys("change")
    assert story.screen_id == "confirm"


def test_whoever_is_signed_in_elsewhere_goes_on_by_a_supervisors_word_as_by_every_way() -> None:
    story = showing()
    story.wait(PHONE_ASK_S)
    stands(story, known=True)
    where = Elsewhere(
        record_no=RecordNo(7),
        operator_no=OperatorNo("01"),
        terminal="10000002",
        since=story.now,
        way="supervisor",
        operator_name="王芳",
    )
    story.refused("SendVerify", "P6", elsewhere=where)
    assert story.screen_id == "elsewhere"
    story.keys("supervisor", "0", "0")
    story.pin()
    story.send(Approved(now=story.now, approval_no=5, supervisor="李主管"))
    confirm = last(story, fx.SendConfirm)
    assert (confirm.operator_no, confirm.record_no, confirm.take_over) == ("01", 7, "5")
    story.confirmed()
    assert story.state.session is not None
