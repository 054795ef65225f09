"""What a badge that is shown at a sign-in is worth."""

from ...rows.reasons import Reason
from ...rows.records import Operator, SignIn
from ..attempts import BADGE, WITH_CODE
from ..entry import BadgeFacts, Entered

BY_BADGE = "badge"
"""`Session.proof` of a session that stands on a badge alone."""


def why_no_badge(entered: Entered, badge: BadgeFacts) -> Reason:
    """Why a badge is nobody's: the shop takes none, it was taken away, it was forged, or it never was one here."""
    if entered.policy.badge == "off":
        return "badge_not_taken"
    if badge.right:
        return "badge_revoked"
    return "forged_badge" if badge.holder is not None else "unknown_badge"


def is_badge_enough(entered: Entered, badge: BadgeFacts | None) -> bool:
    """Whether this badge may do without a password."""
    return badge is not None and not badge.with_password and entered.policy.badge == "alone"


def stands_on_badge(record: SignIn) -> bool:
    """Whether no password was typed at a sign-in: what it opens has small rights."""
    return record.method in (BADGE, BADGE + WITH_CODE)


def still_counts(entered: Entered, operator: Operator, record: SignIn) -> bool:
    """Whether the badge of a sign-in is the operator's still, and opens what it opened when it was shown."""
    taken = ("alone",) if stands_on_badge(record) else ("alone", "password")
    return operator.badge_no == record.badge_no and entered.policy.badge in taken


def proof_of(record: SignIn) -> str | None:
    """What a session that this sign-in opens stands on."""
    return BY_BADGE if stands_on_badge(record) else None
