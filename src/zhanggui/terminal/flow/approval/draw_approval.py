"""Screens of a supervisor's approval."""

from msgspec.structs import replace

from ..core.policy import OPERATOR_DIGITS, PASSWORD_DIGITS_MAX
from ..core.state import State
from ..core.ways import Ask
from ..screens.frame import (
    ON_THE_PAD,
    amount_line,
    busy,
    by_user_name,
    login_pair,
    name_entry,
    pair,
    screen,
    secret_entry,
    strong,
)
from ..screens.screens import Entry, Line, Screen
from ..words.text import Text, words
from .stages import ApprovalNumber, ApprovalPassword, Approving


def approval_lines(state: State, ask: Ask) -> tuple[Line, ...]:
    """How much it is about, and for whom: nobody approves what he does not see."""
    amount = (amount_line(ask.amount_fen),) if ask.amount_fen else ()
    return (*amount, pair("approval.for", ask.operator_no))


def approval_title(ask: Ask) -> Text:
    """What is approved, and that it takes a supervisor."""
    return words("approval.needed", action=f"@action.{ask.action}")


def approval_number(state: State, stage: ApprovalNumber) -> Screen:
    """The supervisor's number, or the user name in its place."""
    lines = approval_lines(state, stage.ask)
    if stage.name is not None:
        shown = name_entry(state, "approval_name", approval_title(stage.ask), stage.name, stage.notice, *lines)
        return replace(shown, tone="warn", code="P101")
    shown = screen(
        state,
        "approval_number",
        approval_title(stage.ask),
        strong(stage.notice) if stage.notice else None,
        *lines,
        tone="warn",
        choices=(*ON_THE_PAD, *by_user_name(state)),
        digits=True,
    )
    entry = Entry(words("approval.number"), stage.digits, "digits", OPERATOR_DIGITS)
    return replace(shown, entry=entry, code="P101", letters=state.rules.user_names)


def approval_password(state: State, stage: ApprovalPassword) -> Screen:
    """The supervisor's password, or that of whoever alone can let somebody in here."""
    if stage.ask.by is not None:
        return secret_entry(
            state,
            "approval_password",
            words(f"action.{stage.ask.action}"),
            "sign_in.password",
            stage.dots,
            PASSWORD_DIGITS_MAX,
            stage.problem,
            pair("sign_in.number", stage.ask.by),
        )
    shown = secret_entry(
        state,
        "approval_password",
        approval_title(stage.ask),
        "approval.password",
        stage.dots,
        PASSWORD_DIGITS_MAX,
        stage.problem,
        *approval_lines(state, stage.ask),
        login_pair(stage.supervisor),
    )
    return shown if stage.problem else replace(shown, code="P101", tone="warn")


def approving(state: State, stage: Approving) -> Screen:
    """The approval is being asked for."""
    return busy(state, "approving", words("approval.asking"), login_pair(stage.supervisor))
