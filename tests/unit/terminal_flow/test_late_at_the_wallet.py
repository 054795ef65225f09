"""What goes back at a wallet that does not say yes or no: the till goes on, and hears of it later."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, approval, memory, on_duty, pending

from zhanggui.basics.numbers import OperatorNo, UnixMs
from zhanggui.basics.words import Lang
from zhanggui.cup.values.order import OrderSheet
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import LATE_ASKED_S, LATE_MAX

AGAIN = ev.Again(operator_no=OperatorNo("01"), way="scan", time="08:55:03")
REFUND = replace(pending(), kind="qr_refund", again=AGAIN, attempts=2)


def late(story: Story, of: ev.PendingReversal = REFUND) -> None:
    story.send(ev.StillLate(now=story.now, trace_no=of.trace_no, amount_fen=of.amount_fen))


def put_aside(lang: Lang = "zh") -> Story:
    """At standby, with a refund that was asked for again and that its wallet has not decided."""
    story = Story(lang=lang).to_standby(memory(reversal=REFUND))
    late(story)
    return story


def told(story: Story, of: ev.PendingReversal, number: int = 7) -> None:
    sheet = OrderSheet(
        number=number,
        kind="payment_result",
        contents=of.batch_no + of.trace_no,
        until_ms=UnixMs(story.now + 3_600_000),
    )
    story.send(ev.Ordered(now=story.now, orders=(), sheet=sheet))
    story.wait(1)


def asked(story: Story) -> list[ev.PendingReversal]:
    return [one.reversal for one in story.all_of(fx.SendReversal) if isinstance(one, fx.SendReversal)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_till_takes_payments_while_a_wallet_has_not_decided_a_refund(lang: Lang) -> None:
    story = put_aside(lang)
    assert story.state.undo is None
    assert [one.trace_no for one in story.state.late] == [REFUND.trace_no]
    assert {"zh": "待钱包确认", "en": "not decided yet"}[lang] in story.text
    story.keys("1", "2", "3", "4", "enter")
    assert story.screen_id != "reversing"
    assert story.screen_id != "reversal_stuck"


def test_the_operator_who_waits_for_it_is_told_that_it_goes_on_without_the_till() -> None:
    story = Story(lang="en").to_standby(memory(reversal=REFUND))
    story.failed("SendReversal", "no_answer")
    story.keys("sale")
    assert story.screen_id == "reversing"
    late(story)
    assert "not decided" in story.text
    assert story.screen_id == "standby"


def test_the_order_that_it_is_over_has_it_asked_for_and_its_slips_come() -> None:
    story = put_aside()
    before = len(asked(story))
    told(story, REFUND)
    assert [one.trace_no for one in asked(story)[before:]] == [REFUND.trace_no]
    assert story.state.late == ()
    assert story.state.undo is not None
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(REFUND.trace_no, REFUND.amount_fen)))
    assert [one.state for one in story.state.today if one.trace_no == REFUND.trace_no] == ["approved"]


def test_an_order_that_is_lost_is_made_good_by_the_clock() -> None:
    story = put_aside()
    before = len(asked(story))
    story.wait(LATE_ASKED_S - 30)
    assert len(asked(story)) == before
    story.wait(31)
    assert len(asked(story)) == before + 1
    late(story)
    assert story.state.undo is None


def test_the_order_waits_behind_a_payment_that_is_in_doubt() -> None:
    other = replace(REFUND, trace_no="000008")
    story = Story().to_standby(memory(reversal=REFUND, late=(other,)))
    told(story, other)
    assert asked(story)[-1].trace_no == REFUND.trace_no
    late(story)
    story.wait(1)
    assert asked(story)[-1].trace_no == other.trace_no


def test_a_batch_is_settled_only_after_it_was_asked_for_once_more() -> None:
    story = put_aside("en")
    before = len(asked(story))
    story.keys("settle")
    assert story.screen_id == "reversing"
    assert len(asked(story)) == before + 1
    late(story)
    assert "settle later" in story.text


def test_what_the_journal_did_not_put_aside_is_in_doubt_as_before() -> None:
    story = Story().to_standby(memory(reversal=REFUND))
    story.broken_records.add("late")
    late(story)
    assert story.state.late == ()
    assert story.state.undo is not None
    assert not story.state.undo.settling


def test_what_the_journal_did_not_take_back_stands_aside_as_before() -> None:
    story = put_aside()
    story.broken_records.add("asked_after")
    before = len(asked(story))
    told(story, REFUND)
    assert len(asked(story)) == before
    assert story.state.undo is None
    assert [one.trace_no for one in story.state.late] == [REFUND.trace_no]


def test_there_are_no_more_of_them_than_a_till_keeps_in_mind() -> None:
    many = tuple(replace(REFUND, trace_no=f"{number:06d}") for number in range(100, 100 + LATE_MAX))
    story = Story().to_standby(memory(reversal=REFUND, late=many))
    late(story)
    assert len(story.state.late) == LATE_MAX
    assert story.state.undo is not None


def test_a_sale_never_goes_on_by_itself() -> None:
    story = on_duty().to_selling()
    story.send(ev.StillLate(now=story.now, trace_no=story.state.trace_no, amount_fen=1234))
    assert story.screen_id == "reversing"
    assert story.state.late == ()
