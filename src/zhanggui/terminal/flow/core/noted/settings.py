"""What 99 sees and changes at the machine: values, how they are typed, and what may be one."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import msgspec

SettingName = Literal["host", "port", "timeout_s", "merchant_no"]
TIMEOUT_S_MIN, TIMEOUT_S_MAX = 5, 300
"""Less than five seconds is no time for a bank; what the settings file takes at most."""
PORT_MAX = 65_535
PARTS, PART_DIGITS, PART_MAX = 4, 3, 255


class SetupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is set now, as the machine acts by it."""

    host: str
    port: int
    timeout_s: int
    merchant_no: str
    """As it stands in the settings; another one than the machine acts by begins with its next start."""
    master_key: str = ""
    """Check value of the master key, in hexadecimal; empty where there is none. Never the key."""
    reachable: bool | None = None
    """Whether the host took a call just now; None where nobody asked."""

    def value_of(self, name: SettingName) -> str:
        """One value as text."""
        return str(getattr(self, name))


def read_address(digits: str) -> str | None:
    """An address that was typed as four times three digits; None where it is none.

    >>> read_address("127000000001"), read_address("999000000001")
    ('127.0.0.1', None)
    """
    if len(digits) != PARTS * PART_DIGITS:
        return None
    parts = [int(digits[place : place + PART_DIGITS]) for place in range(0, len(digits), PART_DIGITS)]
    return ".".join(map(str, parts)) if max(parts) <= PART_MAX and any(parts) else None


def read_between(least: int, most: int) -> Callable[[str], str | None]:
    """Reads a number within bounds.

    >>> read_between(5, 300)("060"), read_between(5, 300)("301")
    ('60', None)
    """

    def read(digits: str) -> str | None:
        return str(int(digits)) if digits and least <= int(digits) <= most else None

    return read


class Typed(NamedTuple):
    """How one setting is typed."""

    digits_max: int
    read: Callable[[str], str | None]


MERCHANT_NO_DIGITS = 15
SETTINGS: Mapping[SettingName, Typed] = {
    "host": Typed(PARTS * PART_DIGITS, read_address),
    "port": Typed(len(str(PORT_MAX)), read_between(1, PORT_MAX)),
    "timeout_s": Typed(len(str(TIMEOUT_S_MAX)), read_between(TIMEOUT_S_MIN, TIMEOUT_S_MAX)),
    "merchant_no": Typed(
        MERCHANT_NO_DIGITS, lambda digits: digits if len(digits) == MERCHANT_NO_DIGITS and int(digits) else None
    ),
}
