"""The header's network follows what goes over the line, not the self-check at power-on; where nothing goes over it, it is looked at."""

import pytest
from tests.worlds.flow_story import RULES, Story, found, memory, on_duty, with_rules

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import ATTENDED_S, LINE_AGAIN_S, LINE_LOOK_S

SHOWN_WITHIN_S = 10
CALL_S = 3
"""What a call may take before the host counts as unreachable."""


def seen(story: Story, sign: ev.LineSign) -> None:
    story.send(ev.LineSeen(now=story.now, sign=sign))


def looks(story: Story) -> int:
    return len(story.all_of(fx.LookAtLine))


def test_a_line_that_dies_and_comes_back_shows_in_the_header() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    assert story.view.status.network_state == "ok"
    before = looks(story)
    story.wait(SHOWN_WITHIN_S - CALL_S)
    assert looks(story) > before, "looked at early enough to show it in ten seconds"
    seen(story, "unreachable")
    assert story.view.status.network_state == "fail"
    assert "连接不上主机" in story.text
    before = looks(story)
    story.wait(SHOWN_WITHIN_S - CALL_S)
    assert looks(story) > before
    seen(story, "taken")
    assert story.view.status.network_state == "ok"
    assert "连接不上主机" not in story.text


@pytest.mark.parametrize(
    ("was", "sign", "becomes"),
    [
        ("fail", "answered", "ok"),
        ("fail", "taken", "ok"),
        ("ok", "silent", "warn"),
        ("ok", "unreachable", "fail"),
        ("warn", "unreachable", "fail"),
        ("warn", "answered", "warn"),
    ],
)
def test_what_a_sign_makes_of_the_self_checks_word(was: ev.CheckState, sign: ev.LineSign, becomes: str) -> None:
    story = Story()
    story.power_on(memory(rules=RULES))
    story.checked(found("network", was, "" if was == "ok" else f"check.network.{was}"))
    seen(story, sign)
    assert story.view.status.network_state == becomes


def test_a_host_that_takes_calls_and_answers_nothing_is_not_shown_as_well_before_it_answers() -> None:
    story = on_duty()
    seen(story, "silent")
    seen(story, "taken")
    assert story.view.status.network_state == "warn"
    seen(story, "answered")
    assert story.view.status.network_state == "ok"


def test_a_fault_that_the_machine_knows_keeps_its_own_words() -> None:
    story = on_duty()
    down = ev.CheckResult(item="network", state="fail", reason="check.network.down")
    story.send(ev.DeviceChanged(now=story.now, result=down))
    seen(story, "unreachable")
    assert down in story.state.checks


def test_a_weak_line_of_the_sign_in_is_not_told_of_while_answers_come() -> None:
    story = Story().to_number(memory(rules=RULES))
    seen(story, "unreachable")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES, degraded=("line", "slip"))
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    assert "网络不稳" in story.text
    seen(story, "answered")
    assert "网络不稳" not in story.text
    assert "打印机不可用" not in story.text, "the printer is well too"


def test_a_terminal_that_nobody_uses_does_not_call_the_host_all_night() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.wait(ATTENDED_S)
    before = looks(story)
    story.wait(10 * LINE_LOOK_S)
    assert looks(story) == before
    seen(story, "unreachable")
    story.wait(LINE_AGAIN_S)
    assert looks(story) == before + 1, "a line that is down is still looked at, more slowly"


def test_no_look_goes_out_while_the_host_is_being_talked_to() -> None:
    story = on_duty().to_selling(5)
    before = looks(story)
    story.wait(3 * LINE_LOOK_S)
    assert looks(story) == before
