"""The kinds of orders to terminals, loaded from `order_kinds.toml`: what host and terminal know of each alike."""

from typing import Literal

from ..basics.errors import Defect
from ..basics.visible import is_harmless
from ..basics.words import Word, load_rows
from .operator_tags import TEXT_ENCODING

CONTENTS_BYTES_MAX = 240
"""Of an order's text as it is sent: 120 Chinese characters, and field 62 still holds rules and words beside it."""

HOURS_MAX = 24 * 366
"""For how long an order may be good, and how far ahead it may begin: a year."""

Contents = Literal["none", "text"]


class OrderKind(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of order; what its columns mean stands on top of `order_kinds.toml`."""

    right: str
    contents: Contents
    hours: int
    ends_session: bool = False


ORDER_KINDS = load_rows(__package__, "order_kinds.toml", OrderKind)
GIVEN_KINDS = {name: row for name, row in ORDER_KINDS.items() if row.right}
"""Those that people give; the others are a rule's of the host."""


def order_kind(name: str) -> OrderKind | None:
    """The kind of this name; None for one that this program does not know."""
    return ORDER_KINDS.get(name)


def fits(kind: OrderKind, contents: str) -> bool:
    """Whether these contents are ones of the kind: none where it has none, else a text within its bound."""
    if kind.contents == "none":
        return not contents
    return is_harmless(contents) and 0 < len(contents.encode(TEXT_ENCODING, "replace")) <= CONTENTS_BYTES_MAX


if any(not 0 < row.hours <= HOURS_MAX for row in ORDER_KINDS.values()):
    raise Defect("order_kinds.toml: an order that is good for no time, or for more than a year")
