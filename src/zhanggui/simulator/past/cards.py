"""Cards and phones of the shops' customers: issued by the demo's bank and wallets, held by nobody but this history.

The test cards of the visitor are not touched: their balances stay what the documents say. Each card is told from the others by its
number alone; the numbers are of the test range, and pass the Luhn check.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

from ...bank.cards import CHIP_AID, CHIP_APPLICATION_DATA, CHIP_LABEL, CHIP_PROFILE, ChipKeys, TestCard
from ...bank.setup import issue_cards
from ...basics.errors import Fault
from ...basics.numbers import UnixMs
from ...basics.secret import Pan, PayCode, Secret
from ...cup.brands import BRANDS, CARD_NETWORK, BrandName
from ...cup.values.card_number import has_check_digit
from ...terminal.devices.chip import CardCounter, ChipFile, VirtualChip
from ...terminal.devices.chip_memory import ChipMemoryFile
from ...terminal.devices.ports import CardInHand
from ...terminal.flow.core.kept import EntryWay
from ...vault.hsm import Hsm
from ...vault.phone_code import CHANCE_DIGITS, phone_code
from ...wallets.books import Customer
from ...wallets.brands import new_code
from ...wallets.customers import PASSWORD
from ...wallets.paying import show_code
from ...wallets.phone_acts import pay_shop
from ..fleets.dice import Dice
from .floor import Floor

PIN = "123456"
"""Of all cards here: they are worth nothing."""
BALANCE_FEN = 50_000_000_00
WALLET_FEN = 10_000_000_00
RANGE = "62170000000001"
CARDS = 48
CHIPS = 40
"""Of the cards; the others have a stripe only."""
LOST, EMPTY = (1, 2), (3, 4)
"""Cards that their bank refuses: reported lost, and without money."""
POOR_FEN = 3_00
GUESTS = 24
"""Customers of each brand."""


class InnerCounter(CardCounter):
    """A chip's counter that is kept in no file: its card is never held by anybody else."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._counts = itertools.count(1)

    def next(self) -> int:
        return next(self._counts)


@dataclass(frozen=True, slots=True)
class HeldCard:
    """One customer's card, and the phone that shows codes for it."""

    card: TestCard
    chip: ChipFile | None
    counter: InnerCounter
    phone: str
    phone_key: bytes

    @property
    def pan(self) -> Pan:
        """The card's number."""
        return Pan(self.card.pan)

    def shown(self, way: EntryWay) -> CardInHand:
        """The card in the cashier's hand."""
        is_chip = way in ("insert", "tap")
        memory = ChipMemoryFile(Path("/nonexistent"))
        return CardInHand(
            pan=self.pan,
            expiry_yymm=self.card.expiry_yymm,
            track2=Secret(self.card.track2),
            sequence=self.card.sequence if is_chip else "",
            way=way,
            label_zh=self.card.label_zh,
            label_en=self.card.label_en,
            has_chip=self.chip is not None,
            chip=VirtualChip(self.chip, self.counter, memory) if is_chip and self.chip is not None else None,
        )

    def code(self, now: UnixMs, dice: Dice) -> PayCode:
        """A new payment code on the phone."""
        chance = f"{dice.below(10**CHANCE_DIGITS):0{CHANCE_DIGITS}d}"
        return PayCode(phone_code(self.phone, self.phone_key, chance, now // 1_000))


class Customers:
    """Everybody who comes to pay."""

    def __init__(self, floor: Floor, dice: Dice) -> None:
        self._floor, self._dice = floor, dice
        self.cards: list[HeldCard] = []

    def issue(self, data_dir: Path, bank_vault: Hsm) -> None:
        """Issue the cards, and open the wallets' accounts."""
        cards = [_card(number, self._dice) for number in range(1, CARDS + 1)]
        for card, (keys, phone) in zip(cards, issue_cards(data_dir, bank_vault, cards), strict=True):
            chip = _chip(keys) if card.chip else None
            self.cards.append(HeldCard(card, chip, InnerCounter(), *phone))
        with self._floor.wallets_file.writing() as rows:
            for brand in BRANDS:
                for number in range(GUESTS + 1):
                    fen = WALLET_FEN if number else POOR_FEN
                    rows.put(Customer(brand=brand, customer_no=_guest(number), balance_fen=fen, behaviour="normal"))

    def card(self, way: EntryWay) -> HeldCard:
        """A card that can be shown like this, and whose bank says yes while its PIN is right."""
        if way == "swipe":
            return self._dice.pick(self.cards[CHIPS:])
        return self._dice.pick(self.cards[LOST[-1] + len(EMPTY) : CHIPS])

    def refused_card(self) -> HeldCard:
        """A card that its bank refuses."""
        return self.cards[self._dice.pick((*LOST, *EMPTY)) - 1]

    def wallet_code(self, brand: BrandName, *, is_poor: bool = False) -> PayCode:
        """A new payment code on the phone of somebody's wallet, or of a card's holder where the brand is the card network's.

        `is_poor`: of somebody who has less than anything costs.
        """
        now = self._floor.clock.now()
        if brand == CARD_NETWORK:
            card = self.cards[self._dice.pick(EMPTY) - 1] if is_poor else self.card("tap")
            return card.code(now, self._dice)
        code = new_code(brand, self._floor.chance)
        with self._floor.wallets_file.writing() as rows:
            customer = rows.customer(brand, _guest(0 if is_poor else 1 + self._dice.below(GUESTS)))
            if customer is not None:
                show_code(rows, customer, code, now)
        return PayCode(code)

    def pay_shown(self, brand: BrandName, shown: str) -> None:
        """Somebody's phone reads a code that a shop shows, and pays it. Fault when the wallet does not let it."""
        with self._floor.wallets_file.writing() as rows:
            customer = rows.customer(brand, _guest(1 + self._dice.below(GUESTS)))
            if customer is None:
                raise Fault("a guest has no wallet")
            seen = pay_shop(rows, customer, shown, 0, Secret(PASSWORD), self._floor.clock.now())
        if seen.outcome != "paid":
            raise Fault(f"a shop's code could not be paid: {seen.outcome}")


def _guest(number: int) -> str:
    return f"guest-{number:02d}"


def _card(number: int, dice: Dice) -> TestCard:
    start = f"{RANGE}{number:04d}"
    pan = next(pan for digit in range(10) if has_check_digit(pan := f"{start}{digit}"))
    return TestCard(
        id=f"guest-{number:02d}",
        pan=pan,
        expiry_yymm="4912",
        pin=PIN,
        sequence="001",
        balance_fen=POOR_FEN if number in EMPTY else BALANCE_FEN,
        status="lost" if number in LOST else "active",
        discretionary=f"{dice.below(10**10):010d}",
        outcome="00",
        label_zh="顾客的卡",
        label_en="A customer's card",
        hint_zh="",
        hint_en="",
        contactless_free_fen=1_000_00,
        chip=number <= CHIPS,
    )


def _chip(keys: ChipKeys) -> ChipFile:
    return ChipFile(
        key=keys.cryptogram.hex(),
        aid=CHIP_AID,
        profile=CHIP_PROFILE,
        application_data=CHIP_APPLICATION_DATA,
        script_key=keys.script.hex(),
        label=CHIP_LABEL,
    )
