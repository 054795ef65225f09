"""Badges (工牌): who gets one, who takes it away, and what it is worth at a sign-in.

    (none) ─issue─▶ counts ─issue─▶ another counts, this one is revoked
                      └────revoke──▶ revoked

An operator has one badge that counts: the one that the operator's row names. Every other is revoked, whenever it was issued. Who
shows one that is revoked, unknown or forged gets the same words, waits and work as who types an unknown number; the record tells
them apart. A badge alone opens a session of small rights (`policy/capabilities.toml`, `by_badge`) where policy says so, until the
operator's password is typed.
"""

import msgspec
from msgspec.structs import replace

from ....basics.numbers import UnixMs
from ...rows.decision import Decision
from ...rows.records import Badge, Operator
from ...rows.state import Change, Insert, State, Update
from ...terminals.gate import end_session
from ..management import OnOperator, admit, done
from .showing import BY_BADGE

HOLDERS = "cashier"
"""Whoever does not sign in has no use for one."""


class NewBadge(msgspec.Struct, frozen=True):
    """What is kept of a badge that was made."""

    badge_no: str
    mark: bytes


def decide_issue_badge(state: State, asked: OnOperator, badge: NewBadge, now: UnixMs) -> Decision:
    """A new badge for an operator; the one before counts no more, from now on and wherever it is."""
    operator = admit(state, asked, "issue_badge")
    if isinstance(operator, Decision):
        return operator
    if operator.state != "active":
        return Decision(reason="enable_first")
    if operator.role != HOLDERS:
        return Decision(reason="badge_for_cashiers")
    issued = Badge(
        merchant_no=asked.merchant_no,
        badge_no=badge.badge_no,
        operator_no=operator.operator_no,
        mark=badge.mark,
        issued_ms=now,
        issued_by=asked.by.name,
    )
    given = Update(replace(operator, badge_no=badge.badge_no))
    detail = f"{badge.badge_no} for {operator.badge_no}" if operator.badge_no else badge.badge_no
    return done(state, asked, "issue_badge", detail, now, *_sessions_end(state, operator, now), Insert(issued), given)


def decide_revoke_badge(state: State, asked: OnOperator, now: UnixMs) -> Decision:
    """A lost badge counts no more; sessions that stand on it alone end now."""
    operator = admit(state, asked, "revoke_badge")
    if isinstance(operator, Decision):
        return operator
    if operator.badge_no is None:
        return Decision(reason="no_badge")
    taken = Update(replace(operator, badge_no=None))
    return done(state, asked, "revoke_badge", operator.badge_no, now, *_sessions_end(state, operator, now), taken)


def _sessions_end(state: State, operator: Operator, now: UnixMs) -> tuple[Change, ...]:
    changes: list[Change] = []
    for session in state.live_sessions_of((operator.merchant_no, operator.operator_no)):
        if session.proof == BY_BADGE:
            changes += end_session(state, session, now, "badge_revoked")
    return tuple(changes)
