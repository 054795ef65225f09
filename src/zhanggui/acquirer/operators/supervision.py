"""What a supervisor does at a terminal, proven by number and password: approve (406) and manage (408).

An approval is bound to action, amount, session or record, and original; it has one use and lives a minute. An act of management is
decided by the rules of `management.py`. Each of both has a password of its own, so no session of a supervisor is ever left open on a
counter. A terminal that is locked by wrong tries takes one word of a supervisor: to unlock it. The supervisor's own tries are counted
and locked as everywhere, so nobody guesses more here than on another terminal.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from ...basics.errors import certain
from ...basics.numbers import TerminalNo, UnixMs
from ...cup.messages.operator_asks import ApproveContents, ManageContents
from ...cup.messages.operator_outcomes import ApprovalGiven, RefusedOperator
from ..policy.actors import NOT_PERMITTED, Actor
from ..policy.capabilities import CAPABILITIES, who_can
from ..rows.decision import Decision
from ..rows.numbering import next_approval_no
from ..rows.records import Approval
from ..rows.state import State
from ..terminals.gate import Refusal
from .attempts import APPROVAL, MANAGEMENT
from .entry import Entered, NewPassword, OperatorAsked, enter
from .management import (
    InitialSecret,
    OnOperator,
    decide_enable,
    decide_reset,
    decide_unlock_operator,
    decide_unlock_terminal,
)
from .persons import refuse_person, supervisor_refused
from .tries import forget_failures

GIVEN_BY = {action: row.given_by for action, row in CAPABILITIES.items() if row.approvable}
"""What can be approved at a terminal, and by whom."""
NOT_NOW = "PB"
"""The act is not possible as things stand; REASON says why."""
UNLOCK_TERMINAL, RESET_PASSWORD = "unlock_terminal", "reset_password"  # words of rights


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """One act: on whom or where, by whom, and the first password that the vault judged, where one came."""

    state: State
    on: OnOperator
    terminal_no: TerminalNo
    first_password: NewPassword
    now: UnixMs


def _reset(doing: Doing) -> Decision:
    first = doing.first_password
    return decide_reset(doing.state, doing.on, InitialSecret(first.salt, first.verifier), doing.now)


def _unlock_terminal(doing: Doing) -> Decision:
    return decide_unlock_terminal(doing.state, doing.on.merchant_no, doing.terminal_no, doing.on.by, doing.now)


ACTS: Mapping[str, Callable[[Doing], Decision]] = MappingProxyType(
    {
        "unlock_operator": lambda doing: decide_unlock_operator(doing.state, doing.on, doing.now),
        "enable_operator": lambda doing: decide_enable(doing.state, doing.on, doing.now),
        RESET_PASSWORD: _reset,
        UNLOCK_TERMINAL: _unlock_terminal,
    }
)
"""What can be done at a terminal, by the word of its right in `capabilities.toml`."""


def decide_approve(state: State, asked: OperatorAsked[ApproveContents], now: UnixMs) -> Decision:
    """406: number and password of the supervisor, for one action."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    supervisor = entered.operator(asked.operator_no)
    refusal = supervisor_refused(entered, asked, supervisor, now)
    if refusal is not None:
        return refuse_person(entered, asked, supervisor, refusal, APPROVAL, now)
    supervisor = certain(supervisor, "a supervisor who is nobody is refused")
    wanted = asked.contents
    action = wanted.action
    if supervisor.role not in GIVEN_BY.get(action, ()):
        refusal = Refusal("P7", f"may_not_approve:{action if action in GIVEN_BY else 'unknown'}")
        who = GIVEN_BY.get(action, who_can("approve"))[0]
        return refuse_person(entered, asked, supervisor, refusal, APPROVAL, now, who=who)
    forget_failures(entered.draft, entered.terminal, supervisor, now)
    session_no = wanted.session_no
    if session_no is None and wanted.record_no is None:
        # What is approved on duty is good for this duty: who takes over here needs an approval of his own.
        live = entered.draft.live_sessions_on(entered.merchant.merchant_no, entered.terminal_no)
        session_no = live[-1].session_no if live else None
    approval_no, counted = next_approval_no(state, entered.merchant.merchant_no)
    entered.draft.take((counted,))
    entered.draft.insert(
        Approval(
            merchant_no=entered.merchant.merchant_no,
            approval_no=approval_no,
            supervisor_no=supervisor.operator_no,
            terminal_no=entered.terminal_no,
            action=action,
            amount_fen=wanted.amount_fen,
            record_no=wanted.record_no,
            session_no=session_no,
            original=wanted.original or None,
            given_ms=now,
            expires_ms=UnixMs(now + entered.policy.approval_s * 1000),
        )
    )
    return entered.reply("00", ApprovalGiven(approval_no=approval_no, supervisor_name=supervisor.name))


def decide_manage(state: State, asked: OperatorAsked[ManageContents], now: UnixMs) -> Decision:
    """408: number and password of the manager, for one act."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    action = asked.contents.action
    manager = entered.operator(asked.operator_no)
    unlocks = action == UNLOCK_TERMINAL
    refusal = supervisor_refused(entered, asked, manager, now, despite_device_lock=unlocks)
    if refusal is not None:
        return refuse_person(entered, asked, manager, refusal, MANAGEMENT, now)
    manager = certain(manager, "a manager who is nobody is refused")
    act = ACTS.get(action)
    if act is None:
        return refuse_person(entered, asked, manager, Refusal("P7", NOT_PERMITTED), MANAGEMENT, now)
    fault = asked.new_password.fault
    if fault:
        return entered.reply("P4", RefusedOperator(reason=fault), f"new_password:{fault}")
    by = Actor(manager.operator_no, manager.role)
    done = act(
        Doing(
            state=_as_it_stands(entered),
            on=OnOperator(merchant_no=asked.merchant_no, operator_no=asked.contents.about_no, by=by),
            terminal_no=entered.terminal_no,
            first_password=asked.new_password,
            now=now,
        )
    )
    if done.reason == NOT_PERMITTED:
        return refuse_person(entered, asked, manager, Refusal("P7", NOT_PERMITTED), MANAGEMENT, now)
    entered.draft.take(done.changes)
    forget_failures(entered.draft, entered.terminal, manager, now)
    if done.reason:
        return entered.reply(NOT_NOW, RefusedOperator(reason=done.reason), done.reason)
    return entered.reply("00", reason=f"managed:{action}")


def _as_it_stands(entered: Entered) -> State:
    """The rows with what the gate changed so far: an act must not write an older row over them."""
    laid = State()
    laid.join(entered.draft.state)
    laid.apply(tuple(entered.draft.changes))
    return laid
