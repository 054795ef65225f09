"""Waits, sign-in code, new password, sign-in elsewhere, approval: each with the words that say what to do."""

import pytest
from tests.worlds.flow_story import RULES, Story, memory, on_duty, with_rules

from zhanggui.basics.numbers import RecordNo, UnixMs
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import STALE_REASONS

MODELS = ("smart", "esign", "keypad")


def verifying(model: str = "smart") -> Story:
    story = Story(model).to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    return story


def last(story: Story, kind: type[fx.Effect]) -> fx.Effect:
    return story.all_of(kind)[-1]


# ── waits and locks ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", MODELS)
def test_after_wrong_tries_nothing_can_be_typed_until_the_wait_is_over(model: str) -> None:
    story = verifying(model)
    story.refused("SendVerify", "P1", tries_left=2, wait_s=15)
    assert story.screen_id == "wait"
    assert story.view.countdown is not None
    assert story.view.countdown.left_s == 15
    assert "StartPinEntry" not in story.names()
    story.keys("1", "2", "enter")
    assert story.screen_id == "wait"
    story.wait(14)
    assert story.view.countdown.left_s == 1
    story.wait(1)
    assert story.screen_id == "sign_in_password"
    assert "试 2 次" in story.text


def test_a_colleague_may_sign_in_while_somebody_waits() -> None:
    story = verifying()
    story.refused("SendVerify", "P1", wait_s=15)
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"
    story.keys("0", "2")
    assert story.screen_id == "sign_in_password"


def test_a_locked_terminal_tells_until_when_and_who_helps() -> None:
    story = verifying()
    story.refused("SendVerify", "P3", locked_until=UnixMs(story.now + 600_000))
    assert "2026-11-23 09:05:03" in story.text
    assert "主管" in story.text


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("P4", "initial_secret_expired", "初始密码已过期"),
        ("P4", "factory_password", "出厂密码"),
        ("P9", "self_check:printer", "打印机"),
        ("P9", "clock", "本机时间"),
    ],
)
def test_a_refusal_with_a_reason_says_exactly_what_is_the_matter(code: str, reason: str, words: str) -> None:
    story = verifying()
    story.refused("SendVerify", code, reason=reason)
    assert words in story.text


def test_a_missing_right_names_who_has_it() -> None:
    story = verifying()
    story.refused("SendVerify", "P7", role="supervisor")
    assert story.view.code == "P101"
    assert "主管（00）" in story.text


# ── code ─────────────────────────────────────────────────────────────────────


def code_asked(model: str = "smart") -> Story:
    story = verifying(model)
    story.verified(needs_code=True, rules=RULES)
    assert story.screen_id == "confirm"
    story.keys("enter")
    return story


@pytest.mark.parametrize("model", MODELS)
def test_the_code_is_typed_on_the_pin_pad_and_goes_with_the_confirmation(model: str) -> None:
    story = code_asked(model)
    assert story.screen_id == "sign_in_code"
    entry = last(story, fx.StartPinEntry)
    assert isinstance(entry, fx.StartPinEntry)
    assert (entry.purpose, entry.min_digits, entry.max_digits) == ("code", 6, 8)
    story.pin(digits=6)
    sent = last(story, fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert sent.with_code
    story.confirmed()
    assert story.screen_id == "signed_in"


def test_a_wrong_code_is_asked_again_with_the_drift_that_was_measured() -> None:
    story = code_asked()
    story.pin(digits=6)
    story.refused("SendConfirm", "P5", notice="-95")
    assert story.screen_id == "sign_in_code"
    assert story.view.code == "A301"
    assert "95 秒" in story.text
    story.pin(digits=6)
    assert len(story.all_of(fx.SendConfirm)) == 2


@pytest.mark.parametrize(
    ("kind", "there", "not_there"),
    [("totp", "验证器", "主管"), ("shift", "主管", "验证器"), ("none", "验证器", "签到码")],
)
def test_the_hint_says_where_this_shop_s_code_comes_from(kind: str, there: str, not_there: str) -> None:
    story = verifying()
    story.verified(needs_code=True, rules=with_rules(sign_in_code=kind))
    story.keys("enter")
    assert there in story.text
    assert not_there not in story.text


def test_the_code_of_another_shift_is_called_that() -> None:
    story = code_asked()
    story.pin(digits=6)
    story.refused("SendConfirm", "P5", reason="code_of_another_shift", tries_left=2)
    assert "别的班次" in story.text
    assert story.view.code == "A301"


@pytest.mark.parametrize("outcome", ["cancelled", "timed_out"])
def test_a_code_that_is_not_typed_ends_the_sign_in(outcome: str) -> None:
    story = code_asked()
    story.pin(outcome, digits=0)
    assert story.screen_id == "sign_in_number"
    assert story.all_of(fx.SendConfirm) == []


# ── new password ─────────────────────────────────────────────────────────────


def new_asked(model: str = "smart") -> Story:
    story = verifying(model)
    story.verified(needs_new_password=True, rules=RULES)
    return story


@pytest.mark.parametrize("model", MODELS)
def test_a_needed_new_password_is_typed_twice_before_the_facts(model: str) -> None:
    story = new_asked(model)
    assert story.screen_id == "new_password"
    assert story.view.tone == "warn"
    story.pin(digits=6)
    assert story.screen_id == "repeat_password"
    story.pin(digits=6)
    assert story.screen_id == "changing_password"
    story.send(ev.PasswordChanged(now=story.now))
    assert story.screen_id == "confirm"
    assert "密码已修改" in story.text
    story.keys("enter")
    story.confirmed()
    assert story.screen_id == "signed_in"
    purposes = [effect.purpose for effect in story.effects if isinstance(effect, fx.StartPinEntry)]
    assert purposes == ["password", "new_password", "repeat_password"]


def test_two_different_entries_begin_again() -> None:
    story = new_asked()
    story.pin(digits=6)
    story.pin("differs", digits=6)
    assert story.screen_id == "new_password"
    assert story.view.code == "A111"
    assert story.all_of(fx.SendNewPassword) == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("too_short", "太短"), ("too_long", "太长"), ("banned", "太简单"), ("reused", "以前用过"), ("same", "相同")],
)
def test_a_new_password_that_is_no_good_says_why(reason: str, words: str) -> None:
    story = new_asked()
    story.pin(digits=6)
    story.pin(digits=6)
    story.refused("SendNewPassword", "P4", reason=reason)
    assert story.screen_id == "new_password"
    assert words in story.text
    assert story.view.tone == "bad"


def test_without_the_new_password_nobody_signs_in() -> None:
    story = new_asked()
    story.pin("cancelled", digits=0)
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("model", MODELS)
def test_a_factory_password_is_pushed_at_with_the_key_that_changes_it(model: str) -> None:
    story = verifying(model)
    story.verified(days_left=21, notice_about="factory_password", rules=RULES)
    assert "出厂密码" in story.text
    assert "21 天" in story.text
    story.keys("change")
    assert story.screen_id == "new_password"


def test_a_password_near_its_end_can_be_changed_at_the_confirmation_or_later() -> None:
    story = verifying("keypad")
    story.verified(days_left=5, rules=RULES)
    assert "5 天后到期" in story.text
    story.keys("1")
    assert story.screen_id == "new_password"
    story.send(ev.PinDone(now=story.now, outcome="cancelled"))
    assert story.screen_id == "confirm"
    story.keys("enter")
    assert len(story.all_of(fx.SendConfirm)) == 1


def test_the_host_may_ask_for_it_at_the_confirmation_too() -> None:
    story = verifying()
    story.verified(rules=RULES)
    story.keys("enter")
    story.refused("SendConfirm", "P4", reason="change_first")
    assert story.screen_id == "new_password"


@pytest.mark.parametrize("model", MODELS)
def test_from_standby_the_old_password_comes_first(model: str) -> None:
    story = on_duty(model)
    story.keys("password")
    assert story.screen_id == "old_password"
    story.pin(digits=4)
    story.pin(digits=6)
    story.pin(digits=6)
    story.send(ev.PasswordChanged(now=story.now))
    assert story.screen_id == "standby"
    assert "密码已修改" in story.text
    purposes = [effect.purpose for effect in story.effects if isinstance(effect, fx.StartPinEntry)][1:]
    assert purposes == ["old_password", "new_password", "repeat_password"]


def test_a_wrong_old_password_is_asked_again_and_a_lost_answer_says_what_to_try() -> None:
    story = on_duty()
    story.keys("password")
    story.pin(digits=4)
    story.pin(digits=6)
    story.pin(digits=6)
    story.refused("SendNewPassword", "P1", tries_left=4)
    assert story.screen_id == "old_password"
    story.pin(digits=4)
    story.pin(digits=6)
    story.pin(digits=6)
    story.failed("SendNewPassword", "no_answer")
    assert story.view.code == "A112"
    story.keys("enter")
    assert story.screen_id == "standby"


# ── elsewhere and approval ───────────────────────────────────────────────────


def elsewhere(way: str, model: str = "smart", **more: object) -> Story:
    story = verifying(model)
    found = ev.Elsewhere(
        record_no=RecordNo(91),
        terminal="10000002 · 门口",
        since=UnixMs(story.now - 3_600_000),
        way=way,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
    story.refused("SendVerify", "P6", host_text=found.terminal, elsewhere=found)
    return story


@pytest.mark.parametrize("model", MODELS)
def test_signed_in_elsewhere_says_where_and_since_when(model: str) -> None:
    story = elsewhere("", model)
    assert story.screen_id == "elsewhere"
    assert story.view.code == "A201"
    assert "10000002" in story.text
    assert "2026-11-23 07:55:03" in story.text
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("model", MODELS)
def test_a_supervisor_moves_the_session_here(model: str) -> None:
    story = elsewhere("supervisor", model)
    story.keys("enter")
    assert story.screen_id == "approval_number"
    assert "接管" in story.text or "转到本机" in story.text
    story.keys("0", "0")
    assert story.screen_id == "approval_password"
    story.pin(digits=6)
    asked = last(story, fx.SendApproval)
    assert isinstance(asked, fx.SendApproval)
    assert (asked.login, asked.action, asked.record_no) == ("00", "take_over", 91)
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="李主管"))
    sent = last(story, fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert (sent.record_no, sent.take_over, sent.operator_no) == (91, "7", "01")
    answer = ev.SignInConfirmed(now=story.now, record_no=RecordNo(91), host_now=story.now, operator_name="王芳")
    story.send(answer)
    assert story.screen_id == "signed_in"
    assert "王芳" in story.text


@pytest.mark.parametrize("reason", STALE_REASONS)
def test_a_session_nobody_hears_of_is_taken_over_with_a_reason(reason: str) -> None:
    story = elsewhere("stale")
    story.keys("stale")
    assert story.screen_id == "stale_reason"
    story.keys(reason)
    sent = last(story, fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert sent.take_over == f"stale:{reason}"
    assert story.all_of(fx.SendApproval) == []


def test_a_take_over_with_a_code_asks_for_it_first() -> None:
    story = elsewhere("stale", needs_code=True)
    story.keys("stale", "other")
    assert story.screen_id == "sign_in_code"
    story.pin(digits=6)
    sent = last(story, fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert (sent.take_over, sent.with_code) == ("stale:other", True)


def test_a_race_that_is_lost_at_the_confirmation_names_the_terminal() -> None:
    story = verifying()
    story.verified(rules=RULES)
    story.keys("enter")
    found = ev.Elsewhere(record_no=RecordNo(88), terminal="10000003", since=story.now, way="supervisor")
    story.refused("SendConfirm", "P6", elsewhere=found)
    assert story.screen_id == "elsewhere"
    assert "10000003" in story.text
    assert "王芳" in story.text


def test_a_wrong_supervisor_password_is_asked_again_and_a_refusal_goes_back() -> None:
    story = elsewhere("supervisor")
    story.keys("supervisor", "0", "0")
    story.pin(digits=6)
    story.refused("SendApproval", "P1", tries_left=3)
    assert story.screen_id == "approval_password"
    assert "试 3 次" in story.text
    story.pin(digits=6)
    story.refused("SendApproval", "P7", role="supervisor")
    assert story.screen_id == "elsewhere"
    assert story.view.code == "P101"


@pytest.mark.parametrize("reason", ["approval_expired", "approval_used"])
def test_an_approval_that_does_not_hold_says_why(reason: str) -> None:
    story = elsewhere("supervisor")
    story.keys("supervisor", "0", "0")
    story.pin(digits=6)
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor=""))
    story.refused("SendConfirm", "P8", reason=reason)
    assert story.screen_id == "trouble"
    assert story.view.code == "A110"


def test_an_approval_that_nobody_gives_is_not_waited_for() -> None:
    story = elsewhere("supervisor")
    story.keys("supervisor")
    story.wait(60)
    assert story.screen_id == "elsewhere"
    story.wait(60)
    assert story.screen_id == "sign_in_number"


# ── how many keys ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("eyes", [False, True])
def test_a_practised_operator_needs_nine_keys_at_most_and_the_time_is_sent_truly(model: str, eyes: bool) -> None:
    story = Story(model).to_number(memory(rules=with_rules(check_eyes=1)) if eyes else None)
    story.signed_on()
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            story.now = UnixMs(story.now + 400)
            story.keys(key)
            pressed += 1

    if eyes:
        press("enter")
    press("0", "1")
    for count in range(1, 5):
        story.now = UnixMs(story.now + 400)
        story.send(ev.PinDots(now=story.now, count=count))
        pressed += 1
    story.now = UnixMs(story.now + 400)
    story.send(ev.PinDone(now=story.now, outcome="entered"))
    pressed += 1
    sent = last(story, fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.elapsed_ms == 400 * 6, "from the first digit of the number to this request"
    story.verified()
    press("enter")
    story.confirmed()
    assert story.screen_id == "signed_in"
    assert pressed <= (9 if eyes else 8)
    confirmed = last(story, fx.SendConfirm)
    assert isinstance(confirmed, fx.SendConfirm)
    assert [name for name, _ in confirmed.steps if name not in ("check", "eyes")][:2] == ["number", "password"]
