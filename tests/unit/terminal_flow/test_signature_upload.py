"""A signature goes to the host behind everything else, again and again until the host has it, also over a power cut."""

import pytest
from tests.worlds.flow_story import Story, memory
from tests.worlds.flow_views import slips_out

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import SIGNATURE_AGAIN_S


def signed() -> Story:
    """In standby after a sale that was signed on the screen."""
    story = Story("esign", "zh").to_standby()
    story.to_selling()
    story.approved()
    assert story.screen_id == "sign_here"
    slips_out(story)
    assert story.screen_id == "standby"
    return story


def uploads(story: Story) -> list[fx.Effect]:
    return story.all_of(fx.SendSignature)


def one(story: Story) -> fx.SendSignature:
    story.wait(1)
    (effect,) = uploads(story)
    assert isinstance(effect, fx.SendSignature)
    return effect


def test_it_leaves_once_nothing_else_is_going_on_and_is_forgotten_when_the_host_has_it() -> None:
    story = signed()
    sent = one(story)
    story.wait(1)
    assert len(uploads(story)) == 1, "one at a time"
    story.send(ev.SignatureTaken(now=story.now, batch_no=sent.batch_no, trace_no=sent.trace_no))
    assert story.names() == ["RememberSignatureTaken"]
    story.wait(2 * SIGNATURE_AGAIN_S)
    assert len(uploads(story)) == 1


@pytest.mark.parametrize("failure", ["no_answer", "unreachable", "bad_mac"])
def test_one_that_nobody_answered_comes_again_after_a_while(failure: ev.Failure) -> None:
    story = signed()
    one(story)
    story.send(ev.HostFailed(now=story.now, request="SendSignature", failure=failure))
    story.wait(SIGNATURE_AGAIN_S - 2)
    assert len(uploads(story)) == 1
    story.wait(3)
    assert len(uploads(story)) == 2
    assert uploads(story)[0] == uploads(story)[1], "it is the same"


def test_what_the_host_will_never_take_is_not_sent_for_ever() -> None:
    story = signed()
    one(story)
    story.refused("SendSignature", "25")
    assert story.names() == ["RememberSignatureTaken"]
    assert story.state.unsent == ()


def test_a_host_that_can_not_now_is_asked_again() -> None:
    story = signed()
    one(story)
    story.refused("SendSignature", "96")
    assert len(story.state.unsent) == 1
    story.wait(SIGNATURE_AGAIN_S + 1)
    assert len(uploads(story)) == 2


def test_a_payment_does_not_wait_for_it() -> None:
    story = signed()
    one(story)
    story.to_selling()
    assert len(story.all_of(fx.SendPayment)) == 2


def test_what_the_journal_could_not_keep_is_not_owed() -> None:
    story = Story("esign", "zh").to_standby()
    story.to_selling()
    story.approved()
    story.send(ev.Signed(now=story.now, kept=False))
    assert story.state.unsent == ()


def test_after_a_power_cut_the_journal_says_what_is_still_owed() -> None:
    story = Story("esign", "zh")
    owed = ((BatchNo("000002"), TraceNo("000012")),)
    story.to_standby(memory(unsent=owed))
    sent = one(story)
    assert (sent.batch_no, sent.trace_no) == owed[0]
