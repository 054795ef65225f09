"""A decoded message."""

from collections.abc import Iterator

import msgspec


class Message(msgspec.Struct):
    """An ISO 8583 message: message type (four digits) and the fields by number.

    Values are text, or `bytes` for binary fields. The representation shows the numbers only, because a value may be a
    card number.

    >>> Message("0800", {11: "000001", 41: "10000001"})
    Message('0800', fields 11, 41)
    """

    mti: str
    fields: dict[int, str | bytes]

    def __repr__(self) -> str:
        numbers = ", ".join(map(str, sorted(self.fields)))
        return f"Message({self.mti!r}, fields {numbers or 'none'})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:  # type: ignore[override]
        # msgspec gives every struct a rich representation with its values, and rich draws tracebacks with local names.
        yield "mti", self.mti
        yield "fields", tuple(sorted(self.fields))
