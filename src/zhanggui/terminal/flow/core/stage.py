"""What every stage is made of: the base of all stages, the card in hand, a problem in words, and where screens lead."""

from typing import Literal

import msgspec

from ..screens.screens import Text
from .events import EntryWay


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The card in the reader's hand, as far as the flow may see it."""

    way: EntryWay
    masked_pan: str
    expiry_yymm: str
    label: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something did not go on: what happened, what to do, and the short code for the phone."""

    code: str
    what: Text
    todo: Text
    added: str = ""
    """What the host adds for people, as it came."""


Then = Literal["standby", "number", "password", "self_check", "look_around"]
"""Where a screen leads when it is left."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all stages."""
