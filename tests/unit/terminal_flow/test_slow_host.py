"""A slow host is measured by the terminal itself, said within three payments, and a restart that loses nothing is offered."""

import pytest
from tests.worlds.flow_story import RULES, Story, all_well, memory, on_duty, pending, with_rules

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.noted.pace import Pace
from zhanggui.terminal.flow.core.policy import SALE_IDLE_S, SLOW_AFTER_S, SLOW_PAYMENTS
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile


def pay(story: Story, waited_s: int, code: str = "00") -> None:
    """One payment whose answer took so long, up to where its slips are out or its refusal was read."""
    story.to_selling()
    story.wait(waited_s)
    if code != "00":
        story.refused("SendPayment", code)
        story.keys("cancel" if story.screen_id == "sale_refused" else "enter")
        if story.screen_id == "sale_refused":
            story.keys("enter")
        return
    story.approved()
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")


def slow(story: Story, *waits_s: int) -> Story:
    for waited_s in waits_s or (SLOW_AFTER_S, SLOW_AFTER_S + 2, SLOW_AFTER_S + 4):
        pay(story, waited_s)
    return story


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_third_slow_payment_is_said_with_its_seconds_and_a_restart(model: str, lang: str) -> None:
    story = on_duty(model, rules=with_rules(idle_lock_s=0))
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]  # one of two
    slow(story, 4, 5)
    assert story.screen_id == "standby"
    pay(story, 6)
    assert story.view.code == "N107"
    assert "5" in story.view.title
    assert {"enter", "restart"} == {choice.key for choice in story.view.choices}
    if model == "keypad":
        pages = ["".join(page).replace(" ", "") for page in keypad_pages(story.view, load_profile("keypad"))]
        restart = next(choice for choice in story.view.choices if choice.key == "restart")
        assert any(restart.label.replace(" ", "") in page for page in pages)


def test_a_quick_answer_ends_the_row() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    slow(story, 4, 4, 0, 4, 4)
    assert story.screen_id == "standby"
    assert story.state.pace.waits_s == (4, 4)
    pay(story, 4)
    assert story.view.code == "N107"
    story.keys("enter")
    assert "平均 4 秒" in story.text, "standby goes on to say so"
    pay(story, 0)
    assert story.screen_id == "standby"
    assert "响应慢" not in story.text


def test_it_is_said_again_only_after_as_many_more() -> None:
    story = slow(on_duty(rules=with_rules(idle_lock_s=0)))
    story.keys("enter")
    slow(story, *[SLOW_AFTER_S] * (SLOW_PAYMENTS - 1))
    assert story.screen_id == "standby"
    pay(story, SLOW_AFTER_S)
    assert story.view.code == "N107"


def test_refusals_and_answers_that_never_came_count_as_waits() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    pay(story, 5, code="51")
    pay(story, 5, code="96")
    assert story.screen_id == "standby"
    story.to_selling()
    story.wait(60)
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    story.keys("enter")
    assert story.view.code == "N107"


def test_a_line_that_is_not_there_is_no_slow_host() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    for _ in range(SLOW_PAYMENTS):
        story.to_selling()
        story.wait(SLOW_AFTER_S)
        story.failed("SendPayment", "unreachable")
        story.keys("cancel")
    assert story.state.pace.waits_s == ()


def test_nobody_has_to_read_it() -> None:
    story = slow(on_duty(rules=with_rules(idle_lock_s=0)))
    story.wait(SALE_IDLE_S)
    assert story.screen_id == "standby"


def test_the_restart_is_asked_of_the_shell_and_begins_with_what_the_journal_holds() -> None:
    story = slow(on_duty(rules=RULES))
    story.keys("restart")
    assert [type(effect) for effect in story.latest] == [fx.Restart]
    story.power_on(memory(reversal=pending("000009"), rules=RULES))
    story.checked(all_well())
    assert story.screen_id == "sign_in_number"
    assert story.state.undo is not None
    assert story.state.undo.reversal.trace_no == "000009"
    assert story.state.pace.waits_s == (), "whether it helped is measured anew"


@pytest.mark.parametrize(("code", "said"), [("96", "主机繁忙"), ("91", "发卡行暂时无法处理"), ("90", "主机正在日切")])
def test_a_host_that_is_busy_says_so_and_that_it_is_tried_again_later(code: str, said: str) -> None:
    story = on_duty().to_selling()
    story.refused("SendPayment", code)
    assert said in story.text
    assert "稍后重试" in story.text


def test_whoever_signs_in_anew_hears_nothing_of_what_was_slow_for_the_one_before() -> None:
    story = slow(on_duty(), 4, 4, 4)
    assert story.state.pace.is_slow
    story.keys("enter")
    story.keys("sign_out", "enter")
    story.send(ev.SignedOut(now=story.now, sales_count=3, sales_fen=3702))
    story.keys("enter")
    story.to_standby()
    assert story.state.pace == Pace()
