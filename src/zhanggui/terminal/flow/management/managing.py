"""A manager's menu (主管菜单): what, about whom, the password that proves it, the host's word.

    MENU ─▶ (about whom) ─▶ password ─▶ (first password, twice) ─▶ asked ─▶ MENU, with what was done

A first password is chosen on the PIN pad, so that it never leaves it in clear: the host judges it by the policy's rules, lets it
live as long as the policy says, and asks for another at the first sign-in.
"""

from typing import Literal

from msgspec.structs import replace

from ....basics.numbers import OperatorNo, is_digits
from ..core.effects import Effect, SendManage, StartPinEntry, StopPinEntry
from ..core.events import HostFailed, KeyPressed, Managed, PinDone, PinDots, Refused, SignedOn, Ticked
from ..core.policy import (
    APPROVAL_IDLE_S,
    NEW_PASSWORD_DIGITS_MAX,
    NEW_PASSWORD_DIGITS_MIN,
    OPERATOR_DIGITS,
    PIN_PAD_TIMEOUT_S,
    TRUSTLESS_CODES,
)
from ..core.routes import adopt, force_sign_in, need_keys, password_entry, without_keys
from ..core.state import State
from ..core.step import Step, change, close_reader, go, idle_for_s, leave, remember_trace, stay, take_trace
from ..core.trouble import line_problem, problem_of, refusal_problem, show, supervisor_problem
from ..core.ways import ToMenu, ToNumber, ToOldPassword
from ..words.text import Problem, Text, words
from .menus import OWN_PASSWORD, MenuEntry, menu_of
from .stages import AboutOperator, FirstPassword, ManagerPassword, Managing, Menu

NOBODY = OperatorNo("")
OF_THE_MANAGER = frozenset({"change_first", "initial_secret_expired", "factory_password"})
"""Reasons beside P4 that are about the manager's own password; any other is about the first password that was typed."""
Typing = AboutOperator | ManagerPassword | FirstPassword


def to_menu(state: State, manager_no: OperatorNo, notice: Text | None = None) -> Step:
    """What can be done behind this number."""
    state, forget = close_reader(state)
    return go(state, Menu(manager_no=manager_no, notice=notice), *forget, StopPinEntry())


def menu_key(state: State, stage: Menu, event: KeyPressed) -> Step:
    """One entry, or back to the number."""
    if event.key == "cancel":
        return leave(state, ToNumber())
    entry = next((known for known in menu_of(stage.manager_no) if known.action == event.key), None)
    if entry is None:
        return stay(state)
    if entry.action == OWN_PASSWORD:
        return leave(state, ToOldPassword(stage.manager_no))
    if entry.about_operator:
        return go(state, AboutOperator(manager_no=stage.manager_no, entry=entry))
    return ask_password(state, stage.manager_no, entry, NOBODY)


def about_key(state: State, stage: AboutOperator, event: KeyPressed) -> Step:
    """Two digits, and the manager's password is asked."""
    match event.key:
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "cancel":
            return to_menu(state, stage.manager_no)
        case "enter":
            return change(state, replace(stage, notice=words("sign_in.two_digits")))
    digits = stage.digits + event.key
    if not is_digits(digits, len(digits)) or len(digits) > OPERATOR_DIGITS:
        return stay(state)
    if len(digits) < OPERATOR_DIGITS:
        return change(state, replace(stage, digits=digits, notice=None))
    return ask_password(state, stage.manager_no, stage.entry, OperatorNo(digits))


def ask_password(
    state: State, manager_no: OperatorNo, entry: MenuEntry, about_no: OperatorNo, problem: Problem | None = None
) -> Step:
    """Let the PIN pad collect the manager's password; it waits there where a first password follows."""
    stage = ManagerPassword(manager_no=manager_no, entry=entry, about_no=about_no, problem=problem)
    return go(state, stage, password_entry(manager_no, "old_password" if entry.first_password else "password"))


def ask_first(state: State, stage: ManagerPassword | FirstPassword | Managing, problem: Problem | None = None) -> Step:
    """The first password for somebody, for the first time."""
    asking = FirstPassword(manager_no=stage.manager_no, entry=stage.entry, about_no=stage.about_no, problem=problem)
    return go(state, asking, first_entry(stage.about_no, "new_password"))


def first_entry(about_no: OperatorNo, purpose: Literal["new_password", "repeat_password"]) -> Effect:
    """Let the PIN pad collect it, or collect it once more."""
    return StartPinEntry(
        purpose=purpose,
        login=about_no,
        min_digits=NEW_PASSWORD_DIGITS_MIN,
        max_digits=NEW_PASSWORD_DIGITS_MAX,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )


def dots(state: State, stage: ManagerPassword | FirstPassword, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, problem=None))


def pad_key(state: State, stage: ManagerPassword | FirstPassword, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return to_menu(state, stage.manager_no) if event.key == "cancel" else stay(state)


def password_done(state: State, stage: ManagerPassword, event: PinDone) -> Step:
    """Ask the host; or first for the first password."""
    if event.outcome != "entered":
        return to_menu(state, stage.manager_no)
    return ask_first(state, stage) if stage.entry.first_password else ask_host(state, stage)


def first_done(state: State, stage: FirstPassword, event: PinDone) -> Step:
    """Typed once: once more. Typed twice alike: to the host. Typed differently: from the first again."""
    match event.outcome:
        case "entered" if not stage.again:
            repeat = replace(stage, again=True, dots=0, problem=None)
            return go(state, repeat, first_entry(stage.about_no, "repeat_password"))
        case "entered":
            return ask_host(state, stage)
        case "differs":
            return ask_first(state, stage, problem_of("A111", "password.differs"))
        case _:
            return to_menu(state, stage.manager_no)


def ask_host(state: State, stage: ManagerPassword | FirstPassword | Managing) -> Step:
    """0820/408, as soon as there are keys."""
    asking = Managing(manager_no=stage.manager_no, entry=stage.entry, about_no=stage.about_no)
    if state.keys != "ready":
        state, ask = need_keys(state)
        return go(state, replace(asking, waits_for_keys=True), *ask)
    state, trace_no = take_trace(state)
    send = SendManage(
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=stage.manager_no,
        action=stage.entry.action,
        about_no=stage.about_no,
        first_password=stage.entry.first_password,
    )
    return go(state, asking, remember_trace(state), send)


def keys_came(state: State, stage: Managing, event: SignedOn) -> Step:
    """Keys are there; what waited for them goes."""
    if state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    if not stage.waits_for_keys:
        return stay(state, *kept)
    state, parts = ask_host(state, stage)
    return state, (*kept, *parts)


def keys_failed(state: State, stage: Managing, event: HostFailed) -> Step:
    """No keys to ask the host with."""
    if state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    return show(state, problem, ToMenu(stage.manager_no), StopPinEntry()) if stage.waits_for_keys else stay(state)


def keys_refused(state: State, stage: Managing, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if state.keys != "under_way":
        return stay(state)
    state = replace(state, keys="failed")
    if not stage.waits_for_keys:
        return stay(state)
    return show(state, refusal_problem(event), ToMenu(stage.manager_no), StopPinEntry())


def done(state: State, stage: Managing, event: Managed) -> Step:
    """What was done is said over the menu: often there is more than one thing to do."""
    return to_menu(state, stage.manager_no, words(f"manage.{stage.entry.action}.done", who=stage.about_no))


def refused(state: State, stage: Managing, event: Refused) -> Step:
    """A wrong password may be tried again, a first one that will not do replaced; anything else is said, and then the menu."""
    problem = supervisor_problem(event)
    match event.response_code:
        case code if code in TRUSTLESS_CODES:
            return force_sign_in(state, problem)
        case "P1" if not event.wait_s:
            return ask_password(state, stage.manager_no, stage.entry, stage.about_no, problem)
        case "P4" if stage.entry.first_password and event.reason not in OF_THE_MANAGER:
            return ask_first(state, stage, problem)
    return show(state, problem, ToMenu(stage.manager_no), StopPinEntry())


def failed(state: State, stage: Managing, event: HostFailed) -> Step:
    """No answer: nobody knows whether it was done; done again it does no harm."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    return show(state, problem, ToMenu(stage.manager_no), StopPinEntry())


def idle_tick(state: State, stage: Menu | Typing, event: Ticked) -> Step:
    """Nobody is there any more: the number is asked again."""
    return leave(state, ToNumber()) if idle_for_s(state) >= APPROVAL_IDLE_S else stay(state)
