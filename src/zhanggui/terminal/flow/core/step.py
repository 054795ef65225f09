"""What every handler is made of: a step is the next state and the effects that go with it."""

from itertools import chain
from typing import TypeAlias

from msgspec.structs import replace

from ....basics.clock import china_time
from ....basics.numbers import BatchNo, TraceNo, UnixMs, next_in_six_digits
from ....basics.shop_day import shop_day
from ....cup.values.steps import Steps
from .effects import CloseReader, Effect, OpenReader, RememberTrace
from .events import CheckItem, CheckResult, DayLine
from .policy import DAY_LINES_MAX
from .stage import Stage
from .state import State
from .ways import Way

GAP_MS_MAX = 10_000
"""Between two events lies a second at most, and a little more on a busy machine; more was a clock that was set."""

Part: TypeAlias = Effect | Way
"""What a step is made of beside the next state: something that the shell performs, or a way into another area."""

Step: TypeAlias = tuple[State, tuple[Part, ...]]


def go(state: State, stage: Stage, *effects: Part) -> Step:
    """Enter a stage; its time begins now."""
    return replace(state, stage=stage, entered_at=state.tick, page=0), effects


def stay(state: State, *effects: Part) -> Step:
    """Keep the stage."""
    return state, effects


def change(state: State, stage: Stage, *effects: Part) -> Step:
    """Change what the stage holds; its time goes on."""
    return replace(state, stage=stage), effects


def leave(state: State, way: Way) -> Step:
    """Go into another area, or through another entrance of this one; what its entrance does comes in this place."""
    return state, (way,)


def here_for_s(state: State) -> int:
    """Seconds since this stage was entered."""
    return state.tick - state.entered_at


def idle_for_s(state: State) -> int:
    """Seconds since this stage was entered or a person did something, whichever was later."""
    return state.tick - max(state.entered_at, state.touched_at)


def take_trace(state: State) -> tuple[State, TraceNo]:
    """Count one message (field 11); the new number is also the last one used."""
    trace_no = TraceNo(next_in_six_digits(state.trace_no))
    return replace(state, trace_no=trace_no), trace_no


def take_traces(state: State, count: int) -> tuple[State, TraceNo]:
    """Count this many messages; the answer is the first number, and the last one is the last one used."""
    state, first = take_trace(state)
    for _ in range(count - 1):
        state, _ = take_trace(state)
    return state, first


def remember_trace(state: State) -> RememberTrace:
    """The effect that keeps both counters."""
    return RememberTrace(trace_no=state.trace_no, batch_no=state.batch_no)


def open_reader(state: State) -> Step:
    """Await a card by every way that the model has."""
    ways = state.machine.profile.reader_ways
    return replace(state, reader=ways), (OpenReader(ways=ways),)


def close_reader(state: State) -> Step:
    """Stop waiting and forget the card in hand."""
    return replace(state, reader=()), (CloseReader(),)


def check_of(state: State, item: CheckItem) -> CheckResult | None:
    """The last known state of a device; None when this model has none."""
    return next((result for result in state.checks if result.item == item), None)


def line_of(state: State, batch_no: BatchNo | str, trace_no: TraceNo) -> DayLine | None:
    """The line of this payment, today's or one of the days before. A trace number alone names none: it comes again in a later batch."""
    known = chain(state.today, state.earlier)
    return next((line for line in known if (line.batch_no, line.trace_no) == (batch_no, trace_no)), None)


def line_about(state: State, line: DayLine) -> DayLine | None:
    """The line of the earlier payment that this one is about; None when it is about none that is known here."""
    if not line.about_trace_no:
        return None
    return line_of(state, line.about_batch_no, TraceNo(line.about_trace_no))


CHARGED = frozenset({"approved", "reversing", "undone", "completed"})
"""States of a charge after which nobody charges it again: it stands, may stand, or stood until something else took it back."""


def right_due(state: State) -> DayLine | None:
    """The newest payment that took back a wrong amount, while the right one is still to be charged; None when nothing of it is open.

    What follows from the lines alone is the same before and after a power cut.
    """
    known = (*state.today, *state.earlier)
    line = next((line for line in known if line.right_fen and line.state == "approved"), None)
    if line is None:
        return None
    name = (line.batch_no, line.trace_no)
    is_charged = any((one.about_batch_no, one.about_trace_no) == name and one.state in CHARGED for one in known)
    return None if is_charged else line


def with_line(state: State, line: DayLine) -> State:
    """Put a line into today's list, or replace the one of the same payment; keep the totals right.

    The totals count approved payments of today and forget them again when one is undone. A line of a day before stays in its day.
    """
    before = line_of(state, line.batch_no, line.trace_no)
    count, fen = totals(line)
    if before is not None and not any(known is before for known in state.today):
        return replace(state, earlier=tuple(line if known is before else known for known in state.earlier))
    if before is None:
        today = (line, *state.today)[:DAY_LINES_MAX]
    else:
        counted, counted_fen = totals(before)
        count, fen = count - counted, fen - counted_fen
        today = tuple(line if known is before else known for known in state.today)
    return replace(state, today=today, sales_count=state.sales_count + count, sales_fen=state.sales_fen + fen)


def totals(*lines: DayLine) -> tuple[int, int]:
    """How many payments the day took, and how many fen of them stand: what a refund took back leaves the payment that it is about.

    The host counts the same (decision 0012). A refund of a payment of another day or terminal changes neither figure.
    """
    taken = [line for line in lines if line.state == "approved" and line.sign > 0]
    return len(taken), sum(line.standing_fen for line in taken)


def host_now(state: State) -> UnixMs:
    """The host's time, by the drift that it showed; the terminal's own until then."""
    return _by_the_host(state, state.now)


def _by_the_host(state: State, instant: UnixMs) -> UnixMs:
    return UnixMs(instant - 1000 * state.drift_s)


def clock_time(state: State) -> str:
    """The host's time of day, `08:55:03`, as the lines of today's list have it."""
    return china_time(host_now(state)).strftime("%H:%M:%S")


def may_link(state: State) -> bool:
    """Whether a customer may be offered the slip on a phone: the host serves a page for it, and knows of this session."""
    return state.rules.slip_link and state.session is not None and not state.session.offline


def operator_name(state: State) -> str:
    """`01 · 王芳`, or nothing."""
    session = state.session
    return f"{session.operator_no} · {session.operator_name}" if session else ""


def elapsed_ms(state: State) -> int:
    """Milliseconds since the first key of this sign-in; 0 when the clock was set back meanwhile."""
    return max(0, state.now - state.first_key_at) if state.first_key_at is not None else 0


def host_day(state: State, instant: UnixMs) -> str:
    """The shop day of an instant by the host's clock, `2026-11-23`."""
    return shop_day(instant, state.rules.day_starts_hour)


def today_of(state: State, now: UnixMs) -> str:
    """The host's shop day at this instant of the terminal's own clock, whatever that clock shows."""
    return host_day(state, _by_the_host(state, now))


def timed(state: State, now: UnixMs) -> State:
    """The time since the last event belongs to the step of the stage that stood; a clock that was set took no time."""
    step, taken_ms = state.stage.step, now - state.now
    # Before the first key nobody signs in: the number is asked for all night.
    if not step or not 0 < taken_ms <= GAP_MS_MAX or (step == "number" and state.first_key_at is None):
        return state
    steps = dict(state.steps)
    steps[step] = steps.get(step, 0) + taken_ms
    return replace(state, steps=tuple(steps.items()))


def steps_before_first_key(state: State) -> Steps:
    """What was done before anybody signed in: the self-check and the look around."""
    return tuple(step for step in state.steps if step[0] in ("check", "eyes"))
