"""Field 64 over the right bytes: from the MTI to the end of field 63, bitmap with bit 64 set. Source: domain reference §5.2."""

from collections.abc import Callable

from ...iso8583.codec import Codec
from ...iso8583.message import Message
from ..errors import MessageError

MAC_BYTES = 8
MAC_FIELD = 64
_NO_MAC_YET = bytes(MAC_BYTES)


def seal(codec: Codec, message: Message, mac: Callable[[bytes], bytes]) -> bytes:
    """Encode a message with its MAC. `mac` turns the covered bytes into the eight bytes of field 64."""
    message.fields[MAC_FIELD] = _NO_MAC_YET
    covered = codec.encode(message)[:-MAC_BYTES]
    return covered + mac(covered)


def covered_bytes(body: bytes, message: Message) -> tuple[bytes, bytes]:
    """Split a received body into what the MAC covers and the MAC. MessageError when it carries none.

    Field 64 is the last field of a 64-bit bitmap, so it is always the last eight bytes.
    """
    if MAC_FIELD not in message.fields:
        raise MessageError(MAC_FIELD, "a MAC in field 64", "nothing")
    return body[:-MAC_BYTES], body[-MAC_BYTES:]
