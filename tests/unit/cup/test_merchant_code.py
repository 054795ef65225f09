"""A shop's code after EMV: known answers, a thousand that come back as they were, and what is broken is refused."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.cup.qr.merchant_code import (
    MerchantCode,
    MerchantCodeError,
    amount_text,
    check_of,
    read_items,
    read_merchant_code,
    write_items,
)

EMVCO = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME"
    "91320016A0112233449988770708123456786304A13A"
)
"""The sample of the specification (EMVCo, merchant-presented mode 1.1, §7), with its check."""
CODE = MerchantCode(
    network="4802000048020000",
    merchant_no="102100058120001",
    category="5411",
    name="ZHANGGUI SHOP",
    city="SHANGHAI",
    amount_fen=12_850,
    bill="20261123000017",
    terminal_no="10000001",
    for_one=True,
)


def test_the_check_is_the_published_one() -> None:
    assert check_of("123456789") == "29B1"
    assert check_of("") == "FFFF"


def test_the_specifications_sample_has_our_check_and_is_taken_apart_by_characters() -> None:
    assert check_of(EMVCO[:-4]) == "A13A"
    items = read_items(EMVCO)
    assert items["59"] == "BEST TRANSPORT"
    assert read_items(items["64"]) == {"00": "ZH", "01": "最佳运输", "02": "北京"}
    assert write_items(items) == EMVCO


def test_a_code_is_laid_out_as_the_specification_says() -> None:
    text = CODE.write()
    assert text[:-4] == (
        "000201010212" + "1531" + "4802000048020000" + "102100058120001" + "52045411" + "5303156" + "5406128.50"
        "5802CN" + "5913ZHANGGUI SHOP" + "6008SHANGHAI" + "6230" + "051420261123000017" + "070810000001" + "6304"
    )
    assert read_merchant_code(text) == CODE


def test_lengths_count_characters_and_the_check_covers_bytes() -> None:
    text = MerchantCode(
        network="4802000048020000", merchant_no="102100058120001", category="5411", name="城南小馆", city="上海"
    ).write()
    assert "5904城南小馆6002上海6304" in text
    assert text.startswith("000201010211")
    read = read_merchant_code(text)
    assert (read.name, read.city, read.amount_fen, read.for_one) == ("城南小馆", "上海", None, False)


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from("掌柜城南小馆𠮷 "),
    min_size=1,
    max_size=25,
).filter(str.isprintable)
plain = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", max_size=25)
digit = "0123456789"
codes = st.builds(
    MerchantCode,
    network=st.text(digit, min_size=16, max_size=16),
    merchant_no=st.text(digit, min_size=15, max_size=15),
    category=st.text(digit, min_size=4, max_size=4),
    name=names,
    city=names.map(lambda name: name[:15]),
    amount_fen=st.none() | st.integers(1, 999_999_999_999),
    bill=plain,
    terminal_no=plain,
    for_one=st.booleans(),
    others=st.just(()) | names.map(lambda name: (("64", write_items({"00": "ZH", "01": name})),)),
)


@settings(max_examples=1_000)
@given(codes)
def test_a_thousand_codes_come_back_as_they_were(code: MerchantCode) -> None:
    text = code.write()
    assert read_merchant_code(text) == code
    assert check_of(text[:-4]) == text[-4:]


@given(codes, st.data())
def test_one_sign_more_less_or_other_is_seen(code: MerchantCode, data: st.DataObject) -> None:
    text = code.write()
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("0123456789A掌").filter(lambda sign: sign != text[place]))
    # Sixteen bits of check: a change of one byte is always seen; a Chinese sign is three, and nearly always.
    changed = text[:place] + sign + text[place + 1 :]
    if check_of(changed[:-4]) != changed[-4:]:
        with pytest.raises(MerchantCodeError):
            read_merchant_code(changed)
    else:
        assert not (sign.isascii() and text[place].isascii())


@given(st.text(max_size=120))
def test_any_text_with_a_right_check_is_read_or_refused(text: str) -> None:
    whole = text.encode("utf-8", "replace").decode() + "6304"
    try:
        read_merchant_code(whole + check_of(whole))
    except MerchantCodeError:
        return


def checked(text: str) -> str:
    return text + check_of(text)


BODY = CODE.write()[:-4]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6304FFFF",
        CODE.write()[:-1] + "x",
        checked(BODY.replace("000201", "000202")),
        checked(BODY.replace("5303156", "5303840")),
        checked(BODY.replace("5802CN", "5802US")),
        checked(BODY.replace("5802CN", "5802CN5802CN")),
        checked(BODY.replace("1531", "1530")),
        checked(BODY.replace("5406128.50", "5406128.5x")),
        checked(BODY.replace("5406128.50", "540512.345")),
        checked(BODY.replace("5406128.50", "54040.00")),
        checked(BODY.replace("52045411", "5204541x")),
        checked(BODY.replace("6304", "")),
        checked(BODY.replace("5802CN", "58xxCN")),
        checked(BODY[6:]),
    ],
)
def test_what_is_no_code_of_a_chinese_shop_is_refused(text: str) -> None:
    with pytest.raises(MerchantCodeError):
        read_merchant_code(text)


@pytest.mark.parametrize(
    "part",
    [
        {"network": "1"},
        {"merchant_no": "1"},
        {"category": "54111"},
        {"name": ""},
        {"name": "长" * 26},
        {"city": "长" * 16},
        {"name": "a\nb"},
        {"amount_fen": 0},
        {"bill": "1" * 26},
        {"terminal_no": "1" * 26},
        {"others": (("59", "OTHER"),)},
    ],
)
def test_what_no_code_can_say_is_not_written(part: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(part))):
        msgspec.structs.replace(CODE, **part).write()


def test_amounts_have_a_point_and_no_separators() -> None:
    assert amount_text(123_456_789) == "1234567.89"
