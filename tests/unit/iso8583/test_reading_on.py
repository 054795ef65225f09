"""Behind a field whose content is wrong, the reader goes on, so that the sender can be told which message it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.iso8583.cup_like import CUP_LIKE, sale

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.layout import lay_out, read_what_can_be_read

MESSAGE = Codec(CUP_LIKE).encode(sale())
PARTS = {part.number: part for part in lay_out(CUP_LIKE, MESSAGE).placed}


def with_byte(at: int, byte: int) -> bytes:
    return MESSAGE[:at] + bytes((byte,)) + MESSAGE[at + 1 :]


def test_a_whole_message_is_read_whole() -> None:
    message = Codec(CUP_LIKE).decode(MESSAGE)
    assert read_what_can_be_read(CUP_LIKE, MESSAGE) == (message.mti, message.fields)


def test_only_the_wrong_field_is_missing() -> None:
    mti, fields = read_what_can_be_read(CUP_LIKE, with_byte(PARTS[4].offset, 0xAA))
    assert mti == "0200"
    assert fields.keys() == {number for number in PARTS if number is not None} - {4}


def test_nothing_is_read_behind_a_length_that_cannot_be() -> None:
    at = PARTS[35].offset
    _, fields = read_what_can_be_read(CUP_LIKE, with_byte(at, 0x99))
    assert fields.keys() == {number for number in PARTS if number is not None and number < 35}


@pytest.mark.parametrize("size", [0, 1, 9])
def test_without_a_head_there_is_nothing(size: int) -> None:
    assert read_what_can_be_read(CUP_LIKE, MESSAGE[:size]) == ("", {})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    mti, fields = read_what_can_be_read(CUP_LIKE, b"\x02\x00" + data)
    assert mti == ("0200" if len(data) >= 8 else "")
    assert all(2 <= number <= 64 for number in fields)
