"""What no reversal undoes is asked for again, and no word on the way says that it is reversed (冲正)."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, memory, pending

from zhanggui.basics.numbers import OperatorNo
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.payment.kinds import KINDS
from zhanggui.terminal.flow.words.screen_codes import all_screen_codes

REFUND = replace(
    pending(), kind="refund", again=ev.Again(operator_no=OperatorNo("01"), way="insert", time="08:55:03"), attempts=2
)
UNDOING = ("冲正", "undone", "undoes", "revers")


def says_undoing(text: str) -> list[str]:
    return [word for word in UNDOING if word in text]


def tried_in_vain() -> Story:
    """At standby with a refund in doubt, asked for once more without an answer."""
    story = Story().to_standby(memory(reversal=REFUND))
    story.failed("SendReversal", "no_answer")
    return story


def test_the_screens_that_wait_for_an_outcome_have_a_code_of_their_own() -> None:
    story = tried_in_vain()
    assert "T107" in story.text
    assert says_undoing(story.text) == []
    story.keys("sale")
    story.failed("SendReversal", "no_answer")
    assert (story.screen_id, story.view.code) == ("reversal_stuck", "T107")
    assert says_undoing(story.text) == []


def test_whoever_is_thrown_out_of_a_session_hears_that_it_is_asked_for_and_not_that_it_is_undone() -> None:
    story = Story().to_standby(memory(reversal=REFUND))
    story.send(ev.Ordered(now=story.now, orders=("sign_in",), notice=""))
    assert story.screen_id == "trouble"
    assert "结果未明" in story.text
    assert "再次查询" in story.text
    assert says_undoing(story.text) == []


@pytest.mark.parametrize("code", ["T107", "T108"])
def test_the_codes_themselves_speak_of_no_undoing(code: str) -> None:
    row = all_screen_codes()[code]
    assert says_undoing(row.zh + row.en) == []


def test_the_kinds_that_are_asked_for_again_are_those_that_nothing_undoes_by_itself() -> None:
    repeated = [name for name, kind in KINDS.items() if kind.repeated]
    assert repeated == ["refund", "qr_void", "qr_refund", "completion_notice", "qr_own", "qr_static"]
