"""The cardholder's copy on a phone: offered where the host serves a page, shown as a code, and never in the way of paper."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import MASKED, Story, approved_sale, memory, slips_out

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.cup.values.rules import TerminalRules, write_rules
from zhanggui.cup.values.slip_link import read_copies, write_copies
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import SALE_IDLE_S
from zhanggui.terminal.keypad import keypad_lines

ADDRESS = "https://pos.example:8602/S/102100058120001/AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
RULES = write_rules(TerminalRules(slip_link=True))


def line(trace_no: str, state: ev.LineState = "approved") -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(trace_no),
        time="08:41:10",
        masked_pan=MASKED,
        amount_fen=990,
        state=state,
        batch_no=BatchNo("000002"),
        rrn="112308411001",
        auth_code="654321",
    )


def story_at_standby(model: str = "smart", *, offered: bool = True) -> Story:
    today = (line("000123"), line("000121", "undone"))
    story = Story(model).to_standby(memory(today=today, last_sale=approved_sale("000123")))
    if offered:
        story.state = replace(story.state, rules=TerminalRules(slip_link=True))
    return story


def sent(story: Story) -> fx.SendSlip:
    return [effect for effect in story.effects if isinstance(effect, fx.SendSlip)][-1]


def linked(story: Story, trace_no: str) -> None:
    story.send(ev.SlipLinked(now=story.now, batch_no=BatchNo("000002"), trace_no=TraceNo(trace_no), address=ADDRESS))


def labels(story: Story) -> list[str]:
    return [choice.key for choice in story.view.choices]


def torn_off(model: str = "smart") -> Story:
    """A sale whose merchant copy is out."""
    story = story_at_standby(model)
    story.to_selling()
    story.approved()
    story.printed("merchant")
    assert story.screen_id == "tear_off"
    return story


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_in_the_place_of_the_second_copy_the_customer_scans_a_code(model: str) -> None:
    story = torn_off(model)
    story.keys("1" if model == "keypad" else "link")
    trace_no = sent(story).payment.trace_no
    assert story.screen_id == "slip_link"
    linked(story, trace_no)
    assert (story.screen_id, story.view.scan) == ("slip_link", ADDRESS)
    story.keys("enter")
    assert story.screen_id == "standby"
    assert len(story.slips()) == 1, "the merchant copy alone is on paper"
    assert "RememberPrinted" in [type(effect).__name__ for effect in story.effects]
    assert story.state.print_pending is None


def test_what_goes_up_is_the_cardholders_copy_in_both_languages_with_a_masked_card_and_nothing_to_sign() -> None:
    story = torn_off()
    story.keys("link")
    copies = read_copies(write_copies(sent(story).copies))
    for lines, title in ((copies.zh, "持卡人存根"), (copies.en, "CARDHOLDER COPY")):
        text = "\n".join(f"{one.left} {one.right}" for one in lines)
        assert title in text.upper()
        assert MASKED in text
        assert all(one.kind != "signature" for one in lines)
    assert len(write_copies(sent(story).copies)) < 1_400, "three messages"


def test_a_customer_who_wants_paper_besides_gets_it() -> None:
    story = torn_off()
    story.keys("link")
    linked(story, sent(story).payment.trace_no)
    story.keys("paper")
    story.printed("cardholder")
    assert [slip.copy for slip in story.slips()] == ["merchant", "cardholder"]
    assert story.screen_id == "standby"


@pytest.mark.parametrize("end", ["unreachable", "refused", "cancel"])
def test_without_a_code_the_second_copy_comes_on_paper(end: str) -> None:
    story = torn_off()
    story.keys("link")
    if end == "unreachable":
        story.failed("SendSlip", "unreachable")
        assert "没有连上主机" in story.text
    elif end == "refused":
        story.refused("SendSlip", "40")
        assert "主机暂不提供" in story.text
    else:
        story.keys("cancel")
    assert story.screen_id == "tear_off"
    story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id == "standby"
    linked(story, sent(story).payment.trace_no)
    assert story.screen_id == "standby", "what the host answers late shows nobody a code"


def test_a_code_that_nobody_scans_goes_away_by_itself() -> None:
    story = torn_off()
    story.keys("link")
    linked(story, sent(story).payment.trace_no)
    story.wait(SALE_IDLE_S)
    assert story.screen_id == "standby"


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_any_payment_of_today_that_stands_goes_on_a_phone(model: str) -> None:
    story = story_at_standby(model)
    if model == "keypad":
        story.keys("2", "1", "2", "3", "enter", "3")
    else:
        story.keys(story.view.rows[0].key, "slip_link")
    story.send(ev.PaymentFound(now=story.now, payment=approved_sale("000123")))
    linked(story, "000123")
    assert story.view.scan == ADDRESS
    story.keys("enter")
    assert story.screen_id == "standby"
    assert story.slips() == []


def test_a_model_without_paper_offers_the_last_one_where_it_waits_for_the_next_customer() -> None:
    story = story_at_standby("esign")
    story.to_selling()
    story.approved()
    slips_out(story)
    assert story.screen_id == "standby"
    story.keys("slip_link")
    asked = story.all_of(fx.FindPayment)[-1]
    assert isinstance(asked, fx.FindPayment)
    assert asked.trace_no == story.state.last_sale.trace_no if story.state.last_sale is not None else False


def test_what_was_taken_back_goes_on_no_phone() -> None:
    story = story_at_standby()
    story.keys(story.view.rows[1].key)
    assert story.screen_id == "line"
    assert "slip_link" not in labels(story)


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_where_the_host_serves_no_page_nothing_is_said_of_it(model: str) -> None:
    story = story_at_standby(model, offered=False)
    assert "slip_link" not in labels(story)
    story.to_selling()
    story.approved()
    if story.screen_id != "sign_here":
        story.printed("merchant")
        assert "link" not in labels(story)
        story.keys("link")
        assert story.screen_id == "tear_off"


def test_on_four_lines_the_code_stands_beside_its_words() -> None:
    story = torn_off("keypad")
    story.keys("1")
    linked(story, sent(story).payment.trace_no)
    lines = keypad_lines(story.view, story.state.machine.profile)
    assert all(row.startswith(" " * 8) for row in lines)
    assert any("顾客扫码" in row for row in lines), lines
