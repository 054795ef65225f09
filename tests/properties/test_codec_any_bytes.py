"""Any bytes lead to a result or to the error of their layer, and to nothing else."""

from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.iso8583.cup_like import CUP_LIKE, ODD_CHOICES

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.errors import DecodeError, FrameError, TlvError
from zhanggui.iso8583.framing import FrameSplitter, frame
from zhanggui.iso8583.layout import lay_out
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import TLV_BYTES_MAX, TLV_ITEMS_MAX, decode_tlv, encode_tlv, walk_tlv
from zhanggui.iso8583.writing import bitmap_of

LISTED = st.sets(st.sampled_from(CUP_LIKE.numbers)).map(lambda numbers: bitmap_of(CUP_LIKE, tuple(numbers)))
HEADS = st.builds(lambda mti, bitmap: mti + bitmap, st.sampled_from([b"\x02\x00", b"\x08\x10"]), LISTED)
CODEC = Codec(CUP_LIKE)
ODD_CODEC = Codec(ODD_CHOICES)


@given(st.one_of(st.binary(max_size=4096), st.builds(lambda head, rest: head + rest, HEADS, st.binary(max_size=600))))
@example(b"\x08\x00" + bytes(8))
def test_any_bytes_are_a_message_or_a_decode_error(data: bytes) -> None:
    for codec in (CODEC, ODD_CODEC):
        with suppress(DecodeError):
            assert isinstance(codec.decode(data), Message)


@given(HEADS, st.binary(max_size=600))
def test_a_layout_of_any_bytes_stays_inside_them(head: bytes, rest: bytes) -> None:
    data = head + rest
    layout = lay_out(CUP_LIKE, data)
    at = 0
    for part in layout.placed:
        assert part.offset == at
        at += part.length
    assert at <= len(data)
    if layout.error is None:
        assert at == len(data)
    else:
        assert 0 <= layout.error.offset <= len(data)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.data())
def test_a_stream_gives_the_same_frames_however_it_is_cut(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, payloads))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    splitter = FrameSplitter()
    frames: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += splitter.feed(stream[start:end])
    assert frames == payloads
    assert splitter.pending == 0


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_any_stream_is_frames_or_a_frame_error_and_keeps_no_more_than_a_frame(chunks: list[bytes]) -> None:
    splitter = FrameSplitter(max_length=64)
    with suppress(FrameError):
        for chunk in chunks:
            for payload in splitter.feed(chunk):
                assert 1 <= len(payload) <= 64
            assert splitter.pending < 64 + 2


TLV_LIKE = st.lists(
    st.sampled_from(
        [b"\x9c\x01\xff", b"\x00", b"\xe0\x02\x9c\x00", b"\x9f", b"\x81", b"\xdf\x01\x00", b"\x7f", b"\xe0\x03"]
    )
).map(b"".join)


@given(st.one_of(st.binary(max_size=300), TLV_LIKE))
def test_any_bytes_are_tlv_items_or_a_tlv_error(data: bytes) -> None:
    with suppress(TlvError):
        items = decode_tlv(data)
        assert len(items) <= TLV_ITEMS_MAX
        assert decode_tlv(encode_tlv(items)) == items
    with suppress(TlvError):
        for item in walk_tlv(data):
            start = item.offset + item.header_length
            assert data[start : start + len(item.value)] == item.value


def is_tag(data: bytes) -> bool:
    *middle, last = data[1:] or b"\x00"
    long_form = data[0] & 0x1F == 0x1F
    return bool(data[0]) and long_form == (len(data) > 1) and last < 0x80 and all(byte >= 0x80 for byte in middle)


TAGS = st.binary(min_size=1, max_size=4).filter(is_tag).map(lambda data: int.from_bytes(data, "big"))


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=10))
def test_tlv_items_go_out_and_come_back_the_same(items: list[tuple[int, bytes]]) -> None:
    data = encode_tlv(items)
    assert len(data) <= TLV_BYTES_MAX
    assert decode_tlv(data) == items
