"""Write a message by its field table, one field after the other.

This is the slow writer: it finds the field that does not fit and says why. The codec hands over to it whatever a plan
does not write.
"""

from zhanggui.iso8583.errors import EncodeError
from zhanggui.iso8583.fields import FIRST_FIELD, LAST_FIELD, PREFIX_BYTES, Align, Field, Kind, Prefix, Spec
from zhanggui.iso8583.message import Message

DIGITS = frozenset("0123456789")
TRACK_CHARACTERS = DIGITS | {"="}
ENCIPHERED_CHARACTERS = TRACK_CHARACTERS | frozenset("ABCEF")


def write_message(spec: Spec, message: Message) -> bytes:
    """Return the bytes of a message, from the MTI on. Raises EncodeError.

    >>> spec = Spec("tiny", (Field(11, "trace number", Kind.NUMERIC, Prefix.FIXED, 6),))
    >>> write_message(spec, Message("0820", {11: "000001"})).hex()
    '08200020000000000000000001'
    """
    mti = message.mti
    if type(mti) is not str or len(mti) != 4 or not DIGITS.issuperset(mti):
        raise EncodeError(field=None, expected="a message type of 4 digits", found="something else")
    parts = [bytes.fromhex(mti), bitmap_of(spec, message.fields)]
    parts.extend(write_field(spec.table[number], message.fields[number]) for number in sorted(message.fields))
    return b"".join(parts)


def bitmap_of(spec: Spec, numbers: dict[int, str | bytes] | tuple[int, ...]) -> bytes:
    """The eight bytes whose bits tell these fields. Raises EncodeError for a field that the table does not list."""
    bits = 0
    for number in numbers:
        if type(number) is not int:
            raise EncodeError(field=None, expected="field numbers", found=type(number).__name__)
        if number not in spec.table:
            expected = f"a field of {spec.name}, {FIRST_FIELD} to {LAST_FIELD}"
            raise EncodeError(field=number, expected=expected, found="an unlisted field")
        bits |= 1 << (LAST_FIELD - number)
    return bits.to_bytes(LAST_FIELD // 8, "big")


def write_field(field: Field, value: str | bytes) -> bytes:
    """Return prefix and content of one field. Raises EncodeError."""
    match field.kind:
        case Kind.NUMERIC:
            text = _expect_text(field, value)
            if not DIGITS.issuperset(text):
                raise EncodeError(field=field.number, expected="digits", found=_stranger(text, DIGITS))
            return _prefix(field, len(text)) + _pack(field, text)
        case Kind.TRACK:
            text = _expect_text(field, value)
            allowed = ENCIPHERED_CHARACTERS if field.may_be_enciphered else TRACK_CHARACTERS
            if not allowed.issuperset(text):
                expected = "digits, = and A B C E F" if field.may_be_enciphered else "digits and ="
                raise EncodeError(field=field.number, expected=expected, found=_stranger(text, allowed))
            return _prefix(field, len(text)) + _pack(field, text.replace("=", "d"))
        case Kind.TEXT:
            content = _to_bytes(field, _expect_text(field, value))
            if field.prefix is Prefix.FIXED:
                content = content.ljust(field.length)
            return _prefix(field, len(content)) + content
        case Kind.BINARY:
            if not isinstance(value, bytes | bytearray):
                raise EncodeError(field=field.number, expected="bytes", found=type(value).__name__)
            return _prefix(field, len(value)) + value


def _expect_text(field: Field, value: str | bytes) -> str:
    if not isinstance(value, str):
        raise EncodeError(field=field.number, expected="text", found=type(value).__name__)
    return value


def _stranger(text: str, allowed: frozenset[str]) -> str:
    position = next(index for index, character in enumerate(text) if character not in allowed)
    kind = "a letter" if text[position].isalpha() else "another character"
    return f"{kind} at position {position + 1}"


def _prefix(field: Field, length: int) -> bytes:
    """Check the length and return what stands before the content."""
    unit = "digits" if field.is_bcd else "bytes"
    if field.prefix is Prefix.FIXED:
        if length != field.length:
            raise EncodeError(field=field.number, expected=f"{field.length} {unit}", found=f"{length} {unit}")
        return b""
    told = length * 2 if field.prefix_counts_nibbles else length
    if told > field.prefix_max:
        raise EncodeError(field=field.number, expected=f"up to {field.length} {unit}", found=f"{length} {unit}")
    size = PREFIX_BYTES[field.prefix]
    return bytes.fromhex(f"{told:0{2 * size}d}")


def _pack(field: Field, nibbles: str) -> bytes:
    if len(nibbles) % 2:
        nibbles = "0" + nibbles if field.align is Align.RIGHT else nibbles + "0"
    return bytes.fromhex(nibbles)


def _to_bytes(field: Field, text: str) -> bytes:
    try:
        return text.encode(field.encoding)
    except UnicodeEncodeError as error:
        position = error.start + 1
    # Raised out here, because the codec library's own error holds the text and would hang on as context.
    raise EncodeError(
        field=field.number,
        expected=f"{field.encoding} text",
        found=f"a character outside the encoding at position {position}",
    )
