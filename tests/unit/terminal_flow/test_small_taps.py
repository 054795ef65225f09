"""免密 and 免签: up to which amount a tap needs no PIN and no signature is policy's to say, for screen, wire and slip alike."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, approved_sale, on_duty, slips_out, with_rules

from zhanggui.cup.values.rules import SMALL_TAP_FEN_MAX, TerminalRules, read_rules, rules_mark, write_rules
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.slips.slip_layout import why_unsigned

NO_PIN_FEN, NO_SIGN_FEN = 30_000, 50_000
APART = with_rules(idle_lock_s=0, no_pin_limit_fen=NO_PIN_FEN, no_sign_limit_fen=NO_SIGN_FEN)


def tapped(rules: str, amount_fen: int, model: str = "smart") -> Story:
    story = on_duty(model, rules)
    story.keys("sale", *str(amount_fen), "enter")
    story.card("tap")
    return story


def slip_of(story: Story) -> str:
    return "".join(f"{line.left}{line.right}" for line in story.slips()[0].lines)


@pytest.mark.parametrize(
    ("amount_fen", "asks_pin", "is_signed", "said"),
    [
        (1, False, False, "交易金额未超过￥300，免密免签"),
        (NO_PIN_FEN, False, False, "交易金额未超过￥300，免密免签"),
        (NO_PIN_FEN + 1, True, False, "交易金额未超过￥500，免签"),
        (NO_SIGN_FEN, True, False, "交易金额未超过￥500，免签"),
        (NO_SIGN_FEN + 1, True, True, "持卡人签名"),
    ],
)
def test_two_limits_of_the_policy_decide_and_the_slip_names_the_one_that_counted(
    amount_fen: int, asks_pin: bool, is_signed: bool, said: str
) -> None:
    story = tapped(APART, amount_fen)
    assert (story.screen_id == "pin") == asks_pin
    if asks_pin:
        story.pin()
    story.approved(amount_fen, "tap")
    kept = story.all_of(fx.RememberApproval)[-1]
    assert isinstance(kept, fx.RememberApproval)
    assert kept.payment.needs_signature == is_signed
    assert said in slip_of(story)
    assert ("免密" in slip_of(story)) == (not asks_pin)


def test_a_pin_that_is_waived_may_still_be_signed_for() -> None:
    story = tapped(with_rules(idle_lock_s=0, no_sign_limit_fen=0), 500)
    assert story.screen_id == "selling"
    story.approved(500, "tap")
    assert "持卡人签名" in slip_of(story)
    assert "免" not in slip_of(story)


def test_limits_of_nothing_ask_each_tap_for_pin_and_signature() -> None:
    story = tapped(with_rules(idle_lock_s=0, no_pin_limit_fen=0, no_sign_limit_fen=0), 1)
    assert story.screen_id == "pin"


def test_a_reprint_names_the_limit_of_then() -> None:
    story = tapped(APART, 100)
    story.approved(100, "tap")
    slips_out(story)
    kept = story.state.last_sale
    assert kept is not None
    assert why_unsigned(kept, "zh") == "交易金额未超过￥300，免密免签"
    old = replace(approved_sale("000012", 100, "tap"), needs_signature=False)
    assert why_unsigned(old, "en") == "AMOUNT UP TO RMB 1,000: NO PIN, NO SIGNATURE", "before limits were policy"


def test_a_bank_that_wants_the_pin_after_all_has_it_signed_too() -> None:
    story = tapped(APART, 100)
    story.refused("SendPayment", "55")
    story.keys("retry")
    assert story.screen_id == "pin"
    story.pin()
    story.approved(100, "tap")
    assert "持卡人签名" in slip_of(story)


def test_nobody_signs_on_the_screen_what_is_small() -> None:
    story = tapped(APART, 100, "esign")
    story.approved(100, "tap")
    assert story.screen_id == "printing"


@pytest.mark.parametrize("may_pass", [True, False])
def test_whether_a_pin_may_be_passed_is_policy(may_pass: bool) -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0, pin_bypass=int(may_pass)))
    story.keys("sale", "100", "enter")
    story.card("insert")
    entry = story.all_of(fx.StartPinEntry)[-1]
    assert isinstance(entry, fx.StartPinEntry)
    assert entry.may_skip == may_pass
    assert ("无密码" in story.text) == may_pass


def test_terminals_are_told_only_what_differs_and_never_believe_more_than_the_trade_allows() -> None:
    assert "limit" not in write_rules(TerminalRules()).replace("sale_limit", "")
    told = read_rules("no_pin_limit_fen=99999999,no_sign_limit_fen=5,pin_bypass=0")
    assert (told.no_pin_limit_fen, told.no_sign_limit_fen, told.pin_bypass) == (SMALL_TAP_FEN_MAX, 5, False)
    assert read_rules(write_rules(told)) == told
    assert rules_mark(told) != rules_mark(TerminalRules())
