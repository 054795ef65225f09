"""A payment that the host refused because nobody heard the card's bank: it may be held there, and nothing says that it is not."""

import pytest
from tests.worlds.flow_story import Story, on_duty, ordered, tearing_off, with_rules

from zhanggui.basics.numbers import BatchNo
from zhanggui.cup.response_codes import RESPONSE_CODES, may_be_held, means
from zhanggui.cup.values.undoing import Undoing
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S

NOT_CHARGED = ("未扣款", "没有扣款")


def unanswered(code: str, lang: str = "zh", amount_fen: int = 880) -> Story:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.send(ev.LangChosen(now=story.now, lang=lang))  # type: ignore[arg-type]
    story.to_selling(amount_fen)
    story.refused("SendPayment", code)
    return story


def returned(story: Story, state: str = "done") -> None:
    line = story.state.today[0]
    undoing = Undoing(batch_no=BatchNo(line.batch_no), trace_no=line.trace_no, state=state)  # type: ignore[arg-type]
    story.send(ev.Ordered(now=story.now, orders=(), undoing=undoing))


@pytest.mark.parametrize("code", ["68", "96", "98"])
@pytest.mark.parametrize(
    ("lang", "comes_back", "never"),
    [("zh", "自动退回", "未扣款"), ("en", "comes back by itself", "ot charged")],
)
def test_a_bank_that_was_not_heard_is_never_told_as_not_charged(
    code: str, lang: str, comes_back: str, never: str
) -> None:
    story = unanswered(code, lang)
    assert story.screen_id == "sale_refused"
    assert comes_back in story.text
    assert never not in story.text
    story.keys("enter")
    assert story.screen_id == "standby"
    row = story.view.rows[0]
    assert row.right == ("¥8.80 如已扣款自动退回" if lang == "zh" else "¥8.80 comes back if charged")
    ordered(story)
    assert comes_back in story.text
    assert never not in story.text


@pytest.mark.parametrize("code", sorted(code for code in RESPONSE_CODES if means(code) == "stands_not"))
def test_every_code_says_not_charged_only_where_the_bank_cannot_hold_anything(code: str) -> None:
    story = unanswered(code)
    if may_be_held(code):
        assert "未扣款" not in story.text
        assert story.state.today[0].state == "returning"
    else:
        assert "未扣款" in story.text
        assert story.state.today[0].state == "declined"


def asked_after(story: Story) -> Undoing | None:
    beat = story.all_of(fx.SendStatus)[-1]
    assert isinstance(beat, fx.SendStatus)
    return beat.undoing


def newest(story: Story) -> tuple[str, str]:
    return story.state.today[0].state, story.view.rows[0].right


def test_the_heartbeat_asks_after_it_until_the_bank_gave_it_back() -> None:
    story = unanswered("98")
    story.keys("enter")
    story.wait(HEARTBEAT_S)
    line = story.state.today[0]
    assert asked_after(story) == Undoing(batch_no=BatchNo(line.batch_no), trace_no=line.trace_no)
    returned(story, "due")
    assert newest(story) == ("returning", "¥8.80 如已扣款自动退回")
    returned(story)
    assert newest(story) == ("returned", "¥8.80 未扣款，银行已确认")
    kept = story.all_of(fx.RememberLine)
    assert [effect.line.state for effect in kept if isinstance(effect, fx.RememberLine)] == ["returned"]
    story.wait(HEARTBEAT_S)
    assert asked_after(story) is None
    assert story.state.sales_count == 0


def test_several_are_asked_after_each_in_its_turn() -> None:
    story = unanswered("98")
    story.keys("enter")
    story.to_selling(990)
    story.refused("SendPayment", "98")
    story.keys("enter")
    first = len(story.all_of(fx.SendStatus))
    story.wait(4 * HEARTBEAT_S)
    asked = {beat.undoing for beat in story.all_of(fx.SendStatus)[first:] if isinstance(beat, fx.SendStatus)}
    assert len(asked) == 2


def test_a_word_about_a_payment_that_stands_changes_nothing() -> None:
    story = tearing_off()
    returned(story)
    assert story.state.today[0].state == "approved"


def test_an_undone_payment_says_what_the_cardholder_may_see_meanwhile() -> None:
    story = on_duty().to_selling(170)
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    assert "自动退回" in story.text
    assert not any(said in story.text for said in NOT_CHARGED)
