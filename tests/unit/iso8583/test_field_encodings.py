"""Each encoding on the wire, by hand: domain reference §2. Every case runs by the table and by a plan."""

from collections.abc import Callable

import pytest
from tests.unit.iso8583.cup_like import binary, chinese, numeric, text, track, warm_up

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.errors import EncodeError
from zhanggui.iso8583.fields import Align, Field, Kind, Prefix, Spec
from zhanggui.iso8583.message import Message

FIXED, LL, LLL = Prefix.FIXED, Prefix.LL, Prefix.LLL
Value = str | bytes

ENCIPHERED = Field(35, "", Kind.TRACK, LL, 37, may_be_enciphered=True)
NIBBLES = Field(62, "", Kind.BINARY, LLL, 512, prefix_counts_nibbles=True)

SAME_BOTH_WAYS: list[tuple[Field, Value, str]] = [
    (numeric(3, 6), "012345", "012345"),
    (numeric(22, 3), "021", "0210"),
    (numeric(23, 3, align=Align.RIGHT), "001", "0001"),
    (numeric(27, 1), "7", "70"),
    (numeric(27, 1, align=Align.RIGHT), "7", "07"),
    (numeric(2, 19, LL), "", "00"),
    (numeric(2, 19, LL), "6217000000000000", "166217000000000000"),
    (numeric(2, 19, LL), "6217000000000000012", "1962170000000000000120"),
    (numeric(60, 17, LLL), "22000001000", "0011220000010000"),
    (numeric(60, 322, LLL), "1" * 322, "0322" + "1" * 322),
    (track(35, 37, LL), "62=27", "05" + "62d270"),
    (track(35, 37, LL), "6217=2712", "09" + "6217d27120"),
    (track(36, 104, LLL), "99=1=", "0005" + "99d1d0"),
    (track(45, 4, FIXED), "1=23", "1d23"),
    (ENCIPHERED, "62=49C8CF=1", "1162d49c8cfd10"),
    (ENCIPHERED, "62=49F", "0662d49f"),
    (text(39, 2), "00", "3030"),
    (text(42, 4), "AB  ", "41422020"),
    (text(44, 25, LL), "", "00"),
    (text(44, 25, LL), "CUP", "03435550"),
    (text(54, 40, LLL), "A\x00\x7f", "000341007f"),
    (chinese(63, 163, LLL), "CUP", "0003435550"),
    (chinese(63, 163, LLL), "交易", "0004bdbbd2d7"),
    (chinese(63, 163, LLL), "€\U00020000", "0006" + "a2e3" + "95328236"),
    (chinese(43, 6), "交易  ", "bdbbd2d72020"),
    (binary(52, 8), bytes(range(8)), "0001020304050607"),
    (binary(55, 255, LLL), b"\x9c\x00", "00029c00"),
    (binary(55, 99, LL), b"\xff" * 99, "99" + "ff" * 99),
    (binary(62, 512, LLL), b"", "0000"),
    (NIBBLES, bytes(40), "0080" + "00" * 40),
    (NIBBLES, b"", "0000"),
]


def wire(field: Field, content: str) -> bytes:
    """A 0800 with this one field."""
    return bytes.fromhex("0800" + f"{1 << (64 - field.number):016x}" + content)


def both_ways(field: Field) -> list[Codec]:
    """A codec that has only the table yet, and one whose plan for this field is made."""
    fresh = Codec(Spec("one", (field,)))
    planned = Codec(Spec("one", (field,)))
    filler: Value = b"\x01" * field.length if field.kind is Kind.BINARY else "1" * field.length
    if field.prefix_counts_nibbles:
        filler = b"\x01"
    warm_up(planned, Message("0800", {field.number: filler}))
    assert planned.plans == (1, 1)
    return [fresh, planned]


@pytest.mark.parametrize(("field", "value", "content"), SAME_BOTH_WAYS)
def test_a_value_and_its_bytes(field: Field, value: Value, content: str) -> None:
    data = wire(field, content)
    for codec in both_ways(field):
        assert codec.encode(Message("0800", {field.number: value})) == data
        assert codec.decode(data) == Message("0800", {field.number: value})


READ_ONLY: list[tuple[Field, str, Value]] = [
    (numeric(2, 19, LL), "03123f", "123"),
    (numeric(2, 19, LL), "031239", "123"),
    (numeric(22, 3), "021f", "021"),
    (numeric(23, 3, align=Align.RIGHT), "f001", "001"),
    (track(35, 37, LL), "0512d34f", "12=34"),
    (track(35, 37, LL), "0612d34f", "12=34"),
]


@pytest.mark.parametrize(("field", "content", "value"), READ_ONLY)
def test_a_pad_nibble_is_ignored_whatever_it_is(field: Field, content: str, value: Value) -> None:
    for codec in both_ways(field):
        assert codec.decode(wire(field, content)).fields == {field.number: value}


@pytest.mark.parametrize(
    ("field", "value", "content"),
    [(text(42, 4), "A", "41202020"), (text(42, 4), "", "20202020"), (chinese(43, 6), "交", "bdbb20202020")],
)
def test_a_short_fixed_text_is_filled_with_blanks_that_stay_when_it_is_read(
    field: Field, value: str, content: str
) -> None:
    for codec in both_ways(field):
        data = codec.encode(Message("0800", {field.number: value}))
        assert data == wire(field, content)
        read = codec.decode(data).fields[field.number]
        assert isinstance(read, str)
        assert read.rstrip(" ") == value
        assert len(read.encode("gb18030")) == field.length


REFUSED: list[tuple[Field, object, str, str]] = [
    (numeric(3, 6), "12345", "6 digits", "5 digits"),
    (numeric(3, 6), "1234567", "6 digits", "7 digits"),
    (numeric(3, 6), "12345a", "digits", "a letter at position 6"),
    (numeric(3, 6), "1 2345", "digits", "another character at position 2"),
    (numeric(3, 6), "12345²", "digits", "another character at position 6"),
    (numeric(3, 6), "１23456"[:6], "digits", "another character at position 1"),
    (numeric(3, 6), b"123456", "text", "bytes"),
    (numeric(3, 6), 123456, "text", "int"),
    (numeric(3, 6), None, "text", "NoneType"),
    (numeric(2, 19, LL), "1" * 20, "up to 19 digits", "20 digits"),
    (track(35, 37, LL), "1" * 38, "up to 37 digits", "38 digits"),
    (track(35, 37, LL), "12D4", "digits and =", "a letter at position 3"),
    (track(35, 37, LL), "12d4", "digits and =", "a letter at position 3"),
    (track(35, 37, LL), b"12=4", "text", "bytes"),
    (ENCIPHERED, "12D4", "digits, = and A B C E F", "a letter at position 3"),
    (ENCIPHERED, "12a4", "digits, = and A B C E F", "a letter at position 3"),
    (ENCIPHERED, "1 24", "digits, = and A B C E F", "another character at position 2"),
    (ENCIPHERED, b"12=4", "text", "bytes"),
    (text(39, 2), "000", "2 bytes", "3 bytes"),
    (text(39, 2), "0é", "ascii text", "a character outside the encoding at position 2"),
    (text(39, 2), b"00", "text", "bytes"),
    (text(39, 2), ["0", "0"], "text", "list"),
    (text(44, 25, LL), "x" * 26, "up to 25 bytes", "26 bytes"),
    (chinese(63, 5, LLL), "交易成", "up to 5 bytes", "6 bytes"),
    (chinese(63, 5, LLL), "\ud800", "gb18030 text", "a character outside the encoding at position 1"),
    (binary(52, 8), b"1234567", "8 bytes", "7 bytes"),
    (binary(52, 8), "12345678", "bytes", "str"),
    (binary(55, 255, LLL), bytes(256), "up to 255 bytes", "256 bytes"),
    (binary(55, 255, LLL), "AB", "bytes", "str"),
    (NIBBLES, bytes(500), "up to 512 bytes", "500 bytes"),
]


@pytest.mark.parametrize(("field", "value", "expected", "found"), REFUSED)
def test_a_value_that_does_not_fit_is_named_by_its_field_and_kind(
    field: Field, value: object, expected: str, found: str
) -> None:
    for codec in both_ways(field):
        with pytest.raises(EncodeError) as caught:
            codec.encode(Message("0800", {field.number: value}))  # type: ignore[dict-item]
        assert (caught.value.field, caught.value.expected, caught.value.found) == (field.number, expected, found)
        assert caught.value.__context__ is None


def one_field_codec() -> Codec:
    return Codec(Spec("one", (numeric(11, 6),)))


@pytest.mark.parametrize("number", [-3, 0, 1, 2, 64, 65, 1000, "11", None])
def test_a_field_that_the_table_does_not_list_is_not_written(number: object) -> None:
    with pytest.raises(EncodeError):
        one_field_codec().encode(Message("0800", {11: "000001", number: "1"}))  # type: ignore[dict-item]


@pytest.mark.parametrize("mti", ["", "080", "08000", "080000", "08a0", "０800", " 800", "08\x000", b"0800", 800, None])
@pytest.mark.parametrize("prepare", [lambda codec: None, lambda codec: warm_up(codec, Message("0800", {11: "1" * 6}))])
def test_a_message_type_is_four_digits(mti: object, prepare: Callable[[Codec], object]) -> None:
    codec = one_field_codec()
    prepare(codec)
    with pytest.raises(EncodeError) as caught:
        codec.encode(Message(mti, {11: "000001"}))  # type: ignore[arg-type]
    assert caught.value.field is None


def test_a_message_without_fields_is_head_only() -> None:
    codec = one_field_codec()
    data = warm_up(codec, Message("0820", {}))
    assert data == bytes.fromhex("0820") + bytes(8)
    assert codec.decode(data) == Message("0820", {})


def test_bytes_in_text_fields_that_are_neighbours_are_refused() -> None:
    codec = Codec(Spec("two", (text(37, 2), text(38, 2))))
    warm_up(codec, Message("0210", {37: "12", 38: "34"}))
    with pytest.raises(EncodeError) as caught:
        codec.encode(Message("0210", {37: b"12", 38: b"34"}))
    assert caught.value.field == 37


def test_the_order_in_which_fields_were_set_does_not_matter() -> None:
    codec = Codec(Spec("three", (numeric(3, 6), text(39, 2), binary(64, 8))))
    ascending = Message("0210", {3: "000000", 39: "00", 64: bytes(8)})
    mixed = Message("0210", {64: bytes(8), 3: "000000", 39: "00"})
    assert warm_up(codec, ascending) == warm_up(codec, mixed)
    assert list(codec.decode(codec.encode(mixed)).fields) == [3, 39, 64]


def test_a_representation_shows_no_value() -> None:
    message = Message("0200", {2: "6217000000000000012", 52: b"\x12\x34\x56\x78\x90\xab\xcd\xef"})
    assert repr(message) == str(message) == "Message('0200', fields 2, 52)"
    assert dict(message.__rich_repr__()) == {"mti": "0200", "fields": (2, 52)}
