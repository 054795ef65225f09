"""The second half of the sign-in: the operator looks at the facts, gives the code where policy asks for one, and is signed in."""

from msgspec.structs import replace

from ....cup.values.badge import BADGE_ALONE
from ....cup.values.phone import BY_PHONE
from ....cup.values.rules import read_rules
from ..core.effects import Effect, RememberNote, SealEnvelope, SendConfirm, StartPinEntry, StopPinEntry
from ..core.events import HostFailed, KeyPressed, OperatorVerified, PinDone, PinDots, Refused, SignInConfirmed, Ticked
from ..core.noted.counter import Known, with_sign_in, write_counter
from ..core.noted.pace import Pace
from ..core.policy import (
    CODE_DIGITS_MAX,
    CODE_DIGITS_MIN,
    CONFIRM_IDLE_S,
    PIN_PAD_TIMEOUT_S,
    SIGNED_IN_SHOWN_S,
    TRUSTLESS_CODES,
)
from ..core.routes import force_sign_in
from ..core.stage import Trouble
from ..core.state import Session, State
from ..core.step import Step, change, go, here_for_s, host_day, idle_for_s, leave, remember_trace, stay, take_trace
from ..core.trouble import line_problem, problem_of, refusal_problem, show
from ..core.ways import BeginShift, ToNumber, UndoQuietly
from ..words.text import Problem, words
from .entrances import give_up
from .new_password import ask_new
from .stages import ChoosingWrong, Confirming, EnteringCode, SignedInElsewhere, SignedInShown, Submitting

WRONG_ITEMS = ("operator", "shop", "place", "terminal", "time", "batch")
"""What the operator may call wrong on the confirm screen."""


def adopt_facts(state: State, facts: OperatorVerified) -> Step:
    """Take over what the host told of shop, clock and policy; the policy is kept for the next power-on."""
    rules = read_rules(facts.rules) if facts.rules else state.rules
    state = replace(state, merchant_name=facts.merchant_name, place=facts.place, drift_s=facts.drift_s, rules=rules)
    told = (RememberNote(name="rules", value=facts.rules),) if facts.rules else ()
    # A terminal whose clock lost its year knows by this what day it cannot be before.
    return stay(state, *told, RememberNote(name="host_day", value=host_day(state, facts.host_now)))


def verified(state: State, facts: OperatorVerified) -> Step:
    """Number and password are right: a new password where one is needed, then the facts."""
    state, kept = adopt_facts(state, facts)
    if facts.needs_new_password:
        state, ask = ask_new(state, facts.operator_no, facts.login, facts, problem_of("A103", "code.P4.change_first"))
        return state, (*ask, *kept)
    if facts.login == BADGE_ALONE and nothing_to_look_at(state, facts):
        state, sent = send_confirm(state, facts)
        return state, (*sent, *kept)
    return go(state, Confirming(facts=facts), StopPinEntry(), *kept)


def may_change(stage: Confirming) -> bool:
    """Whether the password may be changed while it is still time: only where the PIN pad holds the old one."""
    return stage.facts.days_left is not None and stage.facts.login not in (BADGE_ALONE, BY_PHONE)


def nothing_to_look_at(state: State, facts: OperatorVerified) -> bool:
    """Whether nothing but the plain facts would stand there: who came by a badge alone reads them in standby, and presses no key."""
    drifts = abs(facts.drift_s) >= state.rules.drift_warn_s
    return not (facts.needs_code or facts.degraded or drifts or facts.days_left is not None)


def confirm_key(state: State, stage: Confirming, event: KeyPressed) -> Step:
    """Confirm, say that something is wrong, or change the password while it is still time."""
    match event.key:
        case "enter" if stage.again is not None:
            return go(state, Submitting(facts=stage.facts, sent=stage.again), remember_trace(state), stage.again)
        case "enter" if stage.facts.needs_code:
            return ask_code(state, stage.facts)
        case "enter":
            return send_confirm(state, stage.facts)
        case "wrong":
            return go(state, ChoosingWrong(facts=stage.facts))
        case "change" if may_change(stage):
            return ask_new(state, stage.facts.operator_no, stage.facts.login, stage.facts)
        case "cancel":
            return give_up(state, stage.facts, "given_up")
    return stay(state)


def confirm_tick(state: State, stage: Confirming, event: Ticked) -> Step:
    """Whoever walked away from the facts is not signed in; the record ends, while the host would still take it."""
    if idle_for_s(state) < CONFIRM_IDLE_S or stage.again is not None:
        return leave(state, UndoQuietly())
    return give_up(state, stage.facts, "timed_out", words("sign_in.timed_out"))


def wrong_key(state: State, stage: ChoosingWrong, event: KeyPressed) -> Step:
    """Report the wrong item."""
    if event.key == "cancel":
        return go(state, Confirming(facts=stage.facts))
    if event.key in WRONG_ITEMS:
        return send_confirm(state, stage.facts, wrong_item=event.key)
    return stay(state)


# ── sign-in code ─────────────────────────────────────────────────────────────


def ask_code(state: State, facts: OperatorVerified, take_over: str = "", problem: Problem | None = None) -> Step:
    """Let the PIN pad collect the code."""
    entry = StartPinEntry(
        purpose="code",
        login=facts.operator_no,
        min_digits=min(state.rules.code_digits, CODE_DIGITS_MIN),
        max_digits=CODE_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )
    return go(state, EnteringCode(facts=facts, take_over=take_over, problem=problem), entry)


def code_dots(state: State, stage: EnteringCode, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, problem=None))


def code_key(state: State, stage: EnteringCode, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, stage.facts, "given_up") if event.key == "cancel" else stay(state)


def code_done(state: State, stage: EnteringCode, event: PinDone) -> Step:
    """403 with the code."""
    match event.outcome:
        case "entered":
            return send_confirm(state, stage.facts, take_over=stage.take_over, with_code=True)
        case "timed_out":
            return give_up(state, stage.facts, "timed_out", words("sign_in.timed_out"))
        case _:
            return give_up(state, stage.facts, "given_up")


# ── the host's word ──────────────────────────────────────────────────────────


def send_confirm(
    state: State, facts: OperatorVerified, *, wrong_item: str = "", take_over: str = "", with_code: bool = False
) -> Step:
    """0820/403."""
    state, trace_no = take_trace(state)
    confirm = SendConfirm(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=facts.operator_no,
        record_no=facts.record_no,
        verdict="wrong" if wrong_item else "ok",
        wrong_item=wrong_item,
        with_code=with_code,
        take_over=take_over,
        steps=state.steps,
    )
    return go(state, Submitting(facts=facts, sent=confirm), remember_trace(state), confirm)


def confirmed(state: State, stage: Submitting, event: SignInConfirmed) -> Step:
    """Signed in; or, after a report, back to sign-in."""
    if stage.verdict == "wrong":
        return reported(state, event.case_no)
    facts = stage.facts
    session = Session(
        operator_no=facts.operator_no,
        operator_name=facts.operator_name or event.operator_name,
        role=facts.role,
        record_no=event.record_no,
        day=host_day(state, event.host_now),
        session_no=event.session_no,
        degraded=facts.degraded,
        by_badge=facts.login == BADGE_ALONE,
    )
    sealed: tuple[Effect, ...] = ()
    if event.offline is not None:
        envelope = SealEnvelope(
            operator_no=session.operator_no,
            user_name=event.user_name,
            operator_name=session.operator_name,
            terms=event.offline,
            host_now=event.host_now,
        )
        sealed = (envelope,)
    who = Known(session.operator_no, session.operator_name)
    counter = with_sign_in(state.counter, state.merchant_name, state.place, state.batch_no, who, event.host_now)
    state = replace(
        state,
        session=session,
        # What was slow for whoever stood here before says nothing of now.
        pace=Pace(),
        lock=None,
        forced=None,
        steps=(),
        beat_at=state.tick if state.beat_at >= 0 else state.beat_at,  # the first of all opens the line, and is due
        busy_at=state.tick,
        counter=counter,
    )
    noted = RememberNote(name="counter", value=write_counter(counter))
    if session.by_badge:
        notice = words(
            "standby.signed_in", who=f"{session.operator_no} {session.operator_name}", record=str(event.record_no)
        )
        return state, (noted, BeginShift(notice))
    return go(state, SignedInShown(), *sealed, noted)


def reported(state: State, case_no: int) -> Step:
    """The host has noted that a fact on the confirm screen is wrong, under a number that support finds; nobody signs in on it."""
    problem = problem_of("A401", "sign_in.reported", case=str(case_no))
    return go(state, Trouble(problem=problem, then=ToNumber(), settled=True))


def confirm_refused(state: State, stage: Submitting, event: Refused) -> Step:
    """The host does not open the session yet, or not at all; a report that is refused has made no case."""
    problem = refusal_problem(event)
    facts = stage.facts
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if stage.verdict == "wrong":
        return show(state, problem_of("A402", "sign_in.not_reported"), ToNumber())
    match event.response_code:
        case "P5" if event.reason != "code_not_set":
            return ask_code(state, facts, stage.sent.take_over, problem)
        case "P4" if facts.login not in (BADGE_ALONE, BY_PHONE):
            return ask_new(state, facts.operator_no, facts.login, replace(facts, needs_new_password=True), problem)
        case "P6" if event.elsewhere is not None:
            found = replace(
                event.elsewhere,
                needs_code=facts.needs_code,
                operator_name=facts.operator_name,
                degraded=facts.degraded,
            )
            return go(state, SignedInElsewhere(operator_no=facts.operator_no, found=found))
    return show(state, problem, ToNumber())


def confirm_failed(state: State, stage: Submitting, event: HostFailed) -> Step:
    """A repeat of the same message gets the stored answer; a code is gone from the PIN pad and has to be typed again."""
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, line_problem(event.failure))
    if stage.verdict == "wrong":
        return show(state, problem_of("A402", "sign_in.not_reported"), ToNumber())
    again = None if stage.sent.with_code else stage.sent
    return go(state, Confirming(facts=stage.facts, problem=line_problem(event.failure), again=again))


def signed_in_key(state: State, stage: SignedInShown, event: KeyPressed) -> Step:
    """On to work."""
    return leave(state, BeginShift()) if event.key == "enter" else stay(state)


def signed_in_tick(state: State, stage: SignedInShown, event: Ticked) -> Step:
    """Success goes away by itself."""
    return leave(state, BeginShift()) if here_for_s(state) >= SIGNED_IN_SHOWN_S else leave(state, UndoQuietly())
