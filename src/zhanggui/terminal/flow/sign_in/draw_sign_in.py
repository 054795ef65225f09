"""Screens from power-on to "signed in"."""

from msgspec.structs import replace

from ....basics.clock import format_time
from ..core.events import CheckResult
from ..core.policy import OPERATOR_DIGITS, PASSWORD_DIGITS_MAX, PUSH_IS_STRONG_DAYS
from ..core.stage import POWER_KEY, Off
from ..core.state import State
from ..core.trouble import device_words
from ..screens.frame import (
    CANCEL,
    CLEAR,
    ENTER,
    RETRY,
    busy,
    by_phone,
    by_user_name,
    call_line,
    degraded_lines,
    dim,
    login_pair,
    menu,
    name_entry,
    pair,
    plain,
    problem_lines,
    screen,
    strong,
    with_reason,
)
from ..screens.screens import Choice, Entry, Line, ListRow, Screen, Tone
from ..words.text import literal, words
from .confirm import WRONG_ITEMS, may_change
from .power import is_critical
from .stages import (
    ChoosingWrong,
    Confirming,
    SelfChecking,
    SelfCheckShown,
    SignedInShown,
    SignInNumber,
    SignInPassword,
    Submitting,
    Verifying,
)
from .start import draw_start
from .start.menu import entry_of

CHECK_TONES: dict[str, Tone] = {"ok": "good", "warn": "warn", "fail": "bad"}


def off(state: State, stage: Off) -> Screen:
    """Before power-on."""
    on = Choice(POWER_KEY, words("key.power"), "primary", "enter")
    return screen(state, "off", words("off.title"), choices=(on,))


def self_check(state: State, stage: SelfChecking) -> Screen:
    """The self-check runs; item by item, where somebody switched the terminal on."""
    if not stage.done:
        return busy(state, "self_check", words("self_check.running"))
    shown = screen(state, "self_check", words("self_check.passed"), tone="good", choices=(ENTER,))
    return replace(shown, rows=tuple(map(check_row, state.checks)), rows_title=words("self_check.items"))


def self_check_shown(state: State, stage: SelfCheckShown) -> Screen:
    """What the self-check found: what is wrong first, each with what to do; then every item."""
    found = [result for result in state.checks if result.state != "ok"]
    found.sort(key=lambda result: not is_critical(result))
    lines: list[Line] = []
    for result in found:
        what, todo = device_words(result)
        lines += [strong(what), plain(todo)]
    title = words("self_check.blocked" if stage.blocked else "self_check.minor")
    choices: tuple[Choice, ...] = (RETRY,) if stage.blocked else (ENTER, replace(RETRY, rank="plain", shortcut="clear"))
    if stage.blocked:
        lines.append(call_line(state, "D301"))
    shown = screen(state, "self_check_result", title, *lines, tone="bad" if stage.blocked else "warn", choices=choices)
    rows = tuple(check_row(result) for result in state.checks)
    return replace(shown, rows=rows, rows_title=words("self_check.items"), code="D301" if stage.blocked else "")


def check_row(result: CheckResult) -> ListRow:
    """One item of the self-check."""
    reason = literal("") if result.state == "ok" else device_words(result)[0]
    item, state = words(f"check.{result.item}"), words(f"check.state.{result.state}")
    return ListRow(left=item, middle=reason, right=state, tone=CHECK_TONES[result.state])


def sign_in_number(state: State, stage: SignInNumber) -> Screen:
    """Operator number, or the user name in its place."""
    return replace(asked_number(state, stage), badge=state.rules.badge != "off")


def asked_number(state: State, stage: SignInNumber) -> Screen:
    """The screen but for the badge that may be shown at any moment of it."""
    if stage.name is not None:
        return name_entry(state, "sign_in_name", words("sign_in.title"), stage.name, stage.notice)
    if stage.untouched:
        return draw_start.start(state, stage.notice)
    notice = Line(stage.notice, "strong") if stage.notice else None
    entry = entry_of(state, stage)
    enter = ENTER if entry is None else replace(ENTER, label=words(f"start.{entry}"))
    choices: tuple[Choice, ...] = (CANCEL, CLEAR, enter, *by_user_name(state), *by_phone(state))
    shown = screen(state, "sign_in_number", words("sign_in.title"), notice, choices=choices, digits=True)
    return replace(
        shown,
        entry=Entry(words("sign_in.number"), stage.digits, "digits", OPERATOR_DIGITS),
        letters=state.rules.user_names,
    )


def sign_in_password(state: State, stage: SignInPassword) -> Screen:
    """Password, as dots. A refusal stays until typing begins."""
    problem = stage.problem
    lines = (strong(problem.what), *problem_lines(state, problem)) if problem else ()
    sign_in = Choice("enter", words("key.sign_in"), "primary", "enter")
    shown = screen(
        state,
        "sign_in_password",
        words("sign_in.title"),
        *with_reason(state, (login_pair(stage.login),), lines),
        tone="bad" if problem else "calm",
        choices=(CANCEL, CLEAR, sign_in),
        digits=True,
    )
    entry = Entry(words("sign_in.password"), "•" * stage.dots, "secret", PASSWORD_DIGITS_MAX)
    return replace(shown, entry=entry, code=problem.code if problem else "")


def verifying(state: State, stage: Verifying) -> Screen:
    """The password is being checked, or waits for the terminal's keys."""
    title = words("sign_in.fetching_keys" if stage.waits_for_keys else "sign_in.verifying")
    return busy(state, "verifying", title, login_pair(stage.login))


def confirming(state: State, stage: Confirming) -> Screen:
    """The facts of the sign-in. The terminal's own clock stands there only when it is wrong."""
    facts = stage.facts
    drifts = abs(facts.drift_s) >= state.rules.drift_warn_s
    problem = stage.problem
    shown = screen(
        state,
        "confirm",
        words("confirm.title"),
        *((strong(problem.what), *problem_lines(state, problem)) if problem else ()),
        pair("fact.operator", f"{facts.operator_no} · {facts.operator_name}"),
        pair("fact.shop", facts.merchant_name),
        pair("fact.place", facts.place) if facts.place else None,
        pair("fact.terminal", state.machine.terminal_no, is_strong=True),
        # It stands still: what is confirmed is what was told.
        pair("fact.time", format_time(facts.host_now)),
        pair("fact.own_time", format_time(state.now), is_strong=True) if drifts else None,
        dim(words("confirm.drift", s=str(abs(facts.drift_s)))) if drifts else None,
        pair("fact.batch", state.batch_no),
        earlier_line(stage),
        plain(words("password.changed")) if stage.password_changed else None,
        days_left_line(stage),
        *degraded_lines(facts.degraded),
        tone="bad" if problem else "warn" if drifts or facts.degraded else "calm",
        choices=confirm_choices(stage),
    )
    return replace(shown, code=problem.code if problem else "")


def confirm_choices(stage: Confirming) -> tuple[Choice, ...]:
    """All correct, something is wrong, not now; and a new password while it is still time."""
    change = (Choice("change", words("confirm.change"), "plain", "1"),) if may_change(stage) else ()
    return (
        Choice("cancel", words("key.cancel"), "cancel", "cancel"),
        *change,
        Choice("wrong", words("key.wrong"), "plain", "clear"),
        Choice("enter", words("key.right"), "primary", "enter"),
    )


def days_left_line(stage: Confirming) -> Line | None:
    """Days until the password must change; those of a factory password weigh more from week to week."""
    facts = stage.facts
    if facts.days_left is None:
        return None
    if not may_change(stage):
        return plain(words("confirm.days_left.later", d=str(facts.days_left)))
    if facts.notice_about == "factory_password":
        text = words("confirm.days_left.factory_password", d=str(facts.days_left))
        return strong(text) if facts.days_left <= PUSH_IS_STRONG_DAYS else plain(text)
    return plain(words("confirm.days_left", d=str(facts.days_left)))


def earlier_line(stage: Confirming) -> Line | None:
    """When and, if the host tells it, where this operator was let on before, for the operator to notice a stranger's use."""
    facts = stage.facts
    if facts.earlier_terminal:
        since = format_time(facts.earlier_since) if facts.earlier_since is not None else "—"
        return dim(words("confirm.earlier", device=facts.earlier_terminal, since=since))
    return (
        dim(words("confirm.used", since=format_time(facts.earlier_since))) if facts.earlier_since is not None else None
    )


def choosing_wrong(state: State, stage: ChoosingWrong) -> Screen:
    """Which fact is wrong."""
    shown = [item for item in WRONG_ITEMS if item != "place" or stage.facts.place]
    entries = tuple((item, f"fact.{item}") for item in shown)
    choices = (*menu(*entries, numbered=True), CANCEL)
    return screen(state, "wrong_item", words("confirm.which_wrong"), choices=choices)


def submitting(state: State, stage: Submitting) -> Screen:
    """The verdict is on its way."""
    title = words("confirm.submitting" if stage.verdict == "ok" else "confirm.reporting")
    return busy(state, "confirming", title)


def signed_in_shown(state: State, stage: SignedInShown) -> Screen:
    """Success, with the number of the record."""
    session = state.session
    lines: tuple[Line | None, ...] = ()
    if session is not None:
        lines = (
            pair("fact.operator", f"{session.operator_no} · {session.operator_name}"),
            pair("fact.shop", state.merchant_name),
            pair("fact.terminal", state.machine.terminal_no),
            pair("fact.shift", str(session.session_no), is_strong=True) if session.session_no else None,
            pair("fact.record", str(session.record_no), is_strong=True),
        )
    return screen(state, "signed_in", words("signed_in.title"), *lines, tone="good", choices=(ENTER,))
