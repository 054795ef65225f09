"""What `zhanggui decode` may show of made-up messages with secrets in unusual places."""

import pytest

from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.explain import MASK, Explained, explain
from zhanggui.cup.messages.operator import OperatorRequest
from zhanggui.cup.operator_tags import Tag
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import encode_tlv

PAN = "6217000000000000012"
IDENTITY: dict[int, str | bytes] = {11: "000001", 41: "10000001", 42: "102100058120001"}


def explained(mti: str, fields: dict[int, str | bytes]) -> Explained:
    return explain(wrap(UNIONPAY, UNIONPAY.codec.encode(Message(mti, IDENTITY | fields))), UNIONPAY, "en")


def shown(mti: str, fields: dict[int, str | bytes], number: int) -> str:
    return next(part.value for part in explained(mti, fields).parts if part.number == number)


def test_a_card_number_shows_its_first_six_and_last_four_digits() -> None:
    assert shown("0200", {2: PAN}, 2) == "621700*********0012"


def test_a_track_shows_no_more_than_the_masked_card_number() -> None:
    assert shown("0200", {35: PAN + "=49121010000012345"}, 35) == "621700*********0012=" + MASK


def test_an_enciphered_track_that_lost_its_separator_shows_nothing() -> None:
    assert shown("0200", {35: "62170000000000A1B2C3F4E5A6B7000012345"}, 35) == MASK + "=" + MASK


@pytest.mark.parametrize("tag", [0x57, 0x5A, 0x5F20, 0x5F24, 0x9F20, 0x56, 0x99])
def test_a_secret_chip_tag_is_masked_and_its_neighbours_are_shown(tag: int) -> None:
    value = encode_tlv([(0x9F36, b"\x00\x07"), (tag, bytes.fromhex(PAN + "0"))])
    assert shown("0200", {55: value}, 55) == f"9F36=0007 {tag:X}={MASK}"


def test_a_template_in_chip_data_stays_closed() -> None:
    card = encode_tlv([(0x5A, bytes.fromhex(PAN + "F"))])
    assert shown("0200", {55: encode_tlv([(0x70, card), (0x95, bytes(5))])}, 55) == f"70={MASK} 95=0000000000"


def test_chip_data_that_are_no_tlv_are_masked() -> None:
    assert MASK in shown("0200", {55: b"\x9f\x26\x7f"}, 55)


def test_batch_details_hide_the_card_numbers_in_field_48() -> None:
    assert shown("0320", {48: "01" + "00000001" + PAN.rjust(20, "0") + "000000000001", 60: "00000001201"}, 48) == MASK


def test_totals_in_field_48_are_shown() -> None:
    assert shown("0500", {48: "1" * 62, 60: "00000001201"}, 48) == "1" * 62


PAY_CODE = "6200001123498765432"
UNKNOWN_PLACES = {
    "identity that is none": (59, "A2019" + PAY_CODE),
    "unknown tag": (59, "B1019" + PAY_CODE),
    "private": (57, PAY_CODE),
    "private, behind a number": (57, "019" + PAY_CODE),
    "answer text": (63, "CUP " + PAY_CODE),
    "in groups": (63, "6200 0011 2349 8765 432"),
    "with dashes": (63, "card 6217-0000-0000-0000-012"),
}


@pytest.mark.parametrize("place", UNKNOWN_PLACES)
def test_what_looks_like_a_card_number_or_a_payment_code_is_masked_wherever_it_stands(place: str) -> None:
    number, text = UNKNOWN_PLACES[place]
    value = shown("0200", {number: text}, number)
    digits = "".join(character for character in value if character.isdigit())
    assert "*" in value
    assert PAY_CODE[4:-4] not in digits
    assert PAN[6:-4] not in digits


@pytest.mark.parametrize("code", ["134567890123456789", "2812345678901234", PAY_CODE, PAN])
def test_numbers_of_customers_are_masked_in_texts_of_operators_and_in_unknown_chip_tags(code: str) -> None:
    tags = encode_tlv([(int(Tag.PLACE), f"see {code}, 20261123120000".encode())])
    value = shown("0830", {62: tags, 60: "00000001401"}, 62)
    assert code not in value
    assert "20261123120000" in value, "a time is none"
    chip = encode_tlv([(0xDF71, bytes.fromhex(code + "F" * (len(code) % 2)))])
    assert code not in shown("0200", {55: chip}, 55)


def test_what_is_known_to_be_no_customers_number_is_shown() -> None:
    identity = "01002020201600000202540043180300600005204008EC7CD42405008321702  "
    said = f"A2{len(identity):03d}{identity}A402020261201028842574605"
    value = shown("0210", {59: said, 37: "612345678901"}, 59)
    assert "0000020254004318" in value
    assert "20261201028842574605" in value
    assert shown("0210", {37: "612345678901"}, 37) == "612345678901"
    assert shown("0210", {}, 42) == IDENTITY[42]


def test_keys_of_a_sign_in_answer_show_check_values_only() -> None:
    keys = bytes(range(16)) + b"\xaa" * 4 + bytes(range(16, 32)) + b"\xbb" * 4
    value = shown("0810", {62: keys, 60: "00000001003"}, 62)
    assert value == f"PIK {MASK} KCV AAAAAAAA; MAK {MASK} KCV BBBBBBBB"


def test_keys_of_an_unknown_layout_show_nothing() -> None:
    assert shown("0810", {62: bytes(57), 60: "00000001003"}, 62) == f"{MASK} (57 B)"


def test_operator_tags_are_named_and_the_sign_in_code_is_masked() -> None:
    request = OperatorRequest(
        merchant_no=IDENTITY[42],  # type: ignore[arg-type]  # plain text in a test
        terminal_no=IDENTITY[41],  # type: ignore[arg-type]
        batch_no="000001",  # type: ignore[arg-type]
        trace_no="000001",  # type: ignore[arg-type]
        network_code="403",
        operator_no=None,
        tags={Tag.RECORD_NO: "7", Tag.SIGN_IN_CODE: "123456"},
    )
    value = shown("0820", dict(request.message().fields), 62)
    assert value == f"DF01:record_no=7 DF09:sign_in_code={MASK}"


def test_control_characters_never_reach_the_console() -> None:
    value = encode_tlv([(int(Tag.PLACE), b"\x1b[2J\xb9\xf1\xcc\xa8\x07")])
    assert shown("0830", {62: value, 60: "00000001401"}, 62) == "DF05:place=�[2J柜台�"
    assert shown("0210", {63: "CUP\x1b]0;x\x07"}, 63) == "CUP�]0;x�"


def test_a_message_outside_the_catalogue_is_explained_all_the_same() -> None:
    told = explained("0800", {60: "00000001370"})
    assert told.title == "0800 · not in the catalogue"
    assert told.fault == ""


def test_a_fault_says_where_and_keeps_what_was_read() -> None:
    payload = wrap(UNIONPAY, UNIONPAY.codec.encode(Message("0800", IDENTITY | {60: "00000001003"})))
    told = explain(payload[:-1], UNIONPAY, "en")
    assert "field 60" in told.fault
    assert [part.number for part in told.parts if part.number] == [11, 41, 42]


def test_test_mode_and_processing_requirement_are_told() -> None:
    payload = bytearray(wrap(UNIONPAY, UNIONPAY.codec.encode(Message("0810", IDENTITY | {60: "00000001003"}))))
    payload[5 + 2] = 0x13
    header = explain(bytes(payload), UNIONPAY, "en").parts[1]
    assert header.meaning == "test mode, processing requirement 3"
