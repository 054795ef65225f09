"""A policy as rows to read: each rule, its value, its clause, its bounds, and whether the merchant overrides it.

Also what can be said of a rule's value before it is kept: how a text is read as one, and which rules of a policy contradict
each other.
"""

from typing import Any, get_args, get_origin

import msgspec

from ...basics.errors import Misuse
from .rules import Bound, Policy, check_override, chosen_items, load_bounds, load_profile, policy_of, rule_words

YES = frozenset({"true", "yes", "on", "1", "是"})
NO = frozenset({"false", "no", "off", "0", "否"})
_ANY = Bound()
_HELD = msgspec.json.Decoder(dict[str, int | str | bool])


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a report. `value` is what counts, `of_profile` what the profile says."""

    rule: str
    zh: str
    en: str
    value: int | str | bool
    of_profile: int | str | bool
    overridden: bool
    clause: str
    kind: str
    """number, word, yes_no or items."""
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()
    """What the rule may be, where it is a word."""
    fixed: bool = False
    """The profile alone sets it."""


def report(profile: str, overrides: str = "") -> list[RuleRow]:
    """All rules of a policy, in the order of `Policy`. Misuse for a profile that is none."""
    policy = policy_of(profile, overrides)
    rules, words, held = load_profile(profile), rule_words(), held_overrides(overrides)
    return [
        RuleRow(
            rule=name,
            zh=words[name].zh,
            en=words[name].en,
            value=getattr(policy, name),
            of_profile=rules[name].value,
            overridden=name in held,
            clause=rules[name].clause,
            **bounds_of(name),
        )
        for name in Policy.__struct_fields__
    ]


def held_overrides(overrides: str) -> dict[str, int | str | bool]:
    """A merchant's overrides as they are kept: JSON of rule → value, or nothing."""
    return _HELD.decode(overrides) if overrides else {}


def bounds_of(rule: str) -> dict[str, Any]:
    """Kind of a rule and what a merchant may set it to: `kind`, `least`, `most`, `words`, `fixed`."""
    bound = load_bounds().get(rule, _ANY)
    said: dict[str, Any] = {"kind": _kind(rule), "least": bound.least, "most": bound.most, "fixed": bound.fixed}
    if said["kind"] == "word":
        said["words"] = bound.words or get_args(_types()[rule])
    return said


def read_value(rule: str, text: str) -> int | str | bool:
    """A rule's value from what somebody typed. Misuse says what the rule takes."""
    if rule not in Policy.__struct_fields__:
        check_override(rule, text)
    kind = _kind(rule)
    if kind == "yes_no":
        word = text.lower()
        if word in YES or word in NO:
            return word in YES
        raise Misuse(f"policy rule {rule}: expected yes or no")
    if kind == "number":
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return int(text)
        raise Misuse(f"policy rule {rule}: expected a whole number")
    if kind == "items":
        return chosen_items(text)
    words = bounds_of(rule)["words"]
    if text not in words:
        raise Misuse(f"policy rule {rule}: expected {' or '.join(words)}")
    return text


def contradictions(policy: Policy) -> list[tuple[str, str]]:
    """Pairs of rules of which the first asks for more than the second allows: a shorter longest than shortest password, …"""
    pairs = [
        ("password_digits_min", "password_digits_max"),
        ("delay_first_s", "delay_max_s"),
        ("person_lock_failures", "person_cap_failures"),
        ("device_lock_numbers", "device_lock_failures"),
        ("idle_warning_s", "idle_lock_s"),
    ]
    if policy.password_age_days:
        pairs.append(("password_notice_days", "password_age_days"))
    if policy.drift_refuse_s:
        pairs.append(("drift_warn_s", "drift_refuse_s"))
    if policy.stale_disable_days:
        pairs.append(("stale_warn_days", "stale_disable_days"))
    return [(less, more) for less, more in pairs if getattr(policy, less) > getattr(policy, more)]


def _types() -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(Policy)}


def _kind(rule: str) -> str:
    kind = _types()[rule]
    if kind is bool:
        return "yes_no"
    if kind is str:
        return "items"
    return "word" if get_origin(kind) is not None else "number"
