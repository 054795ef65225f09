"""Screens of the sign-in beyond number and password: eyes' list, wait, code, new password, elsewhere, approval, no line."""

from msgspec.structs import replace

from ....basics.clock import format_time
from ....cup.values.eyes import EYES_ITEMS
from ..core.policy import (
    CODE_DIGITS_MAX,
    NEW_PASSWORD_DIGITS_MAX,
    PASSWORD_DIGITS_MAX,
    STALE_REASONS,
)
from ..core.state import State
from ..core.step import here_for_s
from ..screens.frame import (
    CANCEL,
    ENTER,
    busy,
    call_line,
    dim,
    login_pair,
    menu,
    pair,
    plain,
    screen,
    secret_entry,
    strong,
    yuan,
)
from ..screens.screens import Choice, Countdown, Line, ListRow, Screen
from ..words.text import Text, literal, words
from .eyes import key_of
from .stages import (
    ChangingPassword,
    CheckingOffline,
    EnteringCode,
    EnteringNew,
    EnteringOld,
    LookingAround,
    OfflineShown,
    SignedInElsewhere,
    WaitingTurn,
)


def looking_around(state: State, stage: LookingAround) -> Screen:
    """What only eyes can see."""
    items = state.rules.eyes_items
    if not stage.choosing:
        lines = [plain(eyes_line(item)) for item in items]
        some = Choice("some", words("eyes.some"), "plain", "clear")
        well = Choice("enter", words("eyes.well"), "primary", "enter")
        return screen(state, "eyes", words("eyes.title"), *lines, choices=(some, well))
    parts = tuple(
        eyes_part(number, key_of(items, item), item, item in stage.wrong) for number, item in enumerate(items, start=1)
    )
    choices = (*parts, CANCEL, Choice("enter", words("eyes.done"), "primary", "enter"))
    rows = tuple(eyes_row(item, item in stage.wrong) for item in items)
    shown = screen(state, "eyes_which", words("eyes.which"), tone="warn" if stage.wrong else "calm", choices=choices)
    return replace(shown, rows=rows, rows_title=words("eyes.answers"))


def eyes_line(item: str) -> Text:
    """How an item should be; a shop's own word says it itself."""
    return words(f"eyes.{item}") if item in EYES_ITEMS else literal(item)


def eyes_part(number: int, key: str, item: str, wrong: bool) -> Choice:
    """What to choose names the part, not that it is well; what is chosen says so itself, because four lines have no room for rows."""
    is_known = item in EYES_ITEMS
    part = words(f"eyes.part.{item}") if is_known else literal(item)
    label = words("eyes.chosen", part=f"@eyes.part.{item}" if is_known else item) if wrong else part
    return Choice(key, label, "plain", str(number))


def eyes_row(item: str, wrong: bool) -> ListRow:
    """One item and its answer."""
    answer = words("eyes.wrong" if wrong else "eyes.ok")
    return ListRow(left=eyes_line(item), middle=Text("", ()), right=answer, tone="warn" if wrong else "good")


def waiting_turn(state: State, stage: WaitingTurn) -> Screen:
    """Nothing can be typed until the wait is over."""
    left_s = max(0, stage.wait_s - here_for_s(state))
    shown = screen(
        state,
        "wait",
        stage.problem.what,
        login_pair(stage.login),
        plain(words("wait.others")),
        call_line(state, stage.problem.code),
        tone="bad",
        choices=(CANCEL,),
    )
    return replace(shown, code=stage.problem.code, countdown=Countdown(words("wait.left", s=str(left_s)), left_s))


def entering_code(state: State, stage: EnteringCode) -> Screen:
    """The sign-in code."""
    return secret_entry(
        state,
        "sign_in_code",
        words("code_entry.title"),
        "code_entry.label",
        stage.dots,
        CODE_DIGITS_MAX,
        stage.problem,
        pair("sign_in.number", stage.facts.operator_no),
        plain(words(f"code_entry.hint.{state.rules.sign_in_code}")),
    )


def entering_old(state: State, stage: EnteringOld) -> Screen:
    """The old password."""
    return secret_entry(
        state,
        "old_password",
        words("password.title"),
        "password.old",
        stage.dots,
        PASSWORD_DIGITS_MAX,
        stage.problem,
        pair("sign_in.number", stage.operator_no),
    )


def entering_new(state: State, stage: EnteringNew) -> Screen:
    """The new password, for the first or the second time."""
    least, most = state.rules.password_digits_min, state.rules.password_digits_max
    return secret_entry(
        state,
        "repeat_password" if stage.again else "new_password",
        words("password.repeat_title" if stage.again else "password.title"),
        "password.repeat" if stage.again else "password.new",
        stage.dots,
        NEW_PASSWORD_DIGITS_MAX,
        stage.problem,
        pair("sign_in.number", stage.operator_no),
        plain(words("password.rules", least=str(least), most=str(most))),
    )


def changing_password(state: State, stage: ChangingPassword) -> Screen:
    """The new password is on its way."""
    return busy(state, "changing_password", words("password.changing"))


def signed_in_elsewhere(state: State, stage: SignedInElsewhere) -> Screen:
    """Where the operator is signed in, and what can be done about it here."""
    if stage.choosing_reason:
        entries = tuple((reason, f"stale.{reason}") for reason in STALE_REASONS)
        return screen(
            state, "stale_reason", words("stale.title"), choices=(*menu(*entries, numbered=True), CANCEL), tone="warn"
        )
    found, problem = stage.found, stage.problem
    since = format_time(found.since) if found.since is not None else "—"
    choices: tuple[Choice, ...] = (ENTER,)
    if found.way == "supervisor":
        choices = (CANCEL, Choice("supervisor", words("elsewhere.supervisor"), "primary", "enter"))
    elif found.way == "stale":
        choices = (CANCEL, Choice("stale", words("elsewhere.stale"), "primary", "enter"))
    shown = screen(
        state,
        "elsewhere",
        words("elsewhere.title"),
        *((strong(problem.what), plain(problem.todo)) if problem else ()),
        pair("fact.operator", f"{stage.operator_no} · {found.operator_name}".rstrip(" ·")),
        pair("elsewhere.where", found.terminal, is_strong=True),
        pair("elsewhere.since", since),
        pair("fact.this_device", state.machine.terminal_no),
        plain(words(f"elsewhere.{found.way or 'there'}.do")),
        call_line(state, problem.code if problem else "A201"),
        tone="bad" if problem else "warn",
        choices=choices,
    )
    return replace(shown, code=problem.code if problem else "A201")


# ── without a line ───────────────────────────────────────────────────────────


def checking_offline(state: State, stage: CheckingOffline) -> Screen:
    """The PIN pad looks into its envelope."""
    return busy(state, "verifying", words("offline.checking"), login_pair(stage.login))


def offline_shown(state: State, stage: OfflineShown) -> Screen:
    """Signed in without network: until when, what is off, what happens next."""
    session = state.session
    lines: tuple[Line, ...] = ()
    if session is not None and session.limits is not None:
        lines = (
            pair("fact.operator", f"{session.operator_no} · {session.operator_name}"),
            pair("offline.until", format_time(session.limits.until), is_strong=True),
            pair("offline.uses_left", str(stage.uses_left)),
            plain(words("offline.what_is_off")),
            dim(words("offline.then", limit=yuan(session.limits.sale_limit_fen))),
        )
    shown = screen(state, "signed_in_offline", words("offline.title"), *lines, tone="warn", choices=(ENTER,))
    return replace(shown, code="D101")
