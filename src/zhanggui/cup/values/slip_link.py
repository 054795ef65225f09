"""The link by which a customer finds a slip, and what the terminal sends up to be found there. Ours; docs/reference/slips.md.

    https://host:port/S/merchant/NAMEandSECRET

Name and secret follow from the payment under a key of the host: 144 bits that nobody guesses, the same whenever a terminal asks again,
and kept nowhere. The secret follows from the name alone, so that a made-up link is told without a look at any row. Capitals and digits
alone: the picture stays small enough for a display of 64 points.

The slip comes as the terminal lays it out, its lines in Chinese and in English: one description for paper, picture and phone.
"""

import base64
import re
import zlib
from collections.abc import Sequence

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...basics.visible import is_harmless
from .slip import SlipLine, SlipLineKind

SLIP_PATH = "/S"
NAME_BYTES, SECRET_BYTES = 10, 8
_TEXT = re.compile(r"([A-Z2-7]{16})([A-Z2-7]{13})")
LINES_MAX = 120
LINE_CHARACTERS_MAX = 400
SLIP_BYTES_MAX = 64 * 1024
"""Of both descriptions, unpacked: many times what a slip has; what unpacks to more is not read."""


class SlipAddress(msgspec.Struct, frozen=True):
    """A link, taken apart."""

    merchant_no: MerchantNo
    name: Secret
    secret: Secret


class SlipCopies(msgspec.Struct, frozen=True):
    """The cardholder's copy in both languages."""

    zh: tuple[SlipLine, ...]
    en: tuple[SlipLine, ...]


def address_of(merchant_no: MerchantNo, name: bytes, secret: bytes) -> SlipAddress:
    """A link from what the host's key makes of the payment, and of the name."""
    return SlipAddress(merchant_no, _text(name[:NAME_BYTES]), _text(secret[:SECRET_BYTES]))


def write_link(link: SlipAddress) -> str:
    """The path of a slip's page.

    >>> write_link(address_of(MerchantNo("102100058120001"), bytes(10), bytes(8)))
    '/S/102100058120001/AAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return f"{SLIP_PATH}/{link.merchant_no}/{link.name.reveal()}{link.secret.reveal()}"


def read_link(merchant_no: str, text: str) -> SlipAddress | None:
    """A link from the parts of its path; None for what was never one."""
    found = _TEXT.fullmatch(text)
    return SlipAddress(MerchantNo(merchant_no), Secret(found[1]), Secret(found[2])) if found is not None else None


def write_copies(copies: SlipCopies) -> bytes:
    """Both copies, packed: they have most of their text in common.

    >>> copies = SlipCopies((SlipLine("title", "签购单"),), (SlipLine("title", "Sales slip"),))
    >>> read_copies(write_copies(copies)) == copies
    True
    """
    told = [[(line.kind, line.left, line.right) for line in lines] for lines in (copies.zh, copies.en)]
    return zlib.compress(msgspec.msgpack.encode(told), 9)


def read_copies(content: bytes) -> SlipCopies:
    """Read them. ValueError for anything else, and for more than a slip has."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(content, SLIP_BYTES_MAX)
        zh, en = msgspec.msgpack.decode(plain, type=tuple[_Lines, _Lines])
    except (zlib.error, *BAD_JSON) as error:
        raise ValueError(f"this is no slip of ours: {type(error).__name__}") from None
    if not unpacker.eof:
        raise ValueError("this is no slip of ours: it is cut, or larger than any")
    return SlipCopies(_read(zh), _read(en))


class _Line(msgspec.Struct, array_like=True, frozen=True):
    kind: SlipLineKind
    left: str
    right: str


_Lines = list[_Line]


def _read(lines: Sequence[_Line]) -> tuple[SlipLine, ...]:
    if len(lines) > LINES_MAX or any(len(line.left + line.right) > LINE_CHARACTERS_MAX for line in lines):
        raise ValueError("this is no slip of ours: it is longer than any")
    if not all(is_harmless(line.left + line.right) for line in lines):
        raise ValueError("this is no slip of ours: it steers what shows it")
    return tuple(SlipLine(line.kind, line.left, line.right) for line in lines)


def _text(content: bytes) -> Secret:
    return Secret(base64.b32encode(content).decode("ascii").rstrip("="))
