"""Lock and unlock (锁定, 解锁): the terminal locks itself at once and tells the host when it can.

    any quiet stage ── idle, key, order, after a sale ──▶ LOCKED ── the operator's own password ──▶ standby
    LOCKED ── another operator ──▶ number (a hand-over)      LOCKED ── a supervisor's password ──▶ number (released)

The lock stands beside the stage, in `State.lock`: while it is there, every way to standby leads back to the locked screen.
What was typed or in hand when it locked is dropped, and the operator is told so. An unlock never overtakes the lock notice.
"""

from typing import Literal

from msgspec.structs import replace

from ....basics.numbers import Login
from ....cup.values.user_name import user_name_in
from ..core.effects import CheckOffline, Effect, SendLock, StartPinEntry, StopPinEntry
from ..core.events import (
    HostFailed,
    JournalFailed,
    KeyPressed,
    LockAnswered,
    OfflineChecked,
    PinDone,
    PinDots,
    Refused,
    SignedOn,
    Ticked,
)
from ..core.policy import APPROVAL_IDLE_S, LOCK_AGAIN_S, TRUSTLESS_CODES
from ..core.routes import adopt, force_sign_in, need_keys, password_entry, without_keys
from ..core.stage import Stage
from ..core.state import Forced, Lock, Session, State
from ..core.step import Step, change, close_reader, go, idle_for_s, leave, remember_trace, stay, take_trace
from ..core.trouble import line_problem, offline_problem, problem_of, refusal_problem, supervisor_problem
from ..core.ways import Ask, RecordFailed, ToApproval, ToFreshSignIn, ToLocked, ToNumber, ToStandby, UndoQuietly, Unlock
from ..words.text import Problem, Text, words
from .stages import Locked, LockedMenu, Unlocking


def start_password_entry(session: Session | None) -> StartPinEntry:
    """Let the PIN pad collect the password of who is signed in."""
    return password_entry(session.operator_no if session else None)


def to_locked(state: State, problem: Problem | None = None, wait_s: int = 0) -> Step:
    """The locked screen. While a wait runs, nothing can be typed."""
    if wait_s:
        return go(state, Locked(problem=problem, wait_until=state.tick + wait_s), StopPinEntry())
    return go(state, Locked(problem=problem), start_password_entry(state.session))


def come_back(state: State, way: ToLocked) -> Step:
    """From outside: locked, as long as there is a lock."""
    return leave(state, ToNumber()) if state.lock is None else to_locked(state, way.problem, way.wait_s)


def lock_now(state: State, why: Literal["idle", "key", "order", "after_sale"]) -> Step:
    """Lock first, tell the host after it."""
    if state.session is None or state.lock is not None:
        return stay(state)
    dropped = state.stage.in_hand()
    state, forget = close_reader(replace(state, lock=Lock(why=why, since=state.now, dropped=dropped)))
    state, ask = to_locked(state)
    state, tell = tell_lock(state)
    return state, (*forget, *ask, *tell)


def hand_over(state: State) -> Step:
    """Locked, and at once the question who goes on."""
    state, locked = lock_now(state, "key")
    if state.lock is None:
        return state, locked
    state, ask = go(state, LockedMenu(), StopPinEntry())
    return state, (*locked, *ask)


def tell_lock(state: State) -> Step:
    """404, unless the host knows, cannot know, or has no keys with this terminal yet."""
    session, lock = state.session, state.lock
    if session is None or lock is None or lock.told != "no" or session.offline or state.keys != "ready":
        return stay(state)
    state, trace_no = take_trace(replace(state, lock=replace(lock, told="under_way", tried_at=state.tick)))
    notice = SendLock(trace_no=trace_no, batch_no=state.batch_no, login=session.operator_no, verdict="lock")
    return state, (remember_trace(state), notice)


def told(state: State, how: Literal["no", "yes"]) -> State:
    """The lock notice arrived, or did not."""
    lock = state.lock
    return replace(state, lock=replace(lock, told=how, tried_at=state.tick)) if lock else state


# ── while it is locked ───────────────────────────────────────────────────────


def locked_dots(state: State, stage: Locked, event: PinDots) -> Step:
    """One more dot, or one less; what was refused has been read."""
    return change(state, replace(stage, dots=event.count, problem=None))


def locked_done(state: State, stage: Locked, event: PinDone) -> Step:
    """A password was typed, or the keys were left alone."""
    session = state.session
    if session is None:
        return leave(state, ToStandby())
    match event.outcome:
        case "entered":
            return unlock(state, session.operator_no)
        case "cancelled":
            return go(state, LockedMenu())
        case _:
            return to_locked(state)


def locked_tick(state: State, stage: Stage, event: Ticked) -> Step:
    """A wait may be over; the lock notice may be due again; a payment in doubt is undone behind the lock too."""
    if isinstance(stage, Locked) and stage.wait_until and state.tick >= stage.wait_until:
        return change(state, replace(stage, wait_until=0), start_password_entry(state.session))
    if isinstance(stage, LockedMenu) and idle_for_s(state) >= APPROVAL_IDLE_S:
        return to_locked(state)
    lock = state.lock
    if lock is not None and lock.told == "no" and state.tick - lock.tried_at >= LOCK_AGAIN_S:
        return tell_lock(replace(state, lock=replace(lock, tried_at=state.tick)))
    return leave(state, UndoQuietly())


def locked_key(state: State, stage: Locked, event: KeyPressed) -> Step:
    """The PIN pad has the keys; a front with buttons, or a wait that runs, brings this one here."""
    return go(state, LockedMenu(), StopPinEntry()) if event.key in ("cancel", "others") else stay(state)


def menu_key(state: State, stage: LockedMenu, event: KeyPressed) -> Step:
    """Back to the password, a hand-over, or a supervisor."""
    match event.key:
        case "unlock" | "cancel":
            return to_locked(state)
        case "another":
            return leave(state, ToFreshSignIn())
        case "supervisor" if (session := state.session) is not None:
            operator_no = session.operator_no
            ask = Ask(action="release", operator_no=operator_no, given=Unlock(operator_no), back=ToLocked())
            return leave(state, ToApproval(ask))
    return stay(state)


def lock_answered(state: State, stage: Stage, event: LockAnswered) -> Step:
    """The host knows of the lock."""
    return stay(told(state, "yes"))


def lock_refused(state: State, stage: Stage, event: Refused) -> Step:
    """The session is gone at the host: nobody has anything to unlock here."""
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        return force_sign_in(state, refusal_problem(event))
    return stay(told(state, "yes"))


def lock_failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """The line is down; the terminal is locked all the same, and tells it later."""
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, line_problem(event.failure))
    # After the first byte nobody knows whether the host took it: then only the host may open it again.
    return stay(told(state, "no" if event.failure in ("unreachable", "not_sent") else "yes"))


def answered_elsewhere(state: State, stage: Stage, event: LockAnswered) -> Step:
    """The host knows of the lock, and somebody was called or began to sign in meanwhile: forgotten, it would keep every unlock waiting."""
    return stay(told(state, "yes") if is_telling(state) and event.verdict == "lock" else state)


def refused_elsewhere(state: State, stage: Stage, event: Refused) -> Step:
    """The same for a refusal; a new sign-in waits until nothing else goes on."""
    if not is_telling(state):
        return stay(state)
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        state = replace(state, forced=Forced(order="sign_in", problem=refusal_problem(event)))
    return stay(told(state, "yes"))


def failed_elsewhere(state: State, stage: Stage, event: HostFailed) -> Step:
    """The same where no answer came."""
    if not is_telling(state):
        return stay(state)
    if event.failure in ("bad_mac", "bad_keys"):
        state = replace(state, forced=Forced(order="sign_in", problem=line_problem(event.failure)))
    return stay(told(state, "no" if event.failure in ("unreachable", "not_sent") else "yes"))


def is_telling(state: State) -> bool:
    """Whether the lock notice is out."""
    return state.lock is not None and state.lock.told == "under_way"


def lock_not_kept(state: State, stage: Stage, event: JournalFailed) -> Step:
    """A record failed, and with it what was behind it; the lock stays."""
    if event.what != "trace":
        return leave(state, RecordFailed(event.what))
    state = told(state, "no") if state.lock and state.lock.told == "under_way" else state
    state = replace(state, keys="failed" if state.keys == "under_way" else state.keys, telling=None)
    return to_locked(state, problem_of("J101", "journal.trace")) if isinstance(stage, Unlocking) else stay(state)


# ── unlocking ────────────────────────────────────────────────────────────────


def unlock(state: State, by: Login) -> Step:
    """404 with the block of who unlocks. Without the host's knowledge of the lock, the PIN pad may judge it alone."""
    session, lock = state.session, state.lock
    if session is None or lock is None:
        return leave(state, ToStandby())
    if session.offline and by == session.operator_no:
        return go(state, Unlocking(by=by), CheckOffline(login=by, use=False))
    if state.keys != "ready":
        state, ask = need_keys(state)
        return go(state, Unlocking(by=by, waits=True), *ask)
    if lock.told == "under_way":
        return go(state, Unlocking(by=by, waits=True))
    return send_unlock(state, by)


def send_unlock(state: State, by: Login, *before: Effect) -> Step:
    """Send it now."""
    state, trace_no = take_trace(state)
    send = SendLock(trace_no=trace_no, batch_no=state.batch_no, login=by, verdict="unlock")
    return go(state, Unlocking(by=by), *before, remember_trace(state), send)


def unlock_answered(state: State, stage: Unlocking, event: LockAnswered) -> Step:
    """Open, or released; or the lock notice arrived, and the unlock that waited for it goes."""
    if event.verdict == "lock":
        state = told(state, "yes")
        return send_unlock(state, stage.by) if stage.waits and state.keys == "ready" else stay(state)
    if stage.waits:
        return stay(state)
    by_another = state.session is None or (stage.by != state.session.operator_no and not user_name_in(stage.by))
    if event.released or by_another:
        return force_sign_in(state, problem_of("A205", "lock.released"))
    return unlocked(state)


def unlocked(state: State) -> Step:
    """Back to work; what was dropped is said, and what was not printed."""
    lock = state.lock
    notice: Text | None = words("standby.dropped") if lock is not None and lock.dropped else None
    if notice is None and state.print_pending is not None:
        notice = words("standby.unprinted", trace=state.print_pending.trace_no)
    return leave(replace(state, lock=None), ToStandby(notice))


def unlock_refused(state: State, stage: Unlocking, event: Refused) -> Step:
    """Wrong password, locked person, no session any more; or the lock notice was refused."""
    problem = supervisor_problem(event)
    if event.response_code in TRUSTLESS_CODES or event.response_code == "PA":
        return force_sign_in(state, problem)
    if stage.waits:
        state = told(state, "yes")
        return send_unlock(state, stage.by) if state.keys == "ready" else stay(state)
    return to_locked(state, problem, wait_s=event.wait_s)


def unlock_failed(state: State, stage: Unlocking, event: HostFailed) -> Step:
    """No answer. Where the host never heard of the lock, the PIN pad may open it; else the line has to come back."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    lock, session = state.lock, state.session
    untold = lock is not None and lock.told != "yes"
    if stage.waits:
        state = told(state, "no" if event.failure in ("unreachable", "not_sent") else "yes")
    if untold and event.failure == "unreachable" and session is not None and stage.by == session.operator_no:
        return go(state, Unlocking(by=stage.by), CheckOffline(login=stage.by, use=False))
    return to_locked(state, problem)


def unlock_checked(state: State, stage: Unlocking, event: OfflineChecked) -> Step:
    """The PIN pad's word, where the host cannot be asked."""
    if event.login != stage.by:
        return stay(state)
    if event.outcome == "ok":
        return unlocked(state)
    problem: Problem = line_problem("unreachable") if event.outcome == "none" else offline_problem(event)
    return to_locked(state, problem)


def unlock_keys_came(state: State, stage: Unlocking, event: SignedOn) -> Step:
    """Keys are there; the unlock that waited for them goes, unless the lock notice is still out."""
    if state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    if not stage.waits or (state.lock is not None and state.lock.told == "under_way"):
        return stay(state, *kept)
    state, parts = send_unlock(state, stage.by)
    return state, (*kept, *parts)


def unlock_sign_on_failed(state: State, stage: Unlocking, event: HostFailed) -> Step:
    """No keys to ask the host with."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    return to_locked(state, problem)


def unlock_sign_on_refused(state: State, stage: Unlocking, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if state.keys != "under_way":
        return stay(state)
    return to_locked(replace(state, keys="failed"), refusal_problem(event))
