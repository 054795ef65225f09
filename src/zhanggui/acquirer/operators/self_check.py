"""The self-check as a gate: what each failed item means is policy; the evidence stays in the sign-in record.

`blocked`: no sign-in. `degraded`: sign-in with fewer rights, named in DEGRADED. `pass`: noted only. An opened terminal (tamper) is
always blocked. Silence and nonsense are no proof: with the rule `evidence_required` what policy asks for must be there
(OWASP ASVS 5.0 16.5.3: fail closed).
"""

from functools import lru_cache

import msgspec

from ...cup.values.eyes import Eyes
from ...cup.values.self_check import CHECK_ITEMS, SelfCheck
from ..policy.rules import Gate, Policy
from ..rows.reasons import Reason

POLICIES_KEPT = 256
"""Policies whose blocking items are kept; most shops share one of three."""
TAMPER, EYES, CLOCK = "tamper", "eyes", "clock"
"""Of `CHECK_ITEMS` all but tamper have a rule `check_…`."""
RIGHTS_LOST = {
    "printer": "slip",
    "card_reader": "card",
    "scanner": "code",
    "network": "line",
    "power": "power",
    "clock": "clock",
}
"""What a degraded item takes away."""


class GateVerdict(msgspec.Struct, frozen=True):
    """What the self-check lets through: the item that blocks (empty: none) and the rights that are lost."""

    blocked_by: str
    degraded: tuple[str, ...]


def judge_self_check(policy: Policy, evidence: SelfCheck) -> GateVerdict:
    """Judge what a terminal says of itself.

    Tamper must be ok; of the others a warning lets through. Where policy asks for evidence, an item that it blocks on and that
    is missing has failed too.
    """
    lost: list[str] = []
    named: set[str] = set()
    for checked in evidence.items:
        item = checked.item
        named.add(item)
        if checked.state == "ok" or (checked.state == "warn" and item != TAMPER):
            continue
        gate = gate_of(policy, item)
        if gate == "blocked":
            return GateVerdict(item, ())
        if gate == "degraded":
            lost.append(RIGHTS_LOST.get(item, item))
    missing = next((item for item in blocking_items(policy) if item not in named), "")
    if missing and policy.evidence_required:
        return GateVerdict(missing, ())
    return GateVerdict("", tuple(lost))


def missing_evidence(policy: Policy, eyes: Eyes, drift_s: int | None) -> Reason:
    """What else policy needs to know and was not told: `eyes` or `clock`; empty when nothing is missing or it does not insist."""
    if not policy.evidence_required:
        return ""
    if policy.check_eyes and not eyes.is_complete:
        return EYES
    return CLOCK if policy.drift_refuse_s and drift_s is None else ""


@lru_cache(maxsize=POLICIES_KEPT)
def blocking_items(policy: Policy) -> tuple[str, ...]:
    """The items without which nobody signs in."""
    return tuple(item for item in CHECK_ITEMS if gate_of(policy, item) == "blocked")


def gate_of(policy: Policy, item: str) -> Gate:
    """What a failure of this item means."""
    if item == TAMPER:
        return "blocked"
    gate: Gate = getattr(policy, f"check_{item}") if item in CHECK_ITEMS else "pass"
    return gate
