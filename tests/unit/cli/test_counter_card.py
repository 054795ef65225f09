"""The card for the counter: another maker's reader reads its code back, with check and Chinese names, from the picture that is printed."""

import io

import pytest
import zxingcpp
from PIL import Image

from zhanggui.acquirer.rows.records import CounterCode, Merchant
from zhanggui.acquirer.wallets.counter_codes import text_of_code
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs
from zhanggui.cli.counter_card import card_png
from zhanggui.cup.qr.merchant_code import read_merchant_code

NUMBER = "10000001"
ACQUIRER = "08888888"


def text(name: str, city: str) -> str:
    shop = Merchant(merchant_no=MerchantNo("102100058120001"), name=name, created_ms=UnixMs(0))
    code = CounterCode(
        merchant_no=shop.merchant_no,
        terminal_no=TerminalNo(NUMBER),
        category="5812",
        city=city,
        made_ms=UnixMs(0),
        billed_ms=UnixMs(0),
    )
    return text_of_code(shop, code, ACQUIRER)


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("SHOP", "SHANGHAI"),
        ("掌柜便利店（城南路）", "上海"),
        ("掌柜城南小馆" * 6, "乌鲁木齐"),
        ("Café 掌柜 №1", "Ürümqi"),
    ],
)
def test_the_picture_is_read_back_with_its_check_and_the_names_as_they_are(name: str, city: str) -> None:
    said = text(name, city)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(card_png(name, NUMBER, said))))
    assert found.text == said
    code = read_merchant_code(found.text)
    assert (code.name, code.city, code.terminal_no, code.category) == (name[:25], city, NUMBER, "5812")
    assert (code.amount_fen, code.for_one, code.merchant_no) == (None, False, "102100058120001")


def test_the_card_has_room_for_a_long_name_and_white_around_the_code() -> None:
    picture = Image.open(io.BytesIO(card_png("掌柜城南小馆" * 6, NUMBER, text("掌柜", "上海"))))
    wide, high = picture.size
    assert high > wide
    assert picture.crop((0, 0, 20, high)).getextrema() == (255, 255)
    assert picture.crop((wide - 20, 0, wide, high)).getextrema() == (255, 255)


def test_its_letters_are_drawn_in_their_size_and_not_made_larger_dot_by_dot() -> None:
    picture = Image.open(io.BytesIO(card_png("掌柜示范店", NUMBER, text("掌柜", "上海"))))
    shop = picture.crop((0, 0, picture.width, 140))
    assert len(shop.getcolors() or ()) > len(("paper", "ink")), "edges have greys"
