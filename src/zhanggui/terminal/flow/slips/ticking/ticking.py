"""Ticking off (对账): which copies of today are in hand, and which are missing.

    standby, or before a settlement ─▶ TICKING OFF ─ 411 look, a page after the other ─▶ n of m
                                          │  a bar code, a voucher number, a tap on a row ─ 411 tick ─▶ n + 1 of m
                                          │  the last one was a mistake ─ 411 untick ─▶ n of m again
                                          └─ a slip of what is missing; back ─▶ where it was asked for

The host keeps it, so it is gone on with later, elsewhere, or by command. Codes that a scanner types faster than the host answers wait
their turn; none is lost, because what was not told is still missing.
"""

from msgspec.structs import replace

from .....basics.numbers import BatchNo, TraceNo
from .....cup.messages.slip_ticks import COPIES_MAX, TickVerb
from .....cup.values.bar_code import BAR_CODE_DIGITS, read_bar_code
from ...core.copies import copies, key_of, missing, unknown
from ...core.effects import SendTicks
from ...core.events import DayLine, HostFailed, KeyPressed, Refused, SlipsTold, Ticked
from ...core.policy import SALE_IDLE_S, TRACE_DIGITS, TRUSTLESS_CODES
from ...core.routes import force_sign_in
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, close_reader, idle_for_s, leave, remember_trace, stay, take_trace
from ...core.trouble import line_problem, refusal_problem, show
from ...core.ways import PrintMissing, ToNumber, ToStandby, ToTicking, UndoQuietly
from ...screens import slip_said
from ...words.text import Text, words
from ..stages import TickingOff

TICK_KEY = "tick."
"""How the keys of copies begin: batch and voucher number follow."""
UNTICK_KEY, NUMBER_KEY = "untick", "number"
"""The last tick was a mistake; and number keys on a touch screen."""
WAITING_MAX = 1_000
"""Codes that wait for the host; more than anybody scans within its answer."""


def begin(state: State, way: ToTicking) -> Step:
    """Ask after all of today's copies; what was known before may be old."""
    if state.session is None:
        return leave(state, ToNumber())
    if state.session.offline or state.keys != "ready":
        return show(state, line_problem("unreachable"), ToStandby())
    state, forget = close_reader(replace(state, ticks=()))
    state, asked = on(state, TickingOff(then=way.then))
    return state, (*forget, *asked)


def on(state: State, stage: TickingOff) -> Step:
    """The next word to the host: what was scanned, then what is not known yet; nothing while one is under way."""
    if stage.asked:
        return change(state, stage)
    if stage.waiting:
        return send(state, replace(stage, waiting=stage.waiting[COPIES_MAX:]), "tick", stage.waiting[:COPIES_MAX])
    left = unknown(state)
    return send(state, stage, "look", left[:COPIES_MAX]) if left else change(state, stage)


def send(state: State, stage: TickingOff, verb: TickVerb, keys: tuple[str, ...]) -> Step:
    """0820/411; nothing else is told before its answer."""
    state, parts = asking(state, verb, keys)
    return change(state, replace(stage, asked=keys), *parts)


def asking(state: State, verb: TickVerb, keys: tuple[str, ...]) -> Step:
    """The message itself."""
    session = state.session
    if session is None:
        return stay(state)
    state, trace_no = take_trace(state)
    effect = SendTicks(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=session.operator_no,
        verb=verb,
        slips=tuple((BatchNo(key[:TRACE_DIGITS]), TraceNo(key[TRACE_DIGITS:])) for key in keys),
    )
    return stay(state, remember_trace(state), effect)


def look(state: State) -> Step:
    """Ask after the copies that are not known yet, behind a screen that shows how many there are."""
    left = unknown(state)
    return asking(state, "look", left[:COPIES_MAX]) if left and state.keys == "ready" else stay(state)


def told_behind(state: State, stage: Stage, event: SlipsTold) -> Step:
    """The same for a screen that only shows them."""
    state = marked(state, event)
    return look(state) if stage.shows_ticks and event.verb == "look" else stay(state)


def marked(state: State, event: SlipsTold) -> State:
    """What the host says, beside what it said before."""
    keys = (batch_no + trace_no for batch_no, trace_no in event.slips)
    marks = dict(state.ticks) | dict(zip(keys, event.marks, strict=True))
    return replace(state, ticks=tuple(marks.items()))


def told(state: State, stage: TickingOff, event: SlipsTold) -> Step:
    """The host's marks."""
    keys = tuple(batch_no + trace_no for batch_no, trace_no in event.slips)
    if keys != stage.asked:
        return stay(state)
    state, stage = marked(state, event), replace(stage, asked=())
    if event.verb == "tick":
        is_one = len(keys) == 1 and event.marks == ("1",)
        stage = replace(stage, notice=said(keys, event.marks), last=keys[0] if is_one else "")
    elif event.verb == "untick":
        stage = replace(stage, notice=words("tick.taken_back", trace=keys[0][TRACE_DIGITS:]), last="")
    return on(state, stage)


def said(keys: tuple[str, ...], marks: tuple[str, ...]) -> Text:
    """What became of the copies that were told."""
    last = keys[-1][TRACE_DIGITS:]
    if marks[-1] == "-":
        return words("tick.none", trace=last)
    return words("tick.done", trace=last) if len(keys) == 1 else words("tick.done_many", n=str(marks.count("1")))


def refused(state: State, stage: TickingOff, event: Refused) -> Step:
    """The host does not say."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    return show(state, problem, ToStandby())


def failed(state: State, stage: TickingOff, event: HostFailed) -> Step:
    """No answer: what was to be told is told with the next Enter."""
    unsaid = tuple(key for key in stage.asked if dict(state.ticks).get(key) == "0")
    return change(state, replace(stage, asked=(), waiting=(*unsaid, *stage.waiting), notice=words("tick.no_line")))


def key(state: State, stage: TickingOff, event: KeyPressed) -> Step:
    """A voucher number or a bar code, then Enter; a tap on a row; the last tick taken back; a slip of what is missing; or back."""
    match event.key:
        case "cancel" if stage.typing:
            return change(state, replace(stage, typing=False, digits="", notice=None))
        case "cancel":
            return leave(state, stage.then)
        case key if key == NUMBER_KEY:
            return change(state, replace(stage, typing=state.machine.profile.touch, notice=None))
        case key if key == UNTICK_KEY:
            return send(state, stage, "untick", (stage.last,)) if stage.last and not stage.asked else stay(state)
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "clear_all":
            return change(state, replace(stage, digits="", notice=None))
        case slip_said.SLIP_KEY:
            left = missing(state)
            if not left:
                return stay(state)
            return slip_said.ask(state, stage, PrintMissing(lines=left, count=len(copies(state))))
        case "enter" if not stage.digits:
            return on(state, stage)
        case "enter":
            return named(state, replace(stage, digits=""), stage.digits)
        case tapped if tapped.startswith(TICK_KEY):
            line = next((line for line in missing(state) if key_of(line) == tapped.removeprefix(TICK_KEY)), None)
            return stay(state) if line is None else tick(state, stage, line)
    digits = stage.digits + event.key
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > BAR_CODE_DIGITS:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def named(state: State, stage: TickingOff, digits: str) -> Step:
    """The copy that a bar code or a voucher number names; of a number that came again today, the one that is missing."""
    lines = copies(state)
    if (code := read_bar_code(digits)) is not None:
        found = [line for line in lines if line.rrn == code.rrn and (line.auth_code or "") == code.auth_code]
    elif len(digits) <= TRACE_DIGITS:
        found = [line for line in lines if line.trace_no == digits.zfill(TRACE_DIGITS)]
    else:
        found = []
    marks = dict(state.ticks)
    line = next((line for line in found if marks.get(key_of(line)) != "1"), found[0] if found else None)
    if line is None:
        return change(state, replace(stage, notice=words("tick.unknown", number=digits)))
    return tick(state, stage, line)


def tick(state: State, stage: TickingOff, line: DayLine) -> Step:
    """This copy is in hand."""
    one = key_of(line)
    if dict(state.ticks).get(one) == "1":
        return change(state, replace(stage, notice=words("tick.again", trace=line.trace_no), last=one))
    if one in stage.waiting or one in stage.asked or len(stage.waiting) >= WAITING_MAX:
        return change(state, stage)
    return on(state, replace(stage, waiting=(*stage.waiting, one), notice=None))


def left_alone(state: State, stage: TickingOff, event: Ticked) -> Step:
    """Nobody goes on with it: it is gone on with another time."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())
