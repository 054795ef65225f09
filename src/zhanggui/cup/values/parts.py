"""What is longer than one message and goes up in parts: a signature with all its points, a slip for a customer's phone. Ours.

    "ZGP1"  what it is (1 byte)  number of this part, from 1 (1)  how many there are (1)  bytes of the whole (2)
            SHA-256 of the whole (16, the first ones)  PART_BYTES of it, in the last part the rest

Every part says of what whole it is, so none is ever joined to another one's. They are taken in their order: whoever gathers says how
many there are already, and what comes again changes nothing. So a lost part, a lost answer and a power cut cost the parts behind alone.
The source of the split itself is the trade's: 60.3 = 801 where more follows, 800 with the last (domain reference §3 and §4.8).
"""

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

PartOf = Literal["signature", "slip"]
MARK = b"ZGP1"
_LETTERS: Mapping[PartOf, bytes] = MappingProxyType({"signature": b"S", "slip": b"L"})
DIGEST_BYTES = 16
HEAD_BYTES = len(MARK) + 1 + 1 + 1 + 2 + DIGEST_BYTES
PART_BYTES = 480 - HEAD_BYTES
"""Of the whole in one part: field 62 of our dialect takes 512 bytes."""
PARTS_MAX = 20
WHOLE_BYTES_MAX = PARTS_MAX * PART_BYTES
"""A signature of four thousand points; a slip has a tenth of it."""


class Part(msgspec.Struct, frozen=True):
    """One part of a whole."""

    of: PartOf
    number: int
    """From 1."""
    count: int
    size: int
    """Bytes of the whole."""
    digest: bytes
    content: bytes

    @property
    def is_last(self) -> bool:
        """Whether none follows."""
        return self.number == self.count


class Gathered(msgspec.Struct, frozen=True):
    """What came of a whole so far: its first `have` parts."""

    digest: bytes
    have: int
    content: bytes


class Taken(msgspec.Struct, frozen=True):
    """What became of a part: what is there now, and the whole once it is complete."""

    verdict: Literal["more", "whole", "missing", "wrong"]
    """more: taken, or here already; missing: one before it is not here; wrong: all are here, and they are not that whole."""
    gathered: Gathered | None
    whole: bytes = b""

    @property
    def have(self) -> int:
        """Parts that are here."""
        return self.gathered.have if self.gathered is not None else 0


def digest_of(whole: bytes) -> bytes:
    """By which parts of one whole are told from another's.

    >>> digest_of(b"").hex()
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return hashlib.sha256(whole).digest()[:DIGEST_BYTES]


def split(of: PartOf, whole: bytes) -> tuple[Part, ...]:
    """The parts of a whole, in their order. ValueError where there is nothing, or more than WHOLE_BYTES_MAX.

    >>> [(part.number, len(part.content)) for part in split("signature", bytes(PART_BYTES + 1))] == [(1, PART_BYTES), (2, 1)]
    True
    """
    if not 0 < len(whole) <= WHOLE_BYTES_MAX:
        raise ValueError(f"a whole has 1 to {WHOLE_BYTES_MAX} bytes, not {len(whole)}")
    digest, count = digest_of(whole), -(-len(whole) // PART_BYTES)
    return tuple(
        Part(of, number, count, len(whole), digest, whole[(number - 1) * PART_BYTES : number * PART_BYTES])
        for number in range(1, count + 1)
    )


def write_part(part: Part) -> bytes:
    """A part as field 62 carries it.

    >>> read_part(write_part(split("signature", b"drawn")[0])).content
    b'drawn'
    """
    numbers = bytes((part.number, part.count)) + part.size.to_bytes(2, "big")
    return MARK + _LETTERS[part.of] + numbers + part.digest + part.content


def is_part(content: bytes) -> bool:
    """Whether this is a part, or begins as one."""
    return content[: len(MARK)] == MARK


def read_part(content: bytes) -> Part:
    """Read a part. ValueError for anything else: bytes that no whole is split into."""
    of = next((known for known, letter in _LETTERS.items() if content[4:5] == letter), None)
    if not is_part(content) or of is None or len(content) < HEAD_BYTES:
        raise ValueError("this is no part of ours")
    number, count, size = content[5], content[6], int.from_bytes(content[7:9], "big")
    if not (1 <= number <= count <= PARTS_MAX and count == -(-size // PART_BYTES)):
        raise ValueError("its numbers fit no whole")
    part = Part(of, number, count, size, content[9:HEAD_BYTES], content[HEAD_BYTES:])
    wanted = size - (count - 1) * PART_BYTES if part.is_last else PART_BYTES
    if len(part.content) != wanted:
        raise ValueError("it is cut, or longer than a part")
    return part


def take(gathered: Gathered | None, part: Part) -> Taken:
    """Put one more part to what came so far. The first part of another whole begins that one: the earlier one was given up.

    >>> first, second = split("signature", bytes(PART_BYTES + 1))
    >>> take(None, second).verdict, take(take(None, first).gathered, second).verdict
    ('missing', 'whole')
    """
    if gathered is None or not hmac.compare_digest(gathered.digest, part.digest):
        gathered = Gathered(part.digest, 0, b"")
        if part.number > 1:
            return Taken("missing", None)
    if part.number > gathered.have + 1:
        return Taken("missing", gathered)
    if part.number == gathered.have + 1:
        gathered = Gathered(part.digest, part.number, gathered.content + part.content)
    if gathered.have < part.count:
        return Taken("more", gathered)
    if not hmac.compare_digest(digest_of(gathered.content), part.digest):
        return Taken("wrong", None)
    return Taken("whole", gathered, gathered.content)


def write_have(have: int, address: str = "") -> bytes:
    """Field 62 of the answer to a part: how many are there, two digits; with the last part of a slip, where it is found.

    >>> read_have(write_have(3, "https://pos.example/S/1/A")), read_have(b"03"), read_have(None)
    ((3, 'https://pos.example/S/1/A'), (3, ''), (0, ''))
    """
    return f"{have:02d}{address}".encode("ascii")


def read_have(content: object) -> tuple[int, str]:
    """The same, read; nothing is there where it says nothing."""
    text = content.decode("ascii", "replace") if isinstance(content, bytes) else ""
    digits, address = text[:2], text[2:]
    return (int(digits), address) if len(digits) == 2 and digits.isascii() and digits.isdigit() else (0, "")
