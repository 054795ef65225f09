"""The brands of simulated wallets as data (`brands.toml`), and our causes in their words."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from ..basics.chance import Chance
from ..basics.errors import Defect
from ..basics.words import read_rows
from ..cup.brands import BRANDS, BrandName
from ..cup.wallets.codes import WALLET_CODES, Said
from ..cup.wallets.messages import WalletAnswer

Cause = Literal[
    "done",
    "waiting",
    "code_expired",
    "code_used",
    "code_invalid",
    "balance_small",
    "day_limit",
    "static_limit",
    "risk",
    "brand_not_taken",
    "customer_refused",
    "order_closed",
    "number_used",
    "absent",
    "too_early",
    "too_late",
    "too_much",
    "busy",
    "unclear",
    "unproven",
    "malformed",
]
"""What an answer is about, before it is said in a brand's words."""
STATE_NAMES = ("unpaid", "closed", "returned", "failed")
"""Words of states that each brand has; `paid` where it is another word than `done`."""


class BrandRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One brand; what each field is for stands on top of `brands.toml`."""

    digits: int
    code_life_s: int
    password_over_fen: int
    static_day_fen: int
    day_limit_fen: int
    revoke_s: int
    offer_life_s: int
    cancel_from_s: int
    cancel_within_s: int
    words: Mapping[str, str]
    outer: Mapping[Said, str] = {}

    def state_word(self, state: str) -> str:
        """The brand's word for a state of an order."""
        return self.words.get(state) or self.words["done"]

    def answer(self, cause: Cause, brand: BrandName) -> WalletAnswer:
        """A cause in the brand's words, with the code around it where the brand has one."""
        word = self.words[cause]
        around = self.outer.get(WALLET_CODES[f"{brand}:{word}"].says) if cause not in ("done", "waiting") else None
        return WalletAnswer(code=around, sub=word) if around else WalletAnswer(code=word)


BRAND_ROWS: Mapping[str, BrandRow] = read_rows(__package__, "brands.toml", BrandRow)


def _check() -> None:
    if set(BRAND_ROWS) != set(BRANDS):
        raise Defect("wallets/brands.toml has other brands than cup/brands.toml")
    for name, row in BRAND_ROWS.items():
        fewest, most = BRANDS[name].digits
        if not fewest <= row.digits <= most:
            raise Defect(f"wallets/brands.toml, '{name}': codes of {fewest} to {most} digits are its own")
        missing = {*get_args(Cause), *STATE_NAMES} - set(row.words)
        unknown = [word for word in row.words.values() if f"{name}:{word}" not in WALLET_CODES]
        if missing or unknown:
            raise Defect(f"brands.toml, '{name}': no words for {sorted(missing)}; no codes {unknown}")


_check()


def new_code(brand: BrandName, chance: Chance) -> str:
    """A customer's code by chance: nobody guesses one that is good for a minute.

    >>> from zhanggui.basics.chance import SeededChance
    >>> code = new_code("unionpay", SeededChance(1))
    >>> len(code), code[:2]
    (19, '62')
    """
    prefixes = BRANDS[brand].prefixes
    number = int.from_bytes(chance.take_secret(16), "big")
    number, which = divmod(number, len(prefixes))
    prefix = prefixes[which]
    rest = BRAND_ROWS[brand].digits - len(prefix)
    return f"{prefix}{number % 10**rest:0{rest}d}"
