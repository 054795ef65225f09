"""The operator's sign-in (操作员签到): number, password, confirm, success."""

from msgspec.structs import replace

from ...basics.numbers import OperatorNo, is_digits
from .effects import Effect, SendConfirm, SendVerify, StopPinEntry
from .events import (
    HostFailed,
    KeyPressed,
    OperatorVerified,
    PinDone,
    PinDots,
    Refused,
    SignedOn,
    SignInConfirmed,
    Ticked,
)
from .policy import OPERATOR_DIGITS, SIGNED_IN_SHOWN_S, TRUSTLESS_CODES
from .routes import force_sign_in, need_keys, to_number, to_password, to_standby
from .sign_on import adopt
from .stages import (
    ChoosingWrong,
    Confirming,
    SignedInShown,
    SignInNumber,
    SignInPassword,
    Submitting,
    Trouble,
    Verifying,
)
from .state import Session, State
from .step import Step, change, go, here_for_s, remember_trace, stay, take_trace, words
from .trouble import line_problem, problem_of, refusal_problem, show
from .undo import ticked as undo_ticked

WRONG_ITEMS = ("operator", "shop", "device", "time", "batch")
"""What the operator may call wrong on the confirm screen."""


def number_key(state: State, stage: SignInNumber, event: KeyPressed) -> Step:
    """Two digits, and the password is asked without another key."""
    match event.key:
        case "clear":
            return change(state, SignInNumber(digits=stage.digits[:-1]))
        case "cancel":
            return change(state, SignInNumber())
        case "enter":
            return change(state, replace(stage, notice=words("sign_in.two_digits")))
    digits = stage.digits + event.key
    if not is_digits(digits, len(digits)) or len(digits) > OPERATOR_DIGITS:
        return stay(state)
    if len(digits) == OPERATOR_DIGITS:
        return to_password(state, OperatorNo(digits))
    return change(state, SignInNumber(digits=digits))


def password_dots(state: State, stage: SignInPassword, event: PinDots) -> Step:
    """One more dot, or one less. An earlier refusal has been read once typing begins."""
    return change(state, replace(stage, dots=event.count, problem=None))


def password_key(state: State, stage: SignInPassword, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return to_number(state) if event.key == "cancel" else stay(state)


def password_done(state: State, stage: SignInPassword, event: PinDone) -> Step:
    """Digits are inside the PIN pad: verify, as soon as there are keys."""
    match event.outcome:
        case "timed_out":
            return to_number(state, words("sign_in.timed_out"))
        case "cancelled" | "skipped":
            return to_number(state)
        case "entered":
            if state.keys == "ready":
                return send_verify(state, stage.operator_no)
            state, ask = need_keys(state)
            return go(state, Verifying(operator_no=stage.operator_no, waits_for_keys=True), *ask)


def send_verify(state: State, operator_no: OperatorNo, *before: Effect) -> Step:
    """0820/401."""
    state, trace_no = take_trace(state)
    verify = SendVerify(trace_no=trace_no, batch_no=state.batch_no, operator_no=operator_no, checks=state.checks)
    return go(state, Verifying(operator_no=operator_no, waits_for_keys=False), *before, remember_trace(state), verify)


def keys_came(state: State, stage: Verifying, event: SignedOn) -> Step:
    """The operator was faster than the sign-on; now the password can go."""
    if not stage.waits_for_keys or state.keys != "under_way":
        return stay(state)
    state, _ = adopt(state, event)  # send_verify keeps counter and batch
    state, effects = send_verify(state, stage.operator_no)
    return replace(state, entered_at=state.tick), effects


def verify_refused(state: State, stage: Verifying, event: Refused) -> Step:
    """Wrong number or password asks again; everything else says who can help."""
    problem = refusal_problem(event)
    if event.response_code == "P1":
        return to_password(state, stage.operator_no, problem)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    return show(state, problem, "number", StopPinEntry())


def verify_failed(state: State, stage: Verifying, event: HostFailed) -> Step:
    """The line failed; the number is kept."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    trouble = Trouble(problem=problem, then="password", retries=True, operator_no=stage.operator_no)
    return go(state, trouble, StopPinEntry())


def verified(state: State, stage: Verifying, event: OperatorVerified) -> Step:
    """Number and password are right; the operator checks the facts."""
    if event.operator_no != stage.operator_no:
        return show(state, line_problem("bad_answer"), "number", StopPinEntry())
    state = replace(state, merchant_name=event.merchant_name, place=event.place, drift_s=event.drift_s)
    return go(state, Confirming(facts=event), StopPinEntry())


def confirm_key(state: State, stage: Confirming, event: KeyPressed) -> Step:
    """Confirm, or say that something is wrong."""
    match event.key:
        case "enter":
            return send_confirm(state, stage.facts)
        case "wrong":
            return go(state, ChoosingWrong(facts=stage.facts))
        case "cancel":
            return to_number(state)
    return stay(state)


def wrong_key(state: State, stage: ChoosingWrong, event: KeyPressed) -> Step:
    """Report the wrong item."""
    if event.key == "cancel":
        return go(state, Confirming(facts=stage.facts))
    if event.key in WRONG_ITEMS:
        return send_confirm(state, stage.facts, event.key)
    return stay(state)


def send_confirm(state: State, facts: OperatorVerified, wrong_item: str = "") -> Step:
    """0820/403."""
    state, trace_no = take_trace(state)
    confirm = SendConfirm(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=facts.operator_no,
        record_no=facts.record_no,
        verdict="wrong" if wrong_item else "ok",
        wrong_item=wrong_item,
    )
    return go(state, Submitting(facts=facts, verdict=confirm.verdict), remember_trace(state), confirm)


def confirmed(state: State, stage: Submitting, event: SignInConfirmed) -> Step:
    """Signed in; or, after a report, back to sign-in."""
    if stage.verdict == "wrong":
        return reported(state)
    session = Session(
        operator_no=stage.facts.operator_no,
        operator_name=stage.facts.operator_name,
        role=stage.facts.role,
        record_no=event.record_no,
        session_no=event.session_no,
    )
    return go(replace(state, session=session), SignedInShown())


def reported(state: State) -> Step:
    """Support knows that a fact on the confirm screen is wrong; nobody signs in on it."""
    return go(state, Trouble(problem=problem_of("A401", "sign_in.reported"), then="number", settled=True))


def confirm_refused(state: State, stage: Submitting, event: Refused) -> Step:
    """The host does not open the session; a report, however, has arrived."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if stage.verdict == "wrong":
        return reported(state)
    return show(state, problem, "number")


def confirm_failed(state: State, stage: Submitting, event: HostFailed) -> Step:
    """A repeat of the confirmation gets the stored answer, so it may simply be sent again."""
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, line_problem(event.failure))
    if stage.verdict == "wrong":
        return show(state, problem_of("A402", "sign_in.not_reported"), "number")
    return go(state, Confirming(facts=stage.facts, problem=line_problem(event.failure)))


def signed_in_key(state: State, stage: SignedInShown, event: KeyPressed) -> Step:
    """On to work."""
    return to_standby(state) if event.key == "enter" else stay(state)


def signed_in_tick(state: State, stage: SignedInShown, event: Ticked) -> Step:
    """Success goes away by itself."""
    return to_standby(state) if here_for_s(state) >= SIGNED_IN_SHOWN_S else undo_ticked(state, stage, event)
