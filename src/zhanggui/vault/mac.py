"""报文鉴别码 (MAC): the algorithms of the installed base (domain reference, §5.2).

All pad with zero bytes to whole blocks; empty data is one zero block (ISO/IEC 9797-1:2011, padding method 1).

    UNIONPAY_ECB  fold all blocks by XOR, write the fold as 16 hex characters, chain these; 8 hex characters
    X9_9          CBC chain under the whole key; 8 bytes (ISO/IEC 9797-1 algorithm 1)
    X9_19         CBC chain under the first half, last block under the whole key; 8 bytes (algorithm 3)
    X9_19_HEX     as X9_19; the first 8 hex characters
    CHANPAY       fold by XOR, encipher once; 8 bytes
    SM4_HEX       as UNIONPAY_ECB with SM4, blocks of 16 and 32 hex characters; 8 hex characters
    SM4_RAW       as SM4_HEX; the first 8 bytes. Sources disagree which of the two is right, so the dialect chooses

>>> key = bytes.fromhex("46B0AA84C9AB2CC87FBD7C736E515C06")
>>> mac_function(MacAlgorithm.X9_19_HEX, KeyAlgorithm.TDES, key)(bytes.fromhex("121234FF"))
b'C17E5FB7'
"""

from binascii import hexlify
from collections.abc import Callable
from enum import StrEnum

from .ciphers import CbcChain, ecb_encryptor
from .errors import KeyMisuse
from .keys import KeyAlgorithm

MAC_BYTES = 8
"""Field 64 has eight bytes, whatever the algorithm."""

_HEX_OF = MAC_BYTES // 2
"""Bytes of which the hex characters fill field 64."""
_TEMPLATES = {width: b"%%0%dX" % (2 * width) for width in (8, 16)}

MacFunction = Callable[[bytes], bytes]
"""Takes the covered bytes, returns the eight bytes of field 64."""


class MacAlgorithm(StrEnum):
    """How field 64 is computed; a switch of the dialect."""

    UNIONPAY_ECB = "unionpay_ecb"
    X9_9 = "x9_9"
    X9_19 = "x9_19"
    X9_19_HEX = "x9_19_hex"
    CHANPAY = "chanpay"
    SM4_HEX = "sm4_hex"
    SM4_RAW = "sm4_raw"


def mac_function(algorithm: MacAlgorithm, key_algorithm: KeyAlgorithm, key: bytes) -> MacFunction:
    """Make the function that computes MACs under `key`; its contexts are kept inside it.

    Raises KeyMisuse when a DES key is offered to an SM4 algorithm or the other way round.
    """
    wants_sm4 = algorithm in (MacAlgorithm.SM4_HEX, MacAlgorithm.SM4_RAW)
    if wants_sm4 != (key_algorithm is KeyAlgorithm.SM4):
        raise KeyMisuse(f"a key of algorithm {key_algorithm.name} does not fit MAC algorithm {algorithm.value}")
    match algorithm:
        case MacAlgorithm.UNIONPAY_ECB | MacAlgorithm.SM4_HEX:
            return FoldAndChain(key_algorithm, key)
        case MacAlgorithm.SM4_RAW:
            chained = FoldAndChain(key_algorithm, key)
            return lambda data: chained.last_block(data)[:MAC_BYTES]
        case MacAlgorithm.X9_9:
            chain = CbcChain(key_algorithm, key)
            return lambda data: chain.run(pad(data, MAC_BYTES))
        case MacAlgorithm.X9_19:
            return _retail(key_algorithm, key)
        case MacAlgorithm.X9_19_HEX:
            return _hex_text(_retail(key_algorithm, key))
        case MacAlgorithm.CHANPAY:
            encipher = ecb_encryptor(key_algorithm, key).update
            return lambda data: encipher(fold(data, MAC_BYTES).to_bytes(MAC_BYTES, "big"))


def pad(data: bytes, width: int) -> bytes:
    """Fill with zero bytes to whole blocks; empty data becomes one block."""
    short = -len(data) % width
    if short:
        return data + bytes(short)
    return data or bytes(width)


def fold(data: bytes, width: int) -> int:
    """XOR all blocks of `width` bytes into one, as a number: the row of blocks is folded in half until one is left.

    >>> hex(fold(bytes.fromhex("00000000000000FF 0F00000000000000 01"), 8))
    '0xe000000000000ff'
    """
    short = -len(data) % width
    row = int.from_bytes(data, "big") << 8 * short
    blocks = (len(data) + short) // width
    while blocks > 1:
        blocks = (blocks + 1) // 2
        shift = blocks * width * 8
        row = (row >> shift) ^ (row & ((1 << shift) - 1))
    return row


class FoldAndChain(CbcChain):
    """Fold, write as hex, chain the two blocks of hex: encipher, XOR, encipher again is just what CBC does.

    One object with one context: a host keeps one for each terminal, and every message passes it.
    """

    __slots__ = ("_template",)

    def __init__(self, key_algorithm: KeyAlgorithm, key: bytes) -> None:
        super().__init__(key_algorithm, key)
        self._template = _TEMPLATES[self.width]

    def last_block(self, data: bytes) -> bytes:
        """The second block of hex, enciphered."""
        return self.run(self._template % fold(data, self.width))

    def __call__(self, data: bytes) -> bytes:
        """Its first eight hex characters, in ASCII."""
        return hexlify(self.run(self._template % fold(data, self.width))[:_HEX_OF]).upper()


def _retail(key_algorithm: KeyAlgorithm, key: bytes) -> MacFunction:
    """ISO/IEC 9797-1 algorithm 3: with a single-length key the last step undoes itself and X9.9 is left."""
    if key_algorithm is KeyAlgorithm.DES:
        key, key_algorithm = key * 2, KeyAlgorithm.TDES
    if len(key) != 16:
        raise KeyMisuse("the retail MAC takes a key of 8 or 16 bytes")
    chain = CbcChain(KeyAlgorithm.DES, key[:8])
    finish = ecb_encryptor(key_algorithm, key).update

    def compute(data: bytes) -> bytes:
        padded = pad(data, MAC_BYTES)
        last = padded[-MAC_BYTES:]
        if len(padded) > MAC_BYTES:
            chain.run(padded[:-MAC_BYTES])
            last = (chain.last ^ int.from_bytes(last, "big")).to_bytes(MAC_BYTES, "big")
        return finish(last)

    return compute


def _hex_text(function: MacFunction) -> MacFunction:
    """The first eight hex characters of a MAC, in ASCII."""
    return lambda data: hexlify(function(data)[:_HEX_OF]).upper()
