"""Whoever is thrown out of a session knows how the payment stands: orders wait for slips, words say what became of the money, and a
copy that never came out is offered again."""

import pytest
from tests.worlds.flow_story import (
    RULES,
    Story,
    approved_sale,
    memory,
    on_duty,
    ordered,
    pending,
    tearing_off,
    with_rules,
)

from zhanggui.basics.numbers import TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import ASKED_LATELY_S, KEPT_AMOUNT_S, ORDERS_WAIT_S

PAPER = ("smart", "keypad")
NOT_CHARGED = ("未扣款", "没有扣款")


def signed_in_again(story: Story, rules: str = RULES) -> None:
    """From the words of a session that ended to the first screen after the new sign-in."""
    story.keys("enter")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=rules)
    story.keys("enter")
    story.confirmed()
    story.keys("enter")


def says_charged(story: Story, amount: str) -> None:
    assert amount in story.text
    assert "已成功" in story.text
    assert not any(said in story.text for said in NOT_CHARGED), story.text


# ── orders wait for slips ────────────────────────────────────────────────────


@pytest.mark.parametrize("model", PAPER)
@pytest.mark.parametrize(("order", "screen"), [("sign_in", "trouble"), ("lock", "locked"), ("sign_out", "signing_out")])
def test_an_order_waits_until_both_copies_are_out(model: str, order: str, screen: str) -> None:
    story = tearing_off(model)
    ordered(story, order)
    assert story.screen_id == "tear_off", "the cardholder's copy is still to come"
    story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id == screen
    assert len(story.all_of(fx.RememberPrinted)) == 1


@pytest.mark.parametrize("order", ["sign_in", "sign_out"])
def test_an_order_waits_while_paper_is_loaded(order: str) -> None:
    story = on_duty().to_selling(170)
    story.approved(170)
    story.print_failed("merchant")
    ordered(story, order)
    assert story.screen_id == "print_trouble"
    story.keys("enter")
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id in ("trouble", "signing_out")


def test_a_new_day_waits_for_the_slips_too() -> None:
    story = tearing_off(rules=with_rules(new_day_signs_in=1, idle_lock_s=0))
    story.now = type(story.now)(story.now + 24 * 3600 * 1000)
    story.wait(1)
    assert story.screen_id == "tear_off"
    story.keys("enter")
    story.printed("cardholder")
    assert story.view.code == "A204"
    assert not any(said in story.text for said in NOT_CHARGED)


def test_an_order_does_not_wait_for_ever_when_nobody_is_there() -> None:
    story = tearing_off(rules=with_rules(idle_lock_s=0))
    ordered(story)
    story.wait(ORDERS_WAIT_S - 1)
    assert story.screen_id == "tear_off"
    story.wait(1)
    assert story.view.code == "A203"
    says_charged(story, "¥1.70")


# ── the missing copy ─────────────────────────────────────────────────────────


def test_a_copy_that_an_order_broke_into_is_offered_after_the_next_sign_in() -> None:
    story = tearing_off(rules=with_rules(idle_lock_s=0))
    ordered(story, notice="10000002")
    story.wait(ORDERS_WAIT_S)
    assert story.view.code == "A202"
    says_charged(story, "¥1.70")
    signed_in_again(story)
    assert story.screen_id == "slips_offered"
    assert "持卡人存根" in story.text
    assert "¥1.70" in story.text
    story.keys("enter")
    assert [(one.copy, one.again) for one in story.all_of(fx.Print)[-1:]] == [("cardholder", True)]  # type: ignore[attr-defined]
    story.printed("cardholder")
    assert story.screen_id == "standby"
    assert len(story.all_of(fx.RememberPrinted)) == 1
    assert story.state.print_pending is None


def test_a_copy_that_the_idle_lock_broke_into_is_offered_after_the_unlock() -> None:
    story = tearing_off(rules=with_rules(idle_lock_s=60))
    story.wait(60)
    assert story.screen_id == "locked"
    story.send(ev.LockAnswered(now=story.now, verdict="lock", released=False))
    story.pin(digits=4)
    story.send(ev.LockAnswered(now=story.now, verdict="unlock", released=False))
    assert story.screen_id == "slips_offered"


def test_slips_that_the_operator_leaves_are_offered_to_whoever_signs_in_next() -> None:
    story = on_duty().to_selling(170)
    story.approved(170)
    story.print_failed("merchant")
    story.keys("skip")
    assert story.screen_id == "standby", "who leaves them is not asked again"
    ordered(story)
    says_charged(story, "¥1.70")
    signed_in_again(story)
    assert story.screen_id == "slips_offered"
    story.keys("skip")
    assert story.screen_id == "standby"
    assert "未打印" in story.text
    story.keys("reprint")
    assert story.screen_id == "printing"


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_after_a_power_cut_what_could_not_be_printed_is_offered_once_somebody_signed_in(model: str) -> None:
    story = Story(model).to_number(memory(rules=RULES, print_pending=approved_sale("000010")))
    assert story.screen_id == "printing"
    story.print_failed("merchant")
    story.keys("skip")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES)
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    assert story.screen_id == "slips_offered"
    story.keys("enter")
    printed = story.all_of(fx.Print)[-1]
    assert isinstance(printed, fx.Print)
    assert (printed.copy, printed.again, printed.payment.trace_no) == ("merchant", True, "000010")


def test_nothing_is_offered_where_everything_came_out() -> None:
    story = tearing_off()
    story.keys("enter")
    story.printed("cardholder")
    ordered(story)
    signed_in_again(story)
    assert story.screen_id == "standby"


# ── the words of a session that ended ────────────────────────────────────────


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("notice", ["", "10000002"])
def test_a_session_that_ended_says_that_the_payment_stands(lang: str, notice: str) -> None:
    story = tearing_off()
    story.keys("enter")
    story.printed("cardholder")
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]
    ordered(story, notice=notice)
    trace = story.state.trace_no
    assert "¥1.70" in story.text
    assert story.all_of(fx.SendPayment)[-1].attempt.trace_no in story.text, trace  # type: ignore[attr-defined]
    assert ("已成功" if lang == "zh" else "approved") in story.text
    assert ("未扣款" if lang == "zh" else "nothing was charged") not in story.text


def test_an_amount_that_was_typed_is_gone_and_nothing_was_charged() -> None:
    story = on_duty()
    story.keys("sale", "1", "2")
    ordered(story)
    assert "未扣款" in story.text


def test_a_session_without_any_payment_claims_nothing() -> None:
    story = on_duty()
    ordered(story)
    assert story.view.code == "A203"
    assert not any(said in story.text for said in NOT_CHARGED)


def test_a_payment_in_doubt_is_told_as_one() -> None:
    story = Story().to_number(memory(rules=RULES, reversal=pending("000009", 5000)))
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES)
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    ordered(story)
    assert "000009" in story.text
    assert "结果未明" in story.text
    assert not any(said in story.text for said in NOT_CHARGED)


def test_a_payment_that_was_reversed_is_told_as_one() -> None:
    story = on_duty().to_selling(170)
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    story.keys("enter")
    ordered(story)
    assert "已冲正" in story.text


def test_a_payment_refused_for_its_session_says_that_it_was_not_charged_and_how_much() -> None:
    story = on_duty().to_selling(700)
    story.refused("SendPayment", "77")
    assert story.view.code == "R77"
    assert "¥7.00" in story.text
    assert "未扣款" in story.text
    ordered(story, notice="10000002")
    assert story.view.code == "A202"
    assert "¥7.00" in story.text, "where the session went must not cover what became of the payment"


# ── a session that ended is noticed before a PIN is typed for nothing ────────


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_that_could_not_be_kept_is_told_as_a_doubt_to_whoever_is_thrown_out_by_it(lang: str) -> None:
    """Session and payment end in one step, and its record fails: the reversal still stands, and no screen may say that it is over."""
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]
    story.to_selling(5)
    story.broken_records.add("decline")
    ordered(story)
    story.failed("SendPayment", "unreachable")
    assert story.code == "A203"
    assert story.state.undo is not None
    assert ("结果未明" if lang == "zh" else "is in doubt") in story.text
    assert ("未扣款" if lang == "zh" else "nothing was charged") not in story.text
    story.broken_records.clear()
    signed_in_again(story)
    assert "SendReversal" in [type(effect).__name__ for effect in story.effects]


def test_a_payment_that_begins_asks_whether_the_session_still_stands() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.wait(ASKED_LATELY_S)
    before = len(story.all_of(fx.SendStatus))
    story.keys("sale", "7")
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == before + 1
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == before + 1, "once is enough"


def test_a_host_that_was_heard_of_lately_is_not_asked_again() -> None:
    story = on_duty()
    story.wait(1)
    before = len(story.all_of(fx.SendStatus))
    story.keys("sale", "7")
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == before


def at_the_pin(amount: str = "700", model: str = "smart") -> Story:
    story = on_duty(model, rules=with_rules(idle_lock_s=0))
    story.keys("sale", *amount, "enter")
    story.card()
    assert story.screen_id == "pin"
    return story


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_a_session_that_ended_is_said_before_the_first_digit_of_the_pin(model: str) -> None:
    story = at_the_pin(model=model)
    ordered(story, notice="10000002")
    assert story.view.code == "A202"
    assert "¥7.00 已保留" in story.text
    assert "未扣款" in story.text
    assert fx.StopPinEntry() in story.latest


def test_no_payment_leaves_from_a_session_that_is_known_to_have_ended() -> None:
    story = at_the_pin()
    story.send(ev.PinDots(now=story.now, count=1))
    ordered(story, notice="10000002")
    assert story.screen_id == "pin", "nobody is interrupted while a PIN is typed"
    story.pin()
    assert story.all_of(fx.SendPayment) == []
    assert story.view.code == "A202"
    assert "未扣款" in story.text
    assert story.state.trace_no != TraceNo("000000")


def test_the_host_is_asked_also_where_the_card_was_so_quick_that_the_pin_comes_first() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.wait(ASKED_LATELY_S)
    before = len(story.all_of(fx.SendStatus))
    story.keys("sale", "7", "enter")
    story.card()
    assert story.screen_id == "pin"
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == before + 1


# ── the amount outlives the session ──────────────────────────────────────────


def begun(story: Story, until: str) -> Story:
    story.keys("sale", "7", "0", "0")
    if until == "amount":
        return story
    story.keys("enter")
    if until == "card":
        return story
    story.card()
    return story


@pytest.mark.parametrize("until", ["amount", "card", "pin"])
@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_the_amount_is_there_again_after_the_new_sign_in(model: str, until: str) -> None:
    story = begun(on_duty(model, rules=with_rules(idle_lock_s=0)), until)
    ordered(story)
    assert "¥7.00" in story.text
    signed_in_again(story)
    assert story.screen_id == "amount"
    assert story.view.entry is not None
    assert story.view.entry.shown == "¥7.00"
    story.keys("enter")
    story.card()
    story.pin()
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    assert sent.attempt.amount_fen == 700


def test_the_amount_of_a_payment_refused_for_its_session_is_there_again() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0)).to_selling(700)
    story.refused("SendPayment", "77")
    signed_in_again(story)
    assert story.screen_id == "amount"
    assert "¥7.00" in str(story.view.entry)


def test_a_payment_in_doubt_leaves_no_amount_to_take_again() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0)).to_selling(700)
    story.failed("SendPayment", "bad_mac")
    signed_in_again(story)
    assert story.screen_id == "standby"


def test_an_amount_is_not_kept_for_a_customer_who_has_gone() -> None:
    story = begun(on_duty(rules=with_rules(idle_lock_s=0)), "card")
    ordered(story)
    story.wait(KEPT_AMOUNT_S + 1)
    signed_in_again(story)
    assert story.screen_id == "standby"
    story = begun(on_duty(rules=with_rules(idle_lock_s=0)), "card")
    story.keys("cancel")
    ordered(story)
    signed_in_again(story)
    assert story.screen_id == "standby", "it was given up before"


# ── another card, the same amount ────────────────────────────────────────────


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
@pytest.mark.parametrize("code", ["51", "05", "55", "98"])
def test_another_card_pays_the_same_amount_under_a_number_of_its_own(code: str, model: str) -> None:
    story = on_duty(model).to_selling(700)
    first = story.state.trace_no
    story.refused("SendPayment", code)
    assert "换一张卡" in [choice.label for choice in story.view.choices] or "换卡" in str(story.view.choices)
    story.keys("clear")
    assert story.screen_id == "card"
    assert "¥7.00" in story.text
    assert story.names().index("CloseReader") < story.names().index("OpenReader")
    story.card("tap")
    if story.screen_id == "pin":
        story.pin()
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    assert (sent.attempt.amount_fen, sent.attempt.trace_no > first) == (700, True)
    assert sent.attempt.doing.card is not None
    assert sent.attempt.doing.card.way == "tap"


def test_another_card_is_not_offered_where_nobody_refused_this_one() -> None:
    story = on_duty().to_selling(700)
    story.failed("SendPayment", "not_sent")
    assert story.screen_id == "sale_refused"
    assert "换一张卡" not in str(story.view.choices)
    story.keys("other_card")
    assert story.screen_id == "sale_refused"
