"""Keys that must not protect real money: known test keys and keys that are weak by nature.

Parity bits are left out of every comparison, as DES leaves them out.

>>> weakness_of(KeyAlgorithm.TDES, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
'a published test key'
"""

from itertools import pairwise

from .keys import KeyAlgorithm

_PUBLISHED = (
    "0123456789ABCDEF",
    "FEDCBA9876543210",
    "1234567890ABCDEF",
    "1234567812345678",
    "8765432187654321",
    "0000000000000000",
)
_DES_WEAK = (
    "0101010101010101",
    "FEFEFEFEFEFEFEFE",
    "E0E0E0E0F1F1F1F1",
    "1F1F1F1F0E0E0E0E",
    "01FE01FE01FE01FE",
    "FE01FE01FE01FE01",
    "1FE01FE00EF10EF1",
    "E01FE01FF10EF10E",
    "01E001E001F101F1",
    "E001E001F101F101",
    "1FFE1FFE0EFE0EFE",
    "FE1FFE1FFE0EFE0E",
    "011F011F010E010E",
    "1F011F010E010E01",
    "E0FEE0FEF1FEF1FE",
    "FEE0FEE0FEF1FEF1",
)
"""The four weak and twelve semi-weak keys of DES (NIST SP 800-67 revision 2, 3.4.2)."""

_WITHOUT_PARITY = bytes(byte & 0xFE for byte in range(256))
_WITH_PARITY = bytes((byte & 0xFE) | (bin(byte & 0xFE).count("1") % 2 == 0) for byte in range(256))


def _without_parity(keys: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(key).translate(_WITHOUT_PARITY) for key in keys)


_PUBLISHED_PARTS = _without_parity(_PUBLISHED)
_WEAK_PARTS = _without_parity(_DES_WEAK)
_REPEATED_PARTS = frozenset(bytes((byte,)) * 8 for byte in range(0, 256, 2))
_SUSPECT_PARTS = _PUBLISHED_PARTS | _WEAK_PARTS | _REPEATED_PARTS


def with_odd_parity(key: bytes) -> bytes:
    """Set the lowest bit of each byte so that the byte has an odd number of ones, as DES keys are written."""
    return key.translate(_WITH_PARITY)


def weakness_of(algorithm: KeyAlgorithm, key: bytes) -> str | None:
    """Say in words what is wrong with a key, or None. The words never hold the key."""
    stripped = key.translate(_WITHOUT_PARITY)
    parts = [stripped[at : at + 8] for at in range(0, len(stripped), 8)]
    if _SUSPECT_PARTS.isdisjoint(parts) and len(set(parts)) == len(parts):
        return None
    if all(part in _REPEATED_PARTS for part in parts):
        return "one byte repeated"
    if all(part in _PUBLISHED_PARTS for part in parts):
        return "a published test key"
    if algorithm in (KeyAlgorithm.DES, KeyAlgorithm.TDES):
        if any(part in _WEAK_PARTS for part in parts):
            return "a weak key of DES"
        if any(left == right for left, right in pairwise(parts)):
            return "a triple DES key with equal halves, which is no stronger than single DES"
    return None
