"""The test cards, and the files by which terminals' virtual card readers hold them.

The cards are data (`cards.toml`), checked when loaded. A card file is what is on the plastic: number, tracks
and, for a chip card, the application with its key.
"""

import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from ..basics.errors import Fault
from ..basics.secret import mask_pan
from .accounts import Behaviour, CardStatus

SERVICE_CODE_CHIP = "220"
"""ISO/IEC 7813: international, with a chip; authorised by the issuer; PIN needed."""
SERVICE_CODE_STRIPE = "120"
CHIP_AID = "A000000333010101"
"""UnionPay debit."""
CHIP_LABEL = "UnionPay Debit"
CHIP_PROFILE = "7C00"
"""Application interchange profile (tag 82): static and dynamic data authentication, cardholder verification, terminal risk
management, issuer authentication."""
CHIP_APPLICATION_DATA = "07010103A00000"
"""Issuer application data (tag 9F10) of a card that asks to go online."""
CHIP_COUNTER_START = 1
OWNER_ONLY = 0o600


class TestCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `cards.toml`. `outcome` is what a payment with the right PIN leads to."""

    __test__ = False  # its name begins with Test, and pytest would take it for a test

    id: str
    pan: str
    expiry_yymm: str
    pin: str
    sequence: str
    balance_fen: int
    discretionary: str
    outcome: str
    label_zh: str
    label_en: str
    hint_zh: str
    hint_en: str
    contactless_free_fen: int
    chip: bool = True
    chip_worn: bool = False
    track_checked: bool = True
    status: CardStatus = "active"
    behaviour: Behaviour = "normal"
    pin_tries: int = 0
    single_limit_fen: int | None = None

    def __repr__(self) -> str:
        return f"TestCard(id={self.id!r}, pan={mask_pan(self.pan)})"

    def __rich_repr__(self) -> Any:
        yield "id", self.id

    @property
    def service_code(self) -> str:
        """What the stripe says about the card."""
        return SERVICE_CODE_CHIP if self.chip else SERVICE_CODE_STRIPE

    @property
    def track2(self) -> str:
        """Track 2 with separator `=`."""
        return f"{self.pan}={self.expiry_yymm}{self.service_code}{self.discretionary}"


def _load() -> tuple[TestCard, ...]:
    text = resources.files(__package__).joinpath("cards.toml").read_bytes()
    table = msgspec.toml.decode(text, type=dict[str, Any])
    return msgspec.convert([table["defaults"] | row for row in table["cards"]], tuple[TestCard, ...])


TEST_CARDS = _load()


def card_named(card_id: str) -> TestCard:
    """A test card by its id. KeyError when there is none."""
    return {card.id: card for card in TEST_CARDS}[card_id]


Phone = tuple[str, bytes]
"""Number and key of the phone that shows a card holder's payment codes."""


class ChipKeys(msgspec.Struct, frozen=True):
    """The two keys on a chip."""

    cryptogram: bytes
    script: bytes
    """By which it knows its issuer's commands."""

    def __repr__(self) -> str:
        return "ChipKeys(••••)"

    def __rich_repr__(self) -> Any:
        yield "••••"


def write_card_files(
    directory: Path, chip_keys: Callable[[TestCard], ChipKeys], phone: Callable[[TestCard], Phone]
) -> list[Path]:
    """Write one JSON file for each card, mode 0600. `chip_keys` gives the keys of a chip, `phone` what shows codes for the card.

    Fault when the disk refuses.
    """
    paths = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number, card in enumerate(TEST_CARDS, 1):
            path = directory / f"{number:02d}-{card.id}.json"
            _write_owner_only(path, msgspec.json.format(msgspec.json.encode(_card_file(card, chip_keys, *phone(card)))))
            paths.append(path)
    except OSError as error:
        raise Fault(
            f"can't write the card files into {directory}: {error.strerror or error}. Check folder and disk."
        ) from error
    return paths


def _card_file(
    card: TestCard, chip_keys: Callable[[TestCard], ChipKeys], phone: str, phone_key: bytes
) -> dict[str, Any]:
    chip = None
    if card.chip:
        keys = chip_keys(card)
        chip = {
            "aid": CHIP_AID,
            "label": CHIP_LABEL,
            "key": keys.cryptogram.hex().upper(),
            "script_key": keys.script.hex().upper(),
            "atc_start": CHIP_COUNTER_START,
            "profile": CHIP_PROFILE,
            "application_data": CHIP_APPLICATION_DATA,
        }
    return {
        "id": card.id,
        "label_zh": card.label_zh,
        "label_en": card.label_en,
        "hint_zh": card.hint_zh,
        "hint_en": card.hint_en,
        "pan": card.pan,
        "expiry_yymm": card.expiry_yymm,
        "track2": card.track2,
        "service_code": card.service_code,
        "sequence": card.sequence,
        "chip": chip,
        "chip_worn": card.chip_worn,
        "phone": {"number": phone, "key": phone_key.hex().upper()},
    }


def _write_owner_only(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.draft")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
        file.write(content + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
