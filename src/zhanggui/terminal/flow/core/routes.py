"""What more than one area does beside its stages: keys in the background, what the host is still to be told, and a forced sign-in."""

from typing import Literal

from msgspec.structs import replace

from ....basics.numbers import Login, is_ahead
from ..words.text import Problem
from .effects import RememberDoubt, SendOffline, SendScript, SendSignOn, StartPinEntry, StopPinEntry
from .events import HostFailed, SignedOn
from .payments import Doing
from .policy import PASSWORD_DIGITS_MAX, PASSWORD_DIGITS_MIN, PIN_PAD_TIMEOUT_S, SCRIPT_AGAIN_S, SCRIPT_TRIES_FIRST
from .state import Kept, State
from .step import Step, close_reader, remember_trace, stay, take_trace
from .trouble import line_problem, show, with_money
from .ways import ToNumber

# ── working keys ─────────────────────────────────────────────────────────────


def start_sign_on(state: State) -> Step:
    """Fetch fresh working keys (0800), unless that is under way."""
    if state.keys == "under_way":
        return state, ()
    counted, trace_no = take_trace(replace(state, keys="under_way"))
    return counted, (remember_trace(counted), SendSignOn(trace_no=trace_no, batch_no=counted.batch_no))


def need_keys(state: State) -> Step:
    """Start the sign-on if there are no keys and none are coming."""
    return (state, ()) if state.keys == "ready" else start_sign_on(state)


def keys_meanwhile(state: State) -> Step:
    """Fetch the keys while somebody types; without a line the background asks for them, so that nobody is interrupted."""
    return (state, ()) if state.without_line else need_keys(state)


def adopt(state: State, event: SignedOn) -> Step:
    """Take over what the host gave; the batch is the host's to decide (domain reference §4.3).

    A journal that the host knows to be further on is an old copy, or one that begins anew: numbers go on above what the host
    knows. What such a copy has in doubt may have been finished long ago; it is named under this sign-on, not under its own, so
    that the host undoes nothing for it and people look.
    """
    state = replace(
        state,
        keys="ready",
        batch_no=event.batch_no,
        epoch=event.epoch,
        drift_s=event.drift_s,
        without_line=False,
    )
    known = event.known_trace
    if known is None or not (known == event.trace_no or is_ahead(known, state.trace_no)):
        return state, (remember_trace(state),)
    if is_ahead(known, state.trace_no):
        state = replace(state, trace_no=known)
    if state.undo is None or state.undo.settling:
        return state, (remember_trace(state),)
    # Before the numbers: once these are kept, nothing shows any more that the copy is old.
    old = replace(state.undo.reversal, epoch=event.epoch)
    state = replace(state, undo=replace(state.undo, reversal=old))
    return state, (RememberDoubt(reversal=old), remember_trace(state))


def may_do_without(state: State, event: HostFailed) -> bool:
    """Whether policy lets the PIN pad check passwords alone, now that the host cannot be reached."""
    return event.failure == "unreachable" and state.rules.offline


def without_keys(state: State, event: HostFailed) -> tuple[State, Problem]:
    """No keys came; why, in words."""
    if may_do_without(state, event):
        state = replace(state, without_line=True, line_tried_at=state.tick)
    return replace(state, keys="failed"), line_problem(event.failure)


# ── the host ─────────────────────────────────────────────────────────────────


def tell_host(state: State) -> Step:
    """0820/407 for the operator who signed in first without the host."""
    if not state.owed or state.telling is not None:
        return stay(state)
    state, trace_no = take_trace(replace(state, telling=state.owed[0], line_tried_at=state.tick))
    told = SendOffline(trace_no=trace_no, batch_no=state.batch_no, operator_no=state.owed[0])
    return state, (remember_trace(state), told)


def nobody_here(state: State) -> State:
    """No session, and nothing left of one."""
    return replace(state, session=None, lock=None, forced=None)


def amount_begun(state: State) -> Kept | None:
    """What was typed of a payment that has moved nothing, without its card; None where an earlier payment has its amount, or where one is
    in doubt: that one is undone before anybody takes the same amount again."""
    doing = state.stage.begun()
    if doing is None or not doing.amount_fen or doing.original is not None or doing.replaces is not None:
        return None
    if state.undo is not None and state.undo.settling != "decline":
        return None
    return Kept(doing=Doing(kind=doing.kind, amount_fen=doing.amount_fen), at=state.tick)


def force_sign_in(state: State, problem: Problem) -> Step:
    """The keys or the session are not to be trusted any more: fetch new keys at once and let the operator sign in again.

    Whoever is thrown out of a session is told how the payment stands that it came upon.
    """
    if state.session is not None:
        problem, state = with_money(state, problem), replace(state, kept=amount_begun(state))
    state, forget = close_reader(replace(nobody_here(state), keys="none"))
    state, ask = start_sign_on(state)
    return show(state, problem, ToNumber(), *forget, StopPinEntry(), *ask)


# ── the PIN pad ──────────────────────────────────────────────────────────────


def password_entry(login: Login | None, purpose: Literal["password", "old_password"] = "password") -> StartPinEntry:
    """Let the PIN pad collect an operator's password."""
    return StartPinEntry(
        purpose=purpose,
        login=login,
        min_digits=PASSWORD_DIGITS_MIN,
        max_digits=PASSWORD_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )


# ── what became of an issuer's scripts, before the next online transaction (domain reference §4.4, §9) ──


def notice_first(state: State) -> tuple[State, tuple[SendScript, ...]]:
    """The oldest notice, to stand before an exchange that waits for it; none where there is none, or it was tried in vain too often."""
    return (state, ()) if state.script_tries >= SCRIPT_TRIES_FIRST else notice_due(state)


def notice_due(state: State) -> tuple[State, tuple[SendScript, ...]]:
    """The oldest notice, unless it was tried just now."""
    if not state.scripts or state.keys != "ready":
        return state, ()
    if state.script_tried_at is not None and state.tick - state.script_tried_at < SCRIPT_AGAIN_S:
        return state, ()
    return replace(state, script_tried_at=state.tick), (SendScript(notice=state.scripts[0]),)
