"""The self-check as a gate: what each failed item means is policy; the evidence stays in the sign-in record.

`blocked`: no sign-in. `degraded`: sign-in with fewer rights, named in DEGRADED. `pass`: noted only. An opened terminal (tamper) is
always blocked. What an item is unable to do counts, not how loudly it says so: a printer without paper prints as little as a broken
one, and a clock is off by what the host measures. Silence and nonsense are no proof: with the rule `evidence_required` what policy
asks for must be there, as far as the model has it (OWASP ASVS 5.0 16.5.3: fail closed).
"""

from functools import lru_cache

import msgspec

from ...cup.values.eyes import Eyes, read_items
from ...cup.values.self_check import CHECK_ITEMS, MODEL_LACKS, CheckedItem, SelfCheck
from ..policy.rules import Gate, Policy
from ..rows.reasons import Reason

POLICIES_KEPT = 256
"""Policies whose blocking items are kept; most shops share one of three."""
TAMPER, EYES, CLOCK = "tamper", "eyes", "clock"
"""Of `CHECK_ITEMS` all but tamper have a rule `check_…`."""
FAILED_BY_REASON = frozenset({("printer", "no_paper"), ("scanner", "fail"), ("clock", "drift")})
"""Warnings that mean a part is out of use: item and reason. Terminals of other makes warn of them too."""
RIGHTS_LOST = {
    "printer": "slip",
    "card_reader": "card",
    "scanner": "code",
    "network": "line",
    "clock": "clock",
}
"""What a degraded item takes away."""


class GateVerdict(msgspec.Struct, frozen=True):
    """What the self-check lets through: the item that blocks (empty: none) and the rights that are lost."""

    blocked_by: str
    degraded: tuple[str, ...]


def judge_self_check(
    policy: Policy, evidence: SelfCheck, *, model: str = "", drift_s: int | None = None
) -> GateVerdict:
    """Judge what a terminal of this model says of itself; `drift_s` is its clock minus the host's, where it told one.

    Where policy asks for evidence, an item that it blocks on and that is missing has failed too, if the model has it.
    """
    lost: list[str] = []
    named = {checked.item for checked in evidence.items}
    for item in failed_items(policy, evidence, drift_s):
        gate = gate_of(policy, item)
        if gate == "blocked":
            return GateVerdict(item, ())
        if gate == "degraded":
            lost.append(RIGHTS_LOST.get(item, item))
    lacks = MODEL_LACKS.get(model, frozenset())
    missing = next((item for item in blocking_items(policy) if item not in named and item not in lacks), "")
    if missing and policy.evidence_required:
        return GateVerdict(missing, ())
    return GateVerdict("", tuple(lost))


def failed_items(policy: Policy, evidence: SelfCheck, drift_s: int | None) -> list[str]:
    """What can't do its work, in the order in which it was told."""
    found = [checked.item for checked in evidence.items if _has_failed(checked, is_clock_measured=drift_s is not None)]
    if drift_s is not None and abs(drift_s) > policy.drift_warn_s and CLOCK not in found:
        found.append(CLOCK)
    return found


def _has_failed(checked: CheckedItem, *, is_clock_measured: bool) -> bool:
    """Tamper must be ok. A warning lets through, unless its reason says that the part can't do its work."""
    if checked.state == "fail":
        return True
    if checked.state == "ok":
        return False
    if checked.item == CLOCK and is_clock_measured:
        return False
    return checked.item == TAMPER or (checked.item, checked.reason) in FAILED_BY_REASON


def missing_evidence(policy: Policy, eyes: Eyes, drift_s: int | None) -> Reason:
    """What else policy needs to know and was not told: `eyes` or `clock`; empty when nothing is missing or it does not insist."""
    if not policy.evidence_required:
        return ""
    if policy.check_eyes and not eyes.cover(read_items(policy.eyes_items)):
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
