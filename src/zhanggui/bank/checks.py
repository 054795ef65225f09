"""The checks that need the bank's keys, made with the vault."""

from ..basics.errors import certain
from ..basics.numbers import UnixMs
from ..basics.secret import Pan, PayCode
from ..cup.messages.interbank import BankPayment
from ..cup.values.issuer_script import IssuerScript, write_scripts
from ..iso8583.errors import TlvError
from ..iso8583.tlv import decode_tlv, encode_tlv
from ..vault.cryptogram import CRYPTOGRAM_BYTES, arqc_data
from ..vault.errors import CryptogramDataMissing
from ..vault.hsm import Hsm
from ..vault.phone_code import age_s
from .accounts import Card, CardScript
from .card_checks import ChipDataError, ChipQuestion
from .keys import BankKeys, CardKeys
from .scripts import command_of, script_id_of

TAG_ARQC = 0x9F26
TAG_COUNTER = 0x9F36
TAG_AMOUNT = 0x9F02
TAG_ISSUER_AUTHENTICATION = 0x91
COUNTER_BYTES = 2
AMOUNT_BYTES = 6

_PAN_HASH = b"pan:"
_TRACK_HASH = b"track2:"
_CODE_HASH = b"pay-code:"
_PHONE_KEY = b"phone:"


def card_id_of(hsm: Hsm, keys: CardKeys, pan: Pan) -> str:
    """What a card is looked up by: a keyed hash of its number, hexadecimal."""
    return hsm.fingerprint(keys.fingerprint_key, _PAN_HASH + pan.reveal().encode("ascii")).hex()


def track_hash_of(hsm: Hsm, keys: CardKeys, track2: str) -> str:
    """What is kept in place of a card's track 2."""
    return hsm.fingerprint(keys.fingerprint_key, _TRACK_HASH + track2.encode("ascii")).hex()


def phone_key_of(hsm: Hsm, keys: CardKeys, card_id: str) -> bytes:
    """The key that the phone of a card's holder shares with the bank."""
    return hsm.fingerprint(keys.fingerprint_key, _PHONE_KEY + card_id.encode("ascii"))


class VaultChecks:
    """`ledger.CardChecks` by the keys of this bank."""

    def __init__(self, hsm: Hsm, keys: BankKeys) -> None:
        self._hsm = hsm
        self._keys = keys

    def card_id(self, pan: Pan) -> str:
        """What a card is looked up by: a keyed hash of its number."""
        return card_id_of(self._hsm, self._keys, pan)

    def code_id(self, code: PayCode) -> str:
        """What a payment code is remembered by: a keyed hash."""
        return self._hsm.fingerprint(self._keys.fingerprint_key, _CODE_HASH + code.reveal().encode("ascii")).hex()

    def code_age_s(self, card: Card, code: PayCode, now: UnixMs) -> int | None:
        """How long ago the phone of this card made the code; None when it did not."""
        return age_s(code.reveal(), phone_key_of(self._hsm, self._keys, card.card_id), now // 1_000)

    def track_fits(self, card: Card, sale: BankPayment) -> bool:
        """Whether track 2 has this card's number and expiry and, where a hash of it is kept, is the card's own."""
        if sale.track2 is None:
            return True
        track2 = sale.track2.reveal()
        pan, _, rest = track2.partition("=")
        if pan != sale.card_number.reveal() or rest[:4] != card.expiry_yymm:
            return False
        return not card.track_hash or track_hash_of(self._hsm, self._keys, track2) == card.track_hash

    def read_chip(self, field_55: bytes) -> ChipQuestion:
        """Read field 55. ChipDataError says what is wrong with it."""
        try:
            values = dict(decode_tlv(field_55))
            covered = arqc_data(values)
        except (TlvError, CryptogramDataMissing) as error:
            raise ChipDataError(str(error)) from None
        arqc, counter, amount = values.get(TAG_ARQC, b""), values[TAG_COUNTER], values[TAG_AMOUNT].hex()
        if (len(arqc), len(counter), len(amount)) != (CRYPTOGRAM_BYTES, COUNTER_BYTES, 2 * AMOUNT_BYTES):
            raise ChipDataError("field 55: cryptogram, counter or amount has a wrong length")
        if not amount.isdecimal():
            raise ChipDataError("field 55: the amount is not digits")
        return ChipQuestion(int.from_bytes(counter, "big"), int(amount), covered, arqc)

    def cryptogram_fits(self, sale: BankPayment, question: ChipQuestion) -> bool:
        """Whether the chip with this number and sequence made the cryptogram."""
        key = self._keys.chip_key
        return self._hsm.verify_arqc(
            key, sale.card_number, sale.card_sequence, question.counter, question.covered, question.arqc
        )

    def answer_chip(self, sale: BankPayment, question: ChipQuestion, code: str) -> bytes:
        """Tag 91: ARPC and the answer code, ten bytes (EMV Book 2, 8.2.1)."""
        key = self._keys.chip_key
        arpc = self._hsm.make_arpc(key, sale.card_number, sale.card_sequence, question.counter, question.arqc, code)
        return encode_tlv(((TAG_ISSUER_AUTHENTICATION, arpc + code.encode("ascii")),))

    def write_script(self, sale: BankPayment, question: ChipQuestion, script: CardScript) -> bytes:
        """Template 72 with one command: it runs when the payment is over."""
        command = command_of(script)
        mac = self._hsm.make_script_mac(
            self._keys.script_key, sale.card_number, sale.card_sequence, question.counter, question.arqc, command
        )
        return write_scripts((IssuerScript(True, script_id_of(script), (command + mac,)),))

    def pin_fits(self, card: Card, sale: BankPayment) -> bool:
        """Whether the PIN block holds the card's PIN. PinBlockError when it holds none."""
        pin_block = certain(sale.pin_block, "who sends no PIN is not asked whether it fits")
        keys = self._keys
        return self._hsm.verify_pin(
            pin_block, keys.zone_pin_key, sale.card_number, card.pin, verifier_key=keys.verifier_key
        )
