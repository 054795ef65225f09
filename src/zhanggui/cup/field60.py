"""Field 60: transaction type, batch, network code and what follows. Source: domain reference §3 [CJ][LY][SPP]."""

import msgspec

from .errors import MessageError

TYPE_DIGITS = 2
BATCH_END = 8
NETWORK_END = 11


class Field60(msgspec.Struct, frozen=True):
    """60.1 type, 60.2 batch, 60.3 network code (empty when absent), 60.4 and later as they stand."""

    type_code: str
    batch_no: str
    network_code: str = ""
    rest: str = ""

    def text(self) -> str:
        """The field's digits."""
        return self.type_code + self.batch_no + self.network_code + self.rest


def parse_field_60(text: str) -> Field60:
    """Take field 60 apart. MessageError when type and batch are not there.

    >>> parse_field_60("00000001003").network_code
    '003'
    """
    if len(text) < BATCH_END:
        raise MessageError(60, "type and batch, at least 8 digits", f"{len(text)} digits")
    return Field60(text[:TYPE_DIGITS], text[TYPE_DIGITS:BATCH_END], text[BATCH_END:NETWORK_END], text[NETWORK_END:])


FINANCIAL_REST = "50"
"""60.4 and 60.5 of our terminals: reads chips (5), no fallback (0)."""
READING_DIGITS = 2
"""60.4 and 60.5."""


def financial(type_code: str, batch_no: str, reading: str = FINANCIAL_REST) -> str:
    """Field 60 of a payment: type, batch, 000, and how the card was read (`values/fallback.py`)."""
    return f"{type_code}{batch_no}000{reading}"


def management(batch_no: str, network_code: str) -> str:
    """Field 60 of a management message."""
    return f"00{batch_no}{network_code}"
