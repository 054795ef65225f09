"""What can be wrong with a message, a frame or a TLV string.

    ProtocolError
    ├── RemoteProtocolError     theirs
    │   ├── DecodeError         a message that its field table can't read
    │   ├── FrameError          a length that no frame may have; the stream has no meaning from here on
    │   └── TlvError            a BER-TLV string that breaks ISO/IEC 8825-1
    └── LocalProtocolError      ours
        └── EncodeError         a value that does not fit its field, frame or TLV item

Each error says where, what was expected and what KIND was found. No error carries a value: a wrong card number
is "18 digits" or "a letter at position 3", never its digits.
"""

from zhanggui.basics.errors import LocalProtocolError, RemoteProtocolError


class DecodeError(RemoteProtocolError):
    """A message can't be read.

    `field` is the number of the field (None for the MTI, the bitmap's length and the end of the message), `offset`
    the byte offset in the data that was handed in, `expected` and `found` say kinds, `decoded` lists the numbers of
    the fields that were read before.
    """

    def __init__(
        self, *, field: int | None, offset: int, expected: str, found: str, decoded: tuple[int, ...] = ()
    ) -> None:
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
        self.decoded = decoded
        where = "message" if field is None else f"field {field}"
        before = ", ".join(map(str, decoded)) or "none"
        super().__init__(
            f"{where} at byte {offset}: expected {expected}, found {found} (fields read before: {before}); "
            "compare the sender's dialect with the field table in use"
        )


class FrameError(RemoteProtocolError):
    """A frame has a length of zero or above the bound; close the connection, the stream can't be followed."""


class TlvError(RemoteProtocolError):
    """A BER-TLV string is broken at byte `offset`."""

    def __init__(self, *, offset: int, expected: str, found: str) -> None:
        self.offset = offset
        self.expected = expected
        self.found = found
        super().__init__(f"TLV at byte {offset}: expected {expected}, found {found}; it is cut or not TLV")


class EncodeError(LocalProtocolError):
    """A value does not fit where it should stand.

    `field` is the number of the field, or None when the MTI, a frame or a TLV item is meant.
    """

    def __init__(self, *, field: int | None, expected: str, found: str) -> None:
        self.field = field
        self.expected = expected
        self.found = found
        where = "message" if field is None else f"field {field}"
        super().__init__(f"{where}: expected {expected}, found {found}; correct the value before it is sent")
