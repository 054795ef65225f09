"""The virtual card reader: cards are files, and a person holds one to it on the page or by a command."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...basics.errors import Misuse
from ...basics.secret import PayCode, Secret
from ..flow.core.events import ReaderWay
from .cards import CardFile, PhoneFile, read_cards
from .ports import CardFace, CardInHand, CardUnread, ChipCard, OnBadge, OnCard
from .switches import VirtualSwitch

STAFF_WAYS = ("swipe", "tap")
"""A staff card has a stripe and is contactless."""
MakeChip = Callable[[CardFile], ChipCard]
"""Makes the chip application of a card file whose `chip` is not null."""


MakeCode = Callable[[PhoneFile], PayCode]
"""Makes a payment code, as a phone does."""


class PulledChip:
    """A chip whose card is pulled out while the host is asked: it has made its cryptogram and hears no answer."""

    def __init__(self, chip: ChipCard) -> None:
        self._chip = chip

    @property
    def is_there(self) -> bool:
        """Not by the time that anybody asks."""
        return False

    def answer(self, terminal_data: bytes) -> bytes:
        """As long as it is there."""
        return self._chip.answer(terminal_data)

    def accept_answer(self, field_55: bytes) -> bool:
        """Nobody hears it."""
        return False

    @property
    def is_blocked(self) -> bool:
        """As it was when it was read."""
        return self._chip.is_blocked

    def command(self, command: bytes) -> bytes:
        """Nobody answers."""
        return b""


class VirtualCardReader(VirtualSwitch):
    """Reads cards from a folder of card files; the folder is read again whenever cards are listed or shown."""

    def __init__(self, folder: Path, make_chip: MakeChip | None = None, make_code: MakeCode | None = None) -> None:
        super().__init__("card_reader")
        self._folder = folder
        self._make_chip = make_chip
        self._make_code = make_code
        self._ways: tuple[ReaderWay, ...] = ()
        self._on_card: OnCard | None = None
        self._on_badge: OnBadge | None = None

    @property
    def ways(self) -> Sequence[ReaderWay]:
        """The ways by which a card is awaited now; empty when closed."""
        return self._ways

    def open(self, ways: Sequence[ReaderWay], on_card: OnCard) -> None:
        self._ways = tuple(ways)
        self._on_card = on_card

    def close(self) -> None:
        self._ways = ()
        self._on_card = None

    def on_badge(self, on_badge: OnBadge) -> None:
        """Hand staff cards over, whenever one is held to the reader; whoever hears of it knows whether one is awaited."""
        self._on_badge = on_badge

    def cards(self) -> Sequence[CardFace]:
        """The faces of all cards at hand."""
        return tuple(card.face() for card in self._files().values())

    def show_code(self, card_id: str) -> PayCode:
        """What the phone of this card's holder shows now, a new code each time. Misuse for a card that does not exist or has no phone."""
        card = self._files().get(card_id)
        if card is None or card.phone is None or self._make_code is None:
            raise Misuse(f"there is no phone beside a card '{card_id[:32]}'; let the bank write its cards again")
        return self._make_code(card.phone)

    def present(self, card_id: str, way: ReaderWay) -> None:
        """Hold a card to the reader. A closed reader, or one that waits for another way, does not notice it.

        One card ends the waiting: a second card while the first is being handled is not noticed either.
        Raises Misuse for a card that does not exist.
        """
        card = self._files().get(card_id)
        if card is None:
            raise Misuse(f"there is no virtual card '{card_id[:32]}'; `cards` lists those that there are")
        if card.badge:
            if self._on_badge is not None and way in STAFF_WAYS and self.check().state != "fail":
                self._on_badge(Secret(card.badge))
            return
        if self._on_card is None or way not in self._ways:
            return
        on_card = self._on_card
        self.close()
        on_card(self._read(card, way))

    def _read(self, card: CardFile, way: ReaderWay) -> CardInHand | CardUnread:
        if self.check().state == "fail":
            return CardUnread("card.unreadable")
        if way == "swipe":
            return card.in_hand(way, None) if card.track2 else CardUnread("card.no_stripe")
        if card.chip is None:
            return CardUnread("card.no_chip")
        if way == "insert" and (card.chip_worn or self.state == "blind"):
            return CardUnread("card.chip_unread", chip=True)
        chip = self._make_chip(card) if self._make_chip else None
        if chip is not None and chip.is_blocked:
            return CardUnread("card.unreadable")
        if chip is not None and way == "insert" and self.state == "hasty":
            chip = PulledChip(chip)
        return card.in_hand(way, chip)

    def _files(self) -> Mapping[str, CardFile]:
        return read_cards(self._folder)
