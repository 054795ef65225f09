"""What was used lately, bounded: for caches whose every operation must take the same time, however full they are.

A dict that is kept small by deleting its first key walks over all the places that earlier deletions left, again each time;
an OrderedDict pays for its order at each look. Here two dicts take turns: what is put or found goes into the young one, and
when that is full it becomes the old one, whose contents go.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A bounded mapping. At least half of `size_max` of the last used keys are there, never more than `size_max`.

    >>> kept: Recent[str, int] = Recent(2)
    >>> for number, name in enumerate(("a", "b", "c")):
    ...     kept.put(name, number)
    >>> kept.get("a"), kept.get("b"), kept.get("c")
    (None, 1, 2)
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, size_max: int) -> None:
        self._half = max(1, size_max // 2)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of this key, which then counts as used; None when it is not there (any more)."""
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, not None, under this key."""
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def put_all(self, keys: Iterable[K], values: Sequence[V]) -> None:
        """Keep values, none of them None, under these keys, in order."""
        if len(self._young) + len(values) <= self._half:
            self._young.update(zip(keys, values, strict=True))
            return
        for key, value in zip(keys, values, strict=True):
            self.put(key, value)

    def pop(self, key: K) -> V | None:
        """Take a value out; None when it is not there."""
        value = self._young.pop(key, None)
        # An older value of the same key may still stand in the other half.
        older = self._old.pop(key, None)
        return value if value is not None else older

    def clear(self) -> None:
        """Forget everything."""
        self._young = {}
        self._old = {}

    def __len__(self) -> int:
        return len(self._young) + sum(key not in self._young for key in self._old)
