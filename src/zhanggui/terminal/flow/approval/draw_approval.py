"""Screens of a supervisor's approval."""

from msgspec.structs import replace

from ..core.policy import OPERATOR_DIGITS, PASSWORD_DIGITS_MAX
from ..core.state import State
from ..core.ways import Ask
from ..screens.frame import ON_THE_PAD, amount_line, busy, dim, pair, screen, secret_entry, strong
from ..screens.screens import Entry, Line, Screen
from ..words.text import words
from .stages import ApprovalNumber, ApprovalPassword, Approving


def approval_lines(state: State, ask: Ask) -> tuple[Line, ...]:
    """What is approved, how much it is about, for whom, and who can: nobody approves what he does not see."""
    amount = (amount_line(ask.amount_fen),) if ask.amount_fen else ()
    return (
        strong(words("approval.needed", action=f"@action.{ask.action}")),
        *amount,
        pair("approval.for", ask.operator_no),
        dim(words("approval.who")),
    )


def approval_number(state: State, stage: ApprovalNumber) -> Screen:
    """The supervisor's number."""
    lines = approval_lines(state, stage.ask)
    shown = screen(
        state, "approval_number", words("approval.title"), *lines, tone="warn", choices=ON_THE_PAD, digits=True
    )
    entry = Entry(words("approval.number"), stage.digits, "digits", OPERATOR_DIGITS)
    return replace(shown, entry=entry, code="P101")


def approval_password(state: State, stage: ApprovalPassword) -> Screen:
    """The supervisor's password."""
    shown = secret_entry(
        state,
        "approval_password",
        words("approval.title"),
        "approval.password",
        stage.dots,
        PASSWORD_DIGITS_MAX,
        stage.problem,
        *approval_lines(state, stage.ask),
        pair("approval.number", stage.supervisor_no),
    )
    return shown if stage.problem else replace(shown, code="P101", tone="warn")


def approving(state: State, stage: Approving) -> Screen:
    """The approval is being asked for."""
    return busy(state, "approving", words("approval.asking"), pair("approval.number", stage.supervisor_no))
