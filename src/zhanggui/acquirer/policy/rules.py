"""The rules of a policy as one struct, its bounds, and how a merchant's overrides are laid over a profile.

A profile file holds `[rule] value = …, clause = "…"` for every rule of `Policy`, no more and no less; that is checked when it
is loaded. A merchant picks a profile and may override rules within the profile's own bounds: never looser than `bounds.toml`
says for a rule (its `loosest` value), so that a shop can't switch protection off by accident.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from ...basics.errors import Misuse
from ...basics.visible import alike
from ...basics.words import Word, load_words
from ...cup.values.eyes import (
    BETWEEN_ITEMS,
    EYES_ITEMS,
    ITEMS_MAX,
    OWN_BYTES_MAX,
    OWN_MAX,
    is_own_item,
    item_words,
    write_items,
)

ProfileName = Literal["basic", "strict", "nist"]
PROFILES: tuple[ProfileName, ...] = ("basic", "strict", "nist")
Gate = Literal["pass", "degraded", "blocked"]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """All rules. Units stand last in a name; `0` means "never" or "off" where a rule says so.

    Its hash is kept: what follows from a policy alone is kept by it, and asked for at every sign-in.
    """

    # passwords
    password_digits_min: int
    password_digits_max: int
    password_banned_patterns: bool
    """Same digit, runs, the number itself, years: refused in a new password."""
    password_history: int
    """How many earlier passwords may not come back."""
    password_age_days: int
    """A password older than this must be changed; 0 never."""
    password_notice_days: int
    factory_password: Literal["allow", "change", "refuse"]
    """allow: works, with a push (`factory_push_days`); change: must be changed before the first session; refuse: opens nothing."""
    factory_push_days: int
    """Days that a factory password is let on with a push that grows; from then on it must be changed. 0: without push or end."""
    initial_secret_hours: int
    """How long the secret of a reset lives."""

    # wrong tries
    tries_together: int
    delay_from_failure: int
    """From this failure in a row on, the next try must wait."""
    delay_first_s: int
    delay_factor: int
    delay_max_s: int
    person_lock_failures: int
    person_lock_minutes: int
    person_cap_failures: int
    """This many in a row disable the person until reset."""
    device_lock_failures: int
    device_lock_numbers: int
    """So many different numbers failing within the window lock the device."""
    device_lock_window_minutes: int
    device_lock_minutes: int

    # sign-in code
    sign_in_code: Literal["none", "totp", "shift"]
    code_digits: int
    code_steps_back: int

    # sessions
    duplicate: Literal["refuse", "take_over"]
    lease_s: int
    """A session whose terminal was not heard of for this long is stale and may be taken over with a reason."""
    session_hours_max: int
    new_day_signs_in: bool
    refund_limit_fen: int
    """Highest amount of one refund; 0 no limit."""
    no_pin_limit_fen: int
    """Up to this amount a tap needs no PIN (免密); 0: each one does."""
    no_sign_limit_fen: int
    """Up to this amount a tap is not signed (免签); 0: each one is."""
    pin_bypass: bool
    """Whether a cardholder may pass the PIN by an empty entry, as holders of cards without one do."""
    fallback_tries: int
    """How often a chip must have failed before its card's stripe is taken (降级); 0: it never is."""
    keyed: bool
    """Whether a card's number may be typed (手输卡号), with a supervisor's approval; where not, a card that is not there does not pay."""
    completion_percent: int
    """Highest amount of a completion, as a share of what was authorised."""
    preauth_days: int
    """How long a pre-authorisation may be completed, added to or cancelled."""
    shop_day_starts_hour: int
    """The hour at which a new shop day begins: payments before it belong to the day before."""
    settle_at_hour: int
    """At this hour open batches are settled by themselves, 24 is midnight; 0: by hand only."""
    settle_wait_hours: int
    """After so many hours more a batch that its terminal did not settle is closed by the host; 0: never."""
    batch_proof: Literal["mac", "line", "none"]
    """What a terminal of another maker shows for totals and uploads: a MAC; or none, on a line where it made a payment; or nothing."""
    upload_wait_hours: int
    """So long after its totals a terminal may tell its payments; then the host closes the batch by what it was told."""
    upload_chip_details: bool
    """Whether a terminal of ours tells its chip payments one by one also where the totals of a settlement agree."""
    signature_kept_days: int
    """How long a cardholder's signature is kept, sealed; then its contents go."""
    slip_link_days: int
    """How long a customer finds the slip of a payment by the link that was shown for it; 0: none is shown."""
    idle_lock_s: int
    idle_warning_s: int
    after_sale: Literal["keep", "lock", "sign_out"]
    approval_s: int
    """How long a supervisor's approval may be used."""

    # clock
    drift_warn_s: int
    drift_refuse_s: int
    """A terminal whose clock is off by more may not sign in; 0 never refuses."""

    # offline
    offline_sign_in: bool
    offline_hours: int
    offline_uses: int
    offline_sale_limit_fen: int

    # self-check: what a failed item means
    check_power: Gate
    check_network: Gate
    check_keypad: Gate
    check_display: Gate
    check_card_reader: Gate
    check_scanner: Gate
    check_printer: Gate
    check_clock: Gate
    check_eyes: bool
    """Whether the operator is asked for what only eyes can see."""
    eyes_items: str
    """What that is: items of `cup/values/eyes.py` or words of the shop's own, with `+` between."""
    evidence_required: bool
    """Whether what the rules above and the clock's need must be told; without it, what a terminal leaves out passes."""

    # ways in
    user_names: bool
    """Whether a user name says who somebody is, as a number does; where not, each is nobody's."""
    badge: Literal["off", "password", "alone"]
    """off: none is taken; password: a badge says who, and the password is typed; alone: a badge opens a session of small rights."""
    phone: bool
    """Whether an operator may answer a code of the terminal's on a phone, with number and password, in place of typing them."""
    recent_operators: int
    """Names of those who signed in on a terminal lately that its start screen shows, one touch each; 0 shows none."""

    # accounts and records
    stale_warn_days: int
    stale_disable_days: int
    record_months: int
    answers_days: int
    """How long the answers to operator messages, which hold names, are kept for repeats."""

    @property
    def leaves_envelopes(self) -> bool:
        """Whether a good sign-in may be used again without network: never where a code is asked, which only the host can check."""
        return self.offline_sign_in and self.sign_in_code == "none"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of a profile: its value and the clause it comes from."""

    value: int | str | bool
    clause: str


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an override may be. Numbers: from `least` to `most`. Words: one of `words`, where not all are allowed."""

    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] | None = None
    fixed: bool = False
    """True: a merchant can't override it at all."""
    two: bool = False
    """True: changing it takes two persons (docs/decisions/0018)."""


_LOOKED_AT = (
    msgspec.json.Decoder(dict[str, Rule]),
    msgspec.json.Decoder(dict[str, Bound]),
    msgspec.json.Decoder(Policy),
)
"""Used nowhere: they make msgspec look at these types while the module is imported. Two threads that do so first at once end the process."""


@cache
def load_profile(name: ProfileName) -> Mapping[str, Rule]:
    """The rules of a profile, complete and of the right types. Misuse for a name that is none."""
    if name not in PROFILES:
        raise Misuse(f"there is no policy profile '{name}'; choose {', '.join(PROFILES)}")
    rules = msgspec.toml.decode(_read(f"{name}.toml"), type=dict[str, Rule])
    msgspec.convert({key: rule.value for key, rule in rules.items()}, Policy)
    return MappingProxyType(rules)


@cache
def is_set_by_a_profile(rule: str) -> bool:
    """Whether some profile sets this rule to something else than 0: then shops without rules of their own may have it too."""
    return any(load_profile(name)[rule].value for name in PROFILES)


@cache
def load_bounds() -> Mapping[str, Bound]:
    """What merchants may override, by rule."""
    return MappingProxyType(msgspec.toml.decode(_read("bounds.toml"), type=dict[str, Bound]))


@cache
def rule_words() -> Mapping[str, Word]:
    """What the rules are called, by rule."""
    return load_words(__package__, "words.toml")


@cache
def policy_of(profile: str, overrides: str = "") -> Policy:
    """The policy of a merchant: its profile with its overrides (JSON of rule → value; empty for none).

    Misuse names the override that is unknown, of the wrong type or out of bounds.
    """
    values: dict[str, Any] = {key: rule.value for key, rule in load_profile(profile).items()}
    given = msgspec.json.decode(overrides, type=dict[str, Any]) if overrides else {}
    for name, value in given.items():
        check_override(name, value)
        values[name] = value
    try:
        return msgspec.convert(values, Policy)
    except msgspec.ValidationError as error:
        raise Misuse(f"policy: {error}") from None


def check_override(name: str, value: object) -> None:
    """Misuse when a merchant may not set this rule to this value; the text says what it may be."""
    if name not in Policy.__struct_fields__:
        raise Misuse(f"there is no policy rule '{name}'; 'zhanggui policy report' lists them")
    bound = load_bounds().get(name, Bound())
    if bound.fixed:
        raise Misuse(f"policy rule {name} is set by the profile alone; choose another profile instead")
    if bound.words is not None and value not in bound.words:
        raise Misuse(f"policy rule {name}: expected {' or '.join(bound.words)}")
    if name == "eyes_items" and (not isinstance(value, str) or value != chosen_items(value)):
        raise Misuse(f"policy rule {name}: expected items with {BETWEEN_ITEMS} between")
    if isinstance(value, int) and not isinstance(value, bool):
        too_low = bound.least is not None and value < bound.least
        too_high = bound.most is not None and value > bound.most
        if too_low or too_high:
            raise Misuse(f"policy rule {name}: expected a number from {bound.least} to {bound.most}")


def chosen_items(text: str) -> str:
    """What somebody chose to have looked at, as it is kept: an item by its name in either language, or a word of the shop's own.

    Misuse says what may be chosen. Any comma will do between items.

    >>> chosen_items("线缆，Ｄisplay, 插座无损")
    'cables+display+插座无损'
    """
    called = {alike(name): item for item, word in item_words().items() for name in (item, word.zh, word.en)}
    parts = [part.strip() for part in re.split(r"[+,，、]", text)]
    items = tuple(called.get(alike(part), part) for part in parts)
    own = [item for item in items if item not in EYES_ITEMS]
    if len(set(map(alike, items))) != len(items) or len(items) > ITEMS_MAX:
        raise Misuse(f"policy rule eyes_items: expected 1 to {ITEMS_MAX} items, each once")
    if len(own) > OWN_MAX or not all(is_own_item(item) for item in own):
        raise Misuse(
            f"policy rule eyes_items: expected items of {', '.join(EYES_ITEMS)}, and at most {OWN_MAX} words of your own"
            f" of at most {OWN_BYTES_MAX} letters or {OWN_BYTES_MAX // 2} Chinese characters"
        )
    return write_items(items)


def _read(file: str) -> bytes:
    return resources.files(__package__).joinpath(file).read_bytes()
