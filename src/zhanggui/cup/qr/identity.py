"""Where a payment tells which machine asks, as the dialect has it: tag A2 of field 59, or an older field 57 with tags of its own."""

from typing import Literal

from ...iso8583.message import Message
from .field59 import FACTOR_DIGITS, IDENTITY, PIN, VERSION_CHARACTERS, Identity, read_items, write_identity, write_items

IdentityField = Literal["none", "59A2", "57"]
TYPE_57, SERIAL_57, FACTOR_57, CIPHER_57, VERSION_57 = "04", "05", "06", "07", "08"


def factor_of(digits: str) -> str:
    """What of a card number or a payment code takes part: its last six digits.

    >>> factor_of("6217000000000000012"), factor_of("62")
    ('000012', '000062')
    """
    return digits[-FACTOR_DIGITS:].zfill(FACTOR_DIGITS)


def identified(message: Message, identity: Identity, where: IdentityField) -> Message:
    """The message with its machine's identity, before whatever else stands in that field."""
    fields = dict(message.fields)
    match where:
        case "none":
            return message
        case "59A2":
            said = read_items(str(fields.get(59, "")))
            first = {PIN: said.pop(PIN)} if PIN in said else {}
            fields[59] = write_items({**first, IDENTITY: write_identity(identity), **said})
        case "57":
            fields[57] = write_items(
                {
                    TYPE_57: identity.device_type,
                    SERIAL_57: identity.serial,
                    FACTOR_57: identity.factor,
                    CIPHER_57: identity.cipher,
                    VERSION_57: identity.version.ljust(VERSION_CHARACTERS),
                }
            )
    return Message(message.mti, fields)
