"""The self-check as a gate: what each failed item means is policy; the evidence stays in the sign-in record.

`blocked`: no sign-in. `degraded`: sign-in with fewer rights, named in DEGRADED. `pass`: noted only. An opened terminal (tamper) is
always blocked. Silence and nonsense are no proof: with the rule `evidence_required` what policy asks for must be there
(OWASP ASVS 5.0 16.5.3: fail closed).
"""

from functools import lru_cache

import msgspec

from ..policy.rules import Gate, Policy
from ..rows.reasons import Reason

POLICIES_KEPT = 256
"""Policies whose blocking items are kept; most shops share one of three."""
TAMPER, EYES, CLOCK = "tamper", "eyes", "clock"
CHECKED_ITEMS = ("power", "network", "keypad", "display", "card_reader", "scanner", "printer", "clock", TAMPER)
"""What a terminal checks of itself; all but tamper have a rule `check_…`."""
EYES_ITEMS = ("stands", "cables", "counter", "light")
"""What only eyes can see, in tag EYES."""
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


def judge_self_check(policy: Policy, evidence: str) -> GateVerdict:
    """Judge the evidence of tag SELF_CHECK: `item:state[:reason],…` with the states ok, warn, fail.

    Any state but ok and warn counts as fail, and tamper must be ok: a word that nobody knows proves nothing. Where policy asks for
    evidence, an item that it blocks on and that is missing has failed too.
    """
    lost: list[str] = []
    named: set[str] = set()
    for entry in filter(None, evidence.lower().split(",")):
        item, _, rest = entry.partition(":")
        item, state = item.strip(), rest.partition(":")[0].strip()
        named.add(item)
        if state == "ok" or (state == "warn" and item != TAMPER):
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


def missing_evidence(policy: Policy, eyes: str, drift_s: int | None) -> Reason:
    """What else policy needs to know and was not told: `eyes` or `clock`; empty when nothing is missing or it does not insist."""
    if not policy.evidence_required:
        return ""
    if policy.check_eyes and not _all_looked_at(eyes):
        return EYES
    return CLOCK if policy.drift_refuse_s and drift_s is None else ""


def _all_looked_at(eyes: str) -> bool:
    """Whether tag EYES says `ok` or `wrong` of each item."""
    said = dict(entry.split(":", 1) for entry in eyes.split(",") if ":" in entry)
    return all(said.get(item) in ("ok", "wrong") for item in EYES_ITEMS)


@lru_cache(maxsize=POLICIES_KEPT)
def blocking_items(policy: Policy) -> tuple[str, ...]:
    """The items without which nobody signs in."""
    return tuple(item for item in CHECKED_ITEMS if gate_of(policy, item) == "blocked")


def gate_of(policy: Policy, item: str) -> Gate:
    """What a failure of this item means."""
    if item == TAMPER:
        return "blocked"
    gate: Gate = getattr(policy, f"check_{item}") if item in CHECKED_ITEMS else "pass"
    return gate
