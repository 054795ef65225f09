"""Sign-in: the happy way in detail, and every other way with words that say what to do next."""

import pytest
from tests.worlds.flow_story import Story, all_well, found, machine

from zhanggui.basics.numbers import OperatorNo, RecordNo, UnixMs
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.sign_in.stages import SignInPassword


def at_password() -> Story:
    story = Story().to_number()
    story.signed_on()
    story.keys("0", "1")
    return story


def verifying() -> Story:
    story = at_password()
    story.pin(digits=4)
    return story


def test_the_second_digit_asks_for_the_password() -> None:
    story = Story().to_number()
    story.keys("0")
    assert story.screen_id == "sign_in_number"
    story.keys("1")
    assert story.screen_id == "sign_in_password"
    (entry,) = story.all_of(fx.StartPinEntry)
    assert isinstance(entry, fx.StartPinEntry)
    assert (entry.purpose, entry.login) == ("password", "01")


def test_a_wrong_digit_is_cleared_and_enter_asks_for_two() -> None:
    story = Story().to_number()
    story.keys("7", "clear", "0", "enter")
    assert "两位" in story.text
    story.keys("2")
    assert story.state.stage == SignInPassword(login=OperatorNo("02"))


def test_the_password_shows_dots_only() -> None:
    story = at_password()
    for count in range(1, 5):
        story.send(ev.PinDots(now=story.now, count=count))
    assert story.view.entry is not None
    assert story.view.entry.shown == "••••"


def test_who_outruns_the_keys_waits_with_words() -> None:
    story = Story().to_number()
    story.keys("0", "1")
    story.pin(digits=4)
    assert story.screen_id == "verifying"
    assert story.view.title == "正在连接主机"
    assert story.all_of(fx.SendVerify) == []
    story.signed_on()
    assert len(story.all_of(fx.SendVerify)) == 1
    assert story.view.title == "正在核对"


def test_a_long_wait_is_said_to_be_long() -> None:
    story = verifying()
    story.wait(2)
    assert "较慢" not in story.text
    story.wait(1)
    assert "较慢" in story.text


def test_a_wrong_password_tells_the_tries_left_and_keeps_the_number() -> None:
    story = verifying()
    story.refused("SendVerify", "P1", tries_left=4)
    assert story.screen_id == "sign_in_password"
    assert story.view.code == "A101"
    assert "还可再试 4 次" in story.text
    assert story.names() == ["StartPinEntry"]
    story.pin(digits=4)
    first, second = story.all_of(fx.SendVerify)
    assert isinstance(first, fx.SendVerify)
    assert isinstance(second, fx.SendVerify)
    assert first.login == second.login
    assert first.trace_no != second.trace_no


@pytest.mark.parametrize(
    ("code", "short", "words"),
    [
        ("P2", "A102", "操作员已锁定"),
        ("P3", "A106", "本终端已锁定"),
        ("P4", "A103", "新密码"),
        ("P5", "A301", "签到代码"),
        ("P6", "A201", "另一台终端"),
        ("P7", "A107", "权限"),
        ("P9", "A108", "终端状态"),
        ("PA", "A109", "已结束"),
        ("97", "R97", "终端未登记"),
        ("03", "R03", "商户未登记"),
        ("58", "R58", "终端"),
        ("30", "R30", "格式"),
        ("96", "R96", "异常"),
        ("ZZ", "RZZ", "ZZ"),
    ],
)
def test_each_refusal_has_words_a_code_and_whom_to_call(code: str, short: str, words: str) -> None:
    story = verifying()
    story.refused("SendVerify", code)
    assert story.screen_id == "trouble"
    assert story.view.code == short
    assert words in story.text
    assert machine().support_phone in story.text
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_lock_tells_until_when_and_another_terminal_is_named() -> None:
    story = verifying()
    story.refused("SendVerify", "P2", locked_until=UnixMs(story.now + 1_800_000))
    assert "2026-11-23 09:25:03" in story.text
    story = verifying()
    story.refused("SendVerify", "P6", host_text="10000002（2026-11-23 08:00:00）")
    assert "10000002" in story.text


@pytest.mark.parametrize(
    ("reason", "what", "who_helps"),
    [
        ("operator_disabled", "已停用", "重新启用"),
        ("account_unused", "长期未用", "重置密码"),
        ("tries_used_up", "次数已达上限", "重置密码"),
    ],
)
def test_who_cannot_be_helped_by_waiting_is_not_called_locked(reason: str, what: str, who_helps: str) -> None:
    story = verifying()
    story.refused("SendVerify", "P2", reason=reason)
    assert what in story.text
    assert who_helps in story.text
    assert "尝试次数过多" not in story.text
    assert "稍后" not in story.text


@pytest.mark.parametrize("code", ["A0", "99", "77"])
def test_bad_keys_are_fetched_anew_at_once(code: str) -> None:
    story = verifying()
    story.refused("SendVerify", code)
    assert "SendSignOn" in story.names()
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    assert len(story.all_of(fx.SendSignOn)) == 2


@pytest.mark.parametrize(
    ("failure", "short"),
    [
        ("unreachable", "N101"),
        ("not_sent", "N102"),
        ("no_answer", "N103"),
        ("bad_mac", "N104"),
        ("bad_answer", "N105"),
        ("bad_keys", "N106"),
    ],
)
def test_each_failure_of_the_line_has_its_words(failure: ev.Failure, short: str) -> None:
    story = verifying()
    story.failed("SendVerify", failure)
    assert story.view.code == short


def test_a_failed_sign_on_is_told_at_once_and_tried_again() -> None:
    story = Story().to_number()
    story.keys("0")
    story.failed("SendSignOn", "unreachable")
    assert story.view.code == "N101"
    story.keys("retry")
    assert story.screen_id == "sign_in_number"
    assert len(story.all_of(fx.SendSignOn)) == 2


def test_a_sign_on_that_fails_during_the_password_keeps_the_number() -> None:
    story = Story().to_number()
    story.keys("0", "1")
    story.send(ev.PinDots(now=story.now, count=2))
    story.refused("SendSignOn", "97")
    assert story.view.code == "R97"
    assert "StopPinEntry" in story.names()
    story.keys("retry")
    assert story.screen_id == "sign_in_password"
    assert story.state.stage == SignInPassword(login=OperatorNo("01"))


def test_the_confirm_screen_shows_every_fact() -> None:
    story = verifying()
    story.verified()
    for fact in ("01 · 王芳", "城南小馆", "前台", "10000001", "2026-11-23 08:55:03", "000002"):
        assert fact in story.text
    assert "本机时间" not in story.text
    assert story.view.tone == "calm"


def test_the_terminals_own_clock_is_shown_when_it_is_half_a_minute_off() -> None:
    story = verifying()
    story.verified(drift_s=-30)
    assert "本机时间" in story.text
    assert "30 秒" in story.text
    assert story.view.tone == "warn"


def test_an_earlier_session_is_mentioned() -> None:
    story = verifying()
    story.verified(earlier_terminal="10000002", earlier_since=story.now)
    assert "10000002" in story.text


@pytest.mark.parametrize("item", ["operator", "shop", "terminal", "time", "batch"])
def test_a_wrong_fact_is_reported_and_nobody_signs_in_on_it(item: str) -> None:
    story = verifying()
    story.verified()
    story.keys("wrong")
    assert story.screen_id == "wrong_item"
    story.keys(item)
    (sent,) = story.all_of(fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert (sent.verdict, sent.wrong_item) == ("wrong", item)
    story.send(ev.SignInConfirmed(now=story.now, record_no=RecordNo(7), host_now=story.now, case_no=12))
    assert story.view.code == "A401"
    assert "第 12 号问题" in story.text
    assert "问题编号 12" in story.text
    assert story.state.session is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_the_wrong_fact_can_be_chosen_by_number_and_taken_back() -> None:
    story = verifying()
    story.verified()
    story.keys("wrong", "cancel")
    assert story.screen_id == "confirm"
    story.keys("wrong", "5")
    (sent,) = story.all_of(fx.SendConfirm)
    assert isinstance(sent, fx.SendConfirm)
    assert sent.wrong_item == "time"
    story.failed("SendConfirm", "no_answer")
    assert story.view.code == "A402"


def test_a_report_that_is_refused_is_not_said_to_be_noted() -> None:
    story = verifying()
    story.verified()
    story.keys("wrong", "4")
    story.refused("SendConfirm", "PA")
    assert story.view.code == "A402"
    assert "未送达" in story.text


def test_a_confirmation_without_answer_may_be_sent_again() -> None:
    story = verifying()
    story.verified()
    story.keys("enter")
    story.failed("SendConfirm", "no_answer")
    assert story.screen_id == "confirm"
    assert story.view.code == "N103"
    story.keys("enter")
    first, again = story.all_of(fx.SendConfirm)
    assert again == first, "the same message with the same number, so that the stored answer comes"
    story.confirmed()
    assert story.screen_id == "signed_in"
    assert "88" in story.text


def test_success_goes_away_by_itself_after_three_seconds() -> None:
    story = verifying()
    story.verified()
    story.keys("enter")
    story.confirmed()
    story.wait(2)
    assert story.screen_id == "signed_in"
    story.wait(1)
    assert story.screen_id == "standby"
    assert story.state.reader == ("swipe", "insert", "tap")


def test_each_message_of_the_sign_in_has_a_trace_number_of_its_own_kept_before_it() -> None:
    story = verifying()
    story.verified()
    story.keys("enter")
    kept = [effect.trace_no for effect in story.effects if isinstance(effect, fx.RememberTrace)]
    sent = [
        effect.trace_no
        for effect in story.effects
        if isinstance(effect, fx.SendSignOn | fx.SendVerify | fx.SendConfirm)
    ]
    assert sent == ["000012", "000013", "000014"]
    assert set(sent) <= set(kept)


def test_a_record_that_fails_keeps_the_message_from_leaving() -> None:
    story = Story()
    story.broken_records.add("trace")
    story.to_number()
    assert story.all_of(fx.SendSignOn) == []
    assert story.view.code == "J101"
    story.broken_records.clear()
    story.keys("retry")
    assert story.screen_id == "sign_in_number"
    assert len(story.all_of(fx.SendSignOn)) == 1


# ── self-check ───────────────────────────────────────────────────────────────


def test_a_good_self_check_goes_on_by_itself() -> None:
    story = Story()
    story.power_on()
    assert story.names() == ["RunSelfCheck"]
    story.checked()
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("item", ["tamper", "keypad", "display", "power"])
def test_a_critical_failure_blocks_sign_in_and_can_be_checked_again(item: ev.CheckItem) -> None:
    story = Story()
    story.power_on()
    story.checked(found(item, "fail"))
    assert story.view.tone == "bad"
    story.keys("enter")
    assert story.screen_id == "self_check"
    assert story.names() == ["RunSelfCheck"]
    assert story.all_of(fx.SendSignOn) == []


@pytest.mark.parametrize("item", ["network", "printer", "scanner", "clock", "card_reader"])
def test_a_minor_failure_is_shown_recorded_and_allowed(item: ev.CheckItem) -> None:
    story = Story()
    story.power_on()
    results = found(item, "fail")
    story.checked(results)
    assert story.screen_id == "self_check_result"
    assert len(story.view.rows) == len(all_well())
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    (sent,) = story.all_of(fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.checks == results


def test_a_reason_without_words_still_gets_general_ones() -> None:
    story = Story()
    story.power_on()
    story.checked(found("printer", "warn", "check.printer.something_new"))
    assert "打印机" in story.text


def test_device_changes_reach_the_status_line_and_the_standby_screen() -> None:
    story = Story().to_standby()
    change = ev.CheckResult(item="printer", state="warn", reason="check.printer.no_paper")
    story.send(ev.DeviceChanged(now=story.now, result=change))
    assert story.view.status.printer_state == "warn"
    assert "打印机缺纸" in story.text


# ── sign-out ─────────────────────────────────────────────────────────────────


def test_sign_out_without_a_line_lets_the_operator_leave() -> None:
    story = Story().to_standby()
    story.keys("sign_out", "enter")
    story.failed("SendSignOut", "no_answer")
    assert story.view.code == "N103"
    story.keys("leave")
    assert story.screen_id == "sign_in_number"
    assert story.state.session is None


def test_sign_out_is_asked_once_and_can_be_taken_back() -> None:
    story = Story().to_standby()
    story.keys("sign_out")
    assert story.all_of(fx.SendSignOut) == []
    story.keys("cancel")
    assert story.screen_id == "standby"


def test_the_next_operator_gets_fresh_keys() -> None:
    story = Story().to_standby()
    story.keys("sign_out", "enter")
    story.send(ev.SignedOut(now=story.now, sales_count=0, sales_fen=0))
    story.wait(15)
    assert story.screen_id == "sign_in_number"
    assert len(story.all_of(fx.SendSignOn)) == 2
