"""Sign-out (签退): asked once, with a word on the shift for who wants to leave one, and told with the session's figures.

One key signs out without notes; another one asks two short questions first, each with fixed answers, a line of one's own words, and
one key that skips it.
"""

from msgspec.structs import replace

from ....cup.values.shift import OWN, Notes, write_notes
from ..core.effects import SendSignOut
from ..core.events import HostFailed, KeyPressed, Refused, SignedOut, Ticked
from ..core.policy import (
    NOT_ANSWERS,
    NOTE_LINE_MAX,
    NOTE_LINE_NARROW_MAX,
    NOTES_IDLE_S,
    SALE_IDLE_S,
    SIGNED_OUT_SHOWN_S,
    TRUSTLESS_CODES,
    WELL_ANSWERS,
)
from ..core.routes import force_sign_in
from ..core.stage import Trouble
from ..core.state import State
from ..core.step import (
    Step,
    change,
    close_reader,
    go,
    idle_for_s,
    leave,
    operator_name,
    remember_trace,
    stay,
    take_trace,
)
from ..core.trouble import line_problem, refusal_problem
from ..core.ways import PrintShift, ToFreshSignIn, ToStandby, UndoQuietly
from ..screens import slip_said
from ..screens.name_keys import NameTyped, line_of, with_key
from .stages import AskingSignOut, Noting, SignedOutShown, SigningOut


def ask_sign_out(state: State) -> Step:
    """Ask once."""
    state, forget = close_reader(state)
    return go(state, AskingSignOut(), *forget)


def sign_out_key(state: State, stage: AskingSignOut, event: KeyPressed) -> Step:
    """Leave, leave with a word, or stay."""
    match event.key:
        case "enter":
            return send_sign_out(state)
        case "note":
            return go(state, Noting())
        case "cancel":
            return leave(state, ToStandby())
    return stay(state)


def send_sign_out(state: State, reason: str = "asked", notes: str = "") -> Step:
    """0820/402. A session that the host does not know of ends here; it is told of it when the line is back."""
    session = state.session
    if session is None:
        return leave(state, ToStandby())
    state, forget = close_reader(state)
    if session.offline:
        shown = SignedOutShown(operator=operator_name(state), sales_count=0, sales_fen=0)
        return go(replace(state, session=None), shown, *forget)
    state, trace_no = take_trace(state)
    sign_out = SendSignOut(
        trace_no=trace_no, batch_no=state.batch_no, operator_no=session.operator_no, reason=reason, notes=notes
    )
    return go(state, SigningOut(), *forget, remember_trace(state), sign_out)


def note_key(state: State, stage: Noting, event: KeyPressed) -> Step:
    """An answer, or a skip; `cancel` leaves without any."""
    if stage.line is not None:
        return line_key(state, stage, stage.line, event)
    answers = WELL_ANSWERS if stage.well is None else NOT_ANSWERS
    match event.key:
        case "cancel":
            return send_sign_out(state, notes=notes_of(stage))
        case "own":
            return change(state, replace(stage, line=NameTyped()))
        case "skip":
            return answered(state, stage, "")
        case answer if answer in answers:
            return answered(state, stage, answer)
    return stay(state)


def line_key(state: State, stage: Noting, typed: NameTyped, event: KeyPressed) -> Step:
    """One more character of the operator's own words; `enter` ends them, `cancel` goes back to the fixed answers."""
    said = line_of(typed).strip()
    match event.key:
        case "cancel":
            return change(state, replace(stage, line=None))
        case "enter":
            return answered(state, stage, OWN + said) if said else change(state, replace(stage, line=None))
    touch = state.machine.profile.touch
    longest = NOTE_LINE_MAX if touch else NOTE_LINE_NARROW_MAX
    line = with_key(typed, event.key, event.now, by_presses=not touch, longest=longest)
    return change(state, replace(stage, line=line))


def answered(state: State, stage: Noting, answer: str) -> Step:
    """The first answer leads to the second question, the second one to the sign-out."""
    if stage.well is None:
        return go(state, Noting(well=answer))
    return send_sign_out(state, notes=notes_of(stage, answer))


def notes_of(stage: Noting, not_well: str = "") -> str:
    """What the operator says of the shift, for tag NOTES."""
    return write_notes(Notes(well=stage.well or "", not_well=not_well))


def note_tick(state: State, stage: Noting, event: Ticked) -> Step:
    """Whoever walks away while being asked still wanted to sign out."""
    if idle_for_s(state) >= NOTES_IDLE_S:
        return send_sign_out(state, notes=notes_of(stage))
    return stay(state)


def sign_out_tick(state: State, stage: AskingSignOut, event: Ticked) -> Step:
    """Nobody answered: back to standby."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def signed_out(state: State, stage: SigningOut, event: SignedOut) -> Step:
    """Show the session's figures once."""
    name = operator_name(state)
    session_no = state.session.session_no if state.session is not None else 0
    shown = SignedOutShown(
        operator=name, session_no=session_no, sales_count=event.sales_count, sales_fen=event.sales_fen
    )
    return go(replace(state, session=None, keys="none"), shown)


def sign_out_refused(state: State, stage: SigningOut, event: Refused) -> Step:
    """The session may have ended at the host already; then there is nothing to sign out of."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        return force_sign_in(state, problem)
    return go(state, Trouble(problem=problem, then=ToStandby(), may_leave=True))


def sign_out_failed(state: State, stage: SigningOut, event: HostFailed) -> Step:
    """Without the line the operator may still leave; the host closes the session when the next one signs in."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    return go(state, Trouble(problem=problem, then=ToStandby(), may_leave=True))


def signed_out_key(state: State, stage: SignedOutShown, event: KeyPressed) -> Step:
    """On to the next operator, or the figures on paper."""
    match event.key:
        case "enter":
            return leave(state, ToFreshSignIn())
        case slip_said.SLIP_KEY:
            figures = PrintShift(
                operator=stage.operator,
                session_no=stage.session_no,
                sales_count=stage.sales_count,
                sales_fen=stage.sales_fen,
            )
            return slip_said.ask(state, stage, figures)
    return stay(state)


def signed_out_tick(state: State, stage: SignedOutShown, event: Ticked) -> Step:
    """The figures go away by themselves."""
    return leave(state, ToFreshSignIn()) if idle_for_s(state) >= SIGNED_OUT_SHOWN_S else leave(state, UndoQuietly())
