"""余额查询 at the terminal, on each model: card, PIN, and the figure on the screen for the cardholder, nowhere else."""

import msgspec
import pytest
from tests.worlds.flow_story import Story, approval

from zhanggui.terminal.flow.core import effects as fx


@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_balance_is_shown_without_a_slip_and_leaves_with_enter(model: str, lang: str) -> None:
    story = Story(model, lang).to_standby()  # type: ignore[arg-type]  # one of two
    story.keys("balance")
    story.card("insert")
    story.pin()
    assert story.screen_id == "selling"
    answer = approval(story.state.trace_no, 0, story.now)
    story.send(msgspec.structs.replace(answer, amount_fen=None, balance_fen=-5))
    assert story.screen_id == "answer"
    assert "余额查询" in story.text if lang == "zh" else "Balance" in story.text
    assert "¥-0.05" in story.text or "-¥0.05" in story.text
    story.keys("enter")
    assert story.screen_id == "standby"
    assert (story.slips(), story.state.today, story.state.sales_count) == ([], (), 0)
    assert not any(isinstance(effect, fx.RememberApproval | fx.RememberPayment) for effect in story.effects)


def test_a_small_tap_needs_its_pin_too() -> None:
    story = Story().to_standby()
    story.keys("balance")
    story.card("tap")
    assert story.screen_id == "pin"
