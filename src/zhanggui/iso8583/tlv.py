"""BER-TLV as card data uses it: tag, length, value.

Source: ISO/IEC 8825-1 with the limits of EMV Book 3, Annex B: tags of up to four bytes, definite lengths only, zero
bytes between items have no meaning. Tags are numbers that read like the books write them: 0x9F26, 0xDF01.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from zhanggui.iso8583.errors import EncodeError, TlvError

TLV_ITEMS_MAX = 128
"""Items in one string, nested ones included. Card data has about thirty."""
TLV_BYTES_MAX = 4096
"""Bytes of one string; a whole frame has no more."""
TLV_DEPTH_MAX = 8
"""Templates inside each other. EMV nests three deep."""
TAG_BYTES_MAX = 4
TAGS_KEPT = 1024
"""Written forms of tags that are kept; card data and operator messages know about a hundred."""
LENGTH_BYTES_MAX = 4

MORE_TAG_BYTES = 0x1F
CONSTRUCTED = 0x20
MORE = 0x80


class TlvItem(msgspec.Struct, frozen=True):
    """One item and where it stands: `offset` in the whole string, `header_length` bytes of tag and length, the value.

    `depth` is 0 outside of any template. The representation does not show the value.
    """

    tag: int
    value: bytes
    offset: int
    header_length: int
    depth: int
    constructed: bool

    def __repr__(self) -> str:
        return f"TlvItem({self.tag:X}, {len(self.value)} bytes, offset={self.offset}, depth={self.depth})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:  # type: ignore[override]
        yield "tag", f"{self.tag:X}"
        yield "length", len(self.value)


def decode_tlv(data: bytes) -> list[tuple[int, bytes]]:
    """Split a string into tags and values, in order; templates are not opened. Raises TlvError, nothing else.

    >>> decode_tlv(bytes.fromhex("9A03210720 9F0206000000000501"))
    [(154, b'!\\x07 '), (40706, b'\\x00\\x00\\x00\\x00\\x05\\x01')]
    """
    return [(tag, data[start:end]) for tag, _at, start, end in _split(data, 0)]


def walk_tlv(data: bytes) -> list[TlvItem]:
    """List every item, each template followed by what it holds. Raises TlvError, nothing else.

    >>> walk_tlv(bytes.fromhex("E0039F03009F0400"))
    [TlvItem(E0, 3 bytes, offset=0, depth=0), TlvItem(9F03, 0 bytes, offset=2, depth=1), \
TlvItem(9F04, 0 bytes, offset=5, depth=0)]
    """
    items: list[TlvItem] = []
    _walk(data, 0, 0, items)
    return items


def encode_tlv(items: Iterable[tuple[int, bytes]]) -> bytes:
    """Join tags and values, each with its shortest length. Raises EncodeError.

    >>> encode_tlv([(0xDF01, b"\\x01"), (0x9C, b"")]).hex()
    'df0101019c00'
    """
    parts: list[bytes] = []
    for count, (tag, value) in enumerate(items):
        if count >= TLV_ITEMS_MAX:
            raise EncodeError(field=None, expected=f"up to {TLV_ITEMS_MAX} TLV items", found="more")
        parts += (_tag_bytes(tag), _length_bytes(len(value)), value)
    data = b"".join(parts)
    if len(data) > TLV_BYTES_MAX:
        raise EncodeError(field=None, expected=f"up to {TLV_BYTES_MAX} TLV bytes", found=f"{len(data)} bytes")
    return data


def _walk(data: bytes, base: int, depth: int, items: list[TlvItem]) -> None:
    for tag, at, start, end in _split(data, base):
        offset, constructed = base + at, bool(data[at] & CONSTRUCTED)
        if len(items) >= TLV_ITEMS_MAX:
            raise _too_many(offset)
        item = TlvItem(tag, data[start:end], offset, start - at, depth, constructed)
        items.append(item)
        if constructed:
            inside = base + start
            if depth + 1 >= TLV_DEPTH_MAX:
                raise TlvError(offset=inside, expected=f"up to {TLV_DEPTH_MAX} levels", found="one more")
            _walk(item.value, inside, depth + 1, items)


def _split(data: bytes, base: int) -> list[tuple[int, int, int, int]]:
    """Tag, its place, and where the value begins and ends, of each item."""
    size = len(data)
    if size > TLV_BYTES_MAX:
        raise TlvError(offset=base, expected=f"up to {TLV_BYTES_MAX} bytes", found=f"{size} bytes")
    items: list[tuple[int, int, int, int]] = []
    at = 0
    while at < size:
        if data[at] == 0:
            at += 1
            continue
        if len(items) >= TLV_ITEMS_MAX:
            raise _too_many(base + at)
        tag, after_tag = _read_tag(data, at, base)
        length, start = _read_length(data, after_tag, base)
        end = start + length
        if end > size:
            raise TlvError(
                offset=base + start, expected=f"{length} bytes of value", found=f"the end after {size - start}"
            )
        items.append((tag, at, start, end))
        at = end
    return items


def _too_many(offset: int) -> TlvError:
    return TlvError(offset=offset, expected=f"up to {TLV_ITEMS_MAX} items", found="one more")


def _read_tag(data: bytes, at: int, base: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & MORE_TAG_BYTES == MORE_TAG_BYTES:
        while True:
            if end >= len(data):
                raise TlvError(offset=base + end, expected="another byte of the tag", found="the end")
            end += 1
            if not data[end - 1] & MORE:
                break
            if end - at >= TAG_BYTES_MAX:
                raise TlvError(offset=base + at, expected=f"a tag of up to {TAG_BYTES_MAX} bytes", found="a longer one")
    return int.from_bytes(data[at:end], "big"), end


def _read_length(data: bytes, at: int, base: int) -> tuple[int, int]:
    if at >= len(data):
        raise TlvError(offset=base + at, expected="a length", found="the end")
    first = data[at]
    if first < MORE:
        return first, at + 1
    count = first - MORE
    if not 1 <= count <= LENGTH_BYTES_MAX:
        raise TlvError(
            offset=base + at,
            expected=f"a length of up to {LENGTH_BYTES_MAX} bytes",
            found="an open length" if count == 0 else f"a length of {count} bytes",
        )
    end = at + 1 + count
    if end > len(data):
        raise TlvError(offset=base + len(data), expected=f"{count} bytes of length", found="the end")
    return int.from_bytes(data[at + 1 : end], "big"), end


@lru_cache(maxsize=TAGS_KEPT)
def _tag_bytes(tag: int) -> bytes:
    try:
        data = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
        # A zero byte is filler, and a number whose bytes are not exactly one tag would be read back as something else.
        if data[0] and _read_tag(data, 0, 0)[1] == len(data):
            return data
    except (OverflowError, TlvError):
        pass
    raise EncodeError(field=None, expected=f"a BER tag of 1 to {TAG_BYTES_MAX} bytes", found="another number")


def _length_bytes(length: int) -> bytes:
    if length < MORE:
        return bytes((length,))
    if length > TLV_BYTES_MAX:
        raise EncodeError(field=None, expected=f"a value of up to {TLV_BYTES_MAX} bytes", found=f"{length} bytes")
    count = (length.bit_length() + 7) // 8
    return bytes((MORE + count,)) + length.to_bytes(count, "big")
