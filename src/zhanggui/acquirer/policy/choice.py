"""Which policy a merchant has: its profile, and the rules that it sets otherwise, within bounds and without contradiction.

What is kept always loads again: a value is checked before it is written, because a host that could not read a merchant's policy
could let nobody in.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ..rows.decision import Decision
from ..rows.records import Counter, Merchant
from ..rows.state import Needs, State, Update
from .actors import NOT_PERMITTED, Actor, may_manage, noted
from .report import contradictions, held_overrides
from .rules import PROFILES, check_override, policy_of

_encode = msgspec.json.Encoder(order="sorted").encode
Value = int | str | bool


def policy_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that these rules need."""
    return Needs({Merchant: [(merchant_no,)], Counter: [(merchant_no, "note")]})


def decide_set_rule(
    state: State, merchant_no: MerchantNo, rule: str, value: Value | None, by: Actor, now: UnixMs
) -> Decision:
    """Set one rule otherwise than the profile, or (None) as the profile has it.

    Misuse for a rule that is none or a value out of bounds; refused with `contradiction:lesser>greater` where two rules would
    contradict each other.
    """
    merchant = state.get(Merchant, merchant_no)
    if merchant is None:
        return Decision(reason="unknown_merchant")
    if not may_manage(by, "set_policy"):
        return Decision(reason=NOT_PERMITTED)
    held = held_overrides(merchant.policy_overrides)
    if value is None:
        if rule not in held:
            return Decision(reason="not_overridden")
        del held[rule]
    else:
        check_override(rule, value)
        held[rule] = value
    detail = "profile" if value is None else f"value={_encode(value).decode()}"
    return _kept(state, merchant, merchant.policy, held, by, rule, detail, now)


def decide_use_profile(state: State, merchant_no: MerchantNo, profile: str, by: Actor, now: UnixMs) -> Decision:
    """Another profile; what the merchant sets otherwise stays, unless it no longer fits: then nothing changes and it is said."""
    merchant = state.get(Merchant, merchant_no)
    if merchant is None:
        return Decision(reason="unknown_merchant")
    if not may_manage(by, "set_policy"):
        return Decision(reason=NOT_PERMITTED)
    if profile not in PROFILES:
        return Decision(reason="unknown_profile")
    if profile == merchant.policy:
        return Decision(reason="is_used")
    held = held_overrides(merchant.policy_overrides)
    return _kept(state, merchant, profile, held, by, "profile", f"{merchant.policy}>{profile}", now)


def _kept(
    state: State,
    merchant: Merchant,
    profile: str,
    held: Mapping[str, Value],
    by: Actor,
    subject: str,
    detail: str,
    now: UnixMs,
) -> Decision:
    overrides = _encode(held).decode() if held else ""
    against = contradictions(policy_of(profile, overrides))
    if against:
        return Decision(reason="contradiction:" + ",".join(f"{less}>{more}" for less, more in against))
    changed = replace(merchant, policy=profile, policy_overrides=overrides)
    note = noted(state, merchant.merchant_no, by, "set_policy", subject, detail, now)
    return Decision(changes=(Update(changed), *note))
