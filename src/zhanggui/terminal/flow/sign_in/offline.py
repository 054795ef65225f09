"""Sign-in without network (离线签到): the PIN pad looks into the envelope that the operator's last good sign-in left there.

    no line ─▶ number, password ─▶ the PIN pad's own check ─▶ OFFLINE session: no payments, refunds off
    line back ─▶ 0800 ─▶ 407 tells the host before anything else ─▶ LIMITED session: payments up to a limit
    LIMITED ─▶ a full sign-in lifts the limit        407 refused ─▶ the session ends with words

A session is never online by hope: the host opens it, or it stays what it is.
"""

from msgspec.structs import replace

from ....basics.errors import certain
from ....basics.money import format_yuan
from ....basics.numbers import RecordNo
from ..core.events import HostFailed, KeyPressed, OfflineAccepted, OfflineChecked, Refused, Ticked
from ..core.policy import LINE_AGAIN_S, TRUSTLESS_CODES
from ..core.routes import force_sign_in, start_sign_on, tell_host
from ..core.stage import Stage, Trouble
from ..core.state import Limits, Session, State
from ..core.step import Step, go, leave, stay
from ..core.trouble import line_problem, offline_problem, refusal_problem, show
from ..core.ways import ToNumber, ToPassword, ToStandby, UndoQuietly
from ..words.text import words
from .entrances import send_verify, to_password
from .phone.showing import fetch
from .stages import CheckingOffline, FetchingPhoneCode, OfflineShown, Verifying


def checked_offline(state: State, stage: CheckingOffline, event: OfflineChecked) -> Step:
    """The PIN pad's verdict."""
    if event.login != stage.login:
        return stay(state)
    match event.outcome:
        case "ok":
            return signed_in_offline(state, event)
        case "wrong":
            return to_password(state, stage.login, offline_problem(event))
        case "none":
            # Nothing is known of this operator here: the next try asks the host again.
            state = replace(state, without_line=False)
            problem = line_problem("unreachable")
            return go(state, Trouble(problem=problem, then=ToPassword(stage.login), retries=True))
        case "over" | "used_up" | "clock":
            return show(replace(state, without_line=False), offline_problem(event), ToNumber())


def signed_in_offline(state: State, event: OfflineChecked) -> Step:
    """A session of the terminal alone."""
    operator_no = certain(event.operator_no, "a password that is right fits an envelope")
    session = Session(
        operator_no=operator_no,
        operator_name=event.operator_name,
        role="cashier",
        record_no=RecordNo(0),
        limits=Limits(until=event.until, sale_limit_fen=event.sale_limit_fen),
    )
    owed = (*(known for known in state.owed if known != operator_no), operator_no)
    state = replace(state, session=session, owed=owed, beat_at=state.tick, busy_at=state.tick)
    return go(state, OfflineShown(uses_left=event.uses_left))


def offline_key(state: State, stage: OfflineShown, event: KeyPressed) -> Step:
    """On to what can be done without a line."""
    return leave(state, ToStandby()) if event.key == "enter" else stay(state)


# ── the line comes back ──────────────────────────────────────────────────────


def line_tick(state: State, stage: Stage, event: Ticked) -> Step:
    """A second passed on a quiet screen of the sign-in."""
    return behind(state)


def behind(state: State) -> Step:
    """Without a line, try the host now and then; once it answers, tell it what it has to know."""
    if state.keys == "ready" and state.owed and state.telling is None:
        return tell_host(state) if due(state) else stay(state)
    if state.without_line and state.keys != "under_way" and due(state):
        return start_sign_on(replace(state, line_tried_at=state.tick))
    return leave(state, UndoQuietly())


def due(state: State) -> bool:
    """Whether the next background try is due."""
    return state.tick - state.line_tried_at >= LINE_AGAIN_S


def told_host(state: State) -> State:
    """The host has heard of it, whatever it says."""
    return replace(state, owed=tuple(known for known in state.owed if known != state.telling), telling=None)


def offline_accepted(state: State, stage: Stage, event: OfflineAccepted) -> Step:
    """The host opened a limited session; it is this one when the same operator is still here."""
    if state.telling != event.operator_no:
        return stay(state)
    state = told_host(state)
    session = state.session
    if session is not None and session.offline and session.operator_no == event.operator_no and session.limits:
        limits = replace(session.limits, reported=True)
        session = replace(session, record_no=event.record_no, limits=limits)
        state = replace(state, session=session, beat_at=state.tick)
        if state.stage.home:
            limit = f"¥{format_yuan(limits.sale_limit_fen)}"
            state, effects = go_on(state, stage)
            return state, (ToStandby(words("offline.line_back", limit=limit)), *effects)
    return go_on(state, stage)


def offline_refused(state: State, stage: Stage, event: Refused) -> Step:
    """The host does not accept it: the session ends, and why is said."""
    if state.telling is None:
        return stay(state)
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(replace(state, telling=None), problem)
    told, state = state.telling, told_host(state)
    if state.session is not None and state.session.offline and state.session.operator_no == told:
        return force_sign_in(state, problem)
    return go_on(state, stage)


def offline_failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """It could not be told; it is told again later."""
    if state.telling is None:
        return stay(state)
    state = replace(state, telling=None)
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    if isinstance(stage, Verifying) and stage.waits_for_keys:
        trouble = Trouble(problem=problem, then=ToPassword(stage.login), retries=True)
        return go(state, trouble)
    if isinstance(stage, FetchingPhoneCode):
        return go(state, Trouble(problem=problem, then=ToNumber(), retries=True))
    return stay(state)


def go_on(state: State, stage: Stage) -> Step:
    """Tell the next one, or let the operator go on who waited for this."""
    if state.owed:
        return tell_host(state)
    if isinstance(stage, Verifying) and stage.waits_for_keys and state.keys == "ready":
        return send_verify(state, stage.login)
    if isinstance(stage, FetchingPhoneCode) and stage.waits_for_keys and state.keys == "ready":
        return fetch(state)
    return stay(state)
