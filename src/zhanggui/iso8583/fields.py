"""How a field stands on the wire: four independent choices (kind, prefix, length, alignment) make any field.

Source: UnionPay POS messages (domain reference, §2): digits are BCD, a length counts digits in BCD content and bytes
elsewhere, variable BCD content is aligned left and filled with one nibble.
"""

from enum import Enum
from functools import cached_property
from typing import Literal

import msgspec


class Kind(Enum):
    """What a field holds."""

    NUMERIC = "n"
    """Digits as BCD; the value is text of digits. The length counts digits."""
    TRACK = "z"
    """Track data as BCD nibbles; the separator is nibble D on the wire, `=` in the value. The length counts nibbles."""
    TEXT = "ans"
    """Characters in the field's encoding; the value is text. The length counts bytes."""
    BINARY = "b"
    """Bytes as they are; the value is `bytes`. The length counts bytes."""


class Prefix(Enum):
    """How the length is told."""

    FIXED = "fixed"
    LL = "LL"
    """One BCD byte, 00 to 99."""
    LLL = "LLL"
    """Two BCD bytes, aligned right: 0013 for thirteen."""


class Align(Enum):
    """Where the digits of a fixed BCD field of odd length stand; the nibble that is left over is written as 0."""

    LEFT = "left"
    RIGHT = "right"


PREFIX_BYTES = {Prefix.FIXED: 0, Prefix.LL: 1, Prefix.LLL: 2}
PREFIX_MAX = {Prefix.LL: 99, Prefix.LLL: 999}
FIRST_FIELD = 2
LAST_FIELD = 64
"""The bitmap has 64 bits; bit 1 would announce a second bitmap, which this family of dialects never sends."""


class Field(msgspec.Struct, frozen=True):
    """One field of a dialect.

    `length` is exact for `Prefix.FIXED` and the most allowed otherwise; it counts digits for NUMERIC and TRACK, bytes
    for TEXT and BINARY. `prefix_counts_nibbles` reads and writes the prefix of a binary field as a count of half bytes
    (0080 for 40 bytes), which at least one host does. `may_be_enciphered` lets any nibble stand in a track, because a
    terminal with a track key enciphers part of it; in the value the letters but D are upper case and D is `=` as ever,
    so nothing is lost. Raises ValueError when the choices contradict each other.

    >>> Field(23, "card sequence number", Kind.NUMERIC, Prefix.FIXED, 3, Align.RIGHT).wire_bytes
    2
    """

    number: int
    name: str
    kind: Kind
    prefix: Prefix
    length: int
    align: Align = Align.LEFT
    encoding: Literal["ascii", "gb18030"] = "ascii"
    prefix_counts_nibbles: bool = False
    may_be_enciphered: bool = False

    def __post_init__(self) -> None:
        where = f"field {self.number}"
        if not FIRST_FIELD <= self.number <= LAST_FIELD:
            raise ValueError(f"{where}: a field number is {FIRST_FIELD} to {LAST_FIELD}")
        if self.length < 1 or self.length > PREFIX_MAX.get(self.prefix, 999):
            raise ValueError(f"{where}: length {self.length} does not fit the prefix {self.prefix.value}")
        if self.align is Align.RIGHT and (self.prefix is not Prefix.FIXED or not self.is_bcd):
            raise ValueError(f"{where}: only a fixed BCD field can be aligned right")
        if self.encoding not in ("ascii", "gb18030") or (self.encoding != "ascii" and self.kind is not Kind.TEXT):
            raise ValueError(f"{where}: only text has an encoding, ascii or gb18030")
        if self.prefix_counts_nibbles and (self.kind is not Kind.BINARY or self.prefix is Prefix.FIXED):
            raise ValueError(f"{where}: only the prefix of a variable binary field can count nibbles")
        if self.may_be_enciphered and self.kind is not Kind.TRACK:
            raise ValueError(f"{where}: only a track may be enciphered nibble by nibble")

    @property
    def is_bcd(self) -> bool:
        """Tell whether the content is nibbles."""
        return self.kind is Kind.NUMERIC or self.kind is Kind.TRACK

    @property
    def wire_bytes(self) -> int:
        """Bytes of the longest content, without the prefix."""
        return (self.length + 1) // 2 if self.is_bcd else self.length

    @property
    def prefix_max(self) -> int:
        """The largest number that the prefix may tell."""
        most = self.length * 2 if self.prefix_counts_nibbles else self.length
        return min(most, PREFIX_MAX[self.prefix])


class Spec(msgspec.Struct, frozen=True, dict=True):
    """A dialect's field table: name and fields, at most one field a number.

    >>> spec = Spec("tiny", (Field(11, "trace number", Kind.NUMERIC, Prefix.FIXED, 6),))
    >>> spec.with_fields("tiny with answers", Field(39, "answer", Kind.TEXT, Prefix.FIXED, 2)).numbers
    (11, 39)
    """

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        if len({field.number for field in self.fields}) != len(self.fields):
            raise ValueError(f"spec {self.name}: a field number stands twice")

    @cached_property
    def table(self) -> dict[int, Field]:
        """The fields by number, ascending."""
        return {field.number: field for field in sorted(self.fields, key=lambda field: field.number)}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the fields, ascending."""
        return tuple(self.table)

    def with_fields(self, name: str, *fields: Field) -> "Spec":
        """Return a table under a new name in which these fields replace or join the present ones."""
        table = self.table | {field.number: field for field in fields}
        return Spec(name, tuple(table[number] for number in sorted(table)))
