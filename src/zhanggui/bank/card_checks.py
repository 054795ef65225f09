"""What an issuer checks of cards and codes with its keys, as the ledger asks for it; `checks.py` answers by the vault."""

from typing import Protocol

import msgspec

from ..basics.numbers import UnixMs
from ..basics.secret import PayCode
from ..cup.messages.interbank import BankPayment
from ..vault.phone_code import LIFE_S
from .accounts import Books, Card, CardScript


class ChipQuestion(msgspec.Struct, frozen=True):
    """What the chip asks in field 55: its counter, the amount it agreed to, the covered data and the cryptogram."""

    counter: int
    amount_fen: int
    covered: bytes
    arqc: bytes


class ChipDataError(Exception):
    """Field 55 can't be read; the text says where. It becomes answer 30."""


class CardChecks(Protocol):
    """Checks that need the bank's keys; `checks.VaultChecks` makes them with the vault."""

    def code_age_s(self, card: Card, code: PayCode, now: UnixMs) -> int | None:
        """How long ago the phone of this card made the code; None when it did not."""
        ...

    def track_fits(self, card: Card, sale: BankPayment) -> bool:
        """Whether track 2, if there is one, is this card's."""
        ...

    def read_chip(self, field_55: bytes) -> ChipQuestion:
        """Read field 55. ChipDataError when it is no chip data or lacks something."""
        ...

    def cryptogram_fits(self, sale: BankPayment, question: ChipQuestion) -> bool:
        """Whether this card made the cryptogram."""
        ...

    def answer_chip(self, sale: BankPayment, question: ChipQuestion, code: str) -> bytes:
        """Field 55 of the answer, with the proof that the bank gave it."""
        ...

    def write_script(self, sale: BankPayment, question: ChipQuestion, script: CardScript) -> bytes:
        """A command to the chip for field 55 of the answer, sealed for this card and this payment."""
        ...

    def pin_fits(self, card: Card, sale: BankPayment) -> bool:
        """Whether the PIN block holds this card's PIN. PinBlockError when it holds none."""
        ...


def why_no_code(
    books: Books, code_id: str, code: PayCode, card: Card | None, now: UnixMs, checks: CardChecks
) -> tuple[str, str] | None:
    """Why nobody can pay by this code: answer and reason; None where somebody can. A payment that was refused has not used it."""
    age_s = checks.code_age_s(card, code, now) if card is not None else None
    if age_s is None:
        return ("14", "no such code")
    if code_id in books.used_codes:
        return ("12", "code was used")
    return ("54", "code is over") if age_s > LIFE_S else None
