"""A wrong amount is put right in one act (更正金额): taken back whole, then the right amount; whatever breaks into it, the state is clear."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import (
    RULES,
    Story,
    approved_by,
    memory,
    on_duty,
    putting_right,
    slips_out,
    with_rules,
)

from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Attempt
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

WRONG_FEN, RIGHT_FEN = 12_800, 1_280
MODELS = ("smart", "esign", "keypad")


def sold(model: str = "smart", rules: str = with_rules(idle_lock_s=0), amount_fen: int = WRONG_FEN) -> Story:
    story = on_duty(model, rules).to_selling(amount_fen)
    story.approved(amount_fen)
    slips_out(story)
    return story


def taken_back(model: str = "smart", rules: str = with_rules(idle_lock_s=0)) -> Story:
    """Half of it is done."""
    story = putting_right(sold(model, rules), RIGHT_FEN)
    story.approved(WRONG_FEN)
    slips_out(story)
    assert story.screen_id == "right_due"
    return story


def charging(story: Story) -> Attempt:
    """The right amount is on the way."""
    story.keys("enter")
    story.card("insert")
    story.pin()
    assert story.screen_id == "selling"
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    return sent.attempt


def lines(story: Story) -> list[tuple[str, int, str]]:
    return [(line.kind, line.amount_fen, line.state) for line in story.state.today]


def again_from_the_journal(story: Story) -> Story:
    """What a power cut leaves: the lines as they were kept, and nothing else."""
    pending = next((line for line in story.state.today if line.state == "reversing"), None)
    assert pending is None
    after = Story(story.state.machine.profile.name)
    after.to_number(memory(story.state.trace_no, story.state.batch_no, today=story.state.today, rules=RULES))
    after.signed_on()
    after.keys("0", "1")
    after.pin(digits=4)
    after.verified(rules=RULES)
    after.keys("enter")
    after.confirmed()
    after.keys("enter")
    return after


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_act_takes_the_wrong_amount_back_and_charges_the_right_one(model: str, lang: str) -> None:
    story = sold(model)
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]  # one of two
    wrong = story.state.today[0]
    putting_right(story, RIGHT_FEN)
    void = story.all_of(fx.SendPayment)[-1]
    assert isinstance(void, fx.SendPayment)
    assert (void.attempt.kind, void.attempt.amount_fen, void.attempt.doing.approval_no) == ("void", WRONG_FEN, 7)
    assert void.attempt.doing.original is not None
    assert void.attempt.doing.original.trace_no == wrong.trace_no
    story.approved(WRONG_FEN)
    slips_out(story)
    assert story.screen_id == "right_due"
    assert "¥12.80" in story.text
    assert "¥128.00" in story.text
    attempt = charging(story)
    assert (attempt.kind, attempt.amount_fen, attempt.with_pin) == ("sale", RIGHT_FEN, True)
    assert attempt.doing.original is None, "on the line it is a payment of its own"
    story.approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id == "standby"
    assert lines(story) == [
        ("sale", RIGHT_FEN, "approved"),
        ("void", WRONG_FEN, "approved"),
        ("sale", WRONG_FEN, "undone"),
    ]
    assert (story.state.sales_count, story.state.sales_fen) == (1, RIGHT_FEN)
    assert len(story.slips()) == 6


def test_nothing_is_taken_back_before_the_right_amount_is_typed() -> None:
    story = sold()
    before = len(story.all_of(fx.SendPayment))
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}", "put_right")
    assert "正确金额" in story.text
    assert "¥128.00" in story.text, "what it was"
    story.keys("enter")
    assert "不能为零" in story.text
    story.keys(*str(WRONG_FEN), "enter")
    assert "与原金额相同" in story.text
    story.keys("cancel")
    assert story.screen_id == "standby"
    assert len(story.all_of(fx.SendPayment)) == before
    assert lines(story) == [("sale", WRONG_FEN, "approved")]


def test_the_card_screen_says_what_follows_and_a_card_that_came_early_serves() -> None:
    story = sold()
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}", "put_right", *str(RIGHT_FEN), "enter")
    assert story.screen_id == "card"
    assert "撤销后再收 ¥12.80" in story.text
    story.keys("cancel", f"row.{newest.batch_no}.{newest.trace_no}", "put_right")
    story.card("insert")
    story.keys(*str(RIGHT_FEN), "enter")
    assert story.screen_id == "approval_number", "the card is known already"


@pytest.mark.parametrize("model", MODELS)
def test_an_approval_that_is_not_given_leaves_the_payment_as_it_was(model: str) -> None:
    story = sold(model)
    newest = story.state.today[0]
    named = (
        ["reprint", *newest.trace_no, "enter"] if model == "keypad" else [f"row.{newest.batch_no}.{newest.trace_no}"]
    )
    story.keys(*named)
    story.keys("put_right", *str(RIGHT_FEN), "enter")
    story.card("insert")
    story.keys("cancel")
    assert story.screen_id == "standby"
    assert lines(story) == [("sale", WRONG_FEN, "approved")]


@pytest.mark.parametrize("code", ["14", "25", "57", "64", "91", "P8"])
def test_a_refused_first_half_leaves_the_payment_and_nothing_open(code: str) -> None:
    story = putting_right(sold(), RIGHT_FEN)
    story.refused("SendPayment", code)
    story.keys("cancel")
    story.keys("enter")
    assert story.screen_id == "standby"
    assert [line.state for line in story.state.today][1:] == ["approved"]
    assert (story.state.sales_count, story.state.sales_fen) == (1, WRONG_FEN)


def test_a_first_half_without_an_answer_is_reversed_and_nothing_is_open() -> None:
    story = putting_right(sold(), RIGHT_FEN)
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    assert "原交易仍有效" in story.text
    story.keys("enter")
    assert story.screen_id == "standby"
    assert lines(story) == [("void", WRONG_FEN, "reversed"), ("sale", WRONG_FEN, "approved")]


def test_a_first_half_that_cannot_be_kept_is_reversed_and_nothing_is_open() -> None:
    story = putting_right(sold(), RIGHT_FEN)
    story.broken_records.add("approval")
    story.approved(WRONG_FEN)
    story.broken_records.clear()
    story.reversal_taken()
    story.keys("enter")
    assert story.screen_id == "standby"
    assert lines(story)[-1] == ("sale", WRONG_FEN, "approved")


@pytest.mark.parametrize("model", MODELS)
def test_a_power_cut_between_the_halves_comes_back_to_the_right_amount(model: str) -> None:
    story = again_from_the_journal(taken_back(model))
    assert story.screen_id == "right_due"
    assert "¥12.80" in story.text
    charging(story)
    story.approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id == "standby"
    assert again_from_the_journal(story).screen_id == "standby", "it is charged once"


def test_slips_that_a_power_cut_held_back_come_before_the_right_amount() -> None:
    story = putting_right(sold(), RIGHT_FEN)
    story.approved(WRONG_FEN)
    kept = story.state
    after = Story()
    after.power_on(
        memory(kept.trace_no, kept.batch_no, today=kept.today, rules=RULES, print_pending=kept.print_pending)
    )
    after.checked()
    assert after.screen_id == "printing"
    after.printed("merchant")
    after.keys("enter")
    after.printed("cardholder")
    after.signed_on()
    after.keys("0", "1")
    after.pin(digits=4)
    after.verified(rules=RULES)
    after.keys("enter")
    after.confirmed()
    after.keys("enter")
    assert after.screen_id == "right_due"


@pytest.mark.parametrize("code", ["51", "55", "91", "98"])
def test_a_refused_second_half_is_offered_again(code: str) -> None:
    story = taken_back()
    charging(story)
    story.refused("SendPayment", code)
    assert "¥12.80" in story.text
    story.keys("cancel" if code == "55" else "enter")
    assert story.screen_id == "right_due"
    charging(story)
    story.approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id == "standby"


def test_another_card_pays_the_right_amount_and_then_nothing_is_open() -> None:
    story = taken_back()
    charging(story)
    story.refused("SendPayment", "51")
    story.keys("other_card")
    story.card("tap")
    if story.screen_id == "pin":
        story.pin()
    story.approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id == "standby"


def test_a_second_half_in_doubt_is_undone_first_and_then_offered_again() -> None:
    story = taken_back()
    charging(story)
    story.failed("SendPayment", "no_answer")
    assert story.screen_id == "reversing"
    for _ in range(3):
        story.failed("SendReversal", "no_answer")
    story.keys("cancel")
    assert story.screen_id == "standby", "while nobody knows, it is not charged again"
    story.wait(60)
    story.reversal_taken()
    story.wait(1)
    assert story.screen_id == "right_due"


def test_nobody_has_to_charge_it_and_that_is_kept() -> None:
    story = taken_back()
    story.keys("cancel")
    assert story.screen_id == "standby"
    assert "¥128.00 已撤销，未再收款" in story.text
    kept = story.all_of(fx.RememberLine)[-1]
    assert isinstance(kept, fx.RememberLine)
    assert (kept.line.kind, kept.line.right_fen) == ("void", 0)
    assert again_from_the_journal(story).screen_id == "standby"


@pytest.mark.parametrize("policy", ["lock", "sign_out"])
def test_what_follows_a_sale_by_policy_waits_for_the_second_half(policy: str) -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0)).to_selling(WRONG_FEN)
    story.approved(WRONG_FEN)
    slips_out(story)
    story.send(ev.Ordered(now=story.now, orders=(), rules=with_rules(after_sale=policy)))
    putting_right(story, RIGHT_FEN).approved(WRONG_FEN)
    slips_out(story)
    assert story.screen_id == "right_due"
    charging(story)
    story.approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id in ("locked", "signing_out", "sign_out_under_way", "signed_out")


def test_a_lock_and_a_session_that_ends_come_back_to_it() -> None:
    story = taken_back()
    story.send(ev.Ordered(now=story.now, orders=("sign_in",)))
    assert story.state.session is None
    assert again_from_the_journal(story).screen_id == "right_due"


def test_the_amount_that_was_typed_for_it_is_never_charged_beside_the_wrong_one() -> None:
    """A session that ends while the right amount is typed keeps amounts of new payments only."""
    story = sold()
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}", "put_right", *str(RIGHT_FEN))
    story.send(ev.Ordered(now=story.now, orders=("sign_in",)))
    assert "已保留" not in story.text
    assert story.state.kept is None


def test_whoever_signed_in_by_a_badge_alone_types_the_password_first() -> None:
    story = sold(rules="badge=alone,idle_lock_s=0")
    session = story.state.session
    assert session is not None
    story.state = replace(story.state, session=replace(session, by_badge=True))
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}", "put_right")
    assert story.screen_id == "own_password"
    story.pin(digits=4)
    story.send(ev.LockAnswered(now=story.now, verdict="unlock"))
    assert story.screen_id == "amount"
    assert "正确金额" in story.text


@pytest.mark.parametrize("why", ["another batch", "refunded in part", "undone", "declined"])
def test_it_is_offered_only_for_what_stands_whole_in_this_batch(why: str) -> None:
    story = sold()
    line = story.state.today[0]
    changed = {
        "another batch": replace(line, batch_no="000001"),
        "refunded in part": replace(line, adjusted_fen=-100),
        "undone": replace(line, state="undone"),
        "declined": replace(line, state="declined", response_code="51"),
    }[why]
    story.state = replace(story.state, today=(changed,))
    story.keys(f"row.{changed.batch_no}.{changed.trace_no}")
    assert story.screen_id == "line"
    assert "put_right" not in [choice.key for choice in story.view.choices]
    story.keys("put_right")
    assert story.screen_id == "line"


def test_a_shop_that_takes_nothing_back_is_not_offered_it() -> None:
    story = sold(rules=with_rules(kinds_refused="void"))
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}")
    assert "put_right" not in [choice.key for choice in story.view.choices]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_four_lines_show_both_amounts_and_both_keys(lang: str) -> None:
    story = taken_back("keypad")
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]  # one of two
    pages = keypad_pages(story.view, load_profile("keypad"))
    told = "".join("".join(page) for page in pages).replace(" ", "")
    assert "12.80" in told
    assert "128.00" in told
    assert story.state.today[1].trace_no in told
    assert all(choice.label.replace(" ", "") in told for choice in story.view.choices)


def test_a_second_wrong_amount_is_put_right_as_the_first_was() -> None:
    story = taken_back()
    charging(story)
    story.approved(RIGHT_FEN)
    slips_out(story)
    putting_right(story, 5).approved(RIGHT_FEN)
    slips_out(story)
    assert story.screen_id == "right_due"
    charging(story)
    story.approved(5)
    slips_out(story)
    assert story.screen_id == "standby"
    assert (story.state.sales_count, story.state.sales_fen) == (1, 5)


def test_the_second_half_may_be_typed_anew_at_the_card() -> None:
    story = taken_back()
    story.keys("enter", "clear")
    assert story.screen_id == "amount"
    story.keys("clear", "clear", "clear", "clear", "7", "enter")
    story.card("insert")
    story.pin()
    story.approved(7)
    slips_out(story)
    assert story.screen_id == "standby", "it is charged, with another amount"


def test_an_approval_needs_the_right_of_a_void() -> None:
    story = sold()
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}", "put_right", *str(RIGHT_FEN), "enter")
    story.card("insert")
    approved_by(story)
    asked = story.all_of(fx.SendApproval)[-1]
    assert isinstance(asked, fx.SendApproval)
    assert (asked.action, asked.amount_fen) == ("void", WRONG_FEN)
    assert asked.original == newest.batch_no + newest.trace_no
