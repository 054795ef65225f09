"""When a password opens nothing, when it must be changed, and how many days are left."""

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from ..policy.rules import Policy
from ..rows.reasons import Reason
from ..rows.records import Operator


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
    if not policy.password_age_days:
        return None
    return policy.password_age_days - (now - operator.password_set_ms) // DAY_MS
