"""What stands around a message on the line: TPDU and header. Source: domain reference §1.2 and §1.3 [CJ].

TPDU(5) | HEADER(6) | MTI(2) BITMAP(8) FIELDS…      (the two length bytes before it are framing)
"""

import msgspec

from ..basics.errors import RemoteProtocolError
from .dialect import Dialect

TPDU_ID = 0x60
TERMINAL_TPDU = bytes.fromhex("6000030000")
"""What our terminals send: id 60, network 0003, origin 0000."""
TERMINAL_HEADER = bytes.fromhex("603100000000")
"""What our terminals send: magnetic and chip financial (60), version 31, status normal."""

REQUIREMENT_NONE = 0
REQUIREMENT_STATUS = 2
"""Nibble 6 of an answer's header: the terminal must upload its status; orders wait for it there (`acquirer/orders`)."""
REQUIREMENT_SIGN_IN = 3
"""Nibble 6 of an answer's header: the terminal must sign in again."""


class Envelope(msgspec.Struct, frozen=True):
    """A message body with what stood around it."""

    tpdu: bytes
    header: bytes
    body: bytes

    def answer(self, dialect: Dialect, body: bytes, requirement: int = REQUIREMENT_NONE) -> bytes:
        """Wrap the answer's body: addresses swapped (or echoed), header echoed with the processing requirement in nibble 6."""
        tpdu = self.tpdu
        if dialect.swap_tpdu and tpdu:
            tpdu = tpdu[:1] + tpdu[3:5] + tpdu[1:3]
        header = self.header
        if header:
            header = header[:2] + bytes((header[2] & 0xF0 | requirement,)) + header[3:]
        return tpdu + header + body

    @property
    def requirement(self) -> int:
        """Nibble 6 of the header: what the host asks of the terminal (0 when there is no header)."""
        return self.header[2] & 0x0F if self.header else REQUIREMENT_NONE

    @property
    def test_mode(self) -> bool:
        """Nibble 5 of the header: the terminal is in test or training mode."""
        return bool(self.header and self.header[2] >> 4 == 1)


def wrap(dialect: Dialect, body: bytes) -> bytes:
    """Wrap a request of ours as the dialect wants it."""
    return TERMINAL_TPDU[: dialect.tpdu_bytes] + TERMINAL_HEADER[: dialect.header_bytes] + body


def unwrap(dialect: Dialect, payload: bytes) -> Envelope:
    """Take a frame's payload apart. RemoteProtocolError when it is too short or its TPDU is not 60…"""
    start = dialect.tpdu_bytes + dialect.header_bytes
    if len(payload) <= start:
        raise RemoteProtocolError(
            f"frame of {len(payload)} bytes: expected TPDU, header and a message, more than {start} bytes"
        )
    if dialect.tpdu_bytes and payload[0] != TPDU_ID:
        raise RemoteProtocolError("byte 0: expected the TPDU id 60; the sender may use another dialect")
    return Envelope(payload[: dialect.tpdu_bytes], payload[dialect.tpdu_bytes : start], payload[start:])
