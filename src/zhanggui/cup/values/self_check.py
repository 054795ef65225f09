"""A terminal's self-check (自检) as it is told: SELF_CHECK beside a sign-in, HEALTH in a heartbeat. One form for both.

    item:state or item:state:reason, with commas between; state ok, warn or fail

A state that nobody knows counts as fail: a word without meaning proves nothing (OWASP ASVS 5.0 16.5.3, fail closed).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec

CheckItem = Literal["power", "network", "keypad", "display", "card_reader", "scanner", "printer", "clock", "tamper"]
CheckState = Literal["ok", "warn", "fail"]
CHECK_ITEMS: tuple[CheckItem, ...] = (
    "power",
    "network",
    "keypad",
    "display",
    "card_reader",
    "scanner",
    "printer",
    "clock",
    "tamper",
)
"""What a terminal checks of itself, in the order in which it is told."""
TEXTS_KEPT = 512
"""Texts whose reading is kept: terminals that are well all say the same one. A text is at most as long as field 62, 512 bytes."""

MODEL_LACKS: dict[str, frozenset[str]] = {"esign": frozenset({"printer"}), "keypad": frozenset({"scanner"})}
"""Parts that a model does not have: nobody can ask for word of them. Any other model is taken to have all."""

_KNOWN: dict[str, CheckState] = {"ok": "ok", "warn": "warn", "fail": "fail"}


class CheckedItem(msgspec.Struct, frozen=True):
    """One part: its name (`item` may be one that we do not know), its state, and why when it is not ok."""

    item: str
    state: CheckState
    reason: str = ""

    @property
    def said(self) -> str:
        """State and reason as they are told: `warn:no_paper`."""
        return f"{self.state}:{self.reason}" if self.reason else self.state


class SelfCheck(msgspec.Struct, frozen=True):
    """What a terminal says of itself. `told` is the text as it came: that is the evidence which a sign-in record keeps."""

    items: tuple[CheckedItem, ...] = ()
    told: str = ""


NO_SELF_CHECK = SelfCheck()


def write_self_check(items: Iterable[CheckedItem]) -> SelfCheck:
    """The check of these parts, with its text.

    >>> write_self_check([CheckedItem("printer", "warn", "no_paper"), CheckedItem("power", "ok")]).told
    'printer:warn:no_paper,power:ok'
    """
    kept = tuple(items)
    return SelfCheck(kept, ",".join(f"{one.item}:{one.said}" for one in kept))


@lru_cache(maxsize=TEXTS_KEPT)
def read_self_check(text: str) -> SelfCheck:
    """Read the tag; never refuses: upper case and spaces are passed over, and a state that is no known word is `fail`.

    >>> read_self_check("printer:warn:no_paper,Power: OK,scanner:odd").items[1:]
    (CheckedItem(item='power', state='ok', reason=''), CheckedItem(item='scanner', state='fail', reason=''))
    """
    return SelfCheck(tuple(_item(entry) for entry in text.lower().split(",") if entry), text)


def _item(entry: str) -> CheckedItem:
    item, _, rest = entry.partition(":")
    state, _, reason = rest.partition(":")
    return CheckedItem(item.strip(), _KNOWN.get(state.strip(), "fail"), reason.strip())
