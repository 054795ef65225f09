"""Read a message by its field table, one part after the other, and tell where each part stands.

This is the slow reader: it finds the exact byte that is wrong. The codec hands over to it whatever a plan does not
read, and `zhanggui decode` explains messages with it.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

import msgspec

from zhanggui.iso8583.errors import DecodeError
from zhanggui.iso8583.fields import LAST_FIELD, PREFIX_BYTES, Field, Kind, Prefix, Spec

MTI_BYTES = 2
BITMAP_BYTES = 8
HEAD_BYTES = MTI_BYTES + BITMAP_BYTES
TRACK_PAD = "f"


class Placed(msgspec.Struct, frozen=True):
    """One part of a message: where it stands and what it holds.

    `offset` and `length` are bytes and include the length prefix, which takes `prefix_length` of them. `field` is set
    when `part` is "field"; the value of the MTI is its four digits, that of the bitmap its eight bytes. The
    representation does not show the value.
    """

    part: Literal["mti", "bitmap", "field"]
    field: Field | None
    offset: int
    prefix_length: int
    length: int
    value: str | bytes

    @property
    def number(self) -> int | None:
        """Number of the field; None for the MTI and the bitmap."""
        return None if self.field is None else self.field.number

    def __repr__(self) -> str:
        name = self.part if self.field is None else f"field {self.field.number}"
        return f"Placed({name}, offset={self.offset}, length={self.length})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:  # type: ignore[override]
        yield "part", self.part
        yield "number", self.number
        yield "offset", self.offset
        yield "length", self.length


class Layout(msgspec.Struct, frozen=True):
    """What was placed, in order, and the error that stopped the reading, if any."""

    placed: tuple[Placed, ...]
    error: DecodeError | None


def lay_out(spec: Spec, data: bytes) -> Layout:
    """Place every part of a message; never raises for any bytes.

    >>> from zhanggui.iso8583.fields import Field, Kind, Prefix
    >>> spec = Spec("tiny", (Field(11, "trace number", Kind.NUMERIC, Prefix.FIXED, 6),))
    >>> lay_out(spec, bytes.fromhex("0820 0020000000000000 000001")).placed
    (Placed(mti, offset=0, length=2), Placed(bitmap, offset=2, length=8), Placed(field 11, offset=10, length=3))
    >>> print(lay_out(spec, bytes.fromhex("0820 0020000000000000 0000")).error)  # doctest: +ELLIPSIS
    field 11 at byte 12: expected 3 bytes, found the end of the message after 2 (fields read before: none); compare ...
    """
    placed: list[Placed] = []
    try:
        placed.extend(_read_parts(spec, data))
    except DecodeError as error:
        decoded = tuple(part.field.number for part in placed if part.field is not None)
        complete = DecodeError(
            field=error.field, offset=error.offset, expected=error.expected, found=error.found, decoded=decoded
        )
        return Layout(tuple(placed), complete)
    return Layout(tuple(placed), None)


def _read_parts(spec: Spec, data: bytes) -> Iterator[Placed]:
    _need(data, 0, MTI_BYTES, None)
    yield Placed("mti", None, 0, 0, MTI_BYTES, _read_digits(data, 0, 0, 2 * MTI_BYTES, None))
    _need(data, MTI_BYTES, BITMAP_BYTES, None)
    bitmap = data[MTI_BYTES:HEAD_BYTES]
    yield Placed("bitmap", None, MTI_BYTES, 0, BITMAP_BYTES, bitmap)
    numbers = numbers_of(bitmap)
    if numbers and numbers[0] == 1:
        raise DecodeError(field=1, offset=MTI_BYTES, expected="bit 1 clear", found="a second bitmap announced")
    at = HEAD_BYTES
    for number in numbers:
        field = spec.table.get(number)
        if field is None:
            byte = MTI_BYTES + (number - 1) // 8
            raise DecodeError(field=number, offset=byte, expected=f"a field of {spec.name}", found="an unlisted field")
        value, end = read_field(field, data, at)
        yield Placed("field", field, at, PREFIX_BYTES[field.prefix], end - at, value)
        at = end
    if at != len(data):
        left = len(data) - at
        raise DecodeError(field=None, offset=at, expected="the end of the message", found=f"{left} bytes more")


def read_what_can_be_read(spec: Spec, data: bytes) -> tuple[str, dict[int, str | bytes]]:
    """MTI and readable fields of a message that has a fault, so that its sender can be told; never raises for any bytes.

    A field whose content is wrong is passed over: its length says where the next one begins. Nothing is read behind a
    field whose end can't be known. The MTI is empty when it can't be read.

    >>> from zhanggui.iso8583.fields import Field, Kind, Prefix
    >>> trace, batch = (Field(number, "", Kind.NUMERIC, Prefix.FIXED, 2) for number in (11, 12))
    >>> read_what_can_be_read(Spec("tiny", (trace, batch)), bytes.fromhex("0820 0030000000000000 0A 02"))
    ('0820', {12: '02'})
    """
    mti = ""
    fields: dict[int, str | bytes] = {}
    try:
        _need(data, 0, HEAD_BYTES, None)
        mti = _read_digits(data, 0, 0, 2 * MTI_BYTES, None)
        at = HEAD_BYTES
        for number in numbers_of(data[MTI_BYTES:HEAD_BYTES]):
            field = spec.table.get(number)
            if field is None:
                break
            _, _, end = _extent(field, data, at)
            with suppress(DecodeError):
                fields[number] = read_field(field, data, at)[0]
            at = end
    except DecodeError:
        pass
    return mti, fields


def numbers_of(bitmap: bytes) -> tuple[int, ...]:
    """Field numbers whose bits are set, ascending; the first bit of the first byte is 1.

    >>> numbers_of(bytes.fromhex("0020000000c00000"))
    (11, 41, 42)
    """
    bits = int.from_bytes(bitmap, "big")
    return tuple(number for number in range(1, LAST_FIELD + 1) if bits >> (LAST_FIELD - number) & 1)


def read_field(field: Field, data: bytes, offset: int) -> tuple[str | bytes, int]:
    """Read one field that begins at `offset` with its prefix; return the value and the offset after it."""
    length, start, end = _extent(field, data, offset)
    match field.kind:
        case Kind.NUMERIC:
            skip = (end - start) * 2 - length if field.align.value == "right" else 0
            return _read_digits(data, start, skip, length, field.number), end
        case Kind.TRACK:
            return _read_track(field, data, start, length), end
        case Kind.TEXT:
            return _read_text(field, data[start:end], start), end
        case Kind.BINARY:
            return data[start:end], end


def _extent(field: Field, data: bytes, offset: int) -> tuple[int, int, int]:
    """Length of the content in the field's unit, where the content starts and where it ends."""
    length, start = _read_length(field, data, offset)
    size = (length + 1) // 2 if field.is_bcd else length
    _need(data, start, size, field.number)
    return length, start, start + size


def _need(data: bytes, start: int, size: int, number: int | None) -> None:
    if start + size > len(data):
        raise DecodeError(
            field=number,
            offset=len(data),
            expected=f"{size} bytes",
            found=f"the end of the message after {len(data) - start}",
        )


def _read_length(field: Field, data: bytes, offset: int) -> tuple[int, int]:
    """Length of the content in the field's unit, and the offset where the content starts."""
    if field.prefix is Prefix.FIXED:
        return field.length, offset
    size = PREFIX_BYTES[field.prefix]
    _need(data, offset, size, field.number)
    told = int(_read_digits(data, offset, 0, 2 * size, field.number))
    if told > field.prefix_max:
        raise DecodeError(
            field=field.number,
            offset=offset,
            expected=f"a length up to {field.prefix_max}",
            found=f"length {told} over maximum {field.prefix_max}",
        )
    if not field.prefix_counts_nibbles:
        return told, offset + size
    if told % 2:
        raise DecodeError(field=field.number, offset=offset, expected="an even nibble count", found=f"length {told}")
    return told // 2, offset + size


def _read_digits(data: bytes, start: int, skip: int, length: int, number: int | None) -> str:
    """Digits from nibble `skip` on; other nibbles of the content are pads and are not looked at."""
    nibbles = data[start : start + (skip + length + 1) // 2].hex()[skip : skip + length]
    for position, nibble in enumerate(nibbles):
        if nibble > "9":
            raise DecodeError(
                field=number, offset=start + (skip + position) // 2, expected="a digit", found="letter nibble"
            )
    return nibbles


def _read_track(field: Field, data: bytes, start: int, length: int) -> str:
    nibbles = data[start : start + (length + 1) // 2].hex()[:length]
    if field.may_be_enciphered:
        return nibbles.upper().replace("D", "=")
    # Some terminals count a closing F as content, so one is taken off; any other letter but D is an error.
    nibbles = nibbles.removesuffix(TRACK_PAD)
    for position, nibble in enumerate(nibbles):
        if nibble > "9" and nibble != "d":
            raise DecodeError(
                field=field.number,
                offset=start + position // 2,
                expected="a digit or separator D",
                found="letter nibble",
            )
    return nibbles.replace("d", "=")


def _read_text(field: Field, content: bytes, start: int) -> str:
    try:
        return content.decode(field.encoding)
    except UnicodeDecodeError as error:
        position = error.start
    # Raised out here, because the codec library's own error holds the bytes and would hang on as context.
    raise DecodeError(
        field=field.number,
        offset=start + position,
        expected=f"{field.encoding} text",
        found="a byte outside the encoding",
    )
