"""A merchant's policy, or a profile as it stands: each rule with its value, what it may be, and its source, on one line."""

import msgspec

from ..acquirer.policy.report import RuleRow
from ..basics.words import Lang
from .listing import word_of


class PolicyShown(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that count, in the order of `Policy`."""

    profile: str
    merchant_no: str | None
    """None: a profile as it stands."""
    rules: list[RuleRow]


def policy_title(shown: PolicyShown, lang: Lang) -> str:
    """The profile and whose it is."""
    title = word_of("policy.profile", lang, profile=shown.profile)
    return (
        title if shown.merchant_no is None else title + word_of("policy.of_merchant", lang, merchant=shown.merchant_no)
    )


def value_shown(row: RuleRow, lang: Lang) -> str:
    """The value of a rule; where the merchant has it otherwise, the profile's beside it."""
    value = plain_value(row.value, lang)
    return (
        value + word_of("policy.otherwise", lang, value=plain_value(row.of_profile, lang)) if row.overridden else value
    )


def bounds_shown(row: RuleRow, lang: Lang) -> str:
    """What a merchant may set the rule to."""
    if row.fixed:
        return word_of("policy.fixed", lang)
    if row.words:
        return "|".join(row.words)
    if row.least is not None or row.most is not None:
        return f"{row.least}–{row.most}"
    return f"{plain_value(True, lang)}|{plain_value(False, lang)}" if row.kind == "yes_no" else ""


def plain_value(value: int | str | bool, lang: Lang) -> str:
    """A value as a person reads it."""
    return word_of(f"policy.{'yes' if value else 'no'}", lang) if isinstance(value, bool) else str(value)
