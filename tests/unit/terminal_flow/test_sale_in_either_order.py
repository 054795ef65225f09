"""The sale up to the moment it leaves, its slips, and what standby does."""

import pytest
from tests.worlds.flow_story import Story, found, memory

from zhanggui.cup.values.rules import SMALL_TAP_FEN_MAX
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Attempt
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S


def the_sale(story: Story) -> Attempt:
    (sent,) = story.all_of(fx.SendPayment)
    assert isinstance(sent, fx.SendPayment)
    return sent.attempt


def test_amount_first() -> None:
    story = Story().to_standby()
    story.keys("1", "2", "00", "enter")
    assert story.screen_id == "card"
    assert "¥12.00" in story.text
    story.card()
    story.pin()
    assert the_sale(story).amount_fen == 1200


def test_card_first() -> None:
    story = Story().to_standby()
    story.card("swipe", chip=False)
    assert story.screen_id == "amount"
    assert "621700*********0012" in story.text
    story.keys("5", "0", "enter")
    assert story.screen_id == "pin"
    story.pin()
    assert the_sale(story).amount_fen == 50


def test_the_card_may_come_while_the_amount_is_typed() -> None:
    story = Story().to_standby()
    story.keys("sale", "9")
    story.card()
    story.keys("9", "enter")
    story.pin()
    assert the_sale(story).amount_fen == 99


def test_the_amount_comes_from_the_right_and_is_bounded() -> None:
    story = Story().to_standby()
    story.keys("sale", "0", "00", *"9999999991", "clear", "9")
    assert story.view.entry is not None
    assert story.view.entry.shown == "¥9,999,999.99"


def test_zero_is_refused() -> None:
    story = Story().to_standby()
    story.keys("sale", "0", "enter")
    assert story.screen_id == "amount"
    assert "不能为零" in story.text


def test_a_swiped_chip_card_is_asked_to_be_inserted() -> None:
    for first in ((), ("sale",), ("sale", "5", "enter")):
        story = Story().to_standby()
        story.keys(*first)
        story.card("swipe", chip=True)
        assert "请插卡或挥卡" in story.text
        assert story.names()[-1] == "OpenReader"


def test_an_unreadable_card_is_asked_for_again() -> None:
    for first in ((), ("sale",), ("sale", "5", "enter")):
        story = Story().to_standby()
        story.keys(*first)
        story.send(ev.CardUnreadable(now=story.now, reason="stripe"))
        assert "未能读卡" in story.text
        assert story.names()[-1] == "OpenReader"


@pytest.mark.parametrize(
    ("way", "amount_fen", "asked"),
    [
        ("tap", SMALL_TAP_FEN_MAX, False),
        ("tap", SMALL_TAP_FEN_MAX + 1, True),
        ("insert", 1, True),
        ("swipe", 1, True),
    ],
)
def test_only_a_small_tap_needs_neither_pin_nor_signature(way: ev.EntryWay, amount_fen: int, asked: bool) -> None:
    story = Story().to_standby()
    story.keys("sale", *str(amount_fen), "enter")
    story.card(way, chip=way != "swipe")
    assert (story.screen_id == "pin") == asked
    if asked:
        story.pin()
    assert the_sale(story).with_pin == asked
    story.approved(amount_fen, way)
    kept = story.all_of(fx.RememberApproval)[0]
    assert isinstance(kept, fx.RememberApproval)
    assert kept.payment.needs_signature == asked
    signed = any(line.kind == "signature" for line in story.slips()[0].lines)
    assert signed == asked


def test_the_pin_screen_shows_the_amount_and_a_card_without_pin_passes() -> None:
    story = Story().to_standby()
    story.keys("sale", "1", "00", "enter")
    story.card()
    assert "¥1.00" in story.text
    entry = story.all_of(fx.StartPinEntry)[-1]
    assert isinstance(entry, fx.StartPinEntry)
    assert (entry.purpose, entry.amount_fen, entry.may_skip) == ("cardholder", 100, True)
    story.pin("skipped", digits=0)
    assert the_sale(story).with_pin is False


@pytest.mark.parametrize("outcome", ["cancelled", "timed_out"])
def test_giving_up_at_the_pin_charges_nothing(outcome: str) -> None:
    story = Story().to_standby()
    story.keys("sale", "1", "enter")
    story.card()
    story.pin(outcome, digits=0)
    assert story.screen_id == "standby"
    assert "未扣款" in story.text
    assert story.all_of(fx.SendPayment) == []


def test_cancel_works_until_the_payment_leaves() -> None:
    for steps in (("sale",), ("sale", "1", "enter")):
        story = Story().to_standby()
        story.keys(*steps, "cancel")
        assert story.screen_id == "standby"
    story = Story().to_standby().to_selling()
    story.keys("cancel", "clear", "enter")
    assert story.screen_id == "selling"


def test_an_idle_sale_returns_to_standby_after_a_minute_but_never_during_the_exchange() -> None:
    story = Story().to_standby()
    story.keys("sale", "5")
    story.wait(59)
    assert story.screen_id == "amount"
    story.wait(1)
    assert story.screen_id == "standby"
    story.to_selling()
    story.wait(300)
    assert story.screen_id == "selling"


def test_a_key_keeps_the_sale_awake() -> None:
    story = Story().to_standby()
    story.keys("sale")
    story.wait(50)
    story.keys("5")
    story.wait(50)
    assert story.screen_id == "amount"


def test_a_supervisor_does_not_sell() -> None:
    story = Story().to_standby(role="supervisor")
    assert "sale" not in [choice.key for choice in story.view.choices]
    story.card()
    assert story.view.code == "A107"


def test_without_a_reader_no_sale_begins() -> None:
    story = Story()
    story.power_on()
    story.checked(found("card_reader", "fail", "check.card_reader.fail"))
    story.keys("enter")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified()
    story.keys("enter")
    story.confirmed()
    story.keys("enter", "sale")
    assert story.view.code == "D105"


# ── slips ────────────────────────────────────────────────────────────────────


def approved(model: str = "smart") -> Story:
    story = Story(model).to_standby().to_selling()
    story.approved()
    return story


def test_the_outcome_is_kept_before_the_first_slip() -> None:
    assert approved().names() == ["RememberApproval", "Print"]
    assert approved("esign").names() == ["RememberApproval", "CollectSignature"]


def test_the_merchant_copy_is_torn_off_before_the_cardholder_copy_comes() -> None:
    story = approved()
    story.printed("merchant")
    assert story.screen_id == "tear_off"
    assert "签名" in story.text
    story.keys("enter")
    story.printed("cardholder")
    assert story.names()[-1] == "RememberPrinted"
    assert "已收款 ¥12.34" in story.text


def test_a_sale_stays_approved_when_the_paper_is_out() -> None:
    story = approved()
    story.print_failed("merchant")
    assert story.view.code == "D102"
    assert "请勿重复收款" in story.text
    assert "装纸" in story.text
    story.keys("enter")
    assert story.names() == ["Print"]
    assert story.slips()[-1].id == story.slips()[-2].id
    story.print_failed("merchant")
    story.keys("skip")
    assert story.screen_id == "standby"
    assert story.state.print_pending is not None
    assert story.all_of(fx.RememberPrinted) == []


def test_the_last_slip_can_be_printed_again_and_says_so() -> None:
    story = approved()
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    story.keys("reprint")
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    assert [slip.id for slip in story.slips()[2:]] == ["000015-merchant-again", "000015-cardholder-again"]
    assert "已重打印" in story.text


def test_without_a_sale_there_is_nothing_to_reprint() -> None:
    story = Story().to_standby()
    story.keys("reprint")
    assert story.slips() == []
    assert "没有可重打" in story.text


def test_before_the_signature_the_screen_says_that_it_is_approved() -> None:
    story = approved("esign")
    assert story.view.signature
    assert story.view.title == "交易成功，请持卡人签名"


def test_a_cardholder_who_cannot_sign_does_not_hold_up_the_slips() -> None:
    story = approved("esign")
    assert story.view.signature
    story.keys("skip")
    assert story.names() == ["Print"]


def test_standby_counts_and_lists_the_newest_first() -> None:
    story = approved()
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    story.to_selling(way="tap")
    story.refused("SendPayment", "51")
    story.keys("enter")
    assert [row.left[-6:] for row in story.view.rows] == ["000016", "000015"]
    assert story.view.totals[0].right == "1"
    assert story.view.totals[1].right == "¥12.34"


def test_the_trace_number_wraps_to_one() -> None:
    story = Story().to_standby(memory(trace_no="999996"))
    story.to_selling()
    assert the_sale(story).trace_no == "000001"


def test_a_quiet_standby_tells_the_host_how_it_is() -> None:
    story = Story().to_standby()
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == 1, "the first one since power-on opens the line"
    story.wait(HEARTBEAT_S - 1)
    assert len(story.all_of(fx.SendStatus)) == 1
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == 2
