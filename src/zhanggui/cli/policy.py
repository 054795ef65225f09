"""`zhanggui policy`: every rule with its value and its source, and what a merchant sets otherwise."""

import sys

from rich import console as rich_console
from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..acquirer.policy.report import RuleRow, held_overrides, read_value, report
from ..acquirer.rows.records import Merchant
from ..basics.errors import Misuse
from ..basics.words import Lang
from ..cup.transactions import PAYMENTS
from ..host.act_table import SET_RULE, USE_KIND, USE_PROFILE, KindUse, ProfileName, RuleValue
from ..programs.data_folder import Places
from ..programs.settings import Settings
from ..store.queries import PlaceFilter
from ..views.policy import PolicyShown, bounds_shown, plain_value, policy_title, value_shown
from .console import Console
from .lists import lists_of
from .management_words import done_text
from .output import print_json

PHONE = "phone"
"""The rule that needs a page beside it."""
AS_PROFILE = "profile"
"""In place of a value: as the profile has it."""
VALUE_CELLS = 10
WORDS_CELLS = 76
FIRST_PROFILE = "basic"
"""Shown where there are no data yet: what new merchants begin with."""


def show(settings: Settings, profile: str | None, merchant: str, *, is_wide: bool = False, as_json: bool) -> None:
    """Print the policy of a merchant, or a profile as it stands."""
    if profile is not None and merchant:
        raise Misuse("give --profile or --merchant: a profile as it stands, or what counts for a merchant")
    name, overrides, shop = _wanted(settings, profile, merchant)
    shown = PolicyShown(profile=name, merchant_no=shop, rules=report(name, overrides))
    if as_json:
        print_json(shown)
        return
    sys.stdout.write(policy_title(shown, settings.lang) + "\n")
    for row in shown.rules:
        sys.stdout.write((_line if is_wide else _lines)(row, settings.lang) + "\n")


def set_rule(
    settings: Settings, merchant: str, by: str, rule: str, value: str, reason: str = "", *, as_json: bool
) -> None:
    """Set one rule for a merchant; `profile` in place of a value gives it back."""
    wanted = None if value == AS_PROFILE else read_value(rule, value)
    done = Console(settings, merchant, by, reason).do(SET_RULE, RuleValue(rule, wanted))
    changed = _merchant_in(done.decision.changes)
    (row,) = [row for row in report(changed.policy, changed.policy_overrides) if row.rule == rule]
    if as_json:
        print_json(row)
    else:
        sys.stdout.write(
            done_text("rule_set", settings.lang, rule=rule, value=plain_value(row.value, settings.lang)) + "\n"
        )
        if rule == PHONE and row.value and not settings.phone.listen:
            sys.stdout.write(done_text("no_phone_page", settings.lang) + "\n")


def use(settings: Settings, merchant: str, by: str, profile: str, reason: str = "", *, as_json: bool) -> None:
    """Give a merchant another profile."""
    done = Console(settings, merchant, by, reason).do(USE_PROFILE, ProfileName(profile))
    changed = _merchant_in(done.decision.changes)
    held = held_overrides(changed.policy_overrides)
    if as_json:
        print_json({"merchant_no": changed.merchant_no, "profile": changed.policy, "overrides": held})
        return
    sys.stdout.write(done_text("profile_used", settings.lang, profile=changed.policy) + "\n")
    if held:
        rules = ", ".join(f"{name} = {plain_value(value, settings.lang)}" for name, value in held.items())
        sys.stdout.write(done_text("overrides_stay", settings.lang, rules=rules) + "\n")


def use_kind(settings: Settings, merchant: str, by: str, kind: str, *, is_used: bool, as_json: bool) -> None:
    """Let a merchant use a kind of payment, or no longer."""
    done = Console(settings, merchant, by).do(USE_KIND, KindUse(kind, is_used))
    changed = _merchant_in(done.decision.changes)
    refused = (changed.kinds_refused or "").split()
    if as_json:
        print_json({"merchant_no": changed.merchant_no, "kinds_refused": refused})
        return
    word = PAYMENTS[kind].zh if settings.lang == "zh" else PAYMENTS[kind].en
    sys.stdout.write(done_text("kind_used" if is_used else "kind_refused", settings.lang, kind=word) + "\n")


def _wanted(settings: Settings, profile: str | None, merchant: str) -> tuple[str, str, str | None]:
    if profile is not None:
        return profile, "", None
    if not merchant and not Places(settings.data_path).complete.exists():
        return FIRST_PROFILE, "", None
    console = Console(settings, merchant)
    with lists_of(settings) as queries:
        (shop,) = queries.list_merchants(PlaceFilter(merchant_no=console.merchant_no))
    return shop.policy, shop.policy_overrides, shop.merchant_no


def _merchant_in(changes: tuple[object, ...]) -> Merchant:
    return next(row for change in changes if isinstance(row := getattr(change, "record", None), Merchant))


def _lines(row: RuleRow, lang: Lang) -> str:
    """One rule within 80 columns: its value, and below it what it is for."""
    value = value_shown(row, lang)
    cells = set_cell_size(value, max(cell_len(value), VALUE_CELLS))
    said = Text(row.zh if lang == "zh" else row.en).wrap(rich_console.Console(width=WORDS_CELLS), WORDS_CELLS)
    bounds = f"{row.rule:<26}{cells}  {bounds_shown(row, lang)}".rstrip()
    return "\n".join((bounds, *(f"    {part.plain}".rstrip() for part in said)))


def _line(row: RuleRow, lang: Lang) -> str:
    """One rule on one line, however narrow the window: what wraps is the words, not the figures."""
    value, what = value_shown(row, lang), row.zh if lang == "zh" else row.en
    cells = set_cell_size(value, max(cell_len(value), VALUE_CELLS))
    return f"{row.rule:<26}{cells}  {bounds_shown(row, lang):<16}  {what} · {row.clause}"
