"""How long a session may last: what policy says in hours, and whether a new day asks for a new sign-in."""

from ...basics.numbers import UnixMs
from ...basics.shop_day import shop_day
from ...basics.spans import HOUR_MS
from ..policy.rules import Policy
from ..rows.reasons import Reason
from ..rows.records import Session


def is_too_long(policy: Policy, session: Session, now: UnixMs) -> bool:
    """Whether a session has lasted longer than policy allows; also one that began so far ahead, while the clock was wrong."""
    return abs(now - session.opened_ms) > policy.session_hours_max * HOUR_MS


def why_over(policy: Policy, session: Session, now: UnixMs) -> Reason:
    """Why a new sign-in does not go on with a session, as the word that it ends with; empty when it may."""
    if is_too_long(policy, session, now):
        return "too_long"
    starts_hour = policy.shop_day_starts_hour
    is_new_day = shop_day(session.opened_ms, starts_hour) != shop_day(now, starts_hour)
    return "new_day" if policy.new_day_signs_in and is_new_day else ""
