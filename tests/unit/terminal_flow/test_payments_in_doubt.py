"""Each row of the reversal table (domain reference §4.4), crashes between any two effects, and who is told what."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, approval, approved_sale, memory, pending

from zhanggui.basics.numbers import TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.state import Undo


def selling(model: str = "smart", way: ev.EntryWay = "insert") -> Story:
    return Story(model).to_standby().to_selling(way=way)


def reasons(story: Story) -> list[str]:
    return [effect.reversal.reason for effect in story.effects if isinstance(effect, fx.SendReversal)]


def test_the_reversal_is_remembered_before_the_payment_leaves() -> None:
    story = selling()
    assert story.names() == ["RememberPayment", "SendPayment"]
    (record,) = story.all_of(fx.RememberPayment)
    assert isinstance(record, fx.RememberPayment)
    assert record.attempt.reversal().reason == "98"
    assert record.attempt.trace_no == story.state.trace_no
    assert record.attempt.line("reversing").state == "reversing"


@pytest.mark.parametrize("failure", ["unreachable", "not_sent"])
def test_a_payment_that_never_left_is_kept_as_declined_and_not_reversed(failure: ev.Failure) -> None:
    story = selling()
    story.failed("SendPayment", failure)
    assert story.names() == ["RememberDecline"]
    assert story.screen_id == "sale_refused"
    assert "T101" in story.text
    assert "未扣款" in story.text
    assert story.state.undo is None
    assert reasons(story) == []


def test_no_answer_keeps_reason_98_and_sends_the_reversal_at_once() -> None:
    story = selling()
    story.failed("SendPayment", "no_answer")
    assert story.screen_id == "reversing"
    assert reasons(story) == ["98"]
    assert "请勿交付商品" in story.text
    story.reversal_taken()
    assert story.names() == ["RememberReversed"]
    assert "T103" in story.text
    assert story.state.undo is None
    assert story.state.today[0].state == "reversed"
    story.keys("enter")
    assert story.screen_id == "standby"


def test_an_answer_with_a_bad_mac_is_reversed_with_reason_a0_after_a_new_sign_on() -> None:
    story = selling()
    story.failed("SendPayment", "bad_mac")
    assert "T105" in story.text
    assert [name for name in story.names() if name in ("RememberDoubt", "SendSignOn", "SendReversal")] == [
        "RememberDoubt",
        "SendSignOn",
    ]
    assert story.state.session is None
    story.signed_on()
    assert reasons(story) == ["A0"]
    story.reversal_taken("25")
    assert story.state.undo is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_malformed_answer_is_reversed_with_reason_06() -> None:
    story = selling()
    story.failed("SendPayment", "bad_answer")
    assert reasons(story) == ["06"]
    assert [type(effect) for effect in story.all_of(fx.RememberDoubt)] == [fx.RememberDoubt]


def test_an_approval_of_another_payment_is_not_used() -> None:
    story = selling()
    story.send(approval("000999"))
    assert reasons(story) == ["06"]
    assert story.slips() == []


def test_an_approval_of_another_amount_is_not_used() -> None:
    story = selling()
    story.approved(amount_fen=9999)
    assert reasons(story) == ["06"]
    assert story.all_of(fx.RememberApproval) == []


def test_an_approval_that_cannot_be_kept_is_reversed_with_reason_96_and_prints_nothing() -> None:
    story = selling()
    story.broken_records.add("approval")
    story.approved()
    assert reasons(story) == ["96"]
    assert story.slips() == []
    assert story.screen_id == "reversing"
    assert (story.state.sales_count, story.state.sales_fen) == (0, 0)
    assert story.state.today[0].state == "reversing"


def test_a_reversal_goes_out_even_if_its_new_reason_cannot_be_kept() -> None:
    story = selling()
    story.broken_records |= {"approval", "doubt"}
    story.approved()
    assert reasons(story) == ["96"]


def test_a_refused_payment_is_kept_as_declined() -> None:
    story = selling()
    story.refused("SendPayment", "51")
    assert story.names() == ["RememberDecline", "CloseReader"]
    assert story.state.undo is None
    assert "余额不足" in story.text
    assert "R51" in story.text
    assert story.state.today[0].state == "declined"
    assert story.state.today[0].response_code == "51"


@pytest.mark.parametrize(("code", "why"), [("55", "密码错"), ("51", "余额不足"), ("", "未发出"), ("ZZ", "ZZ")], ids=str)
def test_todays_list_says_why_a_payment_did_not_come_about(code: str, why: str) -> None:
    """With its mark, and in words: a cashier knows no codes."""
    line = ev.DayLine(
        trace_no=TraceNo("000121"),
        time="08:41:10",
        masked_pan="622588******1234",
        amount_fen=990,
        state="declined",
        response_code=code,
    )
    row = Story().to_standby(memory(today=(line,))).view.rows[0]
    assert row.tone == "bad"
    assert (row.right, row.struck) == ("¥9.90", True)
    assert row.middle == f"未成功：{why} 622588******1234"


def test_a_refusal_that_cannot_be_kept_leaves_the_reversal_and_it_goes_out() -> None:
    story = selling()
    story.broken_records.add("decline")
    story.refused("SendPayment", "51")
    assert story.state.undo is not None
    story.wait(1)
    assert reasons(story) == ["98"]


@pytest.mark.parametrize("code", ["A0", "99", "77"])
def test_answers_that_ask_for_a_new_sign_in_get_one(code: str) -> None:
    story = selling()
    story.refused("SendPayment", code)
    assert "RememberDecline" in story.names()
    assert "SendSignOn" in story.names()
    assert f"R{code}" in story.text
    assert story.state.session is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    assert len(story.all_of(fx.SendSignOn)) == 2


def test_a_wrong_pin_may_be_typed_again_and_makes_a_new_payment() -> None:
    story = selling()
    story.refused("SendPayment", "55")
    assert "CloseReader" not in story.names()
    story.keys("enter")
    assert story.screen_id == "pin"
    story.pin()
    first, second = story.all_of(fx.SendPayment)
    assert isinstance(first, fx.SendPayment)
    assert isinstance(second, fx.SendPayment)
    assert second.attempt.trace_no != first.attempt.trace_no


def test_a_payment_whose_record_cannot_be_kept_never_leaves() -> None:
    story = Story().to_standby()
    story.broken_records.add("payment")
    story.to_selling()
    assert story.all_of(fx.SendPayment) == []
    assert "J102" in story.text
    assert story.state.undo is None
    assert story.state.today == ()
    story.keys("restart")
    assert story.names() == ["Restart"]


def test_a_late_approval_after_no_answer_is_not_used() -> None:
    story = selling()
    story.failed("SendPayment", "no_answer")
    story.approved()
    assert story.names() == []
    assert story.slips() == []
    assert story.screen_id == "reversing"


# ── reversals that do not go through ─────────────────────────────────────────


def stuck() -> Story:
    story = selling()
    story.failed("SendPayment", "no_answer")
    for _ in range(3):
        story.failed("SendReversal", "no_answer")
    return story


def test_after_three_tries_the_operator_sees_that_it_needs_attention() -> None:
    story = stuck()
    assert story.screen_id == "reversal_stuck"
    assert "T104" in story.text
    assert len(reasons(story)) == 3
    attempts = [effect.reversal.attempts for effect in story.effects if isinstance(effect, fx.RememberDoubt)]
    assert attempts == [1, 2, 3]


def test_it_is_tried_again_on_demand_and_every_minute() -> None:
    story = stuck()
    story.keys("retry")
    assert len(reasons(story)) == 4
    story.failed("SendReversal", "unreachable")
    assert story.screen_id == "reversal_stuck"
    story.wait(59)
    assert len(reasons(story)) == 4
    story.wait(1)
    assert len(reasons(story)) == 5
    story.reversal_taken("12")
    assert story.state.undo is None


def test_a_number_that_cannot_be_kept_for_the_keys_it_waits_for_is_said_and_it_can_be_tried_again() -> None:
    """Without its record the sign-on does not leave, so no answer of it ever comes."""
    story = stuck()
    story.state = replace(story.state, keys="failed")
    story.broken_records.add("trace")
    story.keys("retry")
    assert (story.screen_id, story.all_of(fx.SendSignOn)[1:]) == ("reversal_stuck", [])
    story.broken_records.clear()
    story.keys("retry")
    assert "SendSignOn" in story.names()
    story.signed_on()
    assert "SendReversal" in story.names()


def test_a_reversal_that_was_dropped_with_a_number_is_sent_before_the_next_payment() -> None:
    """New keys came with the power, their number could not be kept, and the reversal behind it never left."""
    story = Story().to_number(memory(reversal=pending()))
    story.broken_records.add("trace")
    story.signed_on()
    assert story.all_of(fx.SendReversal) == []
    story.broken_records.clear()
    story.keys("retry", "0", "1")
    story.pin(digits=4)
    story.verified()
    story.keys("enter")
    story.confirmed()
    story.keys("enter", "sale")
    assert (story.screen_id, len(story.all_of(fx.SendReversal))) == ("reversing", 1)
    story.reversal_taken()
    assert story.screen_id == "standby"


def test_no_payment_leaves_until_it_is_taken() -> None:
    story = stuck()
    story.keys("cancel")
    assert story.screen_id == "standby"
    assert "待冲正" in story.text
    sales = len(story.all_of(fx.SendPayment))
    story.card()
    assert story.screen_id == "reversing"
    story.failed("SendReversal", "unreachable")
    story.keys("cancel", "sale")
    story.reversal_taken()
    assert story.screen_id == "standby"
    assert "已冲正" in story.text
    assert len(story.all_of(fx.SendPayment)) == sales
    story.to_selling()
    assert len(story.all_of(fx.SendPayment)) == sales + 1


def test_even_at_the_last_moment_a_pending_reversal_keeps_a_payment_from_leaving() -> None:
    story = Story().to_standby()
    story.keys("sale", "5", "enter")
    story.card()
    story.state = replace(story.state, undo=Undo(reversal=pending()))
    story.pin()
    assert story.names() == ["SendReversal"]
    assert story.all_of(fx.SendPayment) == []


def test_the_same_reversal_keeps_its_trace_number() -> None:
    story = stuck()
    numbers = {effect.reversal.trace_no for effect in story.effects if isinstance(effect, fx.SendReversal)}
    assert numbers == {story.state.trace_no}


def test_a_reversal_refused_for_its_mac_brings_new_keys_first() -> None:
    story = selling()
    story.failed("SendPayment", "no_answer")
    story.refused("SendReversal", "A0")
    assert story.names()[0] == "RememberDoubt"
    assert story.state.keys == "under_way"
    assert "RA0" in story.text
    story.signed_on()
    assert len(reasons(story)) == 2


def test_a_reversal_that_was_taken_but_not_noted_is_sent_again() -> None:
    story = selling()
    story.broken_records.add("reversed")
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    assert story.state.undo is not None
    assert story.state.today[0].state == "reversing"
    story.broken_records.clear()
    story.wait(61)
    assert len(reasons(story)) == 2
    story.reversal_taken()
    assert story.state.undo is None


# ── power cuts ───────────────────────────────────────────────────────────────


def test_after_a_power_cut_the_reversal_goes_out_before_any_payment() -> None:
    story = Story().to_number(memory(reversal=pending()))
    assert reasons(story) == []
    story.signed_on()
    assert reasons(story) == ["98"]


def test_an_operator_who_outruns_the_keys_is_verified_first_and_the_reversal_follows() -> None:
    story = Story().to_number(memory(reversal=pending()))
    story.keys("0", "1")
    story.pin(digits=4)
    story.signed_on()
    assert "SendVerify" in story.names()
    assert reasons(story) == []
    story.verified()
    story.wait(1)
    assert reasons(story) == ["98"]


def test_a_payment_is_not_begun_while_the_remembered_reversal_is_on_its_way() -> None:
    story = Story().to_standby(memory(reversal=pending()))
    story.keys("sale")
    assert story.screen_id == "reversing"
    assert reasons(story) == ["98"]
    story.reversal_taken("25")
    assert story.screen_id == "standby"
    story.to_selling()
    assert story.screen_id == "selling"


def test_attempts_before_the_power_cut_count() -> None:
    story = Story().to_standby(memory(reversal=pending(attempts=2)))
    story.failed("SendReversal", "no_answer")
    assert "T104" in story.text


@pytest.mark.parametrize("model", ["smart", "esign"])
def test_slips_that_a_power_cut_held_back_come_first_marked_as_reprints(model: str) -> None:
    sale = approved_sale("000010")
    story = Story(model)
    story.power_on(memory(print_pending=sale))
    story.checked()
    assert story.names() == ["Print"]
    story.printed("merchant")
    if model == "smart":
        story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id == "sign_in_number"
    assert [slip.id for slip in story.slips()] == ["000010-merchant-again", "000010-cardholder-again"]
    for slip in story.slips():
        assert any("重打印" in line.left for line in slip.lines)
    assert "RememberPrinted" in story.names()
    assert len(story.all_of(fx.SendSignOn)) == 1


def test_the_totals_of_the_day_survive_and_only_approved_payments_count() -> None:
    lines = tuple(
        ev.DayLine(
            trace_no=pending(f"{number:06d}").trace_no,
            time="08:00:00",
            masked_pan="621700*********0012",
            amount_fen=100,
            state="approved" if number % 2 else "declined",
        )
        for number in range(120, 0, -1)
    )
    story = Story().to_standby(memory(today=lines))
    assert (story.state.sales_count, story.state.sales_fen) == (60, 6000)
    assert len(story.view.rows) == 50
    assert "000120" in story.view.rows[0].left


def test_a_new_day_begins_with_an_empty_list() -> None:
    story = selling()
    story.approved()
    assert story.state.sales_count == 1
    story.now = type(story.now)(story.now + 24 * 3600 * 1000)
    story.wait(1)
    assert story.state.today == ()
    assert story.state.sales_count == 0
