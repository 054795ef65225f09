"""The operations of the terminals' HTTP door: what is asked, and what is answered."""

from typing import Literal

import msgspec


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a terminal asks; one operation each (`OPERATIONS`)."""


class AskStanding(Question, frozen=True, kw_only=True):
    """`standing`: how this terminal stands at the host. Asked where something does not work, to say what."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the host knows of the terminal that asks."""

    state: Literal["active", "locked", "lost", "tampered"]
    batch_no: str
    signed_in: tuple[str, ...] = ()
    """Numbers of the operators whose sessions live on it."""


OPERATIONS: dict[str, type[Question]] = {
    "standing": AskStanding,
}
"""Every operation by its name, which stands in the path."""
