"""Field 62 of a sign-in answer: where each working key and check value stands (domain reference, §4.3); no cipher here.

    SINGLE        PIK 8 + 4, MAK 8 + 4                24 bytes
    DOUBLE        PIK 16 + 4, MAK 16 + 4              40 bytes
    DOUBLE_TRACK  PIK 16 + 4, MAK 16 + 4, TDK 16 + 4  60 bytes

A single-length MAK in a 16-byte place is 8 enciphered bytes and 8 literal zero bytes.

>>> [part.name for part in split(KeySet.DOUBLE, bytes(40))]
['PIK', 'MAK']
"""

from dataclasses import dataclass, field

from .check_value import CHECK_VALUE_BYTES
from .errors import WorkingKeysRejected
from .hsm import KeySet
from .keys import KeyAlgorithm

SINGLE_BYTES = 8
DOUBLE_BYTES = 16

PLACES: dict[KeySet, tuple[tuple[str, int], ...]] = {
    KeySet.SINGLE: (("PIK", SINGLE_BYTES), ("MAK", SINGLE_BYTES)),
    KeySet.DOUBLE: (("PIK", DOUBLE_BYTES), ("MAK", DOUBLE_BYTES)),
    KeySet.DOUBLE_TRACK: (("PIK", DOUBLE_BYTES), ("MAK", DOUBLE_BYTES), ("TDK", DOUBLE_BYTES)),
}
"""Key name and width of its place, in order."""


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One key as it travels: enciphered under the master key, with its check value."""

    name: str
    sealed: bytes = field(repr=False)
    check: bytes


def length_of(key_set: KeySet) -> int:
    """Bytes of field 62 for a key set."""
    return sum(width + CHECK_VALUE_BYTES for _, width in PLACES[key_set])


def join(key_set: KeySet, parts: list[KeyPart]) -> bytes:
    """Write the parts one after the other, each sealed key filled with zeros to its place."""
    places = PLACES[key_set]
    return b"".join(
        part.sealed.ljust(width, b"\0") + part.check for (_, width), part in zip(places, parts, strict=True)
    )


def split(key_set: KeySet, field_62: bytes) -> list[KeyPart]:
    """Cut the field into its parts, each sealed key in full width. WorkingKeysRejected for another length."""
    wanted = length_of(key_set)
    if len(field_62) != wanted:
        raise WorkingKeysRejected(
            f"field 62 has {len(field_62)} bytes, key set {key_set.value} has {wanted}: "
            "host and terminal disagree about the kind of sign-in; compare field 60.3 with the host's settings"
        )
    parts, at = [], 0
    for name, width in PLACES[key_set]:
        check_at = at + width
        parts.append(KeyPart(name, field_62[at:check_at], field_62[check_at : check_at + CHECK_VALUE_BYTES]))
        at = check_at + CHECK_VALUE_BYTES
    return parts


def working_length(name: str, width: int, sm4: bool, mak_double: bool) -> int:
    """Bytes of a key in a place of this width: a single-length MAK may stand in a wider one."""
    return SINGLE_BYTES if name == "MAK" and not (sm4 or mak_double) else width


def working_algorithm(sm4: bool, length: int) -> KeyAlgorithm:
    """What a key of this length is for."""
    if sm4:
        return KeyAlgorithm.SM4
    return KeyAlgorithm.DES if length == SINGLE_BYTES else KeyAlgorithm.TDES
