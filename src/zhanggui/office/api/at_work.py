"""Which acts of programs are being done at this moment: who asks again meanwhile is refused, so that nobody queues behind himself."""

from collections.abc import Iterator
from contextlib import contextmanager


class AtWork:
    """Keys of tokens that are in use now."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def begin(self, token_id: str, key: str) -> Iterator[bool]:
        """Whether nobody is at work under this key; then it is taken until the end."""
        place = token_id, key
        if place in self._keys:
            yield False
            return
        self._keys.add(place)
        try:
            yield True
        finally:
            self._keys.discard(place)
