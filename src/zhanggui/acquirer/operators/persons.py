"""Who types number and password beside a sign-in: unlock (404), change of password (405), approval (406),
management (408). One check for all."""

from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...basics.roles import Role
from ...cup.messages.operator_asks import Typed
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import Operator
from ..terminals.gate import Refusal
from .attempts import new_attempt
from .badges.showing import is_badge_enough, why_no_badge
from .entry import Entered, OperatorAsked
from .password_age import is_unused, must_change, opens_nothing
from .tries import held_back, refuse_try, why_disabled

TELLS_REASON = frozenset({"P2", "P4", "P9"})
"""Refusals with whose code alone nobody could tell what to do."""


def person_refused(
    entered: Entered,
    asked: OperatorAsked[Typed],
    operator: Operator | None,
    now: UnixMs,
    *,
    despite_device_lock: bool = False,
) -> Refusal | None:
    """Why number and password are not taken; None when they are. The same order and words as at a sign-in."""
    person = entered.person(asked.operator_no)
    held = held_back(entered.terminal, person, now, despite_device_lock=despite_device_lock)
    if held is not None:
        return held
    badge = asked.badge
    if operator is None:
        return Refusal("P1", "unknown_operator" if badge is None else why_no_badge(entered, badge))
    if not asked.password_right and not is_badge_enough(entered, badge):
        return Refusal("P1", "wrong_password" if badge is None or badge.with_password else "badge_without_password")
    if operator.state != "active":
        return Refusal("P2", why_disabled(entered.policy, operator))
    if is_unused(entered.policy, operator, now):
        return Refusal("P2", "account_unused")
    worthless = opens_nothing(entered.policy, operator, now)
    return Refusal("P4", worthless) if worthless else None


def supervisor_refused(
    entered: Entered,
    asked: OperatorAsked[Typed],
    operator: Operator | None,
    now: UnixMs,
    *,
    despite_device_lock: bool = False,
) -> Refusal | None:
    """The same for somebody who acts on another's behalf: a password that must be changed first opens nothing here.

    At a terminal 00 changes it by the menu behind the number, or by signing in (then P7, since 00 does not trade).
    """
    refusal = person_refused(entered, asked, operator, now, despite_device_lock=despite_device_lock)
    if refusal is None and operator is not None and must_change(entered.policy, operator, now):
        return Refusal("P4", "change_first")
    return refusal


def refuse_person(
    entered: Entered,
    asked: OperatorAsked[Typed],
    operator: Operator | None,
    refusal: Refusal,
    method: str,
    now: UnixMs,
    *,
    who: Role = "supervisor",
) -> Decision:
    """The refusal, counted as a wrong try where it is one, and kept as a record. `method` says what was wanted, `who` may do it."""
    person = entered.person(asked.operator_no)
    told = refuse_try(entered.draft, entered.policy, entered.terminal, person, refusal, now)
    record = new_attempt(entered, asked, method, now)
    name = operator.name if operator is not None else ""
    entered.draft.insert(replace(record, state="refused", reason=refusal.reason, operator_name=name))
    code = refusal.response_code
    said = replace(
        told,
        record_no=record.record_no,
        reason=reason_told(refusal),
        role=who if code == "P7" else "",
    )
    return entered.reply(code, said, refusal.reason)


def reason_told(refusal: Refusal) -> Reason:
    """The reason that goes out with a refusal. Beside P1 never: it would tell an unknown number from a wrong password.

    P2 has one after a right password only (a lock is said by its end), so nobody learns of a state by guessing.
    """
    return refusal.reason if refusal.response_code in TELLS_REASON and refusal.reason != "operator_locked" else ""
