"""TR-31 key blocks, version D: a key with its purpose, sealed under an AES key (ASC X9 TR-31:2018, ANSI X9.143:2021).

    D 0128 P0 T B 00 N 02 00 | LB07PIK PB09 00000 | enciphered length, key, padding | MAC
    │ │    │  │ │ │  │ │       optional blocks       AES-CBC, MAC as IV               AES-CMAC of header and clear data
    │ │    │  │ │ │  │ └ number of optional blocks, then two reserved zeros
    │ │    │  │ │ │  └ exportability: N no, E under a trusted key, S sensitive
    │ │    │  │ │ └ key version number, 00 unused
    │ │    │  │ └ mode of use
    │ │    │  └ algorithm
    │ │    └ usage
    │ └ length of the whole text in characters
    └ version

The header is readable but authenticated: a changed purpose is found like a changed key.

>>> from zhanggui.basics.chance import SeededChance
>>> wrapper = KeyWrapper(bytes(range(32)))
>>> text = wrapper.wrap(BlockHeader("P0", "T", "B", "N", (("LB", "PIK"),)), bytes(16), SeededChance(1))
>>> text[:32], len(text)
('D0128P0TB00N0200LB07PIKPB0900000', 128)
>>> wrapper.unwrap(text)[0].label
'PIK'
"""

import hmac
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from zhanggui.basics.chance import Chance

from .ciphers import Cbc
from .errors import KeyBlockRejected

HEADER_CHARACTERS = 16
"""Length of the fixed part of a header."""
MAC_BYTES = 16
"""AES-CMAC in full."""
CIPHER_BLOCK_BYTES = 16
BODY_BLOCKS_MIN = 2
"""The shortest body: one block of key data and the MAC."""
TEXT_CHARACTERS_MAX = 4096
"""Bound on a block that is read. Ours have at most 160 characters; four digits of length allow 9999."""
LENGTH_FIELD_BYTES = 2
HEADERS_KEPT = 256
"""Written headers that are kept; a vault writes one for each purpose and algorithm."""

_PLAIN_BYTES = {"D": 24, "T": 24}
_PLAIN_BYTES_OTHER = 32
"""The key is padded to the longest of its algorithm, so that the block does not tell its length (TR-31:2018, 5.3.1)."""
_HEX = frozenset("0123456789ABCDEF")
_ALPHANUMERIC = frozenset(string.ascii_uppercase + string.digits)
_PADDING_ID = "PB"
_LABEL_ID = "LB"


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block says about its key. `optional` holds the optional blocks in order, padding left out."""

    usage: str
    algorithm: str
    mode: str
    exportability: str
    optional: tuple[tuple[str, str], ...] = ()
    version_number: str = "00"

    @property
    def label(self) -> str | None:
        """The content of the optional block LB, or None."""
        return dict(self.optional).get(_LABEL_ID)


class KeyWrapper:
    """Wraps and unwraps under one block protection key of 16, 24 or 32 bytes (ours have 32).

    Keeps the contexts of the two derived keys, because making them costs more than using them; so it serves one thread.
    """

    __slots__ = ("_cipher", "_mac")

    def __init__(self, protection_key: bytes) -> None:
        if len(protection_key) not in _DERIVATIONS:
            raise ValueError("a block protection key has 16, 24 or 32 bytes")
        self._cipher = Cbc(algorithms.AES(_derive(protection_key, usage=0)))
        self._mac = CMAC(algorithms.AES(_derive(protection_key, usage=1)))

    def wrap(self, header: BlockHeader, key: bytes, chance: Chance) -> str:
        """Seal `key` (1 to 32 bytes) with what `header` says; `chance` fills the padding."""
        plain_bytes = _PLAIN_BYTES.get(header.algorithm, _PLAIN_BYTES_OTHER)
        if not 0 < len(key) <= plain_bytes:
            raise ValueError(f"a key of algorithm {header.algorithm} has 1 to {plain_bytes} bytes")
        sealed_bytes = -(-(LENGTH_FIELD_BYTES + plain_bytes) // CIPHER_BLOCK_BYTES) * CIPHER_BLOCK_BYTES
        clear = (len(key) * 8).to_bytes(LENGTH_FIELD_BYTES, "big") + key
        clear += chance.take(sealed_bytes - len(clear))
        text = _write_header(header, 2 * (sealed_bytes + MAC_BYTES))
        mac = self._authenticate(text, clear)
        return text + (self._cipher.encrypt(mac, clear) + mac).hex().upper()

    def unwrap(self, text: str) -> tuple[BlockHeader, bytes]:
        """Open a block and return what it says and the clear key.

        Raises KeyBlockRejected when the text is malformed, was altered, or stands under another key.
        """
        header, body = _read_header(text)
        sealed, mac = body[:-MAC_BYTES], body[-MAC_BYTES:]
        clear = self._cipher.decrypt(mac, sealed)
        if not hmac.compare_digest(self._authenticate(text[: len(text) - 2 * len(body)], clear), mac):
            _reject("its MAC does not fit: it was altered, or another key protects it")
        key_bits = int.from_bytes(clear[:LENGTH_FIELD_BYTES], "big")
        key = clear[LENGTH_FIELD_BYTES : LENGTH_FIELD_BYTES + key_bits // 8]
        if key_bits % 8 or not key or len(key) * 8 != key_bits:
            _reject("the key length inside does not fit the block")
        return header, key

    def _authenticate(self, header: str, clear: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(header.encode("ascii") + clear)
        return mac.finalize()

    def __repr__(self) -> str:
        return "KeyWrapper(••••)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key wrapper holds a key; it is not pickled or copied")


_DERIVATIONS = {16: (2, 1), 24: (3, 2), 32: (4, 2)}
"""Length of the protection key: algorithm indicator and number of derived blocks (TR-31:2018, table 6)."""


def _derive(protection_key: bytes, usage: int) -> bytes:
    """Derive the encryption (usage 0) or authentication (usage 1) key by CMAC (TR-31:2018, 5.3.2.3)."""
    indicator, blocks = _DERIVATIONS[len(protection_key)]
    derived = b""
    for counter in range(1, blocks + 1):
        mac = CMAC(algorithms.AES(protection_key))
        mac.update(bytes((counter, 0, usage, 0, 0, indicator)) + (len(protection_key) * 8).to_bytes(2, "big"))
        derived += mac.finalize()
    return derived[: len(protection_key)]


@lru_cache(maxsize=HEADERS_KEPT)
def _write_header(header: BlockHeader, body_characters: int) -> str:
    optional = [f"{name}{len(content) + 4:02X}{content}" for name, content in header.optional]
    written = sum(map(len, optional))
    if written % CIPHER_BLOCK_BYTES:
        pad = -(written + 4) % CIPHER_BLOCK_BYTES
        optional.append(f"{_PADDING_ID}{pad + 4:02X}{'0' * pad}")
    blocks = "".join(optional)
    total = HEADER_CHARACTERS + len(blocks) + body_characters
    return (
        f"D{total:04d}{header.usage}{header.algorithm}{header.mode}{header.version_number}"
        f"{header.exportability}{len(optional):02d}00{blocks}"
    )


def _read_header(text: str) -> tuple[BlockHeader, bytes]:
    if not HEADER_CHARACTERS <= len(text) <= TEXT_CHARACTERS_MAX or not text.isascii():
        _reject(f"it has {len(text)} characters; a block has {HEADER_CHARACTERS} to {TEXT_CHARACTERS_MAX}, all ASCII")
    if text[0] != "D":
        _reject("its version is not D, the one protected by AES")
    if text[1:5] != f"{len(text):04d}":
        _reject("position 1: the length it states is not its own")
    if not _ALPHANUMERIC.issuperset(text[5:HEADER_CHARACTERS]) or not text[12:14].isdigit():
        _reject("positions 5 to 15: the header is not upper-case letters and digits")
    optional, at = _read_optional(text, int(text[12:14]))
    body = text[at:]
    blocks, rest = divmod(len(body), 2 * CIPHER_BLOCK_BYTES)
    if rest or blocks < BODY_BLOCKS_MIN or not _is_upper_hex(body):
        _reject(f"position {at}: the sealed part is not whole blocks in upper-case hexadecimal")
    header = BlockHeader(text[5:7], text[7], text[8], text[11], optional, text[9:11])
    return header, bytes.fromhex(body)


def _is_upper_hex(text: str) -> bool:
    try:
        return bytes.fromhex(text).hex().upper() == text
    except ValueError:
        return False


def _read_optional(text: str, count: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """Read `count` optional blocks; give them without padding, and the position after them."""
    at = HEADER_CHARACTERS
    found: list[tuple[str, str]] = []
    for _ in range(count):
        name, length_text = text[at : at + 2], text[at + 2 : at + 4]
        if len(length_text) != 2 or not _HEX.issuperset(length_text):
            _reject(f"position {at + 2}: the length of an optional block is not two hexadecimal digits")
        length = int(length_text, 16)
        if length < 4 or at + length > len(text):
            # Length 00 announces the extended form, which only certificates and the like need.
            _reject(f"position {at + 2}: an optional block of impossible or extended length")
        if name != _PADDING_ID:
            found.append((name, text[at + 4 : at + length]))
        at += length
    if len({name for name, _ in found}) != len(found):
        _reject("an optional block stands in it twice")
    return tuple(found), at


def _reject(why: str) -> NoReturn:
    raise KeyBlockRejected(f"the key block was refused: {why}. Ask its sender for a new one")
