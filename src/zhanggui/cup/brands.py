"""The brands of payment codes, from `brands.toml`: their words, how their codes look, and who is asked about one."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from ..basics.errors import Defect
from ..basics.secret import PAY_CODE_DIGITS_MAX
from ..basics.words import Word, load_rows

Road = Literal["bank", "wallet"]
BrandName = str
"""A key of BRANDS."""


class Brand(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose codes look so."""

    name: BrandName = ""
    digits: tuple[int, int]
    """Fewest and most."""
    prefixes: tuple[str, ...]
    road: Road
    """Who is asked: the card network, or the wallet."""

    def length_of_prefix(self, digits: str) -> int:
        """How much of a code this brand's longest fitting prefix is; 0 where it is none of this brand."""
        fewest, most = self.digits
        if not fewest <= len(digits) <= most:
            return 0
        return max((len(prefix) for prefix in self.prefixes if digits.startswith(prefix)), default=0)


def _load() -> Mapping[BrandName, Brand]:
    rows = load_rows(__package__, "brands.toml", Brand)
    for name, row in rows.items():
        fewest, most = row.digits
        fits = 0 < fewest <= most <= PAY_CODE_DIGITS_MAX and row.prefixes and all(map(str.isdigit, row.prefixes))
        if not fits:
            raise Defect(f"brands.toml, '{name}': digits are fewest and most, and prefixes are digits")
    return {name: msgspec.structs.replace(row, name=name) for name, row in rows.items()}


def _of_card_network() -> BrandName:
    names = [name for name, row in BRANDS.items() if row.road == "bank"]
    if len(names) != 1:
        raise Defect(f"brands.toml: one brand is asked over the card network, not {len(names)}")
    return names[0]


BRANDS = _load()
CARD_NETWORK = _of_card_network()
"""The brand that is the card network's own: its phones read a shop's code as EMV lays it out."""
