"""Frames on a byte stream: two bytes of length, big endian, that do not count themselves, then the payload.

No I/O: bytes that were read go in, whole frames come out. Source: UnionPay POS messages (domain reference, §1.1).
"""

from zhanggui.iso8583.errors import EncodeError, FrameError

FRAME_BYTES_MAX = 4096
"""Default bound of a payload in bytes. The longest message of these dialects stays under 2,000."""
LENGTH_BYTES = 2
LENGTH_MAX = 0xFFFF


class FrameSplitter:
    r"""Cut a stream into frames, wherever the stream was cut before.

    Raises FrameError for a length of zero or above `max_length` as soon as that length has arrived; nothing is kept
    for such a frame, and whole frames of the same read are not handed out, because a sender that lost its place may
    have lost it before. After a FrameError every call raises again: the connection must be closed.

    >>> splitter = FrameSplitter()
    >>> splitter.feed(b"\x00\x03ab")
    []
    >>> splitter.feed(b"c\x00\x01d")
    [b'abc', b'd']
    """

    __slots__ = ("_broken", "_kept", "max_length", "whole")

    def __init__(self, max_length: int = FRAME_BYTES_MAX) -> None:
        if not 1 <= max_length <= LENGTH_MAX:
            raise ValueError(f"the bound of a frame is 1 to {LENGTH_MAX} bytes")
        self.max_length = max_length
        self._kept = b""
        self._broken = False
        self.whole: list[bytes] = []
        """After a FrameError: payloads of the same read that were whole before the frame that could not be read."""

    @property
    def pending(self) -> int:
        """Bytes of a frame that has not arrived whole, its length included."""
        return len(self._kept)

    def feed(self, data: bytes | memoryview) -> list[bytes]:
        """Take what was read; return the payloads that are whole now, in order."""
        chunk = bytes(data)
        if not self._kept and len(chunk) > LENGTH_BYTES and not self._broken:
            # The usual case on a quiet line: one read is exactly one frame.
            length = (chunk[0] << 8) | chunk[1]
            if length == len(chunk) - LENGTH_BYTES and length <= self.max_length:
                return [chunk[LENGTH_BYTES:]]
        return self._split(self._kept + chunk if self._kept else chunk)

    def _split(self, buffer: bytes) -> list[bytes]:
        if self._broken:
            self.whole = []
            raise FrameError("a frame before this had an impossible length; close the connection")
        frames: list[bytes] = []
        at = 0
        size = len(buffer)
        while size - at >= LENGTH_BYTES:
            length = (buffer[at] << 8) | buffer[at + 1]
            if not 1 <= length <= self.max_length:
                self._broken, self.whole = True, frames
                self._kept = b""
                raise FrameError(
                    f"frame length: expected 1 to {self.max_length} bytes, found {length}; close the connection"
                )
            end = at + LENGTH_BYTES + length
            if end > size:
                break
            frames.append(buffer[at + LENGTH_BYTES : end])
            at = end
        self._kept = buffer[at:]
        return frames


def frame(payload: bytes, max_length: int = FRAME_BYTES_MAX) -> bytes:
    """Put the length before a payload. Raises EncodeError when it is empty or longer than the bound.

    >>> frame(b"abc").hex()
    '0003616263'
    """
    length = len(payload)
    if not 1 <= length <= max_length or length > LENGTH_MAX:
        raise EncodeError(field=None, expected=f"a payload of 1 to {max_length} bytes", found=f"{length} bytes")
    return length.to_bytes(LENGTH_BYTES, "big") + payload
