"""The plan of each brand: when a wallet is asked again, when an unclear order is cancelled (`plans.toml`)."""

from collections.abc import Mapping
from itertools import pairwise

import msgspec

from ...basics.errors import Defect
from ...basics.words import read_rows
from ...cup.brands import BRANDS


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of one brand in seconds; what each is for stands on top of `plans.toml`."""

    answer_s: int
    first_s: int
    every_s: tuple[int, int]
    until_s: int
    queries_max: int
    cancel_from_s: int
    cancel_within_s: int
    again_s: tuple[int, int]
    look_s: int
    offer_until_s: int
    offer_every_s: int

    def is_in_order(self) -> bool:
        """Whether the times can follow each other, and none is zero: nobody may be asked without a pause."""
        figures = (
            self.answer_s,
            self.first_s,
            self.queries_max,
            self.offer_until_s,
            self.offer_every_s,
            *self.every_s,
            *self.again_s,
        )
        grows = (self.every_s, self.again_s, (self.first_s, self.until_s, self.cancel_within_s))
        return min(figures) > 0 and all(low <= high for row in grows for low, high in pairwise(row))


PLANS: Mapping[str, Plan] = read_rows(__package__, "plans.toml", Plan)
if set(PLANS) != set(BRANDS):
    raise Defect("plans.toml has other brands than cup/brands.toml")
if wrong := [name for name, plan in PLANS.items() if not plan.is_in_order()]:
    raise Defect(f"plans.toml, '{wrong[0]}': its times do not follow each other")


def plan_of(brand: str) -> Plan:
    """The plan that a brand's orders follow. Defect for a brand without one: its orders would never be asked about."""
    try:
        return PLANS[brand]
    except KeyError:
        raise Defect(f"plans.toml has no row for the brand of an order: {brand}") from None
