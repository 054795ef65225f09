"""Standby (待机), sign-out (签退), and what the keys of a trouble screen do."""

from msgspec.structs import replace

from .effects import Restart, SendSignOut, SendStatus
from .events import (
    CardSeen,
    CardUnreadable,
    DeviceChanged,
    HostFailed,
    KeyPressed,
    LangChosen,
    Refused,
    SignedOut,
    Ticked,
)
from .policy import HEARTBEAT_S, SALE_IDLE_S, SIGNED_OUT_SHOWN_S, TRUSTLESS_CODES
from .printing import reprint_last
from .routes import force_sign_in, leave, to_fresh_sign_in, to_standby
from .sale import begin_sale, begin_with_card
from .stages import AskingSignOut, SignedOutShown, SigningOut, Stage, Standby, Trouble
from .state import State
from .step import (
    Step,
    change,
    close_reader,
    go,
    here_for_s,
    idle_for_s,
    open_reader,
    remember_trace,
    stay,
    take_trace,
    words,
)
from .trouble import line_problem, refusal_problem
from .undo import ticked as undo_ticked


def standby_key(state: State, stage: Standby, event: KeyPressed) -> Step:
    """The menu; on touch models a digit begins the amount."""
    match event.key:
        case "sale":
            return begin_sale(state)
        case "reprint":
            return reprint_last(state)
        case "sign_out":
            state, forget = close_reader(state)
            return go(state, AskingSignOut(), *forget)
        case "clear" | "cancel":
            return change(state, Standby())
        case "lang":
            return stay(replace(state, lang="en" if state.lang == "zh" else "zh"))
        case key if key.isascii() and key.isdigit() and len(key) <= 2:
            return begin_sale(state, digits=key.lstrip("0"))
    return stay(state)


def standby_card(state: State, stage: Standby, event: CardSeen) -> Step:
    """Card first, amount next."""
    return begin_with_card(state, event)


def standby_unreadable(state: State, stage: Standby, event: CardUnreadable) -> Step:
    """Ask for the card again."""
    state, wait = open_reader(state)
    return change(state, Standby(notice=words("card.unreadable")), *wait)


def standby_tick(state: State, stage: Standby, event: Ticked) -> Step:
    """A pending reversal first; else, now and then, the heartbeat."""
    state, effects = undo_ticked(state, stage, event)
    if effects or here_for_s(state) == 0 or here_for_s(state) % HEARTBEAT_S or (state.undo and state.undo.under_way):
        return state, effects
    return stay(state, SendStatus(checks=state.checks))


def device_changed(state: State, stage: Stage, event: DeviceChanged) -> Step:
    """The newest state of a device, for the status line and the next sign-in record."""
    others = tuple(result for result in state.checks if result.item != event.result.item)
    order = [result.item for result in state.checks]
    if event.result.item not in order:
        return stay(replace(state, checks=(*others, event.result)))
    new = tuple(event.result if result.item == event.result.item else result for result in state.checks)
    return stay(replace(state, checks=new))


def lang_chosen(state: State, stage: Stage, event: LangChosen) -> Step:
    """Everything is drawn again in this language."""
    return stay(replace(state, lang=event.lang))


# ── trouble ──────────────────────────────────────────────────────────────────


def trouble_key(state: State, stage: Trouble, event: KeyPressed) -> Step:
    """Go on, try again, leave, or start the program anew."""
    match event.key:
        case "enter" | "retry":
            return leave(state, stage.then, stage.operator_no)
        case "cancel" if stage.retries:
            return leave(state, "standby")
        case "leave" if stage.may_leave:
            return to_fresh_sign_in(state)
        case "restart" if stage.may_restart:
            return stay(state, Restart(lang=state.lang))
    return stay(state)


def trouble_tick(state: State, stage: Trouble, event: Ticked) -> Step:
    """In a session, what was read leaves the screen to the next customer."""
    if stage.then == "standby" and state.session is not None and idle_for_s(state) >= SALE_IDLE_S:
        return to_standby(state)
    return undo_ticked(state, stage, event)


# ── sign-out ─────────────────────────────────────────────────────────────────


def sign_out_key(state: State, stage: AskingSignOut, event: KeyPressed) -> Step:
    """Ask once, then tell the host."""
    match event.key:
        case "enter" if (session := state.session) is not None:
            state, trace_no = take_trace(state)
            sign_out = SendSignOut(trace_no=trace_no, batch_no=state.batch_no, operator_no=session.operator_no)
            return go(state, SigningOut(), remember_trace(state), sign_out)
        case "enter" | "cancel":
            return to_standby(state)
    return stay(state)


def sign_out_tick(state: State, stage: AskingSignOut, event: Ticked) -> Step:
    """Nobody answered: back to standby."""
    return to_standby(state) if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def signed_out(state: State, stage: SigningOut, event: SignedOut) -> Step:
    """Show the session's figures once."""
    name = operator_name(state)
    shown = SignedOutShown(operator=name, sales_count=event.sales_count, sales_fen=event.sales_fen)
    return go(replace(state, session=None, keys="none"), shown)


def operator_name(state: State) -> str:
    """`01 · 王芳`, or nothing."""
    session = state.session
    return f"{session.operator_no} · {session.operator_name}" if session else ""


def sign_out_refused(state: State, stage: SigningOut, event: Refused) -> Step:
    """The session may have ended at the host already; then there is nothing to sign out of."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        return force_sign_in(state, problem)
    return go(state, Trouble(problem=problem, then="standby", may_leave=True))


def sign_out_failed(state: State, stage: SigningOut, event: HostFailed) -> Step:
    """Without the line the operator may still leave; the host closes the session when the next one signs in."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    return go(state, Trouble(problem=problem, then="standby", may_leave=True))


def signed_out_key(state: State, stage: SignedOutShown, event: KeyPressed) -> Step:
    """On to the next operator."""
    return to_fresh_sign_in(state) if event.key == "enter" else stay(state)


def signed_out_tick(state: State, stage: SignedOutShown, event: Ticked) -> Step:
    """The figures go away by themselves."""
    return to_fresh_sign_in(state) if here_for_s(state) >= SIGNED_OUT_SHOWN_S else undo_ticked(state, stage, event)
