"""Operator tags, numbers and clocks come back as they went out, and bad ones are refused or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cup.message_samples import TIME, tag_texts

from zhanggui.basics.clock import CHINA
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.head import HostTime, host_time
from zhanggui.cup.messages.management import management_request
from zhanggui.cup.messages.operator import operator_answer
from zhanggui.cup.operator_tags import NAMES, Tag, pack_answer, pack_tags, unpack_tags, whole_number
from zhanggui.cup.transactions import CATALOGUE, bytes_of
from zhanggui.cup.values.clock import read_clock, write_clock
from zhanggui.cup.values.numbers import NUMBER_DIGITS_MAX
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import encode_tlv


@given(tag_texts)
def test_operator_tags_come_back_as_they_went_out(tags: dict[Tag, str]) -> None:
    assert unpack_tags(pack_tags(tags)) == tags


@pytest.mark.parametrize("long", [(Tag.MERCHANT_NAME,), (Tag.PLACE,), (Tag.MERCHANT_NAME, Tag.OPERATOR_NAME), NAMES])
@pytest.mark.parametrize("size", [260, 100_000])
def test_names_of_any_length_leave_an_answer_that_can_be_built(long: tuple[Tag, ...], size: int) -> None:
    said = {
        Tag.RECORD_NO: "9" * 19,
        Tag.ROLE: "administrator",
        Tag.RULES: "idle_lock_s=300",
        **dict.fromkeys(long, "掌𠮷" * (size // 2)),
    }
    message = operator_answer(
        CATALOGUE["operator_verify"], Message("0820", {11: "000001"}), TIME, "0" * 12, "00", "1", said
    )
    told = unpack_tags(bytes_of(UNIONPAY.codec.decode(UNIONPAY.codec.encode(message)), 62))
    assert {tag: told[tag] for tag in said if tag not in long} == {tag: said[tag] for tag in said if tag not in long}
    assert all(said[tag].startswith(told[tag]) for tag in long if tag in told)
    assert sum(len(told.get(tag, "").encode("gb18030")) for tag in long) > 300


def test_names_that_fit_are_told_whole() -> None:
    said = {Tag.MERCHANT_NAME: "掌" * 50, Tag.PLACE: "柜" * 40}
    assert unpack_tags(pack_answer(said)) == said


def test_tags_of_a_newer_partner_are_passed_over() -> None:
    known = (int(Tag.OPERATOR_NAME), "王芳".encode("gb18030"))
    assert unpack_tags(encode_tlv([(0xDF7F, b"new"), known, (0x9F26, b"\xff")])) == {Tag.OPERATOR_NAME: "王芳"}


@pytest.mark.parametrize("field_62", [b"\xdf", b"\xdf\x01\x05ab", encode_tlv([(int(Tag.PLACE), b"\x81")])])
def test_a_field_62_that_is_no_tlv_or_no_text_is_a_format_error(field_62: bytes) -> None:
    with pytest.raises(MessageError) as caught:
        unpack_tags(field_62)
    assert caught.value.field == 62


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "²", "9" * (NUMBER_DIGITS_MAX + 1)])
def test_a_number_in_a_tag_is_plain_digits_that_fit_64_bits(text: str) -> None:
    with pytest.raises(MessageError, match="DF01"):
        whole_number({Tag.RECORD_NO: text}, Tag.RECORD_NO)
    assert whole_number({Tag.RECORD_NO: "9" * NUMBER_DIGITS_MAX}, Tag.RECORD_NO) < 2**63


@given(st.text(max_size=20))
def test_a_clock_of_any_text_is_a_time_or_nothing(text: str) -> None:
    read_clock(text)


@pytest.mark.parametrize("text", ["", "20261301000000", "00010101000000", "99991231235959 ", "2026-11-23"])
def test_a_clock_that_is_no_time_is_nothing(text: str) -> None:
    assert read_clock(text) is None


def test_a_clock_is_read_as_it_was_written() -> None:
    instant = UnixMs(1_795_000_000_000)
    assert read_clock(write_clock(instant)) == instant
    assert CHINA.utcoffset(None).total_seconds() == 8 * 3600


def test_the_answer_to_an_operator_message_always_tells_the_hosts_time_with_its_year() -> None:
    request = management_request(
        CATALOGUE["status"], MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000001"), TraceNo("000001")
    )
    answer = operator_answer(CATALOGUE["status"], request, TIME, "000000000001", "00", "08888888", {})
    assert answer.mti == "0830"
    field_62 = answer.fields[62]
    assert isinstance(field_62, bytes)
    assert unpack_tags(field_62) == {Tag.HOST_CLOCK: TIME.full}


def test_host_time_is_chinas() -> None:
    assert host_time(UnixMs(0)) == HostTime("080000", "0101", "19700101080000")
