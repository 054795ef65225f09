"""Cipher contexts kept by key block; beyond the bound the one made first goes, and is made again when it is used."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from .ciphers import Sealed
from .errors import KeyMisuse
from .keys import KeyAlgorithm, KeyBlock

C = TypeVar("C")

CONTEXTS_MAX = 16_384
"""Contexts kept of each kind: a busy host's terminals of one morning. One costs 2 KiB, a miss about 15 µs."""


class ContextCache(Sealed, Generic[C]):
    """Contexts of one kind of use, made on first need from the clear key, which is then dropped.

    They are not kept in the order of their use: to note each use costs more than to make, once in `size_max` others, again.

    `kinds` are the purposes this use admits; a block of another is refused with KeyMisuse.
    """

    __slots__ = ("_contexts", "_kinds", "_make", "_open", "_size_max")

    def __init__(
        self,
        kinds: tuple[type[KeyBlock], ...],
        open_block: Callable[[KeyBlock], tuple[KeyAlgorithm, bytes]],
        make: Callable[[KeyAlgorithm, bytes], C],
        size_max: int = CONTEXTS_MAX,
    ) -> None:
        self._kinds = frozenset(kinds)
        self._open = open_block
        self._make = make
        self._size_max = size_max
        self._contexts: OrderedDict[str, C] = OrderedDict()

    def get(self, block: KeyBlock) -> C:
        """The context for a block."""
        if type(block) not in self._kinds:
            wanted = " or ".join(sorted(kind.__name__ for kind in self._kinds))
            raise KeyMisuse(f"a {type(block).__name__} was offered where {wanted} is wanted; a key serves one purpose")
        context = self._contexts.get(block.text)
        return self._admit(block) if context is None else context

    def _admit(self, block: KeyBlock) -> C:
        context = self._make(*self._open(block))
        self._contexts[block.text] = context
        if len(self._contexts) > self._size_max:
            self._contexts.popitem(last=False)
        return context

    def __len__(self) -> int:
        return len(self._contexts)
