"""BER-TLV: tags, lengths, templates, bounds, and the peers' known answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from zhanggui.iso8583.errors import EncodeError, TlvError
from zhanggui.iso8583.tlv import (
    TLV_BYTES_MAX,
    TLV_DEPTH_MAX,
    TLV_ITEMS_MAX,
    TlvItem,
    decode_tlv,
    encode_tlv,
    walk_tlv,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/iso8583/ber_tlv.json").read_text())["vectors"]
READ = [vector for vector in VECTORS if vector["op"] == "decode"]
WRITTEN = [vector for vector in VECTORS if vector["op"] == "encode"]


def as_tree(items: list[TlvItem]) -> dict[str, Any]:
    """Items as the peer shows them: a template holds a dictionary, a value its hex."""
    root: dict[str, Any] = {}
    levels = [root]
    for item in items:
        del levels[item.depth + 1 :]
        shown: dict[str, Any] = {} if item.constructed else {"hex": item.value.hex().upper()}
        levels[-1][f"{item.tag:X}"] = shown
        levels.append(shown)
    return root


def as_bytes(tree: dict[str, Any]) -> bytes:
    return encode_tlv(
        (int(tag, 16), bytes.fromhex(held["hex"]) if "hex" in held else as_bytes(held)) for tag, held in tree.items()
    )


@pytest.mark.parametrize("vector", READ, ids=lambda vector: str(vector["row"]))
def test_a_peers_string_is_read_as_the_peer_reads_it(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["args"]["data"]["hex"])
    items = walk_tlv(data)
    if vector["args"].get("flatten"):
        leaves = {f"{item.tag:X}": {"hex": item.value.hex().upper()} for item in items if not item.constructed}
        assert leaves == vector["result"]
    else:
        assert as_tree(items) == vector["result"]
    assert decode_tlv(data) == [(item.tag, item.value) for item in items if item.depth == 0]


@pytest.mark.parametrize("vector", WRITTEN, ids=lambda vector: str(vector["row"]))
def test_items_are_written_as_the_peer_writes_them(vector: dict[str, Any]) -> None:
    assert as_bytes(vector["args"]["tlv"]).hex().upper() == vector["result"]["hex"]


def test_zero_bytes_between_items_have_no_meaning() -> None:
    assert decode_tlv(bytes.fromhex("00 9C01FF 0000 DF0100 00")) == [(0x9C, b"\xff"), (0xDF01, b"")]
    assert walk_tlv(bytes.fromhex("00 9C01FF"))[0].offset == 1


BROKEN = [
    ("9C", 1, "the end"),
    ("9F", 1, "the end"),
    ("9F81", 2, "the end"),
    ("9F818181", 0, "a longer one"),
    ("9C80", 1, "an open length"),
    ("9C850000000001", 1, "a length of 5 bytes"),
    ("9C81", 2, "the end"),
    ("9C8201", 3, "the end"),
    ("9C02FF", 2, "the end after 1"),
    ("9C01FF9C84FFFFFFFF", 9, "the end after 0"),
]


@pytest.mark.parametrize(("data", "offset", "found"), BROKEN)
def test_a_broken_string_is_refused_at_its_place(data: str, offset: int, found: str) -> None:
    for read in (decode_tlv, walk_tlv):
        with pytest.raises(TlvError) as caught:
            read(bytes.fromhex(data))
        assert (caught.value.offset, caught.value.found) == (offset, found)


def test_a_broken_template_is_refused_only_when_it_is_opened() -> None:
    data = bytes.fromhex("9C01FF E0029C05")
    assert decode_tlv(data) == [(0x9C, b"\xff"), (0xE0, bytes.fromhex("9C05"))]
    with pytest.raises(TlvError) as caught:
        walk_tlv(data)
    assert caught.value.offset == 7


def test_an_item_tells_where_it_stands_and_hides_its_value() -> None:
    items = walk_tlv(bytes.fromhex("E0 81 06 5A 04 62170001"))
    assert [(item.tag, item.offset, item.header_length, item.depth) for item in items] == [
        (0xE0, 0, 3, 0),
        (0x5A, 3, 2, 1),
    ]
    assert repr(items[1]) == "TlvItem(5A, 4 bytes, offset=3, depth=1)"
    assert dict(items[1].__rich_repr__()) == {"tag": "5A", "length": 4}


def test_items_are_bounded_when_read_and_when_written() -> None:
    full = [(0x9C, b"")] * TLV_ITEMS_MAX
    data = encode_tlv(full)
    assert decode_tlv(data) == full
    assert len(walk_tlv(data)) == TLV_ITEMS_MAX
    for read in (decode_tlv, walk_tlv):
        with pytest.raises(TlvError, match="one more"):
            read(data + b"\x9c\x00")
    with pytest.raises(EncodeError, match="TLV items"):
        encode_tlv([*full, (0x9C, b"")])


def test_items_inside_templates_count_too() -> None:
    inner = encode_tlv([(0x9C, b"")] * (TLV_ITEMS_MAX - 1))
    assert len(walk_tlv(encode_tlv([(0xE0, inner)]))) == TLV_ITEMS_MAX
    with pytest.raises(TlvError, match="one more"):
        walk_tlv(encode_tlv([(0xE0, inner), (0x9C, b"")]))
    with pytest.raises(TlvError, match="one more"):
        walk_tlv(encode_tlv([(0xE0, inner + b"\x9c\x00")]))


def test_templates_are_bounded_in_depth() -> None:
    data = b""
    for _ in range(TLV_DEPTH_MAX - 1):
        data = encode_tlv([(0xE0, data)])
    assert len(walk_tlv(data)) == TLV_DEPTH_MAX - 1
    with pytest.raises(TlvError, match="levels"):
        walk_tlv(encode_tlv([(0xE0, data)]))


def test_a_string_is_bounded_in_bytes() -> None:
    longest = encode_tlv([(0x9C, bytes(TLV_BYTES_MAX - 4))])
    assert len(longest) == TLV_BYTES_MAX
    assert decode_tlv(longest) == [(0x9C, bytes(TLV_BYTES_MAX - 4))]
    with pytest.raises(TlvError, match="up to 4096 bytes"):
        decode_tlv(longest + b"\x00")
    with pytest.raises(EncodeError):
        encode_tlv([(0x9C, bytes(TLV_BYTES_MAX - 3))])
    with pytest.raises(EncodeError):
        encode_tlv([(0x9C, bytes(TLV_BYTES_MAX + 1))])


@pytest.mark.parametrize("tag", [-1, 0, 0x1F, 0x9F, 0x9F81, 0x9C00, 0x9F0101, 0x9F81818101])
def test_a_number_that_is_no_tag_is_not_written(tag: int) -> None:
    with pytest.raises(EncodeError, match="BER tag"):
        encode_tlv([(tag, b"")])


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 4000])
def test_a_length_is_written_in_its_shortest_form(length: int) -> None:
    data = encode_tlv([(0xDF01, bytes(length))])
    head = {0: "00", 1: "01", 127: "7f", 128: "8180", 255: "81ff", 256: "820100", 4000: "820fa0"}[length]
    assert data[: -length or None].hex() == "df01" + head
    assert decode_tlv(data) == [(0xDF01, bytes(length))]
