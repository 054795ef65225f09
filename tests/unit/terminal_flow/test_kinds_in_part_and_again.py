"""Kinds of payment that take a part, find their original by other numbers, stand behind an entry of the menu, or are asked for again."""

import msgspec
import pytest
from tests.worlds.flow_kinds import answered, slips_out, sold
from tests.worlds.flow_kinds import made_up as made_up
from tests.worlds.flow_story import Story, approval, memory

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Doing

# ── a part, what is found by other numbers, and what is behind an entry of the menu ──


def sent_doing(story: Story) -> Doing:
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    return sent.attempt.doing


def test_a_part_is_taken_of_what_is_left_and_the_list_and_the_totals_know() -> None:
    story = sold()
    trace_no = story.state.today[0].trace_no
    for digits, left in (("234", 1000), ("1000", 0)):
        story.keys("partly", *trace_no, "enter", "enter")
        assert story.screen_id == "amount"
        story.keys(*digits, "enter")
        story.card("insert")
        answered(story, int(digits))
        slips_out(story)
        assert story.state.today[-1].standing_fen == left
        assert story.state.sales_fen == left
    assert story.state.sales_count == 1
    story.keys("partly", *trace_no, "enter")
    assert "已退货" in story.text


def test_a_part_whose_approval_cannot_be_kept_was_never_taken() -> None:
    story = sold()
    story.keys("partly", *story.state.today[0].trace_no, "enter", "enter", "5", "enter")
    story.card("insert")
    story.broken_records.add("approval")
    answered(story, 5)
    assert (story.state.today[-1].standing_fen, story.state.sales_fen) == (1234, 1234)


@pytest.mark.parametrize(
    ("typed", "rrn", "auth_code", "date"),
    [
        (("112308550399", "enter", "1122", "enter"), "112308550399", "", "1122"),
        (("1123085503991122000777", "enter"), "112308550399", "000777", "1122"),
        (("1123085503991122000000", "enter"), "112308550399", "", "1122"),
    ],
    ids=["typed", "scanned", "scanned without authorisation"],
)
def test_a_payment_that_this_terminal_does_not_know_goes_to_the_host_as_its_slip_names_it(
    typed: tuple[str, ...], rrn: str, auth_code: str, date: str
) -> None:
    story = Story().to_standby()
    story.keys("partly", *(key for word in typed for key in ([word] if word == "enter" else word)))
    assert story.screen_id == "amount"
    story.keys("5", "enter")
    story.card("insert")
    original = sent_doing(story).original
    assert original is not None
    assert (original.rrn, original.auth_code, original.date) == (rrn, auth_code, date)
    assert (original.batch_no, original.trace_no, sent_doing(story).amount_fen) == ("000000", "000000", 5)


@pytest.mark.parametrize("day", ["1", "1322", "0132", "0001"])
def test_a_day_that_is_none_is_asked_for_again_and_the_number_can_be_corrected(day: str) -> None:
    story = Story().to_standby()
    story.keys("partly", *"112308550399", "enter", *day, "enter")
    assert "1123" in story.text
    story.keys("clear")
    assert story.view.entry is not None
    assert story.view.entry.shown == "112308550399"


def test_a_number_of_another_length_is_not_looked_for() -> None:
    story = Story().to_standby()
    for kind, word in (("partly", "十二位参考号"), ("using", "六位授权码")):
        story.keys(kind, *"1234567", "enter")
        assert word in story.text
        story.keys("cancel")


def test_what_was_used_stands_again_when_that_is_undone() -> None:
    story = sold()
    story.keys("made_up")
    assert story.screen_id == "kinds"
    assert [choice.key for choice in story.view.choices] == ["using", "unusing", "cancel"]
    story.keys("using", *"654321", "enter", "enter")
    story.card("insert")
    answered(story, 1234)
    slips_out(story)
    assert [line.state for line in story.state.today] == ["approved", "completed"]
    story.keys("using", *"654321", "enter")
    assert "已完成" in story.text
    story.keys("cancel", "unusing", *story.state.today[0].trace_no, "enter", "enter")
    story.card("insert")
    answered(story, 1234)
    slips_out(story)
    assert [line.state for line in story.state.today] == ["approved", "undone", "approved"]


def test_a_menu_behind_an_entry_is_left_by_cancel_and_by_nobody() -> None:
    story = Story().to_standby()
    story.keys("made_up", "cancel")
    assert story.screen_id == "standby"
    story.keys("made_up")
    story.wait(61)
    assert story.screen_id in ("standby", "locked")


# ── what nothing undoes is asked for again ───────────────────────────────────


def left_open(failure: ev.Failure = "no_answer") -> Story:
    """A sale, and a part of it taken, of which nobody said what became of it."""
    story = sold()
    story.keys("repeated", *story.state.today[0].trace_no, "enter", "enter", "234", "enter")
    story.card("insert")
    story.failed("SendPayment", failure)
    return story


def pending_again(story: Story) -> ev.PendingReversal:
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    return sent.reversal


@pytest.mark.parametrize("failure", ["no_answer", "bad_answer"])
def test_what_nothing_undoes_is_asked_for_again_with_its_own_number(failure: ev.Failure) -> None:
    story = left_open(failure)
    pending = pending_again(story)
    assert pending.again == ev.Again(operator_no=story.state.session.operator_no, way="insert", time=pending.again.time)  # type: ignore[union-attr]  # both are there
    assert "再次查询" in story.text
    story.failed("SendReversal", "no_answer")
    assert pending_again(story).trace_no == pending.trace_no
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(pending.trace_no, 234)))
    slips_out(story)
    assert story.state.undo is None
    assert [(line.state, line.standing_fen) for line in story.state.today] == [("approved", 234), ("approved", 1000)]


def test_a_refusal_ends_it_and_one_that_says_nothing_of_it_does_not() -> None:
    story = left_open()
    for code in ("77", "64"):
        refused = ev.Refused(now=story.now, request="SendReversal", response_code=code)
        story.send(ev.OutcomeKnown(now=story.now, refused=refused))
        if code == "77":
            assert story.state.undo is not None
            story.state = msgspec.structs.replace(
                story.state, undo=msgspec.structs.replace(story.state.undo, under_way=True)
            )
    assert story.state.undo is None
    assert [(line.state, line.standing_fen) for line in story.state.today] == [("declined", 234), ("approved", 1234)]


def test_an_answer_about_another_payment_settles_nothing() -> None:
    story = left_open()
    trace_no = pending_again(story).trace_no
    for answer in (approval("000999", 234), approval(trace_no, 235)):
        story.send(ev.OutcomeKnown(now=story.now, approved=answer))
        assert story.state.undo is not None


def test_until_its_outcome_is_known_the_list_says_so_and_nothing_else_is_paid() -> None:
    story = left_open()
    for _ in range(3):
        story.failed("SendReversal", "no_answer")
    assert "结果尚未确认" in story.text
    story.keys("cancel")
    assert "待确认" in story.text
    story.keys("sale")
    assert story.screen_id == "reversing"
    story.send(
        ev.OutcomeKnown(now=story.now, refused=ev.Refused(now=story.now, request="SendReversal", response_code="12"))
    )
    assert story.screen_id == "standby"
    assert "未成功" in story.text


def test_after_a_power_cut_it_is_asked_for_again_and_printed() -> None:
    story = left_open()
    kept = pending_again(story)
    line = next(line for line in story.state.today if line.trace_no == kept.trace_no)
    later = Story().to_standby(memory(reversal=kept, today=(line,), batch_no=kept.batch_no))
    later.wait(61)
    assert pending_again(later).again == kept.again
    later.send(ev.OutcomeKnown(now=later.now, approved=approval(kept.trace_no, 234)))
    slips_out(later)
    assert "¥2.34" in later.text


def test_an_approval_that_cannot_be_kept_is_asked_for_again() -> None:
    story = left_open()
    story.broken_records.add("approval")
    trace_no = pending_again(story).trace_no
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(trace_no, 234)))
    assert story.state.today[-1].standing_fen == 1234
    again = pending_again(story)
    assert again.again is not None
    story.broken_records.clear()
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(trace_no, 234)))
    assert (story.state.undo, story.state.today[-1].standing_fen) == (None, 1000)
