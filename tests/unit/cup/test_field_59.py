"""Field 59: what is written is read, the sample of the sources comes out sign for sign, and what is broken is refused."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.errors import RemoteProtocolError
from zhanggui.basics.secret import PayCode, Secret
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.errors import MessageError
from zhanggui.cup.qr.field59 import (
    Field59,
    Identity,
    read_field_59,
    read_identity,
    read_items,
    write_field_59,
    write_identity,
    write_items,
)
from zhanggui.cup.qr.identity import IdentityField, identified
from zhanggui.cup.wallets.messages import read_answer
from zhanggui.iso8583.message import Message

SAMPLE = "A2065" + "0100202" + "020160000020254004318" + "03006000052" + "04008EC7CD424" + "05008321702  "
"""The published sample of a terminal's identity (domain reference, QR, §5.3)."""
IDENTITY = Identity(serial="0000020254004318", factor="000052", cipher="EC7CD424", version="321702")


def test_the_published_sample_is_read_and_written_sign_for_sign() -> None:
    assert read_field_59(SAMPLE).identity == IDENTITY
    assert "A2065" + write_identity(IDENTITY) == SAMPLE
    assert write_field_59(Field59(identity=IDENTITY)) == SAMPLE


def test_a_request_has_the_code_and_an_answer_the_voucher() -> None:
    assert write_field_59(Field59(code=PayCode("6212345678901234567"))) == "A30196212345678901234567"
    assert write_field_59(Field59(pay_voucher="20261123000017")) == "A401420261123000017"
    assert write_field_59(Field59()) == ""


digits = st.text("0123456789", min_size=1, max_size=20)
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=50)
identities = st.builds(
    Identity,
    device_type=st.text("0123456789", min_size=2, max_size=2),
    serial=words,
    factor=st.text("0123456789", min_size=6, max_size=6),
    cipher=st.text("0123456789ABCDEF", min_size=8, max_size=8),
    version=st.text("0123456789AB", max_size=8),
)
said = st.builds(
    Field59,
    pin=st.none() | words.map(Secret),
    identity=st.none() | identities,
    code=st.none() | digits.map(PayCode),
    pay_voucher=st.just("") | digits,
)


@given(said)
def test_what_is_written_is_read(one: Field59) -> None:
    read = read_field_59(write_field_59(one))
    assert (read.pin, read.identity, read.code, read.pay_voucher) == (one.pin, one.identity, one.code, one.pay_voucher)


@given(st.dictionaries(st.text("ABC0123", min_size=2, max_size=2), st.text("0123 xyz", max_size=60)))
def test_items_keep_their_order_and_their_values(items: dict[str, str]) -> None:
    assert list(read_items(write_items(items)).items()) == list(items.items())


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        said = read_field_59(text)
    except MessageError:
        return
    assert read_field_59(write_field_59(said)) == said


@pytest.mark.parametrize(
    "text",
    [
        "A3",
        "A30",
        "A301",
        "A3xxx62",
        "A3-0162",
        "A300762",
        "A300262A",
        "A3000",
        "A4000",
        "A400262A400262",
        "A3002ab",
        "A3021" + "6" * 21,
        "A4021" + "6" * 21,
        "A4003a b",
        "A4002券",
        "A3002６２",
        "A2007" + "0100202",
        "A2129" + "x" * 129,
        SAMPLE.replace("EC7CD424", "EC7CDX24"),
        SAMPLE.replace("000052", "00005x"),
        SAMPLE.replace("0100202", "010020x"),
        "A3002\n6",
        "Z1006nobody",
        "Z2003abcZ3002-1",
        "Z2003abcZ30043601",
        "Z2257" + "x" * 257,
    ],
)
def test_what_is_broken_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(MessageError) as error:
        read_field_59(text)
    assert error.value.field == 59
    assert len(text) < 6 or text[5:] not in str(error.value)


@pytest.mark.parametrize("brand", BRANDS)
def test_our_code_is_asked_for_by_its_brand_and_told_with_what_is_left_of_its_time(brand: str) -> None:
    assert read_field_59(write_field_59(Field59(brand=brand))).brand == brand
    told = Field59(shown="http://127.0.0.1:8595/q/00112233445566778899aabbccddeeff", left_s=119)
    assert read_field_59(write_field_59(told)) == told


@pytest.mark.parametrize("link", ["券", "a b", "x" * 257, "line\n"])
def test_a_wallet_whose_code_no_terminal_could_be_told_gives_no_answer(link: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read_answer(msgspec.json.encode({"code": "SUCCESS", "link": link}))


def test_a_tag_that_nobody_knows_is_passed_over() -> None:
    assert read_field_59("A9003newA400212").pay_voucher == "12"


def test_an_identity_without_its_cipher_is_none() -> None:
    with pytest.raises(MessageError):
        read_identity("0100202" + "02003abc" + "03006000052" + "05008321702  ")


@pytest.mark.parametrize("items", [{"A": "1"}, {"A33": "1"}, {"A3": "券"}, {"A3": "1" * 1000}])
def test_nothing_is_written_that_could_not_be_read(items: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        write_items(items)


def test_neither_code_nor_pin_is_shown() -> None:
    shown = repr(Field59(pin=Secret("SECRET"), code=PayCode("6212345678901234567")))
    assert "SECRET" not in shown
    assert "6212345678901234567" not in shown


@pytest.mark.parametrize(
    ("before", "where", "field", "after"),
    [
        ({}, "59A2", 59, SAMPLE),
        ({59: "A300262"}, "59A2", 59, SAMPLE + "A300262"),
        ({59: "A1002ppA300262"}, "59A2", 59, "A1002pp" + SAMPLE + "A300262"),
        ({59: "A300262"}, "none", 59, "A300262"),
        (
            {},
            "57",
            57,
            "0400202" + "050160000020254004318" + "06006000052" + "07008EC7CD424" + "08008321702  ",
        ),
    ],
)
def test_an_identity_stands_where_the_dialect_has_it(
    before: dict[int, str | bytes], where: IdentityField, field: int, after: str
) -> None:
    message = identified(Message("0200", before), IDENTITY, where)
    assert message.fields[field] == after
