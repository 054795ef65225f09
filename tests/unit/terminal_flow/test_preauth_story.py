"""预授权 at the terminal: behind one entry of the menu, each kind with its slips, and what becomes of the one that was held."""

import pytest
from tests.worlds.flow_story import Story

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


def held(model: str = "smart", lang: str = "zh") -> Story:
    """After a pre-authorisation of 12.34."""
    story = Story(model, lang).to_standby()  # type: ignore[arg-type]  # one of two
    story.keys("preauths")
    assert story.screen_id == "kinds"
    story.keys("preauth", "1", "2", "3", "4", "enter")
    story.card("insert")
    story.pin()
    assert story.screen_id == "selling"
    story.approved()
    slips_out(story)
    return story


@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_held_has_two_slips_and_is_no_money_taken(model: str, lang: str) -> None:
    story = held(model, lang)
    assert (story.state.sales_count, story.state.sales_fen) == (0, 0)
    slip = [f"{line.left}{line.right}" for line in story.slips()[-1].lines]
    assert ("交易类型(TRANS TYPE):预授权(AUTH)" if lang == "zh" else "TRANS TYPE:AUTH") in slip
    assert ("预授权成功" if lang == "zh" else "Authorised ¥12.34") in story.text


def test_what_is_held_is_undone_when_no_answer_comes() -> None:
    story = Story().to_standby()
    story.keys("preauth", "5", "enter")
    story.card("insert")
    story.pin()
    story.failed("SendPayment", "no_answer")
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    assert (sent.reversal.kind, sent.reversal.again) == ("preauth", None)
