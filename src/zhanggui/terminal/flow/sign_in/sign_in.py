"""The first half of the operator's sign-in (操作员签到): number, password, the host's check. `confirm.py` goes on."""

from msgspec.structs import replace

from ....basics.numbers import Login, OperatorNo, UserName, is_digits
from ....cup.values.badge import BADGE_ALONE, BY_BADGE, is_by_badge
from ....cup.values.phone import BY_PHONE
from ....cup.values.rules import read_rules
from ....cup.values.user_name import USER_NAME
from ..core.effects import StopPinEntry
from ..core.events import (
    BadgeShown,
    Elsewhere,
    HostFailed,
    KeyPressed,
    OperatorVerified,
    PinDone,
    PinDots,
    Refused,
    SignedOn,
    Ticked,
)
from ..core.policy import ADMINISTRATOR, MANAGERS, OPERATOR_DIGITS, TRUSTLESS_CODES
from ..core.routes import adopt, force_sign_in, need_keys, tell_host
from ..core.stage import Trouble
from ..core.state import State
from ..core.step import (
    Step,
    change,
    go,
    here_for_s,
    leave,
    stay,
    steps_before_first_key,
)
from ..core.trouble import line_problem, refusal_problem, show
from ..core.ways import (
    Ask,
    LeaveSettings,
    ToApproval,
    ToFreshSignIn,
    ToMenu,
    ToNumber,
    ToPassword,
    ToSettings,
    UndoQuietly,
)
from ..screens.name_keys import LETTERS, NameTyped, with_key
from ..words.text import words
from .confirm import verified as facts_verified
from .entrances import check_offline, needs_line, send_verify, to_number, to_password
from .phone.showing import to_phone
from .stages import SignedInElsewhere, SignInNumber, SignInPassword, Verifying, WaitingTurn
from .start import menu

SETTINGS_ASK = Ask(
    action="settings", operator_no=ADMINISTRATOR, given=ToSettings(), back=LeaveSettings(), by=ADMINISTRATOR
)
"""99 never trades: the number leads to the terminal's settings, once the host has seen the password."""


def number_key(state: State, stage: SignInNumber, event: KeyPressed) -> Step:
    """Two digits, and the password is asked without another key. A letter begins a user name, and so does its key.

    A manager's number opens the menu of what a manager does at a terminal.
    """
    if stage.name is not None:
        return name_key(state, stage, stage.name, event)
    if state.rules.user_names and (event.key == "user_name" or event.key in LETTERS):
        state = replace(state, first_key_at=state.first_key_at or event.now)
        return name_key(state, stage, NameTyped(), event)
    if stage.untouched and (known := menu.recent_by(state, event.key)) is not None:
        return to_password(replace(state, first_key_at=event.now), known)
    if event.key == "phone" and state.rules.phone:
        return to_phone(state, event)
    match event.key:
        case "clear":
            return change(state, SignInNumber(digits=stage.digits[:-1], asked=True))
        case "cancel":
            return change(state, SignInNumber())
        case "sign_in" | "enter" if stage.untouched:
            return change(state, replace(stage, asked=True))
        case "enter" if (entry := menu.entry_of(state, stage)) is not None:
            return menu.enter(state, entry)
        case "enter":
            return change(state, replace(stage, notice=words("sign_in.two_digits"), asked=True))
    digits = stage.digits + event.key
    if not is_digits(digits, len(digits)) or len(digits) > OPERATOR_DIGITS:
        return stay(state)
    if state.first_key_at is None:
        state = replace(state, first_key_at=event.now, steps=steps_before_first_key(state))
    if digits == ADMINISTRATOR:
        return leave(state, ToApproval(SETTINGS_ASK))
    if len(digits) == OPERATOR_DIGITS and digits in MANAGERS:
        return leave(state, ToMenu(OperatorNo(digits)))
    if len(digits) == OPERATOR_DIGITS:
        return to_password(state, OperatorNo(digits))
    from_menu = stage.untouched and not state.machine.profile.touch
    return change(state, SignInNumber(digits=digits, asked=True, from_menu=from_menu))


def name_key(state: State, stage: SignInNumber, typed: NameTyped, event: KeyPressed) -> Step:
    """One more character of a user name; `enter` ends it, `cancel` goes back to the number."""
    match event.key:
        case "cancel":
            return change(state, SignInNumber())
        case "enter" if USER_NAME.fullmatch(typed.text) is None:
            return change(state, replace(stage, notice=words("sign_in.whole_user_name")))
        case "enter":
            return to_password(state, UserName(typed.text))
    by_presses = not state.machine.profile.touch
    return change(state, SignInNumber(name=with_key(typed, event.key, event.now, by_presses=by_presses)))


def badge_shown(state: State, stage: SignInNumber, event: BadgeShown) -> Step:
    """A badge says who it is, and policy says whether the password is typed too. No key is pressed for it.

    Without a line nobody can say whose it is.
    """
    use = state.rules.badge
    if use == "off":
        return stay(state)
    if state.without_line and state.keys != "ready":
        return change(state, SignInNumber(notice=words("sign_in.badge_needs_line"), asked=True))
    if state.first_key_at is None:
        state = replace(state, first_key_at=event.now, steps=steps_before_first_key(state))
    return to_password(state, BY_BADGE) if use == "password" else entered(state, BADGE_ALONE)


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
        case "cancelled" | "skipped" | "differs":
            return to_number(state)
        case "entered":
            return entered(state, stage.login)


def entered(state: State, login: Login) -> Step:
    """To the host; or, without keys, when they are there; or, without a line, to the PIN pad's own check."""
    if state.keys == "ready" and not state.owed:
        return send_verify(state, login)
    if state.without_line and state.keys != "ready" and not needs_line(login):
        return check_offline(state, login)
    waiting = Verifying(login=login, waits_for_keys=True)
    # What was done without the host is told before anything else is asked of it.
    state, ask = tell_host(state) if state.keys == "ready" else need_keys(state)
    return go(state, waiting, *ask)


def keys_came(state: State, stage: Verifying, event: SignedOn) -> Step:
    """The operator was faster than the sign-on; now the password can go."""
    if not stage.waits_for_keys or state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    if state.owed:
        state, effects = tell_host(state)
        return state, (*kept, *effects)
    state, effects = send_verify(state, stage.login)
    return replace(state, entered_at=state.tick), (*kept, *effects)


PASSWORD_WANTED = ("password_needed", "badge_opens_no_lock")
"""Reasons of P4 after which a badge counts as soon as the password is typed beside it."""


def verify_refused(state: State, stage: Verifying, event: Refused) -> Step:
    """Wrong number or password asks again; everything else says who can help."""
    problem = refusal_problem(event, about=("badge",) if is_by_badge(stage.login) else ())
    if stage.login == BADGE_ALONE and event.response_code == "P4" and event.reason in PASSWORD_WANTED:
        return to_password(state, BY_BADGE, problem)
    if stage.login in (BADGE_ALONE, BY_PHONE) and event.response_code == "P1":
        return show(state, problem, ToNumber(), StopPinEntry())
    if event.response_code == "P1":
        return to_password(state, stage.login, problem, event.wait_s)
    if event.response_code == "P6" and event.elsewhere is not None:
        return go(state, found_elsewhere(stage, event.elsewhere), StopPinEntry())
    if event.response_code in TRUSTLESS_CODES:
        return force_sign_in(state, problem)
    if event.response_code == "P9" and event.reason == "eyes":
        # The host asks for what eyes see, and this terminal did not know yet that the shop wants it, or which items.
        rules = read_rules(event.rules) if event.rules else state.rules
        asked = replace(state, rules=replace(rules, check_eyes=True))
        return show(asked, problem, ToFreshSignIn(), StopPinEntry())
    return show(state, problem, ToNumber(), StopPinEntry())


def found_elsewhere(stage: Verifying, found: Elsewhere) -> SignedInElsewhere:
    """Whose user name it is, the host says; of a number it says nothing."""
    number = found.operator_no or OperatorNo(stage.login)
    return SignedInElsewhere(operator_no=number, found=replace(found, login=stage.login))


def verify_failed(state: State, stage: Verifying, event: HostFailed) -> Step:
    """The line failed; the number is kept."""
    problem = line_problem(event.failure)
    if event.failure in ("bad_mac", "bad_keys"):
        return force_sign_in(state, problem)
    if event.failure == "unreachable" and state.rules.offline and not needs_line(stage.login):
        # The line went down after the keys had come: the password is still in the PIN pad, which may judge it alone.
        state = replace(state, keys="failed", without_line=True, line_tried_at=state.tick)
        return check_offline(state, stage.login)
    then = ToNumber() if needs_line(stage.login) else ToPassword(stage.login)
    return go(state, Trouble(problem=problem, then=then, retries=True), StopPinEntry())


def verified(state: State, stage: Verifying, event: OperatorVerified) -> Step:
    """Number and password are right; the operator checks the facts."""
    if event.login != stage.login:
        return show(state, line_problem("bad_answer"), ToNumber(), StopPinEntry())
    return facts_verified(state, event)


def waited(state: State, stage: WaitingTurn, event: Ticked) -> Step:
    """The wait is over: the password may be typed again."""
    if here_for_s(state) < stage.wait_s:
        return leave(state, UndoQuietly())
    return to_password(state, stage.login, stage.problem)


def wait_key(state: State, stage: WaitingTurn, event: KeyPressed) -> Step:
    """Somebody else may sign in meanwhile."""
    return to_number(state) if event.key == "cancel" else stay(state)
