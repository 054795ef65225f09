"""The operator's sign-in (操作员签到) on terminals whose operators the host checks: verify 401; `confirm.py` has 403.

    attempted ─▶ verified ─▶ active ─▶ ended
        └──────────┴──────▶ refused(reason)

Each attempt is a record of its own, a refused one too. A session begins at the confirmation and its number only grows; one
operator has at most one live session (the database refuses a second), so a duplicate is settled here, never by hope.
Unknown number and wrong password get the same answer P1; the record tells them apart. What each check means is policy.
"""

from functools import lru_cache

from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import OperatorNo, UnixMs
from ...cup.messages.operator_asks import Measured, VerifyContents
from ...cup.messages.operator_outcomes import (
    CODE,
    NEW_PASSWORD,
    VerifiedOperator,
)
from ...cup.values.eyes import read_items
from ...cup.values.rules import TerminalRules, marks_of_the_same, read_rules, write_rules
from ..policy.rules import Policy
from ..rows.decision import Decision
from ..rows.records import Operator, Session, SignIn
from ..rows.state import State
from ..terminals.gate import Refusal
from ..terminals.health import is_opened, mark_tampered
from ..terminals.leases import Leases
from .attempts import new_attempt, refused_here, sign_in_method
from .badges.showing import stands_on_badge
from .elsewhere import ELSEWHERE, told_elsewhere, way_to_take_over
from .entry import Entered, OperatorAsked, enter
from .password_age import must_change, told_of_age
from .persons import person_refused, reason_told
from .phones.codes import code_of, spend, why_not_proven
from .self_check import EYES, GateVerdict, judge_self_check, missing_evidence
from .tries import forget_failures, note_sign_in, refuse_try

POLICIES_KEPT = 256
"""Policies whose words for terminals are kept; most shops share one of three."""
MAY_TRADE = "cashier"
"""00 approves and manages, 99 sets up; neither trades (UnionPay terminal rule)."""


def decide_verify(state: State, asked: OperatorAsked[VerifyContents], now: UnixMs) -> Decision:
    """401: is it the operator? Answers who, where and when, for the confirmation, and what policy asks next."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return refused_here(state, asked, entered, now)
    measured = asked.contents.measured
    record = new_attempt(entered, asked, sign_in_method(asked), now)
    gate = judge_self_check(entered.policy, measured.self_check, model=entered.terminal.model, drift_s=record.drift_s)
    operator = entered.operator(asked.operator_no)
    refusal = _machine_refused(entered, measured, gate, record.drift_s, now)
    if refusal is None:
        refusal = (
            _phone_refused(entered, asked, operator, now)
            or person_refused(entered, asked, operator, now)
            or may_not_trade(entered.policy, operator, now)
            or _wants_password(entered, asked, operator, now)
        )
    attempt = code_of(entered) if asked.phone else None
    if attempt is not None and attempt.name == asked.phone and attempt.state == "known":
        spend(entered, attempt)
    if refusal is not None:
        if is_opened(measured.self_check):
            mark_tampered(entered.draft, entered.terminal, now)
        holder_no = asked.badge.holder if asked.badge is not None else None
        return _refuse(entered, operator, record, refusal, now, holder_no)
    operator = certain(operator, "an operator who is nobody is refused")
    if entered.policy.sign_in_code == "none":
        # Where a code is asked, it is part of the sign-in: a right password alone must not give guesses at codes anew.
        if stands_on_badge(record):
            # Nor a badge alone guesses at the password: who found one could else try on for ever.
            note_sign_in(entered.draft, operator, now)
        else:
            forget_failures(entered.draft, entered.terminal, operator, now)
    record = replace(record, state="verified", verified_ms=now, operator_name=operator.name)
    verified = _verified(entered, operator, record, gate, now)
    elsewhere = entered.sessions_elsewhere(operator.operator_no)
    if elsewhere:
        return _signed_in_elsewhere(entered, verified, record, elsewhere[0], asked.leases, now)
    entered.draft.insert(record)
    return entered.reply("00", verified)


def _machine_refused(
    entered: Entered, measured: Measured, gate: GateVerdict, drift_s: int | None, now: UnixMs
) -> Refusal | None:
    """Why nobody signs in on this terminal now; it is asked before anybody's password. The order is that of the record's reasons."""
    policy = entered.policy
    if (entered.terminal.locked_until_ms or 0) > now:
        return Refusal("P3", "terminal_locked")
    if gate.blocked_by:
        return Refusal("P9", f"self_check:{gate.blocked_by}")
    missing = missing_evidence(policy, measured.eyes, drift_s)
    if missing:
        return Refusal("P9", missing)
    if policy.drift_refuse_s and abs(drift_s or 0) > policy.drift_refuse_s:
        return Refusal("P9", "clock")
    return None


def may_not_trade(policy: Policy, operator: Operator | None, now: UnixMs) -> Refusal | None:
    """Neither 00 nor 99 trades; whoever must set a new password gets so far as to do it."""
    if operator is None or operator.role == MAY_TRADE or must_change(policy, operator, now):
        return None
    return Refusal("P7", "role_may_not_trade")


def _phone_refused(
    entered: Entered, asked: OperatorAsked[VerifyContents], operator: Operator | None, now: UnixMs
) -> Refusal | None:
    """A code that proves nobody, or proved an earlier password. What else came between is looked at as ever."""
    if not asked.phone:
        return None
    if not entered.policy.phone:
        return Refusal("P9", "phone_not_taken")
    attempt = code_of(entered)
    why = why_not_proven(attempt, asked.phone, now)
    if why:
        return Refusal("P9", why)
    known_ms = attempt.known_ms if attempt is not None and attempt.known_ms is not None else now
    changed = operator is not None and known_ms < operator.password_set_ms <= now
    return Refusal("PA", "password_changed_since") if changed else None


def _wants_password(
    entered: Entered, asked: OperatorAsked[VerifyContents], operator: Operator | None, now: UnixMs
) -> Refusal | None:
    """A badge alone sets no new password, and opens no lock: whoever locked the terminal and went may have left the badge there.

    Where a phone answered, the PIN pad has no old password to set a new one by.
    """
    by_badge = asked.badge is not None and not asked.badge.with_password
    if operator is None or not (by_badge or asked.phone):
        return None
    if must_change(entered.policy, operator, now):
        return Refusal("P4", "password_needed")
    if not by_badge:
        return None
    session = entered.live_session_of(operator.operator_no)
    return Refusal("P4", "badge_opens_no_lock") if session is not None and session.locked_ms is not None else None


def _refuse(
    entered: Entered,
    operator: Operator | None,
    record: SignIn,
    refusal: Refusal,
    now: UnixMs,
    holder_no: OperatorNo | None = None,
) -> Decision:
    person = entered.person(record.operator_no)
    told = refuse_try(entered.draft, entered.policy, entered.terminal, person, refusal, now)
    code = refusal.response_code
    rules = _rules_of(entered) if refusal.reason == EYES else ""
    said = replace(told, record_no=record.record_no, reason=reason_told(refusal), rules=rules)
    # Of a badge that counts no more, whose it was: who lost it must hear that somebody has it.
    holder = operator or (entered.operator(holder_no) if holder_no else None)
    name = holder.name if holder is not None else ""
    entered.draft.insert(replace(record, state="refused", reason=refusal.reason, operator_name=name))
    return entered.reply(code, said, refusal.reason)


def _signed_in_elsewhere(
    entered: Entered, verified: VerifiedOperator, record: SignIn, earlier: Session, leases: Leases, now: UnixMs
) -> Decision:
    """P6: where and since when. The record stays verified where policy lets somebody take over, and is refused where not.

    Where it stays, the answer also says what 00 would: the terminal needs it for the confirmation after the take-over.
    """
    way = way_to_take_over(entered, earlier, record, leases, now)
    entered.draft.insert(replace(record, state="verified" if way else "refused", reason=ELSEWHERE))
    return entered.reply("P6", told_elsewhere(entered, earlier, record, way, verified if way else None), ELSEWHERE)


def _verified(entered: Entered, operator: Operator, record: SignIn, gate: GateVerdict, now: UnixMs) -> VerifiedOperator:
    """What the confirmation shows, and what policy asks next."""
    policy = entered.policy
    left, about = told_of_age(policy, operator, now)
    needs = ((NEW_PASSWORD, must_change(policy, operator, now)), (CODE, policy.sign_in_code != "none"))
    return VerifiedOperator(
        record_no=record.record_no,
        operator_name=operator.name,
        role=operator.role,
        merchant_name=entered.merchant.name,
        place=entered.terminal.place,
        host_clock=now,
        # As it was before this sign-in: `operator` is the row that was loaded.
        earlier_since=operator.last_sign_in_ms,
        needs=tuple(word for word, is_needed in needs if is_needed),
        rules=_rules_of(entered),
        degraded=gate.degraded,
        days_left=left,
        notice_about=about,
    )


def _rules_of(entered: Entered) -> str:
    return _rules_text(entered.policy, entered.merchant.kinds_refused, has_phone_page=entered.has_phone_page)


@lru_cache(maxsize=POLICIES_KEPT)
def _rules_text(policy: Policy, kinds_refused: str | None, *, has_phone_page: bool) -> str:
    return write_rules(rules_for_terminal(policy, kinds_refused, has_phone_page=has_phone_page))


@lru_cache(maxsize=POLICIES_KEPT)
def newer_rules(policy: Policy, kinds_refused: str | None, mark: str, *, has_phone_page: bool = False) -> str:
    """What a terminal must know of the policy, if it says that it acts by something else; empty when it does not, or does not say."""
    text = _rules_text(policy, kinds_refused, has_phone_page=has_phone_page)
    return text if mark and mark not in marks_of_the_same(read_rules(text)) else ""


def rules_for_terminal(
    policy: Policy, kinds_refused: str | None = None, *, has_phone_page: bool = False
) -> TerminalRules:
    """What a terminal must know of the policy, and of the kinds of payment that the shop does not use, for tag RULES.

    Of slips on phones it hears only where there is a page that shows them.
    """
    return TerminalRules(
        idle_lock_s=policy.idle_lock_s,
        idle_warning_s=policy.idle_warning_s,
        after_sale=policy.after_sale,
        code_digits=policy.code_digits,
        sign_in_code=policy.sign_in_code,
        drift_warn_s=policy.drift_warn_s,
        check_eyes=policy.check_eyes,
        eyes_items=read_items(policy.eyes_items),
        user_names=policy.user_names,
        badge=policy.badge,
        phone=policy.phone,
        slip_link=has_phone_page and policy.slip_link_days > 0,
        recent_operators=policy.recent_operators,
        new_day_signs_in=policy.new_day_signs_in,
        upload_chip_details=policy.upload_chip_details,
        day_starts_hour=policy.shop_day_starts_hour,
        password_digits_min=policy.password_digits_min,
        password_digits_max=policy.password_digits_max,
        no_pin_limit_fen=policy.no_pin_limit_fen,
        fallback_tries=policy.fallback_tries,
        keyed=policy.keyed,
        no_sign_limit_fen=policy.no_sign_limit_fen,
        pin_bypass=policy.pin_bypass,
        kinds_refused=tuple((kinds_refused or "").split()),
        offline=policy.leaves_envelopes,
    )
