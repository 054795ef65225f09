"""A line of today's list: its details, and its slips once more, of any payment and on every model."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import MASKED, Story, approved_sale, memory

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Doing
from zhanggui.terminal.flow.core.policy import SALE_IDLE_S


def line(trace_no: str, state: ev.LineState = "approved", code: str = "00") -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(trace_no),
        time="08:41:10",
        masked_pan=MASKED,
        amount_fen=990,
        state=state,
        response_code=code,
        batch_no=BatchNo("000002"),
        rrn="112308411001",
        auth_code="654321",
    )


def standby(model: str = "smart") -> Story:
    today = (line("000123"), line("000122", "declined", "55"), line("000121", "undone"), line("000120"))
    return Story(model).to_standby(memory(today=today, last_sale=approved_sale("000123")))


def asked_for(story: Story) -> fx.FindPayment:
    (asked,) = story.all_of(fx.FindPayment)
    assert isinstance(asked, fx.FindPayment)
    return asked


def test_a_tap_on_a_row_tells_what_is_known_of_it() -> None:
    story = standby()
    story.keys(story.view.rows[3].key)
    assert story.screen_id == "line"
    for known in ("¥9.90", "消费", "成功", "000120", MASKED, "08:41:10", "000002", "112308411001", "654321"):
        assert known in story.text
    story.keys("cancel")
    assert story.screen_id == "standby"


@pytest.mark.parametrize("model", ["smart", "esign"])
def test_the_slips_of_any_payment_of_today_come_again_and_are_marked(model: str) -> None:
    story = standby(model)
    story.keys(story.view.rows[3].key, "reprint")
    assert (asked_for(story).batch_no, asked_for(story).trace_no) == ("000002", "000120")
    story.send(ev.PaymentFound(now=story.now, payment=approved_sale("000120")))
    story.printed("merchant")
    if model == "smart":
        assert "请撕下商户存根。" in story.text
        assert "签名" not in story.text, "who paid has signed already"
        story.keys("enter")
    story.printed("cardholder")
    assert [slip.id for slip in story.slips()] == ["000120-merchant-again", "000120-cardholder-again"]
    assert all("重打印" in "".join(one.left for one in slip.lines) for slip in story.slips())
    assert ("已重打印" if model == "smart" else "已重新出具电子签购单") in story.text


def test_a_reprint_of_another_payment_leaves_the_slips_that_are_owed_owed() -> None:
    story = Story().to_standby(memory(today=(line("000123"), line("000120")), last_sale=approved_sale("000123")))
    story.to_selling()
    story.approved()
    story.print_failed("merchant")
    story.keys("skip")
    owed = story.state.print_pending
    assert owed is not None
    story.keys(story.view.rows[2].key, "reprint")
    story.send(ev.PaymentFound(now=story.now, payment=approved_sale("000120")))
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    assert story.state.print_pending == owed


def test_a_refused_or_undone_payment_has_details_with_their_reason_and_no_slips() -> None:
    story = standby()
    story.keys(story.view.rows[1].key)
    assert "未成功，未扣款" in story.text
    assert "密码错" in story.text
    story.keys("reprint")
    assert story.screen_id == "line"
    story.keys("cancel")
    story.keys(story.view.rows[2].key)
    assert "已撤销" in story.text
    assert [choice.key for choice in story.view.choices] == ["cancel"]
    assert story.all_of(fx.FindPayment) == []


def test_a_payment_that_the_journal_does_not_have_prints_nothing() -> None:
    story = standby()
    story.keys(story.view.rows[3].key, "reprint")
    story.send(ev.PaymentFound(now=story.now, payment=None))
    assert story.screen_id == "standby"
    assert "没有可重打" in story.text
    assert story.slips() == []


def test_a_key_of_a_row_that_is_gone_does_nothing() -> None:
    story = standby()
    story.keys("row.000002.000999")
    assert story.screen_id == "standby"


def test_what_was_read_leaves_the_screen_by_itself() -> None:
    story = standby()
    story.keys(story.view.rows[3].key)
    story.wait(SALE_IDLE_S + 1)
    assert story.screen_id == "standby"


def test_on_four_lines_enter_alone_is_the_last_payment_and_a_voucher_number_any_other() -> None:
    story = standby("keypad")
    story.keys("reprint")
    assert story.screen_id == "which_line"
    story.keys("enter")
    assert story.screen_id == "printing"
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    story.keys("reprint", "1", "2", "0", "enter")
    assert story.screen_id == "line"
    story.keys("1")
    assert asked_for(story).trace_no == "000120"


def test_on_four_lines_an_unknown_voucher_number_is_told() -> None:
    story = standby("keypad")
    story.keys("reprint", "9", "9", "clear", "8", "enter")
    assert "今日没有凭证号 000098" in story.text
    story.keys("cancel")
    assert story.screen_id == "standby"


def test_the_newest_slips_lie_in_the_tray_after_a_start_unless_they_are_owed() -> None:
    assert standby().view.slips == ("000123-merchant", "000123-cardholder")
    owed = approved_sale("000123")
    story = Story()
    story.power_on(memory(today=(line("000123"),), last_sale=owed, print_pending=owed))
    assert story.view.slips == ()


# ── taken back, given back ───────────────────────────────────────────────────


def choose(story: Story, trace_no: str) -> None:
    """Show the line of this payment, as a tap on its row does."""
    (row,) = [row for row in story.view.rows if row.left.endswith(trace_no)]
    story.keys(row.key)
    assert story.screen_id == "line"


def offered(story: Story) -> list[str]:
    return [choice.key for choice in story.view.choices]


def in_hand(story: Story) -> Doing:
    doing = story.state.stage.begun()
    assert doing is not None
    return doing


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_a_payment_is_taken_back_from_its_line_without_its_number_being_typed(model: str) -> None:
    story = standby(model)
    choose(story, "000120")
    assert {"void", "refund"} <= set(offered(story))
    story.keys("void")
    assert story.screen_id == "card"
    doing = in_hand(story)
    assert (doing.kind, doing.amount_fen) == ("void", 990)
    assert doing.original is not None
    assert doing.original.trace_no == "000120"


def test_a_part_of_it_is_given_back_from_its_line() -> None:
    story = standby()
    choose(story, "000120")
    story.keys("refund")
    assert story.screen_id == "amount"
    story.keys("4", "0", "0", "enter")
    assert (in_hand(story).kind, in_hand(story).amount_fen) == ("refund", 400)


@pytest.mark.parametrize("kind", ["qr_sale", "qr_own"])
@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_what_was_paid_by_a_code_is_taken_back_from_its_line_by_a_supervisor_alone(model: str, kind: str) -> None:
    paid = replace(line("000124"), kind=kind, pay_voucher="11112222333344445555", masked_pan="1300**********0012")
    story = Story(model).to_standby(memory(today=(paid, line("000123")), last_sale=approved_sale("000123")))
    choose(story, "000124")
    void, refund = ("void", "refund") if model == "keypad" else ("qr_void", "qr_refund")
    assert {void, refund} <= set(offered(story))
    story.keys(void)
    assert story.screen_id == "approval_number", "no card: nobody has to show a code again"
    story.keys("cancel")
    choose(story, "000124")
    story.keys(refund)
    assert story.screen_id == "amount"


def test_what_does_not_stand_is_not_taken_back() -> None:
    story = standby()
    for trace_no in ("000122", "000121"):
        choose(story, trace_no)
        assert not {"void", "refund"} & set(offered(story))
        story.keys("void")
        assert story.screen_id == "line", "nor by a key that is not there"
        story.keys("cancel")
