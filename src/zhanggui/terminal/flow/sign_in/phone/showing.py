"""A code for a phone (手机签到): fetched, shown for its minute, asked after, and then the sign-in as by every other way.

    start screen ─phone─▶ FETCHING ─409 open─▶ SHOWING ─409 ask, every two seconds─▶ known ─▶ 401 ─▶ facts
                                                  └─cancel, time over─▶ 409 leave ─▶ start screen

What the host answers late, about a code that stands no more, changes nothing.
"""

from msgspec.structs import replace

from .....cup.values.phone import BY_PHONE
from ...core.effects import SendPhoneAsk, SendPhoneCode, SendPhoneLeft
from ...core.events import HostFailed, KeyPressed, Refused, SignedOn, Ticked
from ...core.policy import PHONE_ASK_S, PHONE_CODE_S_MAX, TRUSTLESS_CODES
from ...core.routes import adopt, force_sign_in, need_keys, tell_host, without_keys
from ...core.stage import Stage, Trouble
from ...core.state import State
from ...core.step import (
    Part,
    Step,
    change,
    go,
    here_for_s,
    remember_trace,
    stay,
    steps_before_first_key,
    take_trace,
)
from ...core.trouble import line_problem, refusal_problem, show
from ...core.ways import ToNumber
from ...words.text import Text, words
from ..entrances import send_verify, to_number
from ..stages import FetchingPhoneCode, ShowingPhoneCode, SignInNumber
from .told import PhoneCodeGiven, PhoneLeft, PhoneStands


def to_phone(state: State, event: KeyPressed) -> Step:
    """The key on the start screen. Without a line nobody can say who it is."""
    if state.without_line and state.keys != "ready":
        return change(state, SignInNumber(notice=words("sign_in.phone_needs_line"), asked=True))
    if state.first_key_at is None:
        state = replace(state, first_key_at=event.now, steps=steps_before_first_key(state))
    if state.keys == "ready" and not state.owed:
        return fetch(state)
    # What was done without the host is told before anything else is asked of it.
    state, ask = tell_host(state) if state.keys == "ready" else need_keys(state)
    return go(state, FetchingPhoneCode(waits_for_keys=True), *ask)


def fetch(state: State) -> Step:
    """0820/409 `open`."""
    state, trace_no = take_trace(state)
    send = SendPhoneCode(trace_no=trace_no, batch_no=state.batch_no)
    return go(state, FetchingPhoneCode(waits_for_keys=False), remember_trace(state), send)


def keys_came(state: State, stage: FetchingPhoneCode, event: SignedOn) -> Step:
    """The operator was faster than the sign-on."""
    if not stage.waits_for_keys or state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    state, effects = tell_host(state) if state.owed else fetch(state)
    return state, (*kept, *effects)


def no_keys(state: State, stage: FetchingPhoneCode, event: HostFailed) -> Step:
    """Without keys there is no code; the PIN pad can't judge a phone."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    return go(state, Trouble(problem=problem, then=ToNumber(), retries=True))


def not_let_on(state: State, stage: FetchingPhoneCode, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if state.keys != "under_way":
        return stay(state)
    return show(replace(state, keys="failed"), refusal_problem(event), ToNumber())


def given(state: State, stage: FetchingPhoneCode, event: PhoneCodeGiven) -> Step:
    """The code is there."""
    life_s = min(event.life_s, PHONE_CODE_S_MAX)
    shown = ShowingPhoneCode(name=event.name, address=event.address, life_s=life_s, asked_at=state.tick)
    return go(state, shown)


def refused(state: State, stage: FetchingPhoneCode | ShowingPhoneCode, event: Refused) -> Step:
    """No code, or this one is over."""
    problem = refusal_problem(event)
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if event.reason == "phone_code_over":
        return to_number(state, words("phone.ran_out"))
    return show(state, problem, ToNumber())


def failed(state: State, stage: FetchingPhoneCode | ShowingPhoneCode, event: HostFailed) -> Step:
    """The line failed. While a code stands it is asked after again, as long as there is time."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    if isinstance(stage, ShowingPhoneCode) and not stage.last:
        return change(state, replace(stage, asking=False, asked_at=state.tick))
    return go(state, Trouble(problem=problem, then=ToNumber(), retries=True))


def tick(state: State, stage: ShowingPhoneCode, event: Ticked) -> Step:
    """Ask how it stands, now and then; once more when its time is over, because a phone may just have answered."""
    if stage.asking:
        return stay(state)
    over = here_for_s(state) >= stage.life_s
    if not over and state.tick - stage.asked_at < PHONE_ASK_S:
        return stay(state)
    state, trace_no = take_trace(state)
    ask = SendPhoneAsk(trace_no=trace_no, batch_no=state.batch_no, name=stage.name)
    return change(state, replace(stage, asking=True, asked_at=state.tick, last=over), remember_trace(state), ask)


def stands(state: State, stage: ShowingPhoneCode, event: PhoneStands) -> Step:
    """A phone has proven who it is: the terminal signs in with that. Or none has yet."""
    if event.name != stage.name:
        return stay(state)
    if event.known:
        return send_verify(state, BY_PHONE, phone=stage.name)
    if stage.last:
        return leave_code(state, stage, words("phone.ran_out"))
    return change(state, replace(stage, asking=False))


def key(state: State, stage: ShowingPhoneCode, event: KeyPressed) -> Step:
    """Another way after all."""
    return leave_code(state, stage) if event.key == "cancel" else stay(state)


def leave_code(state: State, stage: ShowingPhoneCode, notice: Text | None = None) -> Step:
    """The code goes from the screen, and the host is told that it counts no more."""
    told: tuple[Part, ...] = ()
    if state.keys == "ready":
        state, trace_no = take_trace(state)
        left = SendPhoneLeft(trace_no=trace_no, batch_no=state.batch_no, name=stage.name)
        told = (remember_trace(state), left)
    state, parts = to_number(state, notice)
    return state, (*told, *parts)


def too_late(
    state: State, stage: Stage, event: PhoneCodeGiven | PhoneStands | PhoneLeft | Refused | HostFailed
) -> Step:
    """An answer about a code that stands here no more."""
    return stay(state)
