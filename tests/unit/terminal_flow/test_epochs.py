"""What a terminal does when the host knows more of it than its own journal, and how its payments are told from a copy's."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, memory, pending

from zhanggui.basics.numbers import TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev

EPOCH, NEXT_EPOCH = "00000001", "00000002"


def reversals(story: Story) -> list[tuple[str, str]]:
    return [(one.reversal.trace_no, one.reversal.epoch) for one in story.effects if isinstance(one, fx.SendReversal)]


def started(trace_no: str = "000011", reversal: ev.PendingReversal | None = None) -> Story:
    """Switched on, with its 0800 under way."""
    story = Story()
    story.power_on(memory(trace_no, reversal=reversal))
    story.checked()
    return story


def last_0800(story: Story) -> TraceNo:
    return next(one.trace_no for one in reversed(story.effects) if isinstance(one, fx.SendSignOn))


def test_a_payment_and_its_reversal_name_the_sign_on_under_which_the_payment_left() -> None:
    story = Story().to_standby()
    story.state = replace(story.state, epoch=EPOCH)
    story.to_selling()
    (sent,) = story.all_of(fx.SendPayment)
    (kept,) = story.all_of(fx.RememberPayment)
    assert isinstance(sent, fx.SendPayment)
    assert isinstance(kept, fx.RememberPayment)
    assert (sent.attempt.epoch, kept.attempt.reversal().epoch) == (EPOCH, EPOCH)
    story.failed("SendPayment", "bad_mac")
    story.signed_on(epoch=NEXT_EPOCH, trace_no=last_0800(story))
    assert [epoch for _, epoch in reversals(story)] == [EPOCH], "it is undone as what it was"
    assert story.state.epoch == NEXT_EPOCH


@pytest.mark.parametrize(
    ("known", "last"), [("000200", "000200"), ("000012", "000012"), ("000011", "000012"), (None, "000012")]
)
def test_numbers_go_on_above_what_the_host_knows(known: str | None, last: str) -> None:
    story = started("000011")
    assert last_0800(story) == "000012"
    story.signed_on(epoch=EPOCH, trace_no=TraceNo("000012"), known_trace=known)
    assert story.state.trace_no == last
    assert [one.trace_no for one in story.effects if isinstance(one, fx.RememberTrace)][-1] == last


def test_numbers_go_on_around_the_circle() -> None:
    story = started("999998")
    story.signed_on(epoch=EPOCH, trace_no=last_0800(story), known_trace=TraceNo("000007"))
    assert story.state.trace_no == "000007"


@pytest.mark.parametrize("known", ["000012", "000200"])
def test_an_old_copy_names_what_it_doubts_under_its_new_sign_on_and_keeps_that_before_its_numbers(known: str) -> None:
    story = started("000011", reversal=pending("000009"))
    story.effects.clear()
    story.signed_on(epoch=EPOCH, trace_no=TraceNo("000012"), known_trace=TraceNo(known))
    assert story.names()[:3] == ["RememberDoubt", "RememberTrace", "SendReversal"]
    assert reversals(story) == [("000009", EPOCH)]


def test_a_journal_that_goes_forward_undoes_what_it_doubts_as_what_it_was() -> None:
    story = started("000011", reversal=pending("000009"))
    story.signed_on(epoch=EPOCH, trace_no=last_0800(story))
    assert reversals(story) == [("000009", "")]


@pytest.mark.parametrize("word", ["not charged", "You can sell", "You can start again"])
def test_a_reversal_that_undid_nothing_promises_nothing(word: str) -> None:
    story = Story(lang="en").to_standby().to_selling()
    story.failed("SendPayment", "no_answer")
    story.reversal_taken("12")
    assert "support looks into it" in story.text
    assert word not in story.text
    assert story.state.undo is None
    (kept,) = story.all_of(fx.RememberReversed)
    assert isinstance(kept, fx.RememberReversed)
    assert kept.response_code == "12"
    story.keys("enter")
    assert story.screen_id == "standby"
    assert "support looks into it" in story.text, "the list of today says so as well"
    assert word not in story.text.split("\n")[0]


def test_a_number_that_was_taken_is_followed_by_one_new_sign_on_above_what_the_host_knows_and_never_by_itself() -> None:
    story = Story(lang="en").to_standby().to_selling()
    taken = story.state.trace_no
    story.refused("SendPayment", "94")
    assert [name for name in story.names() if name != "StopPinEntry"][:1] == ["RememberDecline"]
    assert story.names().count("SendSignOn") == 1
    assert "SendReversal" not in story.names()
    assert "number was used before" in story.text
    assert "The terminal fetches new numbers. Sign in again" in story.text
    assert story.state.session is None
    assert story.state.today[0].state == "declined"
    story.effects.clear()
    story.signed_on(epoch=EPOCH, trace_no=story.state.trace_no, known_trace=TraceNo("000777"))
    assert story.state.trace_no == "000777" > taken
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    story.wait(200)
    assert not {"SendPayment", "SendSignOn", "SendReversal"} & set(story.names())


@pytest.mark.parametrize("code", ["05", "12", "25", "96"])
def test_another_refusal_leaves_the_session_and_the_keys(code: str) -> None:
    story = Story().to_standby().to_selling()
    story.refused("SendPayment", code)
    assert story.state.session is not None
    assert "SendSignOn" not in story.names()
