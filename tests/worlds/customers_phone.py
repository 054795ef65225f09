"""The phone of a bank's customer: it shows payment codes (付款码), as its file says."""

import itertools
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from time import time
from typing import Any

from zhanggui.vault.phone_code import CHANCE_DIGITS, phone_code


class CustomersPhone:
    """One phone. Its codes are drawn in turn from a drawn beginning: two of ten seconds that were drawn alike would be one code, which
    is good for one payment."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        """`file` is a test card's, as the bank exports it."""
        self._number, self._key = file["phone"]["number"], bytes.fromhex(file["phone"]["key"])
        self._chances = itertools.count(secrets.randbelow(10**CHANCE_DIGITS))

    def code(self, *, ago_s: float = 0) -> str:
        """What it shows now, or has shown so long ago."""
        chance = f"{next(self._chances) % 10**CHANCE_DIGITS:0{CHANCE_DIGITS}d}"
        return phone_code(self._number, self._key, chance, int(time() - ago_s))


def phone_in(cards: Path, card: str = "main") -> CustomersPhone:
    """The phone of this test card's holder, in a folder of exported cards."""
    (file,) = cards.glob(f"*-{card}.json")
    return CustomersPhone(json.loads(file.read_bytes()))
