"""The virtual chip: the application of a card file, reduced to what an online payment needs of it, and to what its issuer may change.

The card file holds the card's own master key, so the cryptogram is a true one: the bank derives the same key and checks it. The
card's transaction counter lives beside the card file and only grows, whichever terminal the card is shown to.
"""

import os
from pathlib import Path
from typing import Any

import msgspec

from ...basics.errors import Fault, Misuse
from ...cup.values.issuer_script import APPLICATION_BLOCK, PUT_OFFLINE_LIMIT
from ...iso8583.errors import TlvError
from ...iso8583.tlv import decode_tlv, encode_tlv
from ...vault.cryptogram import COUNTER_MAX, CRYPTOGRAM_BYTES, arqc_data, make_arqc, verify_arpc
from ...vault.issuer_script import HEADER_BYTES, SCRIPT_MAC_BYTES, verify_script_mac
from .cards import CardFile
from .chip_memory import ChipMemory, ChipMemoryFile

APPLICATION_CRYPTOGRAM, CRYPTOGRAM_INFORMATION, ISSUER_APPLICATION_DATA = 0x9F26, 0x9F27, 0x9F10
COUNTER, INTERCHANGE_PROFILE, APPLICATION_ID, ISSUER_AUTHENTICATION = 0x9F36, 0x82, 0x84, 0x91
ARQC = b"\x80"
"""Cryptogram information data: the card asks to go online."""
APPROVED = "00"
CARD_KEY_BYTES = 16
OK, WRONG_LENGTH, WRONG_MAC, NOT_NOW, NO_KEY, UNKNOWN, DEFECT = (
    bytes.fromhex(status) for status in ("9000", "6700", "6988", "6985", "6A88", "6D00", "6581")
)
"""Status words of a chip's answer to a command (ISO/IEC 7816-4, 5.6)."""
INSTRUCTION_BYTES = 4


class ChipFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a card file holds of the chip, as the bank writes it; texts are hexadecimal, the label aside."""

    key: str
    """The card master key (16 bytes), derived by the bank from its issuer master key."""
    aid: str
    """Application identifier (84)."""
    profile: str
    """Application interchange profile (82)."""
    application_data: str
    """Issuer application data (9F10)."""
    script_key: str = ""
    """The key by which the chip knows commands of its issuer; empty in a card of before, which takes none."""
    label: str = ""
    atc_start: int = 1
    """The first value of the transaction counter (9F36)."""

    def __repr__(self) -> str:
        return "ChipFile(••••)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        # msgspec gives every struct a rich representation with its values, and rich draws tracebacks with local names.
        return [("aid", self.aid)]


class CardCounter:
    """A counter that only grows, shared by every process that uses the same folder.

    The file's length is the count: an append tells the writer where its own byte went, so no two ever get the same number.
    """

    def __init__(self, path: Path, start: int = 1) -> None:
        self._path = path
        self._before = start - 1

    def next(self) -> int:
        """Count one. Fault at the end of the counter (the card is worn out) or when the disk refuses."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, b".")
                count = self._before + os.lseek(descriptor, 0, os.SEEK_CUR)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Fault(f"can't count in {self._path}: {error.strerror or error}") from error
        if count > COUNTER_MAX:
            raise Fault(f"the card's counter {self._path} is used up; let the bank issue the card again")
        return count


class VirtualChip:
    """One insertion or tap: it answers once and checks the issuer's answer to that."""

    def __init__(self, chip: ChipFile, counter: CardCounter, memory: ChipMemoryFile) -> None:
        self._chip = chip
        self._key, self._script_key = bytes.fromhex(chip.key), bytes.fromhex(chip.script_key)
        self._counter = counter
        self._memory = memory
        self._asked: tuple[int, bytes] | None = None

    @property
    def is_there(self) -> bool:
        """A card that nobody pulls out stays."""
        return True

    @property
    def is_blocked(self) -> bool:
        """Whether the issuer blocked the application."""
        return self._memory.read().is_blocked

    def answer(self, terminal_data: bytes) -> bytes:
        """Take the terminal's data (BER-TLV), give the card's with an ARQC over both."""
        count = self._counter.next()
        values = dict(decode_tlv(terminal_data))
        values[INTERCHANGE_PROFILE] = bytes.fromhex(self._chip.profile)
        values[COUNTER] = count.to_bytes(2, "big")
        values[ISSUER_APPLICATION_DATA] = bytes.fromhex(self._chip.application_data)
        arqc = make_arqc(self._key, count, arqc_data(values))
        self._asked = (count, arqc)
        return encode_tlv(
            [
                (APPLICATION_CRYPTOGRAM, arqc),
                (CRYPTOGRAM_INFORMATION, ARQC),
                (ISSUER_APPLICATION_DATA, values[ISSUER_APPLICATION_DATA]),
                (COUNTER, values[COUNTER]),
                (INTERCHANGE_PROFILE, values[INTERCHANGE_PROFILE]),
                (APPLICATION_ID, bytes.fromhex(self._chip.aid)),
            ]
        )

    def accept_answer(self, field_55: bytes) -> bool:
        """Check the ARPC of an approval (tag 91: eight bytes and the answer code); no tag 91 leaves nothing to check."""
        try:
            issuer = dict(decode_tlv(field_55)).get(ISSUER_AUTHENTICATION) if field_55 else None
        except TlvError:
            return False
        if issuer is None:
            return True
        if self._asked is None:
            return False
        count, arqc = self._asked
        return verify_arpc(self._key, count, arqc, APPROVED, issuer[:CRYPTOGRAM_BYTES])

    def command(self, command: bytes) -> bytes:
        """A command of the issuer: done when its MAC is right for this payment. The answer is the status word."""
        body, mac = command[:-SCRIPT_MAC_BYTES], command[-SCRIPT_MAC_BYTES:]
        if len(command) < HEADER_BYTES + SCRIPT_MAC_BYTES or command[HEADER_BYTES - 1] != len(command) - HEADER_BYTES:
            return WRONG_LENGTH
        if self._asked is None:
            return NOT_NOW
        if not self._script_key:
            return NO_KEY
        if not verify_script_mac(self._script_key, *self._asked, body, mac):
            return WRONG_MAC
        return self._done(body[:INSTRUCTION_BYTES], body[HEADER_BYTES:])

    def _done(self, instruction: bytes, data: bytes) -> bytes:
        memory = self._memory.read()
        if instruction == PUT_OFFLINE_LIMIT and len(data) == 1:
            changed = ChipMemory(offline_limit=data[0], is_blocked=memory.is_blocked)
        elif instruction == APPLICATION_BLOCK and not data:
            changed = ChipMemory(offline_limit=memory.offline_limit, is_blocked=True)
        else:
            return UNKNOWN
        try:
            self._memory.write(changed)
        except Fault:
            return DEFECT
        return OK

    def __repr__(self) -> str:
        return "VirtualChip(••••)"


def virtual_chip(folder: Path, card: CardFile) -> VirtualChip:
    """The chip of a card file that stands in `folder`. Misuse when what the file says of its chip can't be used."""
    try:
        chip = msgspec.convert(card.chip, type=ChipFile)
        if len(bytes.fromhex(chip.key)) != CARD_KEY_BYTES:
            raise ValueError(f"a card key has {CARD_KEY_BYTES} bytes")
        if len(bytes.fromhex(chip.script_key)) not in (0, CARD_KEY_BYTES):
            raise ValueError(f"a card key has {CARD_KEY_BYTES} bytes")
        for text in (chip.aid, chip.profile, chip.application_data):
            bytes.fromhex(text)
    except (msgspec.ValidationError, ValueError):
        raise Misuse(
            f"the chip of card '{card.id}' is not described as a chip: expected key, aid, profile, "
            "application_data in hexadecimal. Let the bank write its cards again."
        ) from None
    memory = ChipMemoryFile(folder / f"{card.id}.memory")
    return VirtualChip(chip, CardCounter(folder / f"{card.id}.counter", chip.atc_start), memory)
