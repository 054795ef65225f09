"""Sealing and opening key blocks under the vault's local key, and making fresh keys."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from zhanggui.basics.chance import Chance
from zhanggui.basics.recent import Recent

from .blocks import BlockHeader, KeyWrapper
from .check_value import check_value
from .ciphers import KEY_BYTES, Sealed, check_length
from .errors import KeyBlockRejected, KeyMisuse
from .keys import PURPOSES, KeyAlgorithm, KeyBlock, Purpose, type_of
from .weak_keys import weakness_of, with_odd_parity

K = TypeVar("K", bound=KeyBlock)

LOCAL_KEY_BYTES = 32
"""AES-256, for the local key and for transport keys."""
EXPORTABLE, NOT_EXPORTABLE = "E", "N"
_UNRESTRICTED_MODE = "N"
JUST_SEALED_MAX = 2048
"""Keys that were sealed and not yet used. Working keys are used within seconds of being made, or by a terminal that went away."""


class LocalKeys(Sealed):
    """Blocks of this vault: `seal` writes them, `open` reads them and holds them to their purpose.

    The first `open` of a block that was sealed here a moment ago needs no cipher: its key is still at hand, once.
    """

    __slots__ = ("_chance", "_just_sealed", "_wrapper")

    def __init__(self, local_key: bytes, chance: Chance) -> None:
        self._wrapper = wrapper_for(local_key)
        self._chance = chance
        self._just_sealed: Recent[str, tuple[type[KeyBlock], KeyAlgorithm, bytes]] = Recent(JUST_SEALED_MAX)

    def fresh(self, algorithm: KeyAlgorithm, length: int | None = None) -> bytes:
        """Random key bytes, with odd parity for DES, never a weak key."""
        wanted = length or KEY_BYTES[algorithm][0]
        while True:
            key = self._chance.take_secret(wanted)
            if algorithm in (KeyAlgorithm.DES, KeyAlgorithm.TDES):
                key = with_odd_parity(key)
            if weakness_of(algorithm, key) is None:
                return key

    def seal(
        self,
        kind: type[K],
        algorithm: KeyAlgorithm,
        key: bytes,
        *,
        exportable: bool = True,
        check: bytes | None = None,
    ) -> K:
        """Write a block of the purpose `kind`; `exportable` can only narrow what the purpose allows."""
        check_length(algorithm, key)
        if algorithm not in kind.PURPOSE.algorithms:
            raise KeyMisuse(f"a {kind.__name__} does not take a key of algorithm {algorithm.name}")
        header = header_for(kind, algorithm, exportable and kind.PURPOSE.exportable)
        text = self._wrapper.wrap(header, key, self._chance)
        self._just_sealed.put(text, (kind, algorithm, key))
        return kind(text, check or check_value(algorithm, key))

    def open(self, block: KeyBlock) -> tuple[KeyAlgorithm, bytes]:
        """Read a block back: its algorithm and clear key. KeyMisuse when its header names another purpose."""
        kind = type(block)
        at_hand = self._just_sealed.pop(block.text)
        if at_hand is not None and at_hand[0] is kind:
            return at_hand[1:]
        header, key = self._wrapper.unwrap(block.text)
        if type_of(header.usage, header.label or "") is not kind or header.mode != kind.PURPOSE.mode:
            raise KeyMisuse(f"a {kind.__name__} was made from the block of another purpose (usage {header.usage})")
        return _algorithm_of(header, kind, key), key

    def export(self, block: KeyBlock, under: bytes) -> str:
        """Write a key that may leave under a transport key."""
        algorithm, key = self.open(block)
        # The header was authenticated by `open`; position 11 is exportability.
        if block.text[11] != EXPORTABLE:
            raise KeyMisuse(f"this {type(block).__name__} may not leave the vault; only its maker can export it")
        return wrapper_for(under).wrap(header_for(type(block), algorithm, exportable=False), key, self._chance)

    def move(self, block: K, to: "LocalKeys") -> K:
        """Seal a key for the next local key of this same vault; it leaves the vault no more than before."""
        algorithm, key = self.open(block)
        return to.seal(type(block), algorithm, key, exportable=False)

    def take_over(self, text: str, transport_key: bytes, kind: type[K]) -> K:
        """Seal a key that came under a transport key. Foreign labels are let pass, those of our other purposes not."""
        header, key = wrapper_for(transport_key).unwrap(text)
        purpose = kind.PURPOSE
        if header.usage != purpose.usage or type_of(header.usage, header.label or "") not in (None, kind):
            raise KeyBlockRejected(
                f"the key block is not for a {kind.__name__}: its usage is {header.usage}. Import it as what it is"
            )
        if header.mode not in (purpose.mode, _UNRESTRICTED_MODE):
            raise KeyBlockRejected(
                f"the key block allows mode of use {header.mode}, a {kind.__name__} needs {purpose.mode}"
            )
        return self.seal(kind, _algorithm_of(header, kind, key), key, exportable=header.exportability == EXPORTABLE)


def wrapper_for(key: bytes) -> KeyWrapper:
    """A wrapper for a local or transport key, which have 32 bytes."""
    if len(key) != LOCAL_KEY_BYTES:
        raise ValueError(f"a local or transport key has {LOCAL_KEY_BYTES} bytes")
    return KeyWrapper(key)


def header_for(kind: type[KeyBlock], algorithm: KeyAlgorithm, exportable: bool) -> BlockHeader:
    """The header that a block of this purpose carries."""
    return _HEADERS[kind, algorithm, exportable]


def _header(purpose: Purpose, algorithm: KeyAlgorithm, exportable: bool) -> BlockHeader:
    exportability = EXPORTABLE if exportable else NOT_EXPORTABLE
    return BlockHeader(purpose.usage, algorithm.value, purpose.mode, exportability, (("LB", purpose.label),))


_HEADERS: Mapping[tuple[type[KeyBlock], KeyAlgorithm, bool], BlockHeader] = MappingProxyType(
    {
        (kind, algorithm, exportable): _header(kind.PURPOSE, algorithm, exportable)
        for kind in PURPOSES
        for algorithm in kind.PURPOSE.algorithms
        for exportable in (False, True)
    }
)


def _algorithm_of(header: BlockHeader, kind: type[KeyBlock], key: bytes) -> KeyAlgorithm:
    for algorithm in kind.PURPOSE.algorithms:
        if algorithm.value == header.algorithm and len(key) in KEY_BYTES[algorithm]:
            return algorithm
        # Other makers write single-length DES keys under the letter of triple DES.
        if algorithm is KeyAlgorithm.DES and header.algorithm == KeyAlgorithm.TDES.value and len(key) == 8:
            return algorithm
    raise KeyBlockRejected(f"a {kind.__name__} does not take algorithm {header.algorithm} with this key's length")
