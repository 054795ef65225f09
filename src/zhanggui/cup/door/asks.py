"""The operations of the terminals' HTTP door: what is asked, and what is answered. Host and terminal take both from here.

What an operation does twice does no harm: a terminal that heard no answer asks again in a new turn. So one that adds something names it by
a number of the terminal's own, as a payment does.
"""

from typing import Generic, Literal, TypeVar

import msgspec

Q = TypeVar("Q", bound="Question")
A = TypeVar("A", bound=msgspec.Struct)


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a terminal asks."""


class Operation(msgspec.Struct, Generic[Q, A], frozen=True):
    """One operation: its name, which stands in the path, its question and its answer."""

    name: str
    question: type[Q]
    answer: type[A]


class AskStanding(Question, frozen=True, kw_only=True):
    """How this terminal stands at the host."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the host knows of the terminal that asks."""

    state: Literal["active", "locked", "lost", "tampered"]
    batch_no: str
    signed_in: tuple[str, ...] = ()
    """Numbers of the operators whose sessions live on it."""


STANDING = Operation("standing", AskStanding, Standing)
