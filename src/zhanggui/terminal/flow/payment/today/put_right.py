"""A wrong amount is put right (更正金额) in one act: the payment is taken back whole, then the right amount is charged.

    a line of today ─▶ right amount ─▶ card ─▶ supervisor ─▶ taken back, slips ─▶ RIGHT DUE ─▶ card ─▶ PIN ─▶ charged, slips
                                                    │                                ▲ │
      refused, or no answer: the payment stands ◀───┘      refused, or a power cut ──┘ └─▶ nobody wants it charged

Both halves are payments like any other, each with its own number, approval, reversal and slips. What joins them stands on the
line of the first one (`right_fen`), which is durable with it; whether the second one is still open follows from the lines. So
wherever something breaks into it, the terminal comes back to RIGHT DUE instead of standby, until it is charged or given up.
"""

from msgspec.structs import replace

from ...core.effects import RememberLine
from ...core.events import DayLine, KeyPressed, Ticked
from ...core.payments import Doing
from ...core.state import State
from ...core.step import Step, close_reader, go, leave, line_of, open_reader, right_due, stay, with_line
from ...core.ways import LookForLine, PayOn, ProveFirst, PutRight, ToStandby
from ...screens.frame import amount_line, pair, plain, screen, strong, yuan
from ...screens.screens import Choice, Screen
from ...words.text import Text, words
from ..allowed import why_barred_for
from ..kinds import KINDS, Kind, offered
from ..paying import ask_after_session, bar
from ..stages import RightDue
from ..steps.amount import ask as ask_amount
from ..steps.original import original_in
from .listed import may_be_put_right


def begin(state: State, way: PutRight) -> Step:
    """The right amount first; nothing is taken back before it is typed, nor without the card and a supervisor."""
    line = line_of(state, way.batch_no, way.trace_no)
    if line is None or not may_be_put_right(state, line):
        return leave(state, ToStandby())
    taking_back, session = KINDS[KINDS[line.kind].put_right_by], state.session
    if session is not None and session.by_badge and not taking_back.by_badge:
        return leave(state, ProveFirst(way))
    barred = bar(state, taking_back)
    if barred is not None:
        return barred
    state, wait = open_reader(replace(ask_after_session(state), tray=()))
    state, asked = ask_amount(state, Doing(kind=line.kind, replaces=original_in(line)))
    return state, (*wait, *asked)


def charging(line: DayLine) -> Kind:
    """The kind that charges the right amount after this line took the wrong one back."""
    return next(kind for kind in KINDS.values() if kind.put_right_by == line.kind)


def open_right(state: State) -> DayLine | None:
    """The line behind which the right amount is still open, where whoever is signed in may charge it."""
    line = right_due(state)
    return line if line is not None and charging(line) in offered(state) else None


def say_due(state: State, line: DayLine, notice: Text | None) -> Step:
    """In the place of standby: nothing else is begun before this is charged or given up."""
    state, forget = close_reader(state)
    return go(state, RightDue(line=line, notice=notice), *forget)


def due_key(state: State, stage: RightDue, event: KeyPressed) -> Step:
    """Charge it, or leave it."""
    line = stage.line
    match event.key:
        case "enter":
            return charge(state, line)
        case "cancel":
            closed = replace(line, right_fen=0)
            state, on = leave(with_line(state, closed), ToStandby(words("right.left", amount=yuan(line.amount_fen))))
            return state, (RememberLine(line=closed), *on)
    return stay(state)


def charge(state: State, line: DayLine) -> Step:
    """A payment of its own, with card and PIN; its line says what it follows, so that nobody charges it twice."""
    kind = charging(line)
    barred = bar(state, kind) or why_barred_for(state, line.right_fen)
    if barred is not None:
        return barred
    state, wait = open_reader(replace(ask_after_session(state), tray=()))
    doing = Doing(kind=kind.name, amount_fen=line.right_fen, follows=f"{line.batch_no}{line.trace_no}")
    return state, (*wait, PayOn(doing=doing))


def due_tick(state: State, stage: RightDue, event: Ticked) -> Step:
    """What goes on behind standby goes on behind this."""
    return leave(state, LookForLine())


def right_is_due(state: State, stage: RightDue) -> Screen:
    """What was taken back, and what is to be charged."""
    line = stage.line
    return screen(
        state,
        "right_due",
        words("right.title"),
        amount_line(line.right_fen),
        pair("right.taken_back", yuan(line.amount_fen)),
        pair("original.label", line.about_trace_no) if line.about_trace_no else None,
        strong(stage.notice) if stage.notice else plain(words("right.todo")),
        tone="warn",
        choices=(
            Choice("enter", words("right.charge"), "primary", "enter"),
            Choice("cancel", words("right.leave"), "cancel", "cancel"),
        ),
    )
