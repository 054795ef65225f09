"""Slips: the lines of the domain reference §8 in their order, on every width, for every amount."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.worlds.flow_story import approved_sale, machine
from tests.worlds.slip_samples import payment, shop

from zhanggui.basics.money import format_yuan
from zhanggui.basics.numbers import Rrn, TerminalNo
from zhanggui.basics.visible import is_harmless
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.flow.core.events import ApprovedPayment, EntryWay
from zhanggui.terminal.flow.screens.columns import display_width, fit_pair, wrap
from zhanggui.terminal.flow.slips.slip_layout import Copy, Shop, payment_slip
from zhanggui.terminal.models.profiles import load_profile
from zhanggui.terminal.paper.text import slip_text

SHOP = Shop(
    merchant_name="城南小馆",
    terminal_no=TerminalNo("10000001"),
    support_phone="400-000-0000 (demo)",
    software="zhanggui 0.1.0",
    simulated=True,
)

ORDER = [
    "POS签购单",
    "商户存根",
    "商户名称(MERCHANT NAME)",
    "城南小馆",
    "商户编号(MERCHANT NO.)",
    "终端编号(TERMINAL NO.)",
    "操作员号(OPERATOR NO.)",
    "发卡行(ISSUER)",
    "收单行(ACQUIRER)",
    "卡号(CARD NO.)",
    "621700*********0012 I",
    "有效期(EXP DATE)",
    "交易类型(TRANS TYPE)",
    "批次号(BATCH NO.)",
    "凭证号(VOUCHER NO.)",
    "授权码(AUTH NO.)",
    "参考号(REFER NO.)",
    "日期/时间(DATE/TIME)",
    "2026/11/23 08:55:03",
    "金额(AMOUNT)",
    "RMB 12.34",
    "备注(REFERENCE)",
    "AID: A000000333010101",
    "ARQC: 0123456789ABCDEF",
    "****重打印/DUPLICATED****",
    "持卡人签名(CARDHOLDER SIGNATURE)",
    "本人确认以上交易",
    "客服 400-000-0000 (demo)",
    "zhanggui 0.1.0",
]


def slip_of(sale: ApprovedPayment, copy: Copy = "merchant", again: bool = False, model: str = "smart") -> Slip:
    return payment_slip(sale, SHOP, machine(model).profile, copy=copy, again=again)


def test_the_lines_stand_in_the_order_of_the_trade() -> None:
    text = "\n".join(slip_text(slip_of(approved_sale("000012"), again=True), 32))
    places = [text.find(part) for part in ORDER]
    assert -1 not in places, ORDER[places.index(-1)]
    assert places == sorted(places)


def test_values_stand_beside_their_labels() -> None:
    rows = slip_text(slip_of(approved_sale("000012")), 32)
    assert next(row for row in rows if "VOUCHER" in row).split()[-1] == "000012"
    assert next(row for row in rows if "TRANS TYPE" in row).split()[-1] == "消费(SALE)"
    assert next(row for row in rows if "ISSUER" in row).split()[-1] == "掌柜银行"


def test_the_cardholder_copy_has_neither_signature_nor_agreement() -> None:
    text = "\n".join(slip_text(slip_of(approved_sale("000012"), "cardholder"), 32))
    assert "持卡人存根" in text
    assert "签名" not in text
    assert "本人确认" not in text
    assert "商户存根" not in text


@pytest.mark.parametrize(
    ("way", "letter"), [("swipe", "S"), ("insert", "I"), ("tap", "C"), ("fallback", "F"), ("keyed", "M")]
)
def test_the_way_of_reading_stands_behind_the_masked_number(way: EntryWay, letter: str) -> None:
    assert f"621700*********0012 {letter}" in slip_text(slip_of(approved_sale("000012", way=way)), 32)


def test_a_small_tap_says_why_nothing_is_signed() -> None:
    sale = msgspec.structs.replace(approved_sale("000012", way="tap"), needs_signature=False)
    for copy in ("merchant", "cardholder"):
        slip = slip_of(sale, copy)
        assert "免密免签" in "".join(slip_text(slip, 32))
        assert not any(line.kind == "signature" for line in slip.lines)


def test_a_reprint_is_marked_and_a_first_print_is_not() -> None:
    assert "重打印" not in "".join(slip_text(slip_of(approved_sale("000012")), 32))
    assert slip_of(approved_sale("000012"), again=True).id == "000012-merchant-again"


def test_slips_are_electronic_where_there_is_no_printer() -> None:
    assert slip_of(approved_sale("000012"), model="esign").electronic
    assert not slip_of(approved_sale("000012"), model="keypad").electronic


def test_the_expiry_date_is_blanked() -> None:
    text = "".join(slip_text(slip_of(approved_sale("000012")), 32))
    assert "4912" not in text
    assert "2049" not in text


@given(
    amount_fen=st.integers(1, 999_999_999),
    copy=st.sampled_from(["merchant", "cardholder"]),
    columns=st.sampled_from([32, 48]),
    name=st.text("城南小馆有限公司第一分店ABC 12", min_size=1, max_size=40),
)
def test_no_row_is_wider_than_the_paper_and_all_can_be_printed(
    amount_fen: int, copy: Copy, columns: int, name: str
) -> None:
    sale = msgspec.structs.replace(approved_sale("000012", amount_fen), merchant_name=name)
    rows = slip_text(slip_of(sale, copy), columns)
    assert max(display_width(row) for row in rows) <= columns
    "\n".join(rows).encode("gbk")
    assert f"RMB {format_yuan(amount_fen)}" in rows
    assert "¥" not in "".join(rows)


@given(text=st.text("金额，。（）ABC123.,:*- ", max_size=80), columns=st.integers(4, 48))
def test_wrapping_loses_nothing_but_spaces(text: str, columns: int) -> None:
    rows = wrap(text, columns)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(display_width(row) <= columns for row in rows)


def test_a_pair_that_does_not_fit_takes_two_rows() -> None:
    assert fit_pair("商户编号", "102100058120001", 32) == ["商户编号" + " " * 9 + "102100058120001"]
    assert fit_pair("商户编号", "102100058120001", 16) == ["商户编号", " 102100058120001"]


def test_a_shops_name_steers_neither_printer_nor_the_direction_of_reading() -> None:
    sale = msgspec.structs.replace(approved_sale("000012"), merchant_name="店\u202e\u200b\x1b@", issuer="\x00银行")
    slip = slip_of(sale)
    assert all(is_harmless(line.left) and is_harmless(line.right) for line in slip.lines)
    assert "店???@" in [line.left for line in slip.lines]


def test_the_feature_code_of_an_electronic_slip_has_the_day_of_the_settlement() -> None:
    """Domain reference §4.8: the vector's date and reference number."""
    signed = replace(payment(), settle_date="0824", rrn=Rrn("000004002761"))
    texts = [
        line.left + line.right for line in payment_slip(signed, shop(), load_profile("esign"), copy="merchant").lines
    ]
    assert any("0C242761" in text for text in texts)
    undated = payment_slip(replace(signed, settle_date=""), shop(), load_profile("esign"), copy="merchant").lines
    assert not any("0C242761" in line.left + line.right for line in undated)
