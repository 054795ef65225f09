"""The code on the counter at the terminal: told of, taken at standby, seen in large, printed; in the journal first, and once."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, approval, memory, on_duty, slips_out, tearing_off
from tests.worlds.true_terminal import words_of as words_of_view

from zhanggui.basics.words import Lang
from zhanggui.cup.qr.received import ReceivedSheet
from zhanggui.cup.values.order import OrderSheet
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import ARRIVED_SHOWN_S, REVERSAL_AGAIN_S
from zhanggui.terminal.flow.core.trouble import how_it_stands
from zhanggui.terminal.flow.duty.orders import TAKING
from zhanggui.terminal.flow.payment.kinds import KINDS
from zhanggui.terminal.flow.payment.own.receiving import RECEIVED
from zhanggui.terminal.flow.payment.stages import LineShown
from zhanggui.terminal.flow.payment.today.draw_listed import day_row, line_shown
from zhanggui.terminal.flow.screens.render import render_screen
from zhanggui.terminal.flow.words.catalogue import render

MODELS = ("smart", "esign", "keypad")
VOUCHER = "20261201000000000017"


def told(story: Story, number: int = 7, voucher: str = VOUCHER, fen: int = 700, contents: str = "") -> None:
    text = contents or ReceivedSheet(brand="wechat", voucher=voucher, amount_fen=fen).write()
    sheet = OrderSheet(number=number, kind="code_paid", until_ms=story.now + 3_600_000, contents=text)
    story.send(ev.Ordered(now=story.now, orders=(), sheet=sheet))


def asked(story: Story) -> list[ev.PendingReversal]:
    return [one.reversal for one in story.all_of(fx.SendReversal) if isinstance(one, fx.SendReversal)]


def pending(story: Story) -> ev.PendingReversal:
    assert story.state.undo is not None
    return story.state.undo.reversal


def answered(story: Story, fen: int = 700, voucher: str = VOUCHER) -> None:
    answer = replace(approval(pending(story).trace_no, fen), pay_voucher=voucher)
    story.send(ev.OutcomeKnown(now=story.now, approved=answer))


def words_of(story: Story) -> list[str]:
    return [order.word for order in story.state.box.orders if order.state == "done"]


def test_who_takes_it_is_who_is_offered_payments() -> None:
    assert KINDS[RECEIVED.name].roles == TAKING
    assert RECEIVED.steps == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("model", MODELS)
def test_it_arrives_at_standby_by_itself_large_and_then_its_slips(model: str, lang: Lang) -> None:
    story = on_duty(model)
    story.send(ev.LangChosen(now=story.now, lang=lang))
    told(story)
    assert story.screen_id == "standby"
    answered(story)
    assert story.screen_id == "own_paid"
    assert "7.00" in story.text
    story.wait(ARRIVED_SHOWN_S)
    assert story.screen_id == "printing"
    assert (story.state.sales_count, story.state.sales_fen) == (1, 700)
    (line,) = story.state.today
    assert (line.kind, line.state, line.pay_voucher) == ("qr_static", "approved", VOUCHER)


def test_it_is_in_the_journal_before_it_leaves_and_the_order_ends_after_that() -> None:
    story = on_duty()
    told(story)
    names = [type(effect).__name__ for effect in story.effects]
    assert names.index("RememberPayment") < names.index("SendReversal")
    assert pending(story).again is not None
    story.wait(1)
    assert words_of(story) == [""]
    assert len(asked(story)) == 1


def test_told_of_twice_it_is_taken_once() -> None:
    story = on_duty()
    told(story)
    told(story, number=8)
    story.wait(1)
    assert len(asked(story)) == 1
    answered(story)
    slips = story.screen_id
    assert slips == "own_paid"
    story.keys("enter")
    slips_out(story)
    told(story, number=9)
    story.wait(1)
    assert len(asked(story)) == 1
    assert words_of(story)[-1] == "known"
    assert story.state.sales_count == 1


def test_two_payments_come_one_after_the_other() -> None:
    story = on_duty()
    told(story)
    told(story, number=8, voucher="20261201000000000018", fen=900)
    answered(story)
    assert "7.00" in story.text
    story.keys("enter")
    slips_out(story)
    story.wait(1)
    answered(story, 900, "20261201000000000018")
    assert "9.00" in story.text
    assert story.state.sales_fen == 1_600


@pytest.mark.parametrize("where", ["sale", "locked"])
def test_it_waits_while_somebody_does_something_else(where: str) -> None:
    story = on_duty()
    story.keys(*("1", "2") if where == "sale" else ("lock",))
    told(story)
    story.wait(2)
    assert asked(story) == []
    assert [order.state for order in story.state.box.orders] == ["held"]
    if where == "sale":
        story.keys("cancel", "cancel")
        story.wait(1)
        assert len(asked(story)) == 1


def test_before_anybody_is_signed_in_nothing_is_taken() -> None:
    story = Story().to_number(memory())
    told(story)
    story.wait(2)
    assert asked(story) == []


def test_what_is_refused_is_said_to_nobody_and_left_to_the_host() -> None:
    story = on_duty()
    told(story)
    story.send(
        ev.OutcomeKnown(now=story.now, refused=ev.Refused(now=story.now, request="SendReversal", response_code="12"))
    )
    assert story.screen_id == "standby"
    assert story.state.undo is None
    assert story.state.sales_fen == 0
    story.wait(2)
    told(story, number=8)
    assert len(asked(story)) == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("model", MODELS)
def test_what_is_refused_is_nowhere_called_not_charged(model: str, lang: Lang) -> None:
    story = on_duty(model)
    story.send(ev.LangChosen(now=story.now, lang=lang))
    told(story)
    story.send(
        ev.OutcomeKnown(now=story.now, refused=ev.Refused(now=story.now, request="SendReversal", response_code="12"))
    )
    (line,) = story.state.today
    row, stands = day_row(line), how_it_stands(story.state)
    assert stands is not None
    assert not row.struck
    view = render_screen(line_shown(story.state, LineShown(line=line)), lang)
    said = " · ".join((words_of_view(view), *(render(text, lang) for text in (row.middle, row.right, stands))))
    assert "未扣款" not in said
    assert "charged" not in said.replace("Do not charge again", "")
    assert {"zh": "主机会再次通知", "en": "the host tells of it again"}[lang] in said


def test_without_an_answer_it_is_asked_for_again_by_itself_under_the_same_number() -> None:
    story = on_duty()
    told(story)
    story.failed("SendReversal", "no_answer")
    story.wait(REVERSAL_AGAIN_S + 1)
    first, second = asked(story)
    assert first.trace_no == second.trace_no
    answered(story)
    assert story.screen_id == "own_paid"


def test_after_a_power_cut_it_is_asked_for_again_and_shown_or_kept() -> None:
    story = on_duty()
    told(story)
    kept = pending(story)
    later = Story().to_number(memory(reversal=kept))
    later.signed_on()
    assert asked(later)[-1].again == kept.again
    told(later)
    later.wait(1)
    assert words_of(later) == [""], "what is being taken already is not taken again"
    answered(later)
    assert later.state.undo is None
    assert [line.state for line in later.state.today] == ["approved"]


def test_a_disk_that_does_not_take_it_leaves_it_to_the_host() -> None:
    story = on_duty()
    story.broken_records = {"payment"}
    told(story)
    story.wait(1)
    assert story.state.today == ()
    assert story.state.undo is None
    assert asked(story) == []
    assert words_of(story) == ["not_kept"]


@pytest.mark.parametrize("record", ["printed", "note"])
def test_where_another_record_fails_in_the_step_it_is_taken_in_one_of_its_own(record: str) -> None:
    story = tearing_off()
    told(story)
    assert asked(story) == []
    story.broken_records = {record}
    story.keys("enter")
    story.printed("cardholder")
    story.broken_records = set()
    story.wait(REVERSAL_AGAIN_S + 1)
    kept = [effect.attempt.trace_no for effect in story.effects if isinstance(effect, fx.RememberPayment)]
    assert {one.trace_no for one in asked(story)} == {kept[-1]}
    answered(story)
    assert story.screen_id == "own_paid"


def test_behind_a_lock_its_slips_wait_for_the_unlock_and_the_lock_notice_is_heard() -> None:
    story = on_duty()
    told(story)
    story.keys("lock")
    answered(story)
    assert story.screen_id == "locked"
    story.send(ev.LockAnswered(now=story.now, verdict="lock", released=False))
    story.pin(digits=4)
    story.send(ev.LockAnswered(now=story.now, verdict="unlock", released=False))
    assert story.screen_id == "slips_offered"


@pytest.mark.parametrize("contents", ["nonsense", "wechat 1 0", "jade 20261201000000000017 700"])
def test_what_can_not_be_read_is_answered_so(contents: str) -> None:
    story = on_duty()
    told(story, contents=contents)
    story.wait(1)
    assert words_of(story) == ["unreadable"]
    assert asked(story) == []
