"""The shops of the past as they are written down (`shops.toml`): hours, tills, people, and how their customers pay."""

from importlib import resources
from typing import Literal

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ...basics.spans import MINUTE_MS
from ...cup.brands import BRANDS

Habit = Literal["early", "late"]
Stands = Literal["both", "late", "weekend"]
Way = str
"""How somebody pays: a brand of payment codes, or one of CARD_WAYS."""
CARD_WAYS = frozenset({"tap", "insert", "swipe"})


class TillRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One till, and when somebody stands there."""

    number: TerminalNo
    model: Literal["smart", "esign", "keypad"]
    place: str
    stands: Stands


class StaffRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cashier."""

    number: OperatorNo
    name: str
    habit: Habit
    off: tuple[int, ...]
    """Days off; 0 is Monday."""
    tempo_ms: float
    typo: float


class ShopRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One shop."""

    merchant_no: MerchantNo
    name: str
    opens: str
    closes: str
    customers: float
    weekend: float
    hours: dict[str, float]
    yuan: float
    spread: float
    ways: dict[Way, float]
    holds: float
    """Share of the inserted cards on which an amount is held first, as in a hotel."""
    tills: tuple[TillRow, ...]
    staff: tuple[StaffRow, ...]

    @property
    def opens_ms(self) -> int:
        """Milliseconds from midnight."""
        return _of_day(self.opens)

    @property
    def closes_ms(self) -> int:
        """Milliseconds from midnight."""
        return _of_day(self.closes)


def _of_day(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE_MS


def load_shops() -> tuple[ShopRow, ...]:
    """All of them; the demo's own shop is the first. Defect when customers pay in a way that there is not."""

    class _File(msgspec.Struct, forbid_unknown_fields=True):
        shops: tuple[ShopRow, ...]

    shops = msgspec.toml.decode(resources.files(__package__).joinpath("shops.toml").read_bytes(), type=_File).shops
    for shop in shops:
        if unknown := shop.ways.keys() - BRANDS.keys() - CARD_WAYS:
            raise Defect(f"shops.toml, '{shop.name}': nobody pays by {', '.join(sorted(unknown))}")
    return shops
