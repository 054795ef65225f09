"""The record of a sign-in keeps how long each step took, and ends when nobody goes on with it."""

from tests.worlds.acquirer_world import WANG, World, code_of, tags_of

from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.metrics import metrics
from zhanggui.acquirer.findings.shift import shift_figures
from zhanggui.acquirer.operators.attempts import ready_ms
from zhanggui.acquirer.operators.confirm import decide_confirm
from zhanggui.acquirer.operators.duty import decide_sign_out
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import Operator, Session, SignIn, Terminal
from zhanggui.basics.numbers import RecordNo
from zhanggui.cup.messages.operator_asks import ConfirmContents, SignOutContents
from zhanggui.cup.operator_tags import Tag

STEPS = (("check", 2000), ("number", 500), ("password", 3000), ("verify", 180), ("facts", 4000))


def verified() -> tuple[World, RecordNo]:
    world = World()
    world.sign_on()
    number = tags_of(world.verify(tags={Tag.STEPS: "number:500,password:3000"}))[Tag.RECORD_NO]
    return world, RecordNo(int(number))


def confirm(world: World, record_no: RecordNo) -> None:
    asked = world.asked(ConfirmContents(record_no=record_no, steps=STEPS))
    assert code_of(world.took(decide_confirm(world.state, asked, world.now))) == "00"


def give_up(world: World, record_no: RecordNo, reason: str = "given_up") -> Decision:
    asked = world.asked(SignOutContents(reason=reason, record_no=record_no), WANG)
    return world.took(decide_sign_out(world.state, asked, world.now))


def test_the_record_keeps_the_steps_and_the_time_to_ready() -> None:
    world, record_no = verified()
    assert world.record(record_no).step_times == "number:500,password:3000"
    assert ready_ms(world.record(record_no)) is None, "nobody is ready yet"
    confirm(world, record_no)
    assert ready_ms(world.record(record_no)) == 9680


def test_metrics_and_review_tell_time_to_ready_and_what_was_waited_for() -> None:
    world, record_no = verified()
    confirm(world, record_no)
    history = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator))
    told = {metric.name: metric.value for metric in metrics(history, world.now)}
    assert (told["ready_p50"], told["ready_p95"], told["verify_p95"]) == (9.7, 9.7, 180.0)
    assert told["slowest_step"] == "facts 100 %"
    (session,) = world.rows(Session)
    figures = shift_figures(session, world.rows(SignIn), [], world.now)
    assert (figures.ready_ms, figures.verify_ms) == (9680, 180)


def test_a_sign_in_that_is_given_up_ends_and_says_how() -> None:
    for reason in ("given_up", "timed_out"):
        world, record_no = verified()
        assert code_of(give_up(world, record_no, reason)) == "00"
        assert (world.record(record_no).state, world.record(record_no).reason) == ("refused", reason)
        assert code_of(world.confirm(str(record_no))) == "PA"
        (event,) = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator)).events
        assert event.outcome == "open", "a right password that nobody confirmed"


def test_giving_up_touches_no_session_and_no_other_record() -> None:
    world, record_no = verified()
    confirm(world, record_no)
    assert code_of(give_up(world, record_no)) == "PA"
    assert len(world.live()) == 1
    assert world.record(record_no).state == "active"
