"""The catalogue of messages, loaded from `transactions.toml` and checked; and which message of it one is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from ..basics.words import Word, load_rows
from ..iso8583.message import Message
from .errors import MessageError

MacRule = Literal["none", "approved", "always"]


class Transaction(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue."""

    name: str = ""
    mti: str
    processing_code: str = ""
    type_code: str = ""
    network_code: str = ""
    required: tuple[int, ...]
    mac: MacRule
    reversible: bool = False

    @property
    def answer_mti(self) -> str:
        """The answer's message type: request and 10."""
        return f"{int(self.mti) + 10:04d}"


def _load() -> Mapping[str, Transaction]:
    rows = load_rows(__package__, "transactions.toml", Transaction)
    return MappingProxyType({name: msgspec.structs.replace(row, name=name) for name, row in rows.items()})


CATALOGUE = _load()
_BY_NETWORK_CODE = {(row.mti, row.network_code): row for row in CATALOGUE.values() if row.network_code}
_BY_TYPE = {(row.mti, row.processing_code, row.type_code): row for row in CATALOGUE.values() if row.type_code}
_REVERSAL = CATALOGUE["reversal"]


def identify(message: Message) -> Transaction | None:
    """Tell which row of the catalogue a request is; None when it is none of them."""
    fields = message.fields
    mti = message.mti
    if mti == "0400":
        return _REVERSAL
    field_60 = fields.get(60)
    if type(field_60) is not str:
        return None
    if mti in ("0800", "0820"):
        return _BY_NETWORK_CODE.get((mti, field_60[8:11]))
    processing_code = fields.get(3)
    return _BY_TYPE.get((mti, processing_code, field_60[:2])) if type(processing_code) is str else None


def check_presence(transaction: Transaction, message: Message) -> None:
    """MessageError for the first required field that the message lacks."""
    fields = message.fields
    for number in transaction.required:
        if number not in fields:
            raise MessageError(number, f"field {number} in {transaction.en}", "nothing")


def text_of(message: Message, number: int) -> str:
    """A text or digit field; MessageError when it is absent."""
    value = message.fields.get(number)
    if type(value) is not str:
        raise MessageError(number, f"field {number}", "nothing" if value is None else "bytes")
    return value


def bytes_of(message: Message, number: int) -> bytes:
    """A binary field; MessageError when it is absent."""
    value = message.fields.get(number)
    if type(value) is not bytes:
        raise MessageError(number, f"field {number}", "nothing" if value is None else "text")
    return value
