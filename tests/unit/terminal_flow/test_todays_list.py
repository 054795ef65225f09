"""Today's list: a payment has one line, found by batch and trace number together."""

from msgspec.structs import replace
from tests.worlds.flow_story import machine
from tests.worlds.shell_makes import BATCH, attempt, trace

from zhanggui.basics.numbers import BatchNo
from zhanggui.terminal.flow.core.events import Original
from zhanggui.terminal.flow.core.payments import Doing
from zhanggui.terminal.flow.core.policy import TODAY_LINES_SHOWN
from zhanggui.terminal.flow.core.state import State, Undo, new_terminal
from zhanggui.terminal.flow.core.step import line_of, with_line
from zhanggui.terminal.flow.machine import next_day, screen_of
from zhanggui.terminal.flow.payment.stages import Standby
from zhanggui.terminal.flow.payment.steps.original import EnteringOriginal, looked_up
from zhanggui.terminal.flow.payment.undo import marked, original_back

NEXT_BATCH = BatchNo("000002")
OLD, NEW = attempt(12), replace(attempt(12), batch_no=NEXT_BATCH, doing=replace(attempt(12).doing, amount_fen=300))

ORIGINAL = Original(trace_no=trace(12), batch_no=BATCH, amount_fen=1250, masked_pan=OLD.masked_pan)


def two_batches() -> State:
    """The same trace number in two batches, both approved."""
    state = with_line(new_terminal(machine("smart")), OLD.line("approved"))
    return with_line(state, NEW.line("approved"))


def test_the_same_trace_in_the_next_batch_is_a_line_of_its_own() -> None:
    state = two_batches()
    assert state.today == (NEW.line("approved"), OLD.line("approved"))
    assert (state.sales_count, state.sales_fen) == (2, 1550)
    assert line_of(state, BATCH, trace(12)) == OLD.line("approved")
    assert line_of(state, BatchNo("000003"), trace(12)) is None


def test_a_line_is_replaced_by_the_next_state_of_its_own_payment_only() -> None:
    state = with_line(two_batches(), NEW.line("reversed"))
    assert [(line.batch_no, line.state) for line in state.today] == [(NEXT_BATCH, "reversed"), (BATCH, "approved")]
    assert (state.sales_count, state.sales_fen) == (1, 1250)


def test_a_line_of_the_day_before_is_found_and_changed_and_counts_nothing_today() -> None:
    state = next_day(with_line(two_batches(), replace(NEW, trace_no=trace(13)).line("approved")))
    assert (state.today, state.sales_count, state.sales_fen) == ((), 0, 0)
    assert line_of(state, BATCH, trace(12)) == OLD.line("approved")
    state = with_line(state, OLD.line("undone"))
    assert line_of(state, BATCH, trace(12)) == OLD.line("undone")
    assert (state.today, len(state.earlier), state.sales_count, state.sales_fen) == ((), 3, 0, 0)


def test_more_payments_than_the_screen_shows_are_all_found() -> None:
    state = new_terminal(machine("smart"))
    for number in range(1, TODAY_LINES_SHOWN + 2):
        state = with_line(state, attempt(number).line("approved"))
    assert line_of(state, BATCH, trace(1)) == attempt(1).line("approved")
    state = with_line(state, attempt(1).line("undone"))
    assert (state.sales_count, state.sales_fen) == (TODAY_LINES_SHOWN, TODAY_LINES_SHOWN * 1250)
    assert len(screen_of(replace(state, stage=Standby())).rows) == TODAY_LINES_SHOWN


def test_an_original_is_looked_for_in_the_whole_batch() -> None:
    kept = replace(OLD.line("approved", rrn="112308550301"), kind="sale")
    state = next_day(with_line(new_terminal(machine("smart")), kept))
    stage = EnteringOriginal(doing=Doing(kind="void"), of_kinds=("sale",), digits="12")
    found, _ = looked_up(replace(state, stage=stage, batch_no=BATCH), stage)
    assert isinstance(found.stage, EnteringOriginal)
    assert found.stage.found == kept
    another, _ = looked_up(replace(state, stage=stage, batch_no=NEXT_BATCH), stage)
    assert isinstance(another.stage, EnteringOriginal)
    assert another.stage.found is None


def test_undoing_marks_the_payment_in_doubt_and_not_its_namesake() -> None:
    state = marked(two_batches(), Undo(reversal=OLD.reversal()), "reversing")
    assert [(line.batch_no, line.state) for line in state.today] == [(NEXT_BATCH, "approved"), (BATCH, "reversing")]


def test_an_original_that_stands_again_is_the_one_that_was_undone() -> None:
    both_undone = with_line(with_line(two_batches(), OLD.line("undone")), NEW.line("undone"))
    reversal = replace(OLD.reversal(), trace_no=trace(13), original=ORIGINAL, kind="void")
    state = original_back(both_undone, reversal)
    assert [(line.batch_no, line.state) for line in state.today] == [(NEXT_BATCH, "undone"), (BATCH, "approved")]
    assert (state.sales_count, state.sales_fen) == (1, 1250)
