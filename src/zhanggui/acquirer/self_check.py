"""The self-check as a gate: what each failed item means is policy; the evidence stays in the sign-in record.

`blocked`: no sign-in. `degraded`: sign-in with fewer rights, named in DEGRADED. `pass`: noted only. An opened terminal (tamper) is
always blocked.
"""

import msgspec

from .policy.rules import Gate, Policy

TAMPER = "tamper"
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
    """Judge the evidence of tag SELF_CHECK: `item:state[:reason],…` with the states ok, warn, fail."""
    lost: list[str] = []
    for entry in evidence.split(","):
        item, _, rest = entry.partition(":")
        if rest.partition(":")[0] != "fail":
            continue
        gate = gate_of(policy, item)
        if gate == "blocked":
            return GateVerdict(item, ())
        if gate == "degraded":
            lost.append(RIGHTS_LOST.get(item, item))
    return GateVerdict("", tuple(lost))


def gate_of(policy: Policy, item: str) -> Gate:
    """What a failure of this item means."""
    if item == TAMPER:
        return "blocked"
    gate: Gate = getattr(policy, f"check_{item}", "pass")
    return gate
