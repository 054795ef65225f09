"""One question to one list: its filters with their values, and the one text of it.

The text stands in the address of a page, at the head of an export, and (hashed) in every cursor, so that a cursor of one question is no
cursor of another. Read from it, a question is itself again; a day that was said as `today` stands in it as the day that it was.
"""

import hashlib
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import msgspec

from ...basics.numbers import MerchantNo
from .filters import Asking, Filter, Value
from .wrong import AskedWrong

HASH_BYTES = 16


class Question(msgspec.Struct, frozen=True):
    """What is asked of the list of this name. The filters stand in the order of the list's own table, each at most once."""

    list_name: str
    asked: tuple[tuple[Filter, Value], ...] = ()

    @property
    def shops(self) -> tuple[MerchantNo, ...] | None:
        """The shops that it is about; None: all."""
        value = self.value("shop")
        return tuple(map(MerchantNo, value)) if isinstance(value, tuple) else None

    def value(self, name: str) -> Value | None:
        """What a filter was given; None: nothing."""
        return next((value for one, value in self.asked if one.name == name), None)

    @property
    def parameters(self) -> dict[str, str]:
        """Each filter that was given, as its one text."""
        return {one.name: one.write(value) for one, value in self.asked}

    @property
    def text(self) -> str:
        """The one text of it: as it stands in an address behind the `?`."""
        return urlencode(self.parameters)

    @property
    def noted(self) -> str:
        """The same for a note that is kept for good: of a filter that may hold a person's name, the filter alone."""
        return urlencode({one.name: "…" if one.is_personal else one.write(value) for one, value in self.asked})

    @property
    def hash(self) -> bytes:
        """What stands for it in a cursor."""
        return hashlib.sha256(f"{self.list_name}?{self.text}".encode()).digest()[:HASH_BYTES]

    def without(self, name: str) -> "Question":
        """The same without one filter."""
        return Question(self.list_name, tuple(pair for pair in self.asked if pair[0].name != name))


def given_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters as they stand in an address. Raises AskedWrong for one that stands there twice: nobody knows which was meant."""
    given: dict[str, str] = {}
    for name, text in pairs:
        if name in given:
            raise AskedWrong(name, "twice")
        given[name] = text
    return given


def read_question(list_name: str, filters: tuple[Filter, ...], given: Mapping[str, str], asking: Asking) -> Question:
    """The question of these parameters; empty ones ask nothing. Raises AskedWrong."""
    known = {one.name for one in filters}
    for name in given:
        if name not in known:
            raise AskedWrong(name, "unknown", choices=", ".join(sorted(known)))
    question = Question(
        list_name,
        tuple((one, one.read(text, asking)) for one in filters if (text := given.get(one.name, "").strip())),
    )
    for least, most in (("day_from", "day_to"), ("since", "until"), ("amount_from", "amount_to")):
        low, high = question.value(least), question.value(most)
        if low is not None and high is not None and low > high:  # type: ignore[operator]  # both of one type
            raise AskedWrong(most, "before", other=least)
    return question
