"""Dialects: the switches on which sources and hosts disagree, as data. Source: domain reference §1.3, §5.2, §10.

A dialect is known before a message is decoded (by listener or by terminal), never guessed from its bytes.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from ..basics.errors import Misuse
from ..iso8583.codec import Codec
from ..iso8583.fields import Spec
from ..vault.mac import MacAlgorithm
from . import fields
from .qr.identity import IdentityField


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """One dialect. Two dialects with the same field table share their message plans."""

    name: str
    spec: Spec = fields.UNIONPAY
    tpdu_bytes: int = 5
    """0 at one regional access, which sends no TPDU."""
    header_bytes: int = 6
    """0 at one acquirer, which sends no header."""
    mac_algorithm: MacAlgorithm = MacAlgorithm.UNIONPAY_ECB
    double_mac_key: bool = False
    """True where the host gives a real 16-byte MAC key; False for 8 bytes and 8 zero bytes."""
    swap_tpdu: bool = True
    """The answer's TPDU carries the addresses swapped; False echoes it unchanged."""
    macs_refusals: bool = True
    """The host MACs every answer to a payment or a reversal for which it has a key, refusals too, as ours does for terminals
    whose operators it checks; a terminal lets none end a payment or a reversal without. False at a host that MACs 39 = 00 alone
    (domain reference §4.1): its refusals, and its 12 and 25 to a reversal, are believed as they come."""
    terminal_identity: IdentityField = "none"
    """Where a sale or a pre-authorisation proves which machine asks: tag A2 of 59, field 57, or nowhere (domain reference, QR, §5.3)."""
    macs_batches: bool = True
    """0500 and 0320 carry a MAC both ways, as our host asks it of our terminals; False at a host that looks for none (§10, 11)."""

    @property
    def codec(self) -> Codec:
        """The codec of this field table; one for all dialects that share it."""
        return codec_of(self.spec.name)


_SPECS: Mapping[str, Spec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (fields.UNIONPAY, fields.NIBBLE_LENGTH_62, fields.TEXT_48, fields.DEVICE_46, fields.BINARY_47)
    }
)


@cache
def codec_of(spec_name: str) -> Codec:
    """The one codec of a field table, by the table's name."""
    return Codec(_SPECS[spec_name])


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            Dialect(name="unionpay"),
            Dialect(name="unionpay-bare-refusals", macs_refusals=False, macs_batches=False),
            Dialect(name="unionpay-x919", mac_algorithm=MacAlgorithm.X9_19, double_mac_key=True),
            Dialect(name="unionpay-identity-59", terminal_identity="59A2"),
            Dialect(name="unionpay-identity-57", terminal_identity="57"),
            Dialect(name="no-header", header_bytes=0),
            Dialect(name="no-tpdu", tpdu_bytes=0),
            Dialect(name="no-tpdu-text-48", tpdu_bytes=0, spec=fields.TEXT_48),
            Dialect(name="nibble-length-62", spec=fields.NIBBLE_LENGTH_62),
            Dialect(name="device-46", spec=fields.DEVICE_46),
            Dialect(name="binary-47", spec=fields.BINARY_47),
            Dialect(name="interbank", tpdu_bytes=0, header_bytes=0, mac_algorithm=MacAlgorithm.X9_19),
        )
    }
)
"""`interbank` is the line from host to bank: the same fields, no TPDU, no header, X9.19 under the zone MAC key."""

UNIONPAY = DIALECTS["unionpay"]
INTERBANK = DIALECTS["interbank"]


def dialect_named(name: str) -> Dialect:
    """Find a dialect. Misuse, with the list of names, when there is none of this name."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise Misuse(f"there is no dialect '{name}'; choose one of {', '.join(DIALECTS)}") from None
