"""The figures of the host's policy that a terminal acts by: tag RULES of a good sign-in, `name=value` with commas.

They are kept for the next power-on, because some count before the host was asked: the eyes' list, and signing in without network.
"""

from typing import Literal

import msgspec

AfterSale = Literal["keep", "lock", "sign_out"]
LOCK_S_MIN, LOCK_S_MAX = 30, 900
"""An idle lock is never quicker than a person reads and never slower than fifteen minutes (PCI DSS 8.2.8; operators C.3)."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the last good sign-in said; before the first one, a terminal that asks for little and locks by itself."""

    idle_lock_s: int = 300
    """0 never locks."""
    idle_warning_s: int = 20
    after_sale: AfterSale = "keep"
    offline: bool = False
    code_digits: int = 6
    drift_warn_s: int = 30
    check_eyes: bool = False
    new_day_signs_in: bool = True


AFTER_SALE: dict[str, AfterSale] = {"keep": "keep", "lock": "lock", "sign_out": "sign_out"}


def read_rules(text: str) -> Rules:
    """Read tag RULES. What is unknown or malformed leaves the default: a terminal never stops working over a rule.

    >>> read_rules("idle_lock_s=120,after_sale=lock,check_eyes=1,colour=red").after_sale
    'lock'
    """
    said = dict(part.partition("=")[::2] for part in text.split(","))
    plain = Rules()

    def number(name: str, default: int, most: int) -> int:
        value = said.get(name, "")
        return min(int(value), most) if value.isascii() and value.isdigit() and len(value) <= 9 else default

    def flag(name: str, default: bool) -> bool:
        return number(name, int(default), 1) == 1

    lock_s = number("idle_lock_s", plain.idle_lock_s, LOCK_S_MAX)
    lock_s = max(lock_s, LOCK_S_MIN) if lock_s else 0
    return Rules(
        idle_lock_s=lock_s,
        idle_warning_s=min(number("idle_warning_s", plain.idle_warning_s, LOCK_S_MAX), lock_s),
        after_sale=AFTER_SALE.get(said.get("after_sale", ""), plain.after_sale),
        offline=flag("offline", plain.offline),
        code_digits=max(number("code_digits", plain.code_digits, 8), 4),
        drift_warn_s=number("drift_warn_s", plain.drift_warn_s, 3600),
        check_eyes=flag("check_eyes", plain.check_eyes),
        new_day_signs_in=flag("new_day_signs_in", plain.new_day_signs_in),
    )
