"""Tables: response codes, field tables, dialects."""

import re

import pytest

from zhanggui.cup.code_words import reason_of
from zhanggui.cup.dialect import DIALECTS, codec_of
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.response_codes import (
    RESPONSE_CODES,
    UNKNOWN,
    means,
    means_for_notice,
    means_for_reversal,
    refuses_parts,
)

PUBLISHED = """
00 01 02 03 04 05 06 07 09 10 11 12 13 14 15 19 20 21 22 23 25 30 31 33 34 35 36 37 38 39 40 41 42 43 44 51 52 53 54 55
56 57 58 59 60 61 62 63 64 65 66 67 68 75 77 79 90 91 92 93 94 95 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7
"""
"""Field 39 in the sources (domain reference §6), private codes of single acquirers aside."""
OURS = "P1 P2 P3 P4 P5 P6 P7 P8 P9 PA PB"


def test_every_published_code_and_each_of_ours_is_in_the_table() -> None:
    assert sorted(RESPONSE_CODES) == sorted(PUBLISHED.split() + OURS.split())


@pytest.mark.parametrize("code", RESPONSE_CODES)
def test_a_code_has_short_words_in_both_languages(code: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", reason_of(code).zh)
    assert re.fullmatch(r"[A-Z][ -~]{1,50}", reason_of(code).en)
    assert len(reason_of(code).zh) <= 16, "one line of a keypad's screen"


def test_what_each_code_says_about_a_payment() -> None:
    stands = {"00", "11", "A2", "A4", "A5", "A6"}
    assert {code for code in RESPONSE_CODES if means(code) == "stands"} == stands
    assert {RESPONSE_CODES[code].class_ for code in stands} == {"A"}
    assert {code for code in RESPONSE_CODES if means(code) == "unknown"} == {"10", "A1"}, "approved, but not as asked"


def test_what_each_code_says_about_a_reversal() -> None:
    assert {code for code in RESPONSE_CODES if means_for_reversal(code) == "stands"} == {"00", "12", "25"}
    assert {means_for_reversal(code) for code in RESPONSE_CODES} == {"stands", "stands_not"}


def test_what_each_code_says_about_a_notice_or_an_upload() -> None:
    never = {"12", "14", "25", "30", "40", "64", "94"}
    assert {code for code in RESPONSE_CODES if means_for_notice(code) == "stands_not"} == never
    assert {code for code in RESPONSE_CODES if means_for_notice(code) == "stands"} == {
        "00",
        "11",
        "A2",
        "A4",
        "A5",
        "A6",
    }
    assert {code for code in RESPONSE_CODES if refuses_parts(code)} == {"12", "30", "40"}


@pytest.mark.parametrize("code", ["zz", "Y1", "", "0", "000", "００"])
def test_a_code_of_no_table_says_nothing(code: str) -> None:
    assert {means(code), means_for_reversal(code), means_for_notice(code)} == {"unknown"}


def test_codes_that_send_the_terminal_to_sign_in_again_let_somebody_act() -> None:
    assert {code: RESPONSE_CODES[code].class_ for code in ("77", "99", "A0")} == {"77": "D", "99": "B", "A0": "B"}


def test_an_unknown_code_has_words_too() -> None:
    assert reason_of("ZZ") is reason_of("ZZ", "qr_sale") is UNKNOWN


def test_a_dialects_spec_has_a_codec_and_every_field_a_chinese_and_an_english_name() -> None:
    for dialect in DIALECTS.values():
        assert codec_of(dialect.spec.name) is dialect.codec
        for field in dialect.spec.fields:
            zh, blank, en = field.name.partition(" ")
            assert zh
            assert blank
            assert en.isascii()


def test_operator_tags_are_two_byte_private_tags_each_with_a_number_of_its_own() -> None:
    numbers = [int(tag) for tag in Tag.__members__.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(0xDF01 <= number <= 0xDF7F for number in numbers), "one more byte would follow after 7F"
