"""Virtual cards: files that the bank writes (`cards/*.json`), one card each, and what a reader gets from them.

A file holds everything that is on a plastic card, chip keys included: it *is* the card. Only test cards are ever written.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import Fault, Misuse
from ...basics.secret import Pan, Secret, mask_pan
from ...cup.values.fallback import has_chip as stripe_has_chip
from ...vault.badge import is_badge
from ..flow.core.events import EntryWay
from .ports import CardFace, CardInHand, ChipCard

CARDS_MAX = 200
"""Cards shown at one terminal: a test set has a dozen, and the page lists them all."""
CARD_FILE_BYTES_MAX = 16_384
CARD_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class PhoneFile(msgspec.Struct, frozen=True, kw_only=True):
    """What the phone of a card's holder needs to make payment codes: its number, and the key that it shares with the bank."""

    number: str
    key: str

    def __repr__(self) -> str:
        return f"PhoneFile({self.number!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("number", self.number)]


class CardFile(msgspec.Struct, frozen=True, kw_only=True):
    """One card file. `chip` holds the keys and data of the chip application, or null for a card with a stripe alone."""

    id: str
    label_zh: str
    label_en: str
    hint_zh: str = ""
    hint_en: str = ""
    pan: str = ""
    expiry_yymm: str = ""
    track2: str = ""
    service_code: str = ""
    sequence: str = "001"
    chip: dict[str, Any] | None = None
    chip_worn: bool = False
    """Its chip does not answer in a slot any more (simulated): the stripe and, on such a card, the antenna are as they were."""
    phone: PhoneFile | None = None
    """The phone of its holder, which shows payment codes; None in files that an older bank wrote."""
    badge: str = ""
    """An operator's badge: a staff card, which pays nothing and has none of the above."""

    def __repr__(self) -> str:
        return f"CardFile(id={self.id!r}, pan={mask_pan(self.pan)})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        # msgspec gives every struct a rich representation with its values, and rich draws tracebacks with local names.
        return [("id", self.id)]

    @property
    def has_chip(self) -> bool:
        """By what the stripe says and by what the file holds; a reader that only sees the stripe knows the first."""
        return self.chip is not None or stripe_has_chip(self.service_code)

    def face(self) -> CardFace:
        """What may be shown of it."""
        return CardFace(
            id=self.id,
            label_zh=self.label_zh,
            label_en=self.label_en,
            masked_pan=mask_pan(self.pan),
            hint_zh=self.hint_zh,
            hint_en=self.hint_en,
            chip=self.chip is not None,
            phone=self.phone is not None,
            badge=bool(self.badge),
        )

    def in_hand(self, way: EntryWay, chip: ChipCard | None) -> CardInHand:
        """The card as a reader holds it after reading it this way."""
        return CardInHand(
            pan=Pan(self.pan),
            expiry_yymm=self.expiry_yymm,
            track2=Secret(self.track2) if self.track2 else None,
            sequence=self.sequence if way != "swipe" else "",
            way=way,
            label_zh=self.label_zh,
            label_en=self.label_en,
            has_chip=self.has_chip,
            chip=chip,
        )


def read_cards(folder: Path) -> Mapping[str, CardFile]:
    """Read every card file of a folder, by id in the order of file names; an empty mapping when there is no folder.

    Raises Fault for a file that can't be read, Misuse for one that is no card, naming the file and never what it holds.
    """
    cards: dict[str, CardFile] = {}
    for path in sorted(folder.glob("*.json"))[:CARDS_MAX]:
        card = _read_card(path)
        cards[card.id] = card
    return cards


def _read_card(path: Path) -> CardFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(
            f"can't read the card file {path}: {error.strerror or error}. Let the bank write its cards again."
        ) from error
    try:
        if len(content) > CARD_FILE_BYTES_MAX:
            raise ValueError(f"it is longer than {CARD_FILE_BYTES_MAX} bytes")
        card = msgspec.json.decode(content, type=CardFile)
        if card.badge:
            if card.pan or not is_badge(card.badge):
                raise ValueError("a staff card holds a badge, and no card number")
        elif not (card.expiry_yymm and card.service_code):
            raise ValueError("it lacks an expiry date or a service code")
        else:
            Pan(card.pan)
        if not CARD_ID.fullmatch(card.id):
            raise ValueError("its id is not lower-case letters, digits and hyphens")
    except (ValueError, *BAD_JSON) as error:
        raise Misuse(f"{path} is no card file: {error}. Remove it, or let the bank write its cards again.") from None
    return card
