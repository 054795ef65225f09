"""Words that a walk through the terminal missed: how long a wait can be, how long a password is, what can be wrong, who goes on."""

import pytest
from tests.worlds.flow_story import MORNING, Story

from zhanggui.basics.words import Lang
from zhanggui.cup.values.rules import TerminalRules, write_rules
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.words.catalogue import all_words

RULES = write_rules(TerminalRules(password_digits_min=6, password_digits_max=10))


@pytest.mark.parametrize(("lang", "said"), [("zh", "已等待 3 秒，最多 60 秒"), ("en", "3 s so far, 60 s at most")])
def test_a_payment_that_waits_says_how_long_it_can_take(lang: Lang, said: str) -> None:
    story = Story(lang=lang).to_standby().to_selling()
    assert said not in story.text
    story.wait(3)
    assert said in story.text


def test_a_new_password_is_asked_for_with_the_length_that_the_host_wants() -> None:
    story = Story().to_number()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES, days_left=3)
    story.keys("change")
    assert story.screen_id == "new_password"
    assert "6 至 10 位；勿用连号、重复、日期、常见密码或旧密码" in story.text


def test_whoever_changes_the_password_from_standby_reads_how_long_it_may_be() -> None:
    story = Story().to_standby()
    story.keys("password")
    story.pin(digits=4)
    assert story.screen_id == "new_password"
    assert "4 至 12 位；勿用连号、重复、日期、常见密码或旧密码" in story.text


def test_each_fact_that_is_shown_can_be_called_wrong_and_the_time_stands_still() -> None:
    story = Story().to_number()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified()
    shown = {line.text for line in story.view.lines}
    times = [line.right for line in story.view.lines if line.text == "主机时间"]
    story.keys("wrong")
    offered = {choice.label for choice in story.view.choices} - {"取消"}
    assert {"操作员", "商户", "门店", "终端号", "主机时间", "批次号"} == offered
    assert offered <= shown
    story.wait(2)
    story.keys("cancel")
    assert [line.right for line in story.view.lines if line.text == "主机时间"] == times


def test_whoever_signs_in_reads_when_the_password_was_used_before() -> None:
    story = Story().to_number()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(earlier_since=MORNING)
    assert "上次使用您的密码：2026-11-23 08:55:03" in story.text
    first = Story().to_number()
    first.keys("0", "1")
    first.pin(digits=4)
    first.verified()
    assert "上次" not in first.text, "nobody was there before"


def test_a_tap_on_the_name_asks_at_once_who_goes_on() -> None:
    story = Story().to_standby()
    assert story.view.status.operator_key == "hand_over"
    story.keys("hand_over")
    assert story.screen_id == "locked_menu"
    assert story.state.lock is not None
    assert [effect.verdict for effect in story.all_of(fx.SendLock) if isinstance(effect, fx.SendLock)] == ["lock"]
    story.keys("another")
    assert story.screen_id == "sign_in_number"
    assert story.state.session is None


def test_the_name_presses_nothing_in_the_middle_of_a_payment() -> None:
    story = Story().to_standby()
    story.keys("sale")
    assert story.view.status.operator_key == ""
    story.keys("hand_over")
    assert story.screen_id == "amount"


def test_a_take_over_says_when_the_other_terminal_stops_and_not_at_once() -> None:
    words = all_words()["elsewhere.supervisor.do"]
    assert "最迟一分钟内停止收款" in words.zh
    assert "within a minute" in words.en
