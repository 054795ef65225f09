"""When a password opens nothing, when it must be changed, and how many days are left."""

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from ..policy.rules import Policy
from ..rows.reasons import Reason
from ..rows.records import Operator

DAYS_A_WEEK = 7
PUSH_EVERY_DAYS = (7, 3, 2)
"""In the first week of a factory password every so many days, in the second, in the third; later every day."""


def opens_nothing(policy: Policy, operator: Operator, now: UnixMs) -> Reason:
    """Why a right password opens nothing any more, or nothing yet, as a word; empty when it opens."""
    if operator.initial_until_ms is not None and now >= operator.initial_until_ms:
        return "initial_secret_expired"
    if operator.factory_password and policy.factory_password == "refuse":  # noqa: S105  # a word of the policy
        return "factory_password"
    return ""


def is_unused(policy: Policy, operator: Operator, now: UnixMs) -> bool:
    """Whether nobody used the account for so long that only a reset opens it."""
    seen_ms = max(operator.last_sign_in_ms or 0, operator.password_set_ms)
    return bool(policy.stale_disable_days) and now - seen_ms > policy.stale_disable_days * DAY_MS


def must_change(policy: Policy, operator: Operator, now: UnixMs) -> bool:
    """Whether the operator must set a new password before the first session."""
    if operator.initial_until_ms is not None:
        return True
    if operator.factory_password and policy.factory_password == "change":  # noqa: S105  # a word of the policy
        return True
    left = days_left(policy, operator, now)
    return left is not None and left <= 0


def days_left(policy: Policy, operator: Operator, now: UnixMs) -> int | None:
    """Days until the password must be changed; zero or less when it is over; None when it never is."""
    days = _days_set(operator, now)
    left = [limit - days for limit in (policy.password_age_days, _push_days(policy, operator)) if limit]
    return min(left, default=None)


def told_of_age(policy: Policy, operator: Operator, now: UnixMs) -> tuple[int | None, Reason]:
    """Days left to say at this sign-in, and `factory_password` where that is why; None when nothing is to be said.

    A password that grows old is said near its end. A factory password is said from the first day on, and more often each week:
    on one day in seven, in three, in two, then at every sign-in.
    """
    push_days = _push_days(policy, operator)
    if push_days:
        week, day = divmod(_days_set(operator, now), DAYS_A_WEEK)
        left = push_days - _days_set(operator, now)
        if left <= DAYS_A_WEEK or week >= len(PUSH_EVERY_DAYS) or day % PUSH_EVERY_DAYS[week] == 0:
            return left, "factory_password"
    left_of_age = days_left(policy, operator, now)
    is_near = left_of_age is not None and left_of_age <= policy.password_notice_days
    return (left_of_age, "") if is_near and not push_days else (None, "")


def _push_days(policy: Policy, operator: Operator) -> int:
    """How long a factory password is only pushed at; 0 for any other password, and where policy says something else."""
    if not operator.factory_password or policy.factory_password != "allow":  # noqa: S105  # a word of the policy
        return 0
    return policy.factory_push_days


def _days_set(operator: Operator, now: UnixMs) -> int:
    return (now - operator.password_set_ms) // DAY_MS
