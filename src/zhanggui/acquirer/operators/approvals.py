"""A supervisor's approval on the spot (406): bound to action, amount, session or record, and original; one use; a minute long."""

from ...basics.errors import certain
from ...basics.numbers import UnixMs
from ...cup.messages.operator_asks import ApproveContents
from ...cup.messages.operator_outcomes import ApprovalGiven
from ..policy.capabilities import CAPABILITIES, who_can
from ..rows.decision import Decision
from ..rows.numbering import next_approval_no
from ..rows.records import Approval
from ..rows.state import State
from ..terminals.gate import Refusal
from .attempts import APPROVAL
from .entry import OperatorAsked, enter
from .persons import refuse_person, supervisor_refused
from .tries import forget_failures

APPROVABLE = frozenset(action for action, row in CAPABILITIES.items() if row.approvable)
"""What a supervisor can approve at a terminal."""


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
    if action not in APPROVABLE or supervisor.role not in who_can("approve"):
        refusal = Refusal("P7", f"may_not_approve:{action if action in APPROVABLE else 'unknown'}")
        return refuse_person(entered, asked, supervisor, refusal, APPROVAL, now)
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
