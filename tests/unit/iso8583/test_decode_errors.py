"""A message that can't be read is refused with field, offset, what was expected and what kind was found."""

import pytest
from tests.unit.iso8583.cup_like import CUP_LIKE, ODD_CHOICES, SALE_NUMBERS, sale, warm_up

from zhanggui.basics.errors import RemoteProtocolError
from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.errors import DecodeError
from zhanggui.iso8583.layout import Placed, lay_out
from zhanggui.iso8583.message import Message

SALE = Codec(CUP_LIKE).encode(sale())
STARTS = {part.number: part.offset for part in lay_out(CUP_LIKE, SALE).placed}


def planned() -> Codec:
    codec = Codec(CUP_LIKE)
    warm_up(codec, sale())
    return codec


def error_of(codec: Codec, data: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        codec.decode(data)
    assert caught.value.__context__ is None
    return caught.value


def patched(offset: int, content: str) -> bytes:
    replacement = bytes.fromhex(content)
    return SALE[:offset] + replacement + SALE[offset + len(replacement) :]


BROKEN: list[tuple[str, bytes, int | None, int, str]] = [
    ("a letter in the MTI", patched(1, "0a"), None, 1, "letter nibble"),
    ("bit 1 is set", patched(2, f"{SALE[2] | 0x80:02x}"), 1, 2, "a second bitmap announced"),
    ("a bit without a field", patched(4, f"{SALE[4] | 0x01:02x}"), 24, 4, "an unlisted field"),
    ("a letter in the prefix of 2", patched(STARTS[2], "1a"), 2, STARTS[2], "letter nibble"),
    ("2 is too long", patched(STARTS[2], "20"), 2, STARTS[2], "length 20 over maximum 19"),
    ("a letter in 2", patched(STARTS[2] + 4, "0c"), 2, STARTS[2] + 4, "letter nibble"),
    ("a letter in 4", patched(STARTS[4] + 5, "a0"), 4, STARTS[4] + 5, "letter nibble"),
    ("a letter in the last digit of 22", patched(STARTS[22] + 1, "b0"), 22, STARTS[22] + 1, "letter nibble"),
    ("a letter in the last digit of 23", patched(STARTS[23] + 1, "0b"), 23, STARTS[23] + 1, "letter nibble"),
    ("35 is too long", patched(STARTS[35], "45"), 35, STARTS[35], "length 45 over maximum 37"),
    ("a letter in 35 that is no separator", patched(STARTS[35] + 3, "e1"), 35, STARTS[35] + 3, "letter nibble"),
    ("an F in the middle of 35", patched(STARTS[35] + 3, "1f"), 35, STARTS[35] + 3, "letter nibble"),
    ("41 is not ASCII", patched(STARTS[41] + 7, "80"), 41, STARTS[41] + 7, "a byte outside the encoding"),
    ("49 is not ASCII", patched(STARTS[49] + 2, "ff"), 49, STARTS[49] + 2, "a byte outside the encoding"),
    ("a letter in 53", patched(STARTS[53], "f6"), 53, STARTS[53], "letter nibble"),
    ("the prefix of 60 is aligned left", patched(STARTS[60], "1300"), 60, STARTS[60], "length 1300 over maximum 17"),
    ("63 is no GB18030", patched(STARTS[63] + 2, "ff"), 63, STARTS[63] + 2, "a byte outside the encoding"),
    ("a byte too many", SALE + b"\x00", None, len(SALE), "1 bytes more"),
    ("nothing", b"", None, 0, "the end of the message after 0"),
    ("half an MTI", SALE[:1], None, 1, "the end of the message after 1"),
    ("half a bitmap", SALE[:6], None, 6, "the end of the message after 4"),
    ("the end inside the prefix of 60", SALE[: STARTS[60] + 1], 60, STARTS[60] + 1, "the end of the message after 1"),
    ("the end before 64", SALE[: STARTS[64]], 64, STARTS[64], "the end of the message after 0"),
    ("the end inside 64", SALE[:-1], 64, len(SALE) - 1, "the end of the message after 7"),
]


@pytest.mark.parametrize(("data", "field", "offset", "found"), [row[1:] for row in BROKEN], ids=[b[0] for b in BROKEN])
def test_the_error_points_at_the_first_wrong_byte(data: bytes, field: int | None, offset: int, found: str) -> None:
    for codec in (Codec(CUP_LIKE), planned()):
        error = error_of(codec, data)
        assert (error.field, error.offset, error.found) == (field, offset, found)
        assert error.expected in str(error)
        assert isinstance(error, RemoteProtocolError)


def test_the_error_lists_what_was_read_before() -> None:
    error = error_of(Codec(CUP_LIKE), patched(STARTS[35], "45"))
    assert error.decoded == SALE_NUMBERS[: SALE_NUMBERS.index(35)]
    assert error_of(Codec(CUP_LIKE), SALE + b"\x00").decoded == SALE_NUMBERS
    assert error_of(Codec(CUP_LIKE), b"").decoded == ()


def test_every_shorter_message_is_refused() -> None:
    codec = planned()
    for end in range(len(SALE)):
        error = error_of(codec, SALE[:end])
        assert error.offset == end
        assert error.found.startswith("the end of the message")


def test_an_odd_count_of_nibbles_is_no_count_of_bytes() -> None:
    error = error_of(Codec(ODD_CHOICES), bytes.fromhex("0800" + f"{1 << 2:016x}" + "0003" + "0000"))
    assert (error.field, error.offset, error.found) == (62, 10, "length 3")


def test_a_letter_in_a_fixed_track_is_refused() -> None:
    codec = Codec(ODD_CHOICES)
    data = warm_up(codec, Message("0200", {45: "12=3456"}))
    for at, nibbles in ((10, "e2"), (11, "da"), (13, "b0")):
        error = error_of(codec, data[:at] + bytes.fromhex(nibbles) + data[at + 1 :])
        assert (error.field, error.offset, error.found) == (45, at, "letter nibble")


def test_no_error_and_no_representation_shows_the_card_number() -> None:
    number = str(sale().fields[2])
    for _, data, *_ in BROKEN:
        error = error_of(Codec(CUP_LIKE), data)
        layout = lay_out(CUP_LIKE, data)
        for shown in (str(error), repr(error), str(error.args), repr(layout), repr(layout.placed)):
            assert number not in shown
            assert number[:8] not in shown


def test_a_layout_covers_every_byte_once() -> None:
    layout = lay_out(CUP_LIKE, SALE)
    assert layout.error is None
    at = 0
    for part in layout.placed:
        assert part.offset == at
        at += part.length
    assert at == len(SALE)
    assert [part.number for part in layout.placed] == [None, None, *SALE_NUMBERS]
    assert {part.number: part.value for part in layout.placed if part.number} == sale().fields
    assert layout.placed[0].value == "0200"
    assert layout.placed[1].value == SALE[2:10]


def test_a_layout_keeps_what_stands_before_the_error() -> None:
    layout = lay_out(CUP_LIKE, patched(STARTS[41] + 7, "80"))
    assert [part.number for part in layout.placed] == [None, None, *SALE_NUMBERS[: SALE_NUMBERS.index(41)]]
    assert layout.error is not None
    assert layout.error.field == 41


def test_a_part_tells_how_much_of_it_is_prefix() -> None:
    parts = {part.number: part for part in lay_out(CUP_LIKE, SALE).placed}
    assert [parts[number].prefix_length for number in (3, 35, 63)] == [0, 1, 2]
    assert repr(parts[2]) == "Placed(field 2, offset=10, length=11)"
    assert dict(parts[2].__rich_repr__()) == {"part": "field", "number": 2, "offset": 10, "length": 11}
    assert isinstance(parts[2], Placed)
