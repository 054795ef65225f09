"""消费撤销 at the terminal, on each model: which sale, the card, the supervisor, the slip, and the day's totals."""

import pytest
from tests.worlds.flow_story import Story

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev


def slips_out(story: Story) -> None:
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id == "standby"


def voided(model: str = "smart", lang: str = "zh") -> Story:
    """A sale, and its void on the way."""
    story = Story(model, lang).to_standby().to_selling()  # type: ignore[arg-type]  # one of two
    story.approved()
    slips_out(story)
    story.keys("void", *story.state.today[0].trace_no, "enter", "enter")
    story.card("insert")
    story.keys("0", "0")
    assert ("消费撤销" if lang == "zh" else "void a sale") in story.text.lower()
    assert "¥12.34" in story.text, "nobody approves what he does not see"
    story.pin()
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="陈店长"))
    assert story.screen_id == "selling"
    return story


@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sale_is_taken_back_with_two_slips_and_leaves_the_totals(model: str, lang: str) -> None:
    story = voided(model, lang)
    story.approved()
    assert ("消费撤销成功" if lang == "zh" else "Void approved") in story.text, "not as a sale is approved"
    slips_out(story)
    assert (story.state.sales_count, story.state.sales_fen) == (0, 0)
    assert [line.state for line in story.state.today] == ["approved", "undone"]
    slip = [f"{line.left}{line.right}" for line in story.slips()[-1].lines]
    assert ("交易类型(TRANS TYPE):消费撤销(VOID)" if lang == "zh" else "TRANS TYPE:VOID") in slip
    label = "原凭证号" if lang == "zh" else "ORIGINAL VOUCHER NO."
    assert f"{label} {story.state.today[1].trace_no}" in slip
    signed = [f"{line.left}{line.right}" for line in story.slips()[-2].lines]
    assert not any("计入本卡账户" in line for made in (slip, signed) for line in made), "the money goes back"
    assert ("消费撤销成功" if lang == "zh" else "Voided ¥12.34") in story.text


def test_a_second_void_of_the_same_sale_is_not_sent() -> None:
    story = voided()
    story.approved()
    slips_out(story)
    sent = len(story.all_of(fx.SendPayment))
    story.keys("void", *story.state.today[1].trace_no, "enter")
    assert "已撤销" in story.text
    story.keys("cancel", "void", *story.state.today[0].trace_no, "enter")
    assert "另一种交易" in story.text
    assert len(story.all_of(fx.SendPayment)) == sent


def test_a_void_without_an_answer_is_reversed_and_the_sale_stands() -> None:
    story = voided()
    story.failed("SendPayment", "no_answer")
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    assert (sent.reversal.kind, sent.reversal.original is not None) == ("void", True)
    story.reversal_taken()
    assert (story.state.sales_count, story.state.sales_fen) == (1, 1234)


def test_a_void_that_is_refused_is_no_sale_that_failed_in_todays_list() -> None:
    story = voided()
    story.refused("SendPayment", "14")
    assert "不是原交易的那张卡" in story.text
    story.keys("enter")
    assert story.view.rows[0].right == "消费撤销 ¥12.34"
    original = story.state.today[1].trace_no
    assert story.view.rows[0].middle == f"原 {original} 未成功：不是原交易的那张卡"
    story.keys(story.view.rows[0].key)
    assert [line.right for line in story.view.lines if line.text == "原凭证号"] == [original]


@pytest.mark.parametrize(("lang", "said"), [("zh", "尾号 0012"), ("en", "ending in 0012")])
def test_the_screen_says_which_card_is_meant_before_a_supervisor_has_to_come(lang: Lang, said: str) -> None:
    story = Story("smart", lang).to_standby().to_selling()
    story.approved()
    slips_out(story)
    story.keys("void", *story.state.today[0].trace_no, "enter", "enter")
    assert story.screen_id == "card"
    assert said in story.text


@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
@pytest.mark.parametrize(
    ("lang", "said", "said_short"),
    [("zh", "尾号 4567）不是原交易的卡", "4567 不是原卡"), ("en", "ending in 4567", "Not ..4567")],
)
def test_another_card_is_refused_at_once_and_no_supervisor_comes_for_nothing(
    model: str, lang: Lang, said: str, said_short: str
) -> None:
    story = Story(model, lang).to_standby().to_selling()
    story.approved()
    slips_out(story)
    story.keys("void", *story.state.today[0].trace_no, "enter", "enter")
    shown = ev.CardSeen(
        now=story.now, way="insert", masked_pan="621700*********4567", expiry_yymm="4912", label="掌柜卡", chip=True
    )
    story.send(shown)
    assert story.screen_id == "card"
    assert (said_short if model == "keypad" else said) in story.text
    assert "0012" in story.text, "which one it must be"
    story.card("insert")
    assert story.screen_id == "approval_number"
