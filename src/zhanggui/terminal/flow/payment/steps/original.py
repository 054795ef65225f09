"""The earlier payment that this one is about: its voucher number is typed, and it is shown before it is taken.

Only what stands in the batch is taken, of today or of a day before. The host checks it again, and knows more: this saves a card and
a supervisor the way.
"""

from typing import ClassVar

from msgspec.structs import replace

from .....basics.numbers import TraceNo
from ...core.events import DayLine, KeyPressed, Original, Ticked
from ...core.payments import Doing
from ...core.policy import TRACE_DIGITS
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, go, leave, line_of, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, CLEAR, ENTER, amount_line, pair, screen, strong
from ...screens.screens import Entry, Screen
from ...words.text import Text, words
from ..allowed import give_up, left_alone
from .asking import AskStep


class EnteringOriginal(Stage, frozen=True, kw_only=True):
    """The voucher number of an earlier payment is typed; once it is found, it is shown."""

    lockable: ClassVar[bool] = True

    doing: Doing
    of_kind: str
    """Only a payment of this kind is taken."""
    digits: str = ""
    found: DayLine | None = None
    notice: Text | None = None

    def in_hand(self) -> bool:
        return bool(self.digits)


def answered(doing: Doing) -> bool:
    """It was found and confirmed."""
    return doing.original is not None


def key(state: State, stage: EnteringOriginal, event: KeyPressed) -> Step:
    """Digits, then Enter to look, then Enter to take what is shown."""
    match event.key:
        case "cancel":
            return give_up(state, "standby.cancelled")
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], found=None, notice=None))
        case "enter" if stage.found is not None:
            return taken(state, stage, stage.found)
        case "enter":
            return looked_up(state, stage)
    digits = stage.digits + event.key
    if stage.found or not (event.key.isascii() and event.key.isdigit()) or len(digits) > TRACE_DIGITS:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def looked_up(state: State, stage: EnteringOriginal) -> Step:
    """The line of this batch, or why none is taken."""
    trace_no = stage.digits.zfill(TRACE_DIGITS)
    line = line_of(state, state.batch_no, TraceNo(trace_no)) or namesake(state, trace_no)
    why = why_not(state, stage.of_kind, line)
    if line is None or why:
        return change(state, replace(stage, digits="", notice=words(f"original.{why}", trace=trace_no)))
    return change(state, replace(stage, found=line, notice=None))


def namesake(state: State, trace_no: str) -> DayLine | None:
    """Today's line of another batch with this number: it can't be taken, but it can be said why."""
    return next((line for line in state.today if line.trace_no == trace_no), None)


def why_not(state: State, of_kind: str, line: DayLine | None) -> str:
    """Why this line is not taken, as the last part of its words; empty when it may be."""
    if line is None:
        return "unknown"
    if line.kind != of_kind:
        return "other_kind"
    if line.state != "approved":
        return "undone" if line.state == "undone" else "does_not_stand"
    if line.batch_no and line.batch_no != state.batch_no:
        return "other_batch"
    return "" if line.batch_no and line.rrn else "no_reference"


def taken(state: State, stage: EnteringOriginal, line: DayLine) -> Step:
    """The whole of it, as today's list has it."""
    original = Original(
        trace_no=line.trace_no,
        batch_no=state.batch_no,
        amount_fen=line.amount_fen,
        masked_pan=line.masked_pan,
        rrn=line.rrn,
        auth_code=line.auth_code,
    )
    return leave(state, PayOn(doing=replace(stage.doing, original=original, amount_fen=line.amount_fen)))


def idle(state: State, stage: EnteringOriginal, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def entering_original(state: State, stage: EnteringOriginal) -> Screen:
    """The number, then the payment that it names."""
    kind = f"@menu.{stage.doing.kind}"
    if stage.found is not None:
        line = stage.found
        return screen(
            state,
            "original",
            words("original.right", kind=kind),
            amount_line(line.amount_fen),
            pair("original.label", line.trace_no),
            pair("card.number", line.masked_pan),
            pair("fact.time", line.time),
            choices=(CANCEL, CLEAR, ENTER),
        )
    notice = strong(stage.notice) if stage.notice else None
    shown = screen(
        state, "original", words("original.title", kind=kind), notice, choices=(CANCEL, CLEAR, ENTER), digits=True
    )
    return replace(shown, entry=Entry(words("original.label"), stage.digits, "digits", TRACE_DIGITS))


ROWS = (
    row(EnteringOriginal, KeyPressed, key, PayOn, ToStandby),
    row(EnteringOriginal, Ticked, idle, ToStandby),
)
DRAWINGS = dict((shows(EnteringOriginal, entering_original),))


def original_of(kind: str) -> AskStep:
    """The step that asks for an earlier payment of this kind."""

    def ask(state: State, doing: Doing) -> Step:
        """Let its number be typed."""
        return go(state, EnteringOriginal(doing=doing, of_kind=kind))

    return AskStep(answered, ask, ROWS, DRAWINGS)
