"""On duty: sign-out (402), lock and unlock (404), the heartbeat (362), sign-ins without network (407)."""

import msgspec
from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import OperatorNo, RecordNo, SessionNo, TraceNo, UnixMs
from ...basics.spans import HOUR_MS
from ...cup.messages.operator_asks import TIMED_OUT, LockContents, OfflineContents, SignOutContents, StatusContents
from ...cup.messages.operator_outcomes import (
    SETTLE,
    SIGN_IN,
    SIGN_OUT,
    OpenedSession,
    OrdersGiven,
    RefusedOperator,
    SignedOutFigures,
)
from ...cup.values.shift import Figures
from ...cup.values.undoing import Undoing
from ..orders.telling import OrdersAsked, take_answers, tell_next
from ..policy.capabilities import right_of
from ..policy.rules import Policy
from ..rows.decision import Decision
from ..rows.numbering import next_record_no, next_session_no, take_uses, uses_taken
from ..rows.reasons import Reason
from ..rows.records import Operator, Payment, Session, SignIn
from ..rows.state import State
from ..terminals.gate import Refusal, end_session
from ..terminals.health import is_opened, keep_health, mark_tampered
from ..terminals.session_age import is_too_long
from .attempts import UNLOCK, typed_here, waiting_record
from .entry import Entered, OperatorAsked, enter
from .password_age import must_change, opens_nothing
from .persons import person_refused, refuse_person, supervisor_refused
from .sign_in import newer_rules
from .tries import forget_failures

OFFLINE_METHOD = "offline"
"""The method of its record, and the kind of its session."""
OFFLINE_DRIFT_S = 300
"""How far a terminal's clock may wander between a sign-in without network and its report, where policy names no drift."""


def decide_sign_out(state: State, asked: OperatorAsked[SignOutContents], now: UnixMs) -> Decision:
    """402: the operator's session ends; the answer carries its figures, the session keeps the notes."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    if asked.contents.record_no is not None:
        return _give_up_sign_in(entered, asked, asked.contents.record_no)
    session = entered.live_session_of(asked.operator_no)
    if session is None:
        return entered.reply("PA", reason="no_session")
    count, amount_fen = state.figures.get((session.merchant_no, session.session_no), (0, 0))
    noted = replace(session, notes=asked.contents.notes)
    entered.draft.take(end_session(state, noted, now, f"signed_out:{asked.contents.reason}"))
    return entered.reply("00", SignedOutFigures(Figures(count, amount_fen)))


def _give_up_sign_in(entered: Entered, asked: OperatorAsked[SignOutContents], record_no: RecordNo) -> Decision:
    """A sign-in that waited for its confirmation ends without a session; a session that is open is not touched."""
    record = waiting_record(entered, asked.operator_no, record_no)
    if record is None:
        return entered.reply("PA", reason="nothing_to_confirm")
    timed_out = asked.contents.reason == TIMED_OUT
    entered.draft.update(replace(record, state="refused", reason="timed_out" if timed_out else "given_up"))
    return entered.reply("00", SignedOutFigures(Figures(0, 0)))


def decide_lock(state: State, asked: OperatorAsked[LockContents], now: UnixMs) -> Decision:
    """404: lock, or unlock by the operator's own password; a supervisor's password releases the terminal instead."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    live = entered.live_sessions()
    if not live:
        return entered.reply("PA", reason="no_session")
    if asked.contents.verdict != "unlock":
        for session in live:
            if session.locked_ms is None:
                entered.draft.update(replace(session, locked_ms=now))
        return entered.reply("00")
    return _unlock(entered, asked, live[0], now)


def _unlock(entered: Entered, asked: OperatorAsked[LockContents], session: Session, now: UnixMs) -> Decision:
    operator = entered.operator(asked.operator_no)
    refusal = person_refused(entered, asked, operator, now)
    if refusal is not None:
        return refuse_person(entered, asked, operator, refusal, UNLOCK, now)
    operator = certain(operator, "an operator who is nobody is refused")
    if operator.operator_no == session.operator_no:
        forget_failures(entered.draft, entered.terminal, operator, now)
        # With the password the session has all rights, also where a badge alone began it.
        entered.draft.update(replace(session, locked_ms=None, proof=None))
        return entered.reply("00")
    if right_of(operator.role, "release") == "allow":
        refusal = supervisor_refused(entered, asked, operator, now)
        if refusal is not None:
            return refuse_person(entered, asked, operator, refusal, UNLOCK, now)
        forget_failures(entered.draft, entered.terminal, operator, now)
        entered.draft.take(end_session(entered.draft.state, session, now, f"released:{operator.operator_no}"))
        return entered.reply("00", OrdersGiven(orders=(SIGN_IN,)), "released_by_supervisor")
    return refuse_person(entered, asked, operator, Refusal("P7", "locked_by_another"), UNLOCK, now)


def decide_status(state: State, asked: OperatorAsked[StatusContents], now: UnixMs) -> Decision:
    """362: the heartbeat. What it says of the terminal's parts is kept; it hears when its operator's session is gone, and where to,
    and how a payment stands at the bank that it asks after."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    health, clock = asked.contents.health, asked.contents.terminal_clock
    drift_s = round((clock - now) / 1000) if clock is not None else None
    keep_health(entered.draft, entered.policy, entered.terminal, health, drift_s, now)
    if is_opened(health):
        mark_tampered(entered.draft, entered.terminal, now)
        return entered.reply("00", reason="terminal_tampered")
    taken = take_answers(entered.draft, entered.terminal, asked.contents.order_answers, now)
    undoing = asked.contents.undoing
    rules = newer_rules(
        entered.policy, entered.merchant.kinds_refused, asked.contents.rules_mark, has_phone_page=entered.has_phone_page
    )
    # Rules fill field 62, so it is they or an order: an order that was never told goes first, and one that was told takes turns with
    # them. A terminal that never takes its rules hears its orders all the same, and one that never answers an order hears its rules.
    of_orders = orders_asked_by(
        asked.contents, asked.orders, is_for_new_ones=bool(rules) and not _is_even(asked.word.trace_no)
    )
    sheet = tell_next(entered.draft, entered.terminal, of_orders, now)
    given = OrdersGiven(
        rules="" if sheet is not None else rules,
        undoing=_undone(entered, undoing) if undoing is not None else None,
        taken=taken,
        sheet=sheet,
    )
    if asked.operator_no:
        session = entered.live_session_of(asked.operator_no)
        if session is None:
            given = replace(given, orders=(SIGN_IN,), moved_to=_where_it_went(entered, asked.operator_no))
        elif is_too_long(entered.policy, session, now):
            given = replace(given, orders=(SIGN_OUT,))
        elif entered.terminal.settle_batch_no == entered.terminal.batch_no:
            given = replace(given, orders=(SETTLE,))
    return entered.reply("00", given)


def orders_asked_by(contents: StatusContents, known: tuple[int, ...], *, is_for_new_ones: bool = False) -> OrdersAsked:
    """What a heartbeat says of orders, and which ones it may be told as far as is known."""
    return OrdersAsked(
        answers=contents.order_answers, held=contents.order_held, known=known, is_for_new_ones=is_for_new_ones
    )


def _is_even(trace_no: TraceNo) -> bool:
    return trace_no[-1:] in "02468"


def _undone(entered: Entered, asked: Undoing) -> Undoing | None:
    """Whether the bank holds nothing of a payment any more. One that nobody knows, or that stands, is not told of."""
    payment = entered.draft.get(
        Payment, entered.merchant.merchant_no, entered.terminal_no, asked.batch_no, asked.trace_no
    )
    if payment is None or payment.state == "approved":
        return None
    is_due = payment.state == "pending" or payment.bank_state == "reversal_due"
    return replace(asked, state="due" if is_due else "done")


def _where_it_went(entered: Entered, operator_no: OperatorNo) -> str:
    elsewhere = entered.sessions_elsewhere(operator_no)
    return str(elsewhere[0].terminal_no) if elsewhere else ""


def decide_offline(state: State, asked: OperatorAsked[OfflineContents], now: UnixMs) -> Decision:
    """407: sign-ins without network, reported when the line is back. Opens a limited session, if the envelope still holds.

    Each use of an envelope is taken once; told again because the answer was lost, it gets the session that it opened.
    """
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    told = _told(asked.contents, now)
    source = entered.draft.get(SignIn, entered.merchant.merchant_no, told.envelope) if told.envelope else None
    operator = entered.operator(asked.operator_no)
    taken = uses_taken(state, entered.merchant.merchant_no, told.envelope or 0)
    opened = entered.live_session_of(asked.operator_no)
    is_told_again = 0 < told.use == taken and _is_ours(source, entered, asked.operator_no)
    if is_told_again and opened is not None and opened.kind == OFFLINE_METHOD:
        again = OpenedSession(session_no=opened.session_no, record_no=opened.record_no, host_clock=now)
        return entered.reply("00", again, "told_again")
    refusal = _offline_refusal(entered, asked.operator_no, source, operator, told, taken, now)
    record_no, counted = next_record_no(state, entered.merchant.merchant_no)
    entered.draft.take((counted,))
    record = SignIn(
        merchant_no=entered.merchant.merchant_no,
        record_no=record_no,
        terminal_no=entered.terminal_no,
        operator_no=asked.operator_no,
        operator_name=operator.name if operator is not None else "",
        state="refused" if refusal else "active",
        reason=refusal,
        method=OFFLINE_METHOD,
        began_ms=now,
        verified_ms=None if refusal else UnixMs(min(told.signed_in_ms, now)),
        confirmed_ms=None if refusal else now,
        terminal_clock_ms=told.clock_ms,
        drift_s=round(told.drift_ms / 1000) if told.clock_ms is not None else None,
        versions=asked.contents.versions,
    )
    if refusal:
        entered.draft.insert(record)
        return entered.reply("P8", RefusedOperator(reason=refusal), refusal)
    envelope = certain(told.envelope, "a sign-in without one is refused")
    entered.draft.take((take_uses(state, entered.merchant.merchant_no, envelope, told.use),))
    session_no = _open_limited(entered, asked.operator_no, record, now)
    entered.draft.insert(replace(record, session_no=session_no))
    session = OpenedSession(session_no=session_no, record_no=record_no, host_clock=now)
    return entered.reply("00", session, "offline_sign_in_reported")


class _OfflineTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a terminal says of a sign-in without network."""

    envelope: int | None = None
    use: int = 0
    signed_in_ms: int = 0
    """By the host's clock, as far as the terminal's clock in the same message lets it be known."""
    clock_ms: UnixMs | None = None
    drift_ms: int = 0


def _told(contents: OfflineContents, now: UnixMs) -> _OfflineTold:
    use, clock = contents.use, contents.terminal_clock
    drift_ms = clock - now if clock is not None else 0
    return _OfflineTold(
        envelope=use.record_no,
        use=use.use,
        signed_in_ms=use.used_at_ms - drift_ms,
        clock_ms=clock,
        drift_ms=drift_ms,
    )


def _offline_refusal(
    entered: Entered,
    operator_no: OperatorNo,
    source: SignIn | None,
    operator: Operator | None,
    told: _OfflineTold,
    taken: int,
    now: UnixMs,
) -> Reason:
    """Why an envelope does not hold any more; empty when it does. A change of password or a lock revokes it."""
    policy = entered.policy
    if not policy.offline_sign_in:
        return "offline_not_allowed"
    if source is None or not _is_ours(source, entered, operator_no):
        return "envelope_unknown"
    if source.confirmed_ms is None or source.method == OFFLINE_METHOD:
        # Only a sign-in that the host saw to its end leaves an envelope: no refused one, and none without network.
        return "envelope_unknown"
    if not typed_here(source):
        # Nobody typed a password here that the PIN pad could have kept a proof of.
        return "envelope_unknown"
    if policy.sign_in_code != "none":
        # The PIN pad knows the password alone. Whoever owes two proofs brings both, to the host.
        return "code_needed"
    if (entered.terminal.locked_until_ms or 0) > now:
        return "terminal_locked"
    if operator is None or operator.state != "active" or (operator.locked_until_ms or 0) > now:
        return "operator_not_active"
    if right_of(operator.role, "sign_in") != "allow":
        return "operator_not_active"
    issued_ms = source.confirmed_ms
    if operator.password_set_ms > issued_ms:
        return "password_changed_since"
    if must_change(policy, operator, now) or opens_nothing(policy, operator, now):
        return "new_password_needed"
    if now - issued_ms > policy.offline_hours * HOUR_MS:
        return "envelope_over"
    if told.use > policy.offline_uses:
        return "envelope_used_up"
    if told.use <= taken:
        return "offline_use_taken"
    if not _is_possible(told, issued_ms, policy, now):
        return "offline_time_impossible"
    if entered.sessions_elsewhere(operator_no):
        return "signed_in_elsewhere"
    return ""


def _is_ours(source: SignIn | None, entered: Entered, operator_no: OperatorNo) -> bool:
    """Whether the envelope was left by this operator on this terminal."""
    if source is None:
        return False
    return (source.operator_no, source.terminal_no) == (operator_no, entered.terminal_no)


def _is_possible(told: _OfflineTold, issued_ms: UnixMs, policy: Policy, now: UnixMs) -> bool:
    """Whether the sign-in lies between the envelope's beginning and now, and the clock that says so is good enough for policy."""
    tolerance_ms = (policy.drift_refuse_s or OFFLINE_DRIFT_S) * 1000
    if policy.drift_refuse_s and abs(told.drift_ms) > tolerance_ms:
        return False
    return issued_ms - tolerance_ms <= told.signed_in_ms <= now + tolerance_ms


def _open_limited(entered: Entered, operator_no: OperatorNo, record: SignIn, now: UnixMs) -> SessionNo:
    for session in entered.live_sessions():
        entered.draft.take(end_session(entered.draft.state, session, now, "signed_in_offline"))
    session_no, counted = next_session_no(entered.draft.state, record.merchant_no)
    entered.draft.take((counted,))
    entered.draft.insert(
        Session(
            merchant_no=record.merchant_no,
            session_no=session_no,
            terminal_no=entered.terminal_no,
            operator_no=operator_no,
            record_no=record.record_no,
            kind="offline",
            opened_ms=now,
            sale_limit_fen=entered.policy.offline_sale_limit_fen,
        )
    )
    return session_no
