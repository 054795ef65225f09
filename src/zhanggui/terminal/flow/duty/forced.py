"""What has to happen although nobody pressed a key: the host's orders, a new day, the end of an envelope, the idle lock, heartbeats.

None of it breaks into a card exchange or an exchange with the host: it waits for a stage that may be locked, or takes orders, and then
it is done at once. `obey` runs after every step.
"""

from msgspec.structs import replace

from ....basics.numbers import BatchNo
from ....cup.values.rules import read_rules, rules_mark
from ....cup.values.undoing import Undoing
from ..core.effects import Effect, RememberLine, RememberNote, SendStatus
from ..core.events import Event, HostFailed, Ordered, Refused, Ticked
from ..core.policy import HEARTBEAT_S, ORDERS_WAIT_S, TRUSTLESS_CODES
from ..core.routes import force_sign_in
from ..core.stage import Stage, Trouble
from ..core.state import Forced, State
from ..core.step import Step, change, host_day, host_now, idle_for_s, leave, line_of, stay, with_line
from ..core.trouble import line_problem, problem_of, refusal_problem
from ..core.ways import ToSettlement
from ..words.text import Problem
from .lock import lock_now
from .sign_out import send_sign_out


def may_interrupt(state: State) -> bool:
    """Whether an order may be carried out now: slips that are being handed out come first, while somebody is there."""
    handing_out = state.stage.hands_out_slips and idle_for_s(state) < ORDERS_WAIT_S
    return nothing_under_way(state) and not handing_out


def nothing_under_way(state: State) -> bool:
    """Whether no card and no host is being talked to."""
    return state.stage.may_be_locked() or state.stage.takes_orders


def may_lock(state: State) -> bool:
    """Whether the idle lock counts here."""
    # What is in hand is a sale that has begun: the customer looks for the card. The sale's own time ends it, and then this one counts.
    is_idle = state.stage.may_be_locked() and not state.stage.in_hand()
    return state.session is not None and state.lock is None and is_idle


def ordered(state: State, stage: Stage, event: Ordered) -> Step:
    """Note the strictest order; it is carried out by `obey`. After a payment was refused for it, only the words are better.

    A policy that has changed counts from now on, and is kept for the next power-on. What the bank gave back meanwhile is kept beside it.
    """
    if event.rules:
        told, rules = event.rules, read_rules(event.rules)
        is_new = (
            rules != state.rules
        )  # an older host names rules that are none here, and tells them with each heartbeat
        state, parts = ordered(replace(state, rules=rules), stage, replace(event, rules=""))
        noted = (RememberNote(name="rules", value=told),) if is_new else ()
        return state, (*noted, *parts)
    state, kept = came_back(state, event.undoing)
    state, effects = note_order(state, stage, event)
    return state, (*kept, *effects)


def note_order(state: State, stage: Stage, event: Ordered) -> Step:
    """The order alone."""
    if state.session is None and event.notice and isinstance(stage, Trouble) and stage.problem.code == "R77":
        moved = replace(moved_problem(event.notice), money=stage.problem.money)
        return change(state, replace(stage, problem=moved))
    if state.session is None:
        return stay(state)
    if "sign_in" in event.orders:
        return stay(replace(state, forced=Forced(order="sign_in", problem=moved_problem(event.notice))))
    if "sign_out" in event.orders:
        return stay(replace(state, forced=Forced(order="sign_out")))
    if "settle" in event.orders:
        return stay(replace(state, forced=Forced(order="settle")))
    if "lock" in event.orders and state.lock is None:
        return stay(replace(state, forced=Forced(order="lock")))
    return stay(state)


def came_back(state: State, undoing: Undoing | None) -> Step:
    """The bank holds nothing any more of a payment that it had left unanswered."""
    line = (
        line_of(state, undoing.batch_no, undoing.trace_no) if undoing is not None and undoing.state == "done" else None
    )
    if line is None or line.state != "returning":
        return stay(state)
    line = replace(line, state="returned")
    return with_line(state, line), (RememberLine(line=line),)


def asked_after(state: State) -> Undoing | None:
    """The payment whose undoing at the bank the next heartbeat asks after, each in its turn; None when there is none."""
    waiting = [line for line in (*state.today, *state.earlier) if line.state == "returning" and line.batch_no]
    if not waiting:
        return None
    line = waiting[state.tick // HEARTBEAT_S % len(waiting)]
    return Undoing(batch_no=BatchNo(line.batch_no), trace_no=line.trace_no)


def status_refused(state: State, stage: Stage, event: Refused) -> Step:
    """A heartbeat that is refused for its keys or its session asks for a new sign-in; else nothing is lost."""
    if state.session is None or event.response_code not in (*TRUSTLESS_CODES, "PA"):
        return stay(state)
    return stay(replace(state, forced=Forced(order="sign_in", problem=refusal_problem(event))))


def status_failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """A heartbeat without an answer is not worth a word; one that cannot be trusted asks for new keys."""
    if state.session is None or event.failure != "bad_mac":
        return stay(state)
    return stay(replace(state, forced=Forced(order="sign_in", problem=line_problem("bad_mac"))))


def moved_problem(where: str) -> Problem:
    """Where the session went, as the operator who lost it reads it."""
    return problem_of("A202", "moved.to", terminal=where) if where else problem_of("A203", "moved.ended")


def by_time(state: State) -> Forced | None:
    """What the clock alone asks for."""
    session = state.session
    if session is None:
        return None
    if state.rules.new_day_signs_in and session.day and host_day(state, host_now(state)) > session.day:
        return Forced(order="sign_in", problem=problem_of("A204", "new_day"))
    limits = session.limits
    if limits is not None and not limits.reported and state.now >= limits.until:
        return Forced(order="sign_in", problem=problem_of("D106", "offline.over"))
    return None


def idle_left_s(state: State) -> int | None:
    """Seconds until the idle lock; None when none is counted."""
    if not state.rules.idle_lock_s or not may_lock(state):
        return None
    return state.rules.idle_lock_s - (state.tick - max(state.touched_at, state.busy_at))


def obey(state: State, event: Event, effects: tuple[Effect, ...]) -> Step:
    """After a step: count what is busy, carry out what is forced, lock what is idle, send the heartbeat."""
    if not state.stage.may_be_locked() or state.stage.in_hand():
        state = replace(state, busy_at=state.tick)
    if state.session is None:
        state = replace(state, forced=None) if state.forced else state
        return with_heartbeat(state, effects) if isinstance(event, Ticked) else (state, effects)
    forced = state.forced or (by_time(state) if isinstance(event, Ticked) else None)
    if forced is not None:
        ends_now = forced.order == "sign_in" and state.stage.awaits_word()
        if not (ends_now or may_interrupt(state)):
            return replace(state, forced=forced), effects
        state, more = carry_out(replace(state, forced=None), forced)
        return state, (*effects, *more)
    if not isinstance(event, Ticked):
        return state, effects
    left_s = idle_left_s(state)
    if left_s is not None and left_s <= 0 and not effects:
        return lock_now(state, "idle")
    return with_heartbeat(state, effects)


def carry_out(state: State, forced: Forced) -> Step:
    """Do what is forced."""
    match forced.order:
        case "sign_in":
            return force_sign_in(state, forced.problem or moved_problem(""))
        case "lock":
            return lock_now(state, "order")
        case "sign_out":
            return send_sign_out(replace(state, lock=None), reason="ordered")
        case "settle":
            return leave(replace(state, lock=None), ToSettlement(by_order=True))


def with_heartbeat(state: State, effects: tuple[Effect, ...]) -> Step:
    """A session is kept alive by heartbeats whenever nothing else is on the line; without one, the host can still reach the terminal."""
    if effects or not may_beat(state) or state.tick - state.beat_at < HEARTBEAT_S:
        return state, effects
    return replace(state, beat_at=state.tick), (*effects, beat_of(state))


def may_beat(state: State) -> bool:
    """Whether a heartbeat may leave now: with keys, and while nothing else is on the line."""
    if state.undo is not None and state.undo.under_way:
        return False
    if state.session is None:
        return state.keys == "ready" and state.stage.quiet
    stage = state.stage
    return not state.session.offline and (nothing_under_way(state) or stage.awaits_host or stage.awaits_word())


def beat_of(state: State) -> SendStatus:
    """What a heartbeat says now."""
    session = state.session
    return SendStatus(
        checks=state.checks,
        operator_no=session.operator_no if session is not None else None,
        rules_mark=rules_mark(state.rules) if session is not None else "",
        undoing=asked_after(state),
        order_answers=() if state.box_unkept else state.box.answers,
        order_held=state.box.held_to,
    )
