"""Issuer scripts in the flow: kept with the outcome, run behind that record, told before anything else until the host knows."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, approval, memory
from tests.worlds.flow_views import slips_out

from zhanggui.basics.numbers import BatchNo, Rrn, TraceNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import SCRIPT_AGAIN_S, SCRIPT_TRIES_FIRST

SAID = ev.ScriptsSaid(rrn=Rrn("112308550301"), acquirer_code="08888888", date="1123", to_run="72", results="0000000007")
DONE = "2000000007"


def selling(model: str = "smart") -> Story:
    story = Story(model, "zh").to_standby()
    story.to_selling()
    return story


def answered(story: Story) -> Story:
    """The answer brings a script."""
    story.send(replace(approval(story.state.trace_no, 1234, story.now), scripts=SAID))
    return story


def ran(story: Story, results: str = DONE) -> None:
    (run,) = story.all_of(fx.RunScripts)
    assert isinstance(run, fx.RunScripts)
    story.send(ev.ScriptsRun(now=story.now, batch_no=run.batch_no, trace_no=run.trace_no, results=results))


def sent(story: Story) -> list[fx.SendScript]:
    return [effect for effect in story.all_of(fx.SendScript) if isinstance(effect, fx.SendScript)]


def owed() -> ev.ScriptNotice:
    return ev.ScriptNotice(
        batch_no=BatchNo("000002"),
        trace_no=TraceNo("000010"),
        kind="sale",
        payment=ev.Original(
            trace_no=TraceNo("000009"),
            batch_no=BatchNo("000002"),
            amount_fen=1234,
            masked_pan="621700*********0012",
            rrn=Rrn("112308550300"),
            date="1123",
        ),
        acquirer_code="08888888",
        results=DONE,
    )


def test_the_notice_is_kept_with_the_outcome_before_anything_is_run_and_has_the_next_number() -> None:
    story = selling()
    of = story.state.trace_no
    answered(story)
    assert story.names()[:2] == ["RememberApproval", "RunScripts"]
    (kept,) = story.all_of(fx.RememberApproval)
    assert isinstance(kept, fx.RememberApproval)
    assert kept.script is not None
    assert (kept.script.payment.trace_no, int(kept.script.trace_no)) == (of, int(of) + 1)
    assert kept.script.results == SAID.results, "until they were run, nothing was done"
    ran(story)
    assert story.names() == ["RememberScript"]
    assert story.state.scripts[0].results == DONE


def test_it_leaves_once_nothing_else_is_going_on_and_is_forgotten_when_the_host_has_it() -> None:
    story = answered(selling())
    ran(story)
    assert sent(story) == [], "slips come first"
    slips_out(story)
    story.wait(1)
    (notice,) = (effect.notice for effect in sent(story))
    assert notice.results == DONE
    story.wait(2)
    assert len(sent(story)) == 1
    story.send(ev.ScriptTaken(now=story.now, batch_no=notice.payment.batch_no, trace_no=notice.payment.trace_no))
    assert story.state.scripts == ()
    assert story.all_of(fx.RememberScript)[-1] == fx.RememberScript(notice=notice, is_over=True)


@pytest.mark.parametrize("failure", ["no_answer", "unreachable", "bad_mac"])
def test_one_that_nobody_answered_comes_again_and_is_the_same(failure: ev.Failure) -> None:
    story = Story("smart", "zh").to_standby(memory(scripts=(owed(),)))
    story.wait(1)
    story.failed("SendScript", failure)
    story.wait(SCRIPT_AGAIN_S + 1)
    assert [effect.notice for effect in sent(story)] == [owed(), owed()]


def test_it_goes_before_the_next_payment_and_a_reversal_and_a_settlement() -> None:
    story = Story("smart", "zh").to_standby(memory(scripts=(owed(),)))
    story.wait(1)
    story.failed("SendScript", "no_answer")
    story.wait(SCRIPT_AGAIN_S - 5)
    story.keys("sale", *"1234", "enter")
    story.wait(10)
    story.card("insert")
    if story.screen_id == "pin":
        story.pin()
    assert story.names()[-3:] == ["SendScript", "RememberPayment", "SendPayment"]
    story.wait(SCRIPT_AGAIN_S + 1)
    story.failed("SendPayment", "no_answer")
    assert story.names()[-1] == "SendReversal"
    assert "SendScript" in story.names()
    assert story.names().index("SendScript") < story.names().index("SendReversal")


def test_after_tries_in_vain_a_payment_does_not_wait_for_it_any_more() -> None:
    story = Story("smart", "zh").to_standby(memory(scripts=(owed(),)))
    for _ in range(SCRIPT_TRIES_FIRST):
        story.wait(SCRIPT_AGAIN_S + 1)
        story.failed("SendScript", "no_answer")
    tries = len(sent(story))
    story.state = replace(story.state, script_tried_at=None)
    story.to_selling()
    assert len(sent(story)) == tries
    assert story.names()[-2:] == ["RememberPayment", "SendPayment"]


@pytest.mark.parametrize("code", ["25", "40", "64", "94"])
def test_what_the_host_will_never_take_is_not_sent_for_ever(code: str) -> None:
    story = Story("smart", "zh").to_standby(memory(scripts=(owed(),)))
    story.wait(1)
    story.refused("SendScript", code)
    assert story.state.scripts == ()


def test_a_host_that_can_not_now_is_asked_again() -> None:
    story = Story("smart", "zh").to_standby(memory(scripts=(owed(),)))
    story.wait(1)
    story.refused("SendScript", "96")
    assert story.state.scripts == (owed(),)


def test_an_outcome_that_could_not_be_kept_takes_its_scripts_along_and_nothing_is_run() -> None:
    story = selling()
    story.broken_records = {"approval"}
    answered(story)
    assert story.all_of(fx.RunScripts) == []
    assert story.state.scripts == ()
    assert story.screen_id == "reversing"


def test_a_script_that_failed_leaves_the_payment_as_it_is() -> None:
    story = answered(selling())
    ran(story, "1100000007")
    assert story.state.undo is None
    assert [line.state for line in story.state.today] == ["approved"]
    slips_out(story)
    story.wait(1)
    assert [effect.notice.results for effect in sent(story)] == ["1100000007"]


def test_results_that_could_not_be_kept_are_told_all_the_same() -> None:
    story = answered(selling())
    story.broken_records = {"script"}
    ran(story)
    slips_out(story)
    story.wait(1)
    assert [effect.notice.results for effect in sent(story)] == [DONE]


def test_a_refusal_that_is_proven_may_bring_one_too() -> None:
    story = selling()
    story.refused("SendPayment", "51", scripts=SAID)
    assert story.names()[:2] == ["RememberDecline", "RunScripts"]
    assert len(story.state.scripts) == 1
