"""Block ciphers with contexts that are kept.

Making a cipher context costs about 3 µs, using one 0.4 µs, so the vault makes each once and keeps it. A kept context
has no memory between calls: ECB has none by nature, and a CBC chain takes its last value out again by XOR with the next
first block. Contexts serve one thread; each event loop has a vault of its own.

>>> ecb_encryptor(KeyAlgorithm.DES, bytes.fromhex("0123456789ABCDEF")).update(bytes(8)).hex().upper()
'D5D44FF720683D0D'
"""

import hashlib
from collections.abc import Callable
from typing import NoReturn

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from .errors import KeyMisuse
from .keys import KeyAlgorithm

KEY_BYTES: dict[KeyAlgorithm, tuple[int, ...]] = {
    KeyAlgorithm.DES: (8,),
    KeyAlgorithm.TDES: (16, 24),
    KeyAlgorithm.SM4: (16,),
    KeyAlgorithm.HMAC: (32,),
    KeyAlgorithm.ED25519: (32,),
}
"""Lengths a key of each algorithm may have."""

# A mode says nothing of a key, so one of each serves all contexts: a host keeps three of these for each terminal.
_ECB = modes.ECB()
_CBC = {width: modes.CBC(bytes(width)) for width in (8, 16)}


class Sealed:
    """Base of what holds a key: shows nothing, is never pickled or copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(••••)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an object that holds a key is not pickled or copied")


class Ecb(Sealed):
    """One direction of a block cipher. `update` takes whole blocks of `width` bytes."""

    __slots__ = ("update", "width")

    def __init__(self, update: Callable[[bytes], bytes], width: int) -> None:
        self.update = update
        self.width = width


class CbcChain(Sealed):
    """A CBC chain with zero IV of which only the last block is wanted; `last` is the latest one, as a number."""

    __slots__ = ("_update", "last", "width")

    def __init__(self, algorithm: KeyAlgorithm, key: bytes) -> None:
        cipher = _cipher(algorithm, key)
        self.width = cipher.block_size // 8
        self._update: Callable[[bytes], bytes] = Cipher(cipher, _CBC[self.width]).encryptor().update
        self.last = 0

    def run(self, blocks: bytes) -> bytes:
        """Return the last block of the chain over `blocks` (whole blocks, at least one)."""
        width = self.width
        first = int.from_bytes(blocks[:width], "big") ^ self.last
        last = self._update(first.to_bytes(width, "big") + blocks[width:])[-width:]
        self.last = int.from_bytes(last, "big")
        return last


class Cbc(Sealed):
    """CBC in both directions with a fresh IV for each text, on two contexts that are kept. Takes whole blocks."""

    __slots__ = ("_decrypt", "_encrypt", "_last_decrypted", "_last_encrypted", "_width")

    def __init__(self, cipher: BlockCipherAlgorithm) -> None:
        self._width = cipher.block_size // 8
        kept = Cipher(cipher, _CBC[self._width])
        self._encrypt: Callable[[bytes], bytes] = kept.encryptor().update
        self._decrypt: Callable[[bytes], bytes] = kept.decryptor().update
        # What each context will XOR into its next block: the last block of ciphertext that it saw, as a number.
        self._last_encrypted = self._last_decrypted = 0

    def encrypt(self, iv: bytes, clear: bytes) -> bytes:
        """The enciphered blocks."""
        width = self._width
        first = int.from_bytes(clear[:width], "big") ^ int.from_bytes(iv, "big") ^ self._last_encrypted
        sealed = self._encrypt(first.to_bytes(width, "big") + clear[width:])
        self._last_encrypted = int.from_bytes(sealed[-width:], "big")
        return sealed

    def decrypt(self, iv: bytes, sealed: bytes) -> bytes:
        """The clear blocks."""
        width = self._width
        clear = self._decrypt(sealed)
        first = int.from_bytes(clear[:width], "big") ^ int.from_bytes(iv, "big") ^ self._last_decrypted
        self._last_decrypted = int.from_bytes(sealed[-width:], "big")
        return first.to_bytes(width, "big") + clear[width:]


class KeyedHash(Sealed):
    """HMAC-SHA-256 (RFC 2104) with both keyed halves kept: half the cost of a fresh one.

    >>> KeyedHash(b"Jefe" + bytes(28)).digest(b"what do ya want for nothing?").hex()[:16]
    '5bdcc146bf60754e'
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > 64:
            raise ValueError("a keyed hash takes a key of at most 64 bytes, the block of SHA-256")
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(self, data: bytes) -> bytes:
        """The 32 bytes of HMAC-SHA-256 over `data`."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


def ecb_encryptor(algorithm: KeyAlgorithm, key: bytes) -> Ecb:
    """A kept context that enciphers single blocks."""
    cipher = _cipher(algorithm, key)
    return Ecb(Cipher(cipher, _ECB).encryptor().update, cipher.block_size // 8)


def ecb_decryptor(algorithm: KeyAlgorithm, key: bytes) -> Ecb:
    """A kept context that deciphers single blocks."""
    cipher = _cipher(algorithm, key)
    return Ecb(Cipher(cipher, _ECB).decryptor().update, cipher.block_size // 8)


def keyed_hash(algorithm: KeyAlgorithm, key: bytes) -> KeyedHash:
    """A kept HMAC context."""
    if algorithm is not KeyAlgorithm.HMAC:
        raise KeyMisuse(f"a key of algorithm {algorithm.name} was offered for a keyed hash, which takes HMAC")
    check_length(algorithm, key)
    return KeyedHash(key)


def check_length(algorithm: KeyAlgorithm, key: bytes) -> None:
    """Raise KeyMisuse unless the key has a length of its algorithm."""
    if len(key) not in KEY_BYTES[algorithm]:
        wanted = " or ".join(map(str, KEY_BYTES[algorithm]))
        raise KeyMisuse(f"a key of algorithm {algorithm.name} has {wanted} bytes, not {len(key)}")


def _cipher(algorithm: KeyAlgorithm, key: bytes) -> BlockCipherAlgorithm:
    check_length(algorithm, key)
    match algorithm:
        case KeyAlgorithm.DES:
            # E(K, D(K, E(K, x))) = E(K, x): single DES is triple DES with one key, and the library takes 24 bytes only.
            return TripleDES(key * 3)
        case KeyAlgorithm.TDES:
            return TripleDES(key if len(key) == 24 else key + key[:8])
        case KeyAlgorithm.SM4:
            return SM4(key)
        case _:
            raise KeyMisuse(f"a key of algorithm {algorithm.name} was offered for a block cipher")
