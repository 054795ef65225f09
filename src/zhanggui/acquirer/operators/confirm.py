"""The operator confirms what the screen shows (403), and the session begins; or says that something is wrong.

confirm ─▶ lock? account? role? ─▶ new password? ─▶ code? ─▶ elsewhere? ─▶ session here resumed, or handed over and a new one
"""

from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import OperatorNo, SessionNo, UnixMs
from ...cup.messages.operator_asks import ConfirmContents
from ...cup.messages.operator_outcomes import (
    NOTHING_SAID,
    OpenedSession,
    OperatorOutcome,
    RefusedOperator,
    ReportedWrong,
)
from ...cup.values.offline import OfflineTerms
from ...cup.values.steps import Steps, write_steps
from ...cup.values.take_over import STALE, TakeOver
from ..policy.rules import Policy
from ..rows.cases import open_reported_case
from ..rows.decision import Decision
from ..rows.numbering import next_session_no
from ..rows.records import Operator, Session, SignIn
from ..rows.state import State
from ..terminals.approval_use import use_approval
from ..terminals.gate import Refusal, end_session
from ..terminals.leases import Leases
from ..terminals.session_age import why_over
from .attempts import typed_here, waiting_record, with_code
from .badges.showing import proof_of, stands_on_badge, still_counts
from .elsewhere import ELSEWHERE, TAKE_OVER, told_elsewhere, way_to_take_over
from .entry import CodeFacts, Entered, OperatorAsked, enter
from .password_age import must_change
from .persons import reason_told
from .sign_in import MAY_TRADE
from .tries import (
    count_failure,
    ends_attempt,
    forget_failures,
    held_back,
    note_sign_in,
    refuse_try,
    seconds_to_wait,
    tries_left,
    why_disabled,
)

CONFIRM_WITHIN_MS = 10 * 60 * 1000
"""A verified operator who does not confirm in this time signs in again."""


def decide_confirm(state: State, asked: OperatorAsked[ConfirmContents], now: UnixMs) -> Decision:
    """403: the operator confirms what the screen shows, and the session begins; or says that something is wrong."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    said = asked.contents
    record = waiting_record(entered, asked.operator_no, said.record_no)
    operator = entered.operator(asked.operator_no)
    if record is None or operator is None:
        return entered.reply("PA", reason="nothing_to_confirm")
    if now - (record.verified_ms or 0) > CONFIRM_WITHIN_MS:
        return _refuse_confirm(entered, record, "PA", "confirmed_too_late")
    if said.wrong_item is not None:
        return _something_is_wrong(entered, record, said.wrong_item, now)
    refusal = _stands_against(entered, operator, record, now)
    if refusal is not None:
        person = entered.person(asked.operator_no)
        told = refuse_try(entered.draft, entered.policy, entered.terminal, person, refusal, now)
        told = replace(told, reason=reason_told(refusal))
        return _refuse_confirm(entered, record, refusal.response_code, refusal.reason, told)
    if record.badge_no and not still_counts(entered, operator, record):
        # Taken away, replaced, or no longer taken by the shop since it was shown.
        return _refuse_confirm(entered, record, "PA", "badge_revoked")
    if must_change(entered.policy, operator, now):
        return entered.reply("P4", RefusedOperator(reason="change_first"), "new_password_needed")
    # An instant that is still to come says only that the clock went back; nobody may be kept out by that.
    if (record.verified_ms or 0) < operator.password_set_ms <= now:
        return _refuse_confirm(entered, record, "PA", "password_changed_since")
    if entered.policy.sign_in_code != "none":
        refused = _check_code(entered, operator, record, asked.code, now)
        if refused is not None:
            return refused
    return _open_session(entered, record, said.take_over, said.steps, asked.leases, now)


def _stands_against(entered: Entered, operator: Operator, record: SignIn, now: UnixMs) -> Refusal | None:
    """What came between the right password and its confirmation: a lock, or the end of the account."""
    held = held_back(entered.terminal, operator, now)
    if held is not None and held.response_code != "P1":
        return held
    if operator.state != "active":
        return Refusal("P2", why_disabled(entered.policy, operator))
    # A supervisor gets so far only to set a new password.
    return Refusal("P7", "role_may_not_trade") if operator.role != MAY_TRADE else None


def _refuse_confirm(
    entered: Entered, record: SignIn, code: str, reason: str, said: OperatorOutcome = NOTHING_SAID
) -> Decision:
    entered.draft.update(replace(record, state="refused", reason=reason))
    return entered.reply(code, said, reason)


def _something_is_wrong(entered: Entered, record: SignIn, what: str, now: UnixMs) -> Decision:
    """The operator says that something shown is wrong: no session, and a case for support."""
    case_no = open_reported_case(entered.draft, record, what, now)
    reported = ReportedWrong(record_no=record.record_no, case_no=case_no)
    return _refuse_confirm(entered, record, "00", f"reported_wrong:{what}", reported)


def _check_code(entered: Entered, operator: Operator, record: SignIn, facts: CodeFacts, now: UnixMs) -> Decision | None:
    """The sign-in code: right, and not used before. A wrong one counts as a wrong try; the drift is recorded, never a way in."""
    if not facts.is_set:
        # Nobody can be right: it is no wrong try, and whoever set the policy must hear of it.
        entered.draft.update(replace(record, reason="code_not_set"))
        return entered.reply("P5", RefusedOperator(reason="code_not_set"), "code_not_set")
    wait_s = seconds_to_wait(operator, now)
    if wait_s:
        return entered.reply("P5", RefusedOperator(wait_s=wait_s), "too_soon")
    used = facts.step is not None and facts.step <= operator.code_last_step
    if facts.right and not used:
        if facts.step is not None:
            operator = entered.draft.update(replace(operator, code_last_step=facts.step, code_drift_s=facts.drift_s))
        if stands_on_badge(record):
            note_sign_in(entered.draft, operator, now)
        else:
            forget_failures(entered.draft, entered.terminal, operator, now)
        entered.draft.update(
            replace(
                record, code_drift_s=facts.drift_s, shift_code_no=facts.shift_code_no, method=with_code(record.method)
            )
        )
        return None
    wait_s = count_failure(entered.draft, entered.policy, entered.terminal, operator, now)
    reason = "code_used" if facts.right else "wrong_code" if facts.shift_code_no is None else "code_of_another_shift"
    drift = str(facts.drift_s) if facts.drift_s is not None and not facts.right else ""
    counted = entered.draft.get(Operator, operator.merchant_no, operator.operator_no) or operator
    left = tries_left(entered.policy, entered.terminal, counted)
    told = RefusedOperator(tries_left=left, wait_s=wait_s, notice=drift, reason=reason)
    if ends_attempt(entered.policy, entered.terminal):
        return _refuse_confirm(entered, record, "P5", reason, told)
    entered.draft.update(replace(record, reason=reason))
    return entered.reply("P5", told, reason)


def _open_session(
    entered: Entered, record: SignIn, take_over: TakeOver | None, steps: Steps, leases: Leases, now: UnixMs
) -> Decision:
    record = certain(entered.draft.get(SignIn, record.merchant_no, record.record_no), "the record is what is confirmed")
    operator_no = OperatorNo(record.operator_no)
    elsewhere = entered.sessions_elsewhere(operator_no)
    if elsewhere:
        refused, record = _take_over(entered, record, elsewhere, take_over, leases, now)
        if refused is not None:
            return refused
    session_no = _session_on_this_terminal(entered, record, operator_no, now)
    if session_no is None:
        session_no, counted = next_session_no(entered.draft.state, record.merchant_no)
        entered.draft.take((counted,))
        entered.draft.insert(
            Session(
                merchant_no=record.merchant_no,
                session_no=session_no,
                terminal_no=record.terminal_no,
                operator_no=operator_no,
                record_no=record.record_no,
                kind="verified",
                opened_ms=now,
                proof=proof_of(record),
            )
        )
    timed = write_steps(steps) or record.step_times
    entered.draft.update(
        replace(record, state="active", reason="", confirmed_ms=now, session_no=session_no, step_times=timed)
    )
    # Without network the PIN pad checks a password; whoever typed none leaves none to check by.
    leaves_envelope = entered.policy.leaves_envelopes and typed_here(record)
    opened = OpenedSession(
        session_no=session_no,
        record_no=record.record_no,
        host_clock=now,
        envelope=_envelope(entered.policy, record) if leaves_envelope else None,
        user_name=_user_name(entered, operator_no) if leaves_envelope else "",
    )
    return entered.reply("00", opened)


def _user_name(entered: Entered, operator_no: OperatorNo) -> str:
    operator = entered.operator(operator_no)
    return operator.user_name if operator is not None else ""


def _envelope(policy: Policy, record: SignIn) -> OfflineTerms:
    return OfflineTerms(
        hours=policy.offline_hours,
        uses=policy.offline_uses,
        sale_limit_fen=policy.offline_sale_limit_fen,
        record_no=record.record_no,
    )


def _session_on_this_terminal(
    entered: Entered, record: SignIn, operator_no: OperatorNo, now: UnixMs
) -> SessionNo | None:
    """The operator's own session here is resumed, unlocked, under the new record; anybody else's ends, handed over.

    One that has lasted its time, or began on another day, is not resumed either: it ends, and another begins.
    """
    resumed: SessionNo | None = None
    for session in entered.live_sessions():
        if session.operator_no == operator_no and session.kind == "verified":
            over = why_over(entered.policy, session, now)
            if over:
                entered.draft.take(end_session(entered.draft.state, session, now, over))
                continue
            resumed = session.session_no
            entered.draft.update(replace(session, locked_ms=None, record_no=record.record_no, proof=proof_of(record)))
            earlier = entered.draft.get(SignIn, session.merchant_no, session.record_no)
            if earlier is not None and earlier.record_no != record.record_no:
                entered.draft.update(replace(earlier, state="ended", ended_ms=now, reason="resumed"))
        else:
            reason = "signed_in_fully" if session.operator_no == operator_no else "handed_over"
            entered.draft.take(end_session(entered.draft.state, session, now, reason))
    return resumed


def _take_over(
    entered: Entered,
    record: SignIn,
    elsewhere: tuple[Session, ...],
    asked: TakeOver | None,
    leases: Leases,
    now: UnixMs,
) -> tuple[Decision | None, SignIn]:
    """End the operator's sessions elsewhere, if a supervisor approved it or their terminals are not heard of any more."""
    earlier = elsewhere[0]
    way = way_to_take_over(entered, earlier, record, leases, now)
    told = told_elsewhere(entered, earlier, record, way)
    if not way:
        # Whatever was approved: policy lets nobody take over a session whose terminal is there.
        return _refuse_confirm(entered, record, "P6", ELSEWHERE, told), record
    if asked is None:
        entered.draft.update(replace(record, reason=ELSEWHERE))
        return entered.reply("P6", told, ELSEWHERE), record
    approved_by = ""
    if asked.stale_reason:
        if way != STALE:
            return entered.reply("P6", told, "not_stale"), record
        end_reason = f"stale:{asked.stale_reason}"
    else:
        approval = use_approval(
            entered.draft,
            record.merchant_no,
            asked.approval_no,
            entered.terminal_no,
            TAKE_OVER,
            now,
            record_no=record.record_no,
        )
        if isinstance(approval, Refusal):
            entered.draft.update(replace(record, reason=approval.reason))
            return entered.reply(approval.response_code, reason=approval.reason), record
        approved_by, end_reason = approval.supervisor_no, f"taken_over:{entered.terminal_no}"
    for session in elsewhere:
        entered.draft.take(end_session(entered.draft.state, session, now, end_reason))
    return None, replace(record, approved_by=approved_by, taken_from=earlier.terminal_no)
