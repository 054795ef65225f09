"""Frames: two bytes of length, then the payload, however the stream is cut."""

import pytest

from zhanggui.iso8583.errors import EncodeError, FrameError
from zhanggui.iso8583.framing import FRAME_BYTES_MAX, FrameSplitter, frame


def test_a_frame_is_its_length_and_its_payload() -> None:
    assert frame(b"abc") == b"\x00\x03abc"
    assert frame(bytes(300))[:2] == b"\x01\x2c"


def test_a_read_of_one_whole_frame_gives_it() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(frame(b"one")) == [b"one"]
    assert splitter.feed(frame(b"two")) == [b"two"]
    assert splitter.pending == 0


def test_a_stream_cut_at_every_byte_gives_the_same_frames() -> None:
    payloads = [b"a", b"bc" * 150, b"\x00\x00", b"d" * FRAME_BYTES_MAX]
    stream = b"".join(map(frame, payloads))
    for cut in range(len(stream) + 1):
        splitter = FrameSplitter()
        assert splitter.feed(stream[:cut]) + splitter.feed(memoryview(stream)[cut:]) == payloads
        assert splitter.pending == 0


def test_a_stream_that_comes_byte_by_byte_gives_the_same_frames() -> None:
    payloads = [b"a", b"bc" * 150, b"\x00\x05"]
    splitter = FrameSplitter()
    frames = [got for byte in b"".join(map(frame, payloads)) for got in splitter.feed(bytes((byte,)))]
    assert frames == payloads


def test_a_frame_that_has_begun_is_pending() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(frame(b"one") + b"\x00\x05tw") == [b"one"]
    assert splitter.pending == 4
    assert splitter.feed(b"") == []
    assert splitter.feed(b"o..") == [b"two.."]


@pytest.mark.parametrize("length", [0, 11, 12, 0x3030, 0xFFFF])
@pytest.mark.parametrize("whole", [True, False])
def test_an_impossible_length_is_refused_as_soon_as_it_is_known(length: int, whole: bool) -> None:
    splitter = FrameSplitter(max_length=10)
    head = length.to_bytes(2, "big")
    assert splitter.feed(head[:1]) == []
    with pytest.raises(FrameError, match=f"found {length}"):
        splitter.feed(head[1:] + (bytes(length) if whole else b""))
    assert splitter.pending == 0


def test_an_impossible_length_in_one_read_with_its_payload_is_refused() -> None:
    with pytest.raises(FrameError):
        FrameSplitter(max_length=10).feed(b"\x00\x0b" + bytes(11))


def test_nothing_is_read_after_an_impossible_length() -> None:
    splitter = FrameSplitter()
    for data in (b"\x00\x00", frame(b"fine"), b""):
        with pytest.raises(FrameError):
            splitter.feed(data)


def test_the_bound_itself_is_allowed() -> None:
    assert FrameSplitter(max_length=10).feed(frame(bytes(10))) == [bytes(10)]
    assert FrameSplitter(max_length=10).feed(frame(bytes(10)) + b"\x00") == [bytes(10)]


def test_a_payload_over_the_bound_is_not_sent() -> None:
    assert len(frame(bytes(10), max_length=10)) == 12
    for payload in (b"", bytes(11)):
        with pytest.raises(EncodeError):
            frame(payload, max_length=10)
    with pytest.raises(EncodeError):
        frame(bytes(0x10000), max_length=0x20000)


@pytest.mark.parametrize("bound", [0, -1, 0x10000])
def test_a_bound_fits_two_bytes(bound: int) -> None:
    with pytest.raises(ValueError, match="1 to 65535"):
        FrameSplitter(max_length=bound)
