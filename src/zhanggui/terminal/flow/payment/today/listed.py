"""A line of today's list: its details, and its slips once more. On a display of four lines it is found by its voucher number."""

from msgspec.structs import replace

from ...core.events import DayLine, KeyPressed, Ticked
from ...core.policy import SALE_IDLE_S, TRACE_DIGITS
from ...core.state import State
from ...core.step import Step, change, close_reader, go, idle_for_s, leave, line_about, may_link, stay
from ...core.ways import PutRight, ReprintLast, ReprintOf, ShowSlipLink, ToStandby, UndoQuietly
from ...words.text import words
from ..kinds import KINDS, offered
from ..stages import ChoosingLine, LineShown
from .about import begin_about, kinds_about

ROW_KEY = "row."
"""How the keys of lines begin: batch and voucher number follow."""


def row_key(line: DayLine) -> str:
    """The key of a line."""
    return f"{ROW_KEY}{line.batch_no or 'none'}.{line.trace_no}"


def has_slips(line: DayLine) -> bool:
    """Whether its slips may come again: of a payment that was taken back nobody needs one more, it would be shown as a receipt."""
    return line.state == "approved" and bool(line.batch_no)


def show_line(state: State, key: str) -> Step:
    """Details of the line with this key."""
    line = next((line for line in state.today if row_key(line) == key), None)
    return stay(state) if line is None else shown(state, line)


def shown(state: State, line: DayLine) -> Step:
    """No card is awaited meanwhile."""
    state, forget = close_reader(state)
    return go(state, LineShown(line=as_it_stands(state, line)), *forget)


def as_it_stands(state: State, line: DayLine) -> DayLine:
    """The line, and what was added to a payment that is over is over with it: nothing is held any more by either."""
    kind, added_to = KINDS.get(line.kind), line_about(state, line)
    if kind is None or kind.adjusts <= 0 or line.state != "approved" or added_to is None:
        return line
    return replace(line, state=added_to.state) if added_to.state in ("undone", "completed") else line


def line_key(state: State, stage: LineShown, event: KeyPressed) -> Step:
    """Back, its slips, or what is done about it."""
    line = stage.line
    if event.key in {kind.name for kind in kinds_about(state, line)}:
        return begin_about(state, line, event.key)
    if event.key == "reprint" and has_slips(line):
        return leave(state, ReprintOf(batch_no=line.batch_no, trace_no=line.trace_no))  # type: ignore[arg-type]  # has_slips
    if event.key == "slip_link" and has_slips(line) and may_link(state):
        return leave(state, ShowSlipLink(batch_no=line.batch_no, trace_no=line.trace_no))  # type: ignore[arg-type]  # has_slips
    if event.key == "put_right" and may_be_put_right(state, line):
        return leave(state, PutRight(batch_no=line.batch_no, trace_no=line.trace_no))  # type: ignore[arg-type]  # of this batch
    return leave(state, ToStandby()) if event.key in ("enter", "cancel") else stay(state)


def may_be_put_right(state: State, line: DayLine) -> bool:
    """Whether its amount may be put right here: it stands whole in the batch that is open, and whoever is signed in is offered both halves."""
    kind = KINDS.get(line.kind)
    if kind is None or not kind.put_right_by or line.state != "approved" or line.adjusted_fen or not line.rrn:
        return False
    may_make = {known.name for known in offered(state)}
    return line.batch_no == state.batch_no and {kind.name, kind.put_right_by} <= may_make


def choosing_key(state: State, stage: ChoosingLine, event: KeyPressed) -> Step:
    """Digits of a voucher number; Enter alone means the last payment."""
    match event.key:
        case "cancel":
            return leave(state, ToStandby())
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "enter" if not stage.digits:
            return leave(state, ReprintLast())
        case "enter":
            trace_no = stage.digits.zfill(TRACE_DIGITS)
            line = next((line for line in state.today if line.trace_no == trace_no), None)
            if line is None:
                return change(state, ChoosingLine(notice=words("line.which.unknown", trace=trace_no)))
            return shown(state, line)
    digits = stage.digits + event.key
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > TRACE_DIGITS:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def left_alone(state: State, stage: LineShown | ChoosingLine, event: Ticked) -> Step:
    """What was read leaves the screen to the next customer."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())
