"""The figures of the host's policy that a terminal acts by: tag RULES of a good sign-in, `name=value` with commas between.

The terminal keeps the text for its next power-on, because some rules count before the host was asked: the eyes' list, and
signing in without network.
"""

from typing import Literal
from zlib import crc32

import msgspec

from .eyes import EYES_ASKED, read_items, write_items

CodeKind = Literal["none", "totp", "shift"]
BadgeUse = Literal["off", "password", "alone"]
AfterSale = Literal["keep", "lock", "sign_out"]
LOCK_S_MIN, LOCK_S_MAX = 30, 900
"""An idle lock is never quicker than a person reads and never slower than fifteen minutes (PCI DSS 8.2.8; operators C.3)."""
CODE_DIGITS_MIN, CODE_DIGITS_MAX = 4, 8
PASSWORD_DIGITS_MAX = 12
DRIFT_WARN_S_MAX = 3600
RECENT_MAX = 6
"""Names that fit a start screen beside the key to sign in."""
DAY_STARTS_HOUR_MAX = 23
SMALL_TAP_FEN_MAX = 100_000
"""1,000.00 yuan: no policy lets a larger tap pass without PIN or signature (UnionPay, since 2018-06-01; domain reference §7.4)."""
FALLBACK_TRIES, FALLBACK_TRIES_MAX = 3, 5
"""Failed reads of a chip before its card's stripe is taken, where the host does not say; and the most that are asked for."""
BETWEEN_KINDS = "+"
KINDS_MAX = 32
"""Kinds of payment that are read; there are not half as many."""
ENVELOPE_BEFORE = "offline_hours=0,offline_uses=0,offline_sale_limit_fen=0"
"""What older terminals have among their rules where the host says nothing of it; it stood before `code_digits`."""
NUMBER_DIGITS_MAX = 9
"""Digits of a rule's value; a longer one is taken for none."""

_CODE_KINDS: dict[str, CodeKind] = {"none": "none", "totp": "totp", "shift": "shift"}
_BADGE_USES: dict[str, BadgeUse] = {"off": "off", "password": "password", "alone": "alone"}
_AFTER_SALE: dict[str, AfterSale] = {"keep": "keep", "lock": "lock", "sign_out": "sign_out"}


class TerminalRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the last good sign-in said; before the first one, a terminal that asks for little and locks by itself."""

    idle_lock_s: int = 300
    """0 never locks."""
    idle_warning_s: int = 20
    after_sale: AfterSale = "keep"
    code_digits: int = 6
    sign_in_code: CodeKind = "none"
    """Where the operator has the code from, if one is asked for."""
    drift_warn_s: int = 30
    check_eyes: bool = False
    eyes_items: tuple[str, ...] = EYES_ASKED
    """What is looked at, where it is."""
    new_day_signs_in: bool = True
    day_starts_hour: int = 0
    """The hour at which a shop day begins."""
    upload_chip_details: bool = False
    """Whether chip payments are told one by one also where the totals agree."""
    user_names: bool = True
    """Whether a user name may be typed in place of a number."""
    badge: BadgeUse = "password"
    """Whether a badge says who somebody is, and whether the password is typed too."""
    phone: bool = False
    """Whether a phone may answer in place of a number."""
    slip_link: bool = False
    """Whether a customer may take a slip along on a phone."""
    recent_operators: int = 0
    """Names of those who signed in here lately, one touch each, that the start screen shows."""
    password_digits_min: int = 4
    password_digits_max: int = 12
    """How long a new password is; said before it is typed."""
    no_pin_limit_fen: int = SMALL_TAP_FEN_MAX
    """Up to this amount a tap needs no PIN (免密); 0: each one does."""
    no_sign_limit_fen: int = SMALL_TAP_FEN_MAX
    """Up to this amount a tap is not signed (免签); 0: each one is."""
    pin_bypass: bool = True
    """Whether a cardholder may pass the PIN."""
    fallback_tries: int = FALLBACK_TRIES
    """How often a chip must have failed before its card's stripe is taken; 0: it never is."""
    keyed: bool = False
    """Whether a card's number may be typed."""
    kinds_refused: tuple[str, ...] = ()
    """Kinds of payment that the shop does not use, in the order of their names: no menu offers them."""
    offline: bool = False
    """Whether a sign-in leaves an envelope for signing in without network."""


def write_rules(rules: TerminalRules) -> str:
    """The text of tag RULES.

    >>> write_rules(TerminalRules(idle_lock_s=120))[:37]
    'idle_lock_s=120,idle_warning_s=20,aft'
    """
    names = (
        "idle_lock_s",
        "idle_warning_s",
        "after_sale",
        "code_digits",
        "sign_in_code",
        "drift_warn_s",
        "day_starts_hour",
        "password_digits_min",
        "password_digits_max",
    )
    flags = ("check_eyes", "new_day_signs_in", "offline", "upload_chip_details")
    words = [f"{name}={getattr(rules, name)}" for name in names]
    if rules.eyes_items != EYES_ASKED:
        words.append(f"eyes_items={write_items(rules.eyes_items)}")
    if not rules.user_names:
        words.append("user_names=0")
    if rules.badge != "password":
        words.append(f"badge={rules.badge}")
    if rules.phone:
        words.append("phone=1")
    if rules.slip_link:
        words.append("slip_link=1")
    if rules.recent_operators:
        words.append(f"recent_operators={rules.recent_operators}")  # most shops show no names, and the answer is short
    limits = {"no_pin_limit_fen": rules.no_pin_limit_fen, "no_sign_limit_fen": rules.no_sign_limit_fen}
    words += [f"{name}={limit}" for name, limit in limits.items() if limit != SMALL_TAP_FEN_MAX]
    if not rules.pin_bypass:
        words.append("pin_bypass=0")
    if rules.fallback_tries != FALLBACK_TRIES:
        words.append(f"fallback_tries={rules.fallback_tries}")
    if rules.keyed:
        words.append("keyed=1")
    if rules.kinds_refused:
        words.append(f"kinds_refused={BETWEEN_KINDS.join(rules.kinds_refused)}")
    return ",".join([*words, *(f"{name}={int(getattr(rules, name))}" for name in flags)])


def rules_mark(rules: TerminalRules) -> str:
    """What tells rules from others in a heartbeat: the terminal says which it has, and is told when they are not the host's.

    >>> rules_mark(TerminalRules()) == rules_mark(TerminalRules(idle_lock_s=120))
    False
    """
    return _mark(write_rules(rules))


def marks_of_the_same(rules: TerminalRules) -> tuple[str, ...]:
    """What terminals say that act by these rules: ours, and those before, which had the envelope's figures among their rules.

    Tag OFFLINE has those figures; a terminal that is no longer told of them takes each for 0.
    """
    text = write_rules(rules)
    return _mark(text), _mark(text.replace(",code_digits=", f",{ENVELOPE_BEFORE},code_digits=", 1))


def _mark(text: str) -> str:
    return f"{crc32(text.encode()):08X}"


def read_rules(text: str) -> TerminalRules:
    """Read tag RULES. What is unknown or malformed leaves the default: a terminal never stops working over a rule.

    >>> read_rules("idle_lock_s=120,after_sale=lock,check_eyes=1,colour=red").after_sale
    'lock'
    """
    said = dict(part.partition("=")[::2] for part in text.split(","))
    plain = TerminalRules()

    def number(name: str, default: int, most: int) -> int:
        value = said.get(name, "")
        is_number = value.isascii() and value.isdigit() and len(value) <= NUMBER_DIGITS_MAX
        return min(int(value), most) if is_number else default

    def flag(name: str, default: bool) -> bool:
        return number(name, int(default), 1) == 1

    lock_s = number("idle_lock_s", plain.idle_lock_s, LOCK_S_MAX)
    lock_s = max(lock_s, LOCK_S_MIN) if lock_s else 0
    return TerminalRules(
        idle_lock_s=lock_s,
        idle_warning_s=min(number("idle_warning_s", plain.idle_warning_s, LOCK_S_MAX), lock_s),
        after_sale=_AFTER_SALE.get(said.get("after_sale", ""), plain.after_sale),
        code_digits=max(number("code_digits", plain.code_digits, CODE_DIGITS_MAX), CODE_DIGITS_MIN),
        sign_in_code=_CODE_KINDS.get(said.get("sign_in_code", ""), plain.sign_in_code),
        drift_warn_s=number("drift_warn_s", plain.drift_warn_s, DRIFT_WARN_S_MAX),
        user_names=flag("user_names", plain.user_names),
        badge=_BADGE_USES.get(said.get("badge", ""), plain.badge),
        phone=flag("phone", plain.phone),
        slip_link=flag("slip_link", plain.slip_link),
        recent_operators=number("recent_operators", plain.recent_operators, RECENT_MAX),
        check_eyes=flag("check_eyes", plain.check_eyes),
        eyes_items=read_items(said.get("eyes_items", "")),
        new_day_signs_in=flag("new_day_signs_in", plain.new_day_signs_in),
        day_starts_hour=number("day_starts_hour", plain.day_starts_hour, DAY_STARTS_HOUR_MAX),
        upload_chip_details=flag("upload_chip_details", plain.upload_chip_details),
        password_digits_min=number("password_digits_min", plain.password_digits_min, PASSWORD_DIGITS_MAX),
        password_digits_max=number("password_digits_max", plain.password_digits_max, PASSWORD_DIGITS_MAX),
        no_pin_limit_fen=number("no_pin_limit_fen", plain.no_pin_limit_fen, SMALL_TAP_FEN_MAX),
        no_sign_limit_fen=number("no_sign_limit_fen", plain.no_sign_limit_fen, SMALL_TAP_FEN_MAX),
        pin_bypass=flag("pin_bypass", plain.pin_bypass),
        fallback_tries=number("fallback_tries", plain.fallback_tries, FALLBACK_TRIES_MAX),
        keyed=flag("keyed", plain.keyed),
        kinds_refused=tuple(
            sorted({kind for kind in said.get("kinds_refused", "").split(BETWEEN_KINDS)[:KINDS_MAX] if kind})
        ),
        offline=flag("offline", plain.offline),
    )
