"""A shop's code as it is drawn, on a screen, on a slip's picture and by a printer's dots: another maker's reader reads it back."""

import io
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from tests.worlds.paper_reader import read_paper

from zhanggui.cup.qr.merchant_code import MerchantCode, read_merchant_code
from zhanggui.cup.values.slip import Slip, SlipLine
from zhanggui.terminal.page.qr import modules_of
from zhanggui.terminal.paper.escpos import slip_bytes
from zhanggui.terminal.paper.picture import png, slip_picture
from zhanggui.terminal.paper.text import slip_text

NARROW, WIDE = 32, 48
SCREEN_POINTS = 4


def code(name: str = "ZHANGGUI SHOP", city: str = "SHANGHAI", *, full: bool = True) -> MerchantCode:
    return MerchantCode(
        network="4802000048020000",
        merchant_no="102100058120001",
        category="5411",
        name=name,
        city=city,
        amount_fen=12_850 if full else None,
        bill="1234567890123456789012345" if full else "",
        terminal_no="10000001",
        for_one=full,
    )


CODES = {
    "short": code(full=False),
    "long": code(),
    "chinese": code("城南小馆·掌柜", "上海"),
    "longest": code("掌柜城南小馆" * 4, "乌鲁木齐市" * 3),
}


def slip(text: str) -> Slip:
    return Slip(
        id="000012-merchant",
        copy="merchant",
        electronic=False,
        lines=(SlipLine("title", "收款码"), SlipLine("qr", text), SlipLine("text", "扫码付款")),
    )


def read_back(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def drawn_by_screen(text: str) -> Image.Image:
    rows = modules_of(text)
    side = len(rows) + 8
    dots = ["0" * side] * 4 + [f"0000{row}0000" for row in rows] + ["0" * side] * 4
    grey = bytes(
        0 if dot == "1" else 255
        for row in dots
        for _ in range(SCREEN_POINTS)
        for dot in row
        for _ in range(SCREEN_POINTS)
    )
    return Image.open(io.BytesIO(png(side * SCREEN_POINTS, side * SCREEN_POINTS, grey)))


def drawn_by_picture(text: str) -> Image.Image:
    return Image.open(io.BytesIO(slip_picture(slip(text), NARROW)))


def drawn_by_printer(text: str) -> Image.Image:
    (wide, tall, dots) = next(iter(read_paper(slip_bytes(slip(text), NARROW)).pictures))
    assert wide * 8 == NARROW * 12, "58 mm are 384 dots"
    ink = Image.frombytes("1", (wide * 8, tall), dots)
    return ink.convert("L").point([255] * 128 + [0] * 128)


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("draw", [drawn_by_screen, drawn_by_picture, drawn_by_printer])
def test_what_is_drawn_is_read_back(draw, name: str) -> None:  # type: ignore[no-untyped-def]
    text = CODES[name].write()
    assert read_back(draw(text)) == text
    assert read_merchant_code(read_back(draw(text))) == CODES[name]


@pytest.mark.parametrize("columns", [NARROW, WIDE])
def test_a_long_code_has_smaller_dots_and_stays_on_the_paper(columns: int) -> None:
    text = CODES["longest"].write()
    ((wide, _, dots),) = read_paper(slip_bytes(slip(text), columns)).pictures
    rows = list(rows_of(dots, wide))
    assert all(row[:8].count("1") == row[-8:].count("1") == 0 for row in rows), "white around it"
    assert len(rows) > columns * 6, "and large enough for a phone"


def rows_of(dots: bytes, wide: int) -> Iterator[str]:
    for place in range(0, len(dots), wide):
        yield "".join(f"{byte:08b}" for byte in dots[place : place + wide])


def test_plain_text_shows_what_the_code_says() -> None:
    text = CODES["long"].write()
    assert "".join(slip_text(slip(text), NARROW)).replace(" ", "").count(text.replace(" ", "")) == 1


def test_a_payment_code_on_a_screen_keeps_its_small_letters() -> None:
    text = code("Zhanggui Shop").write()
    assert read_back(drawn_by_screen(text)) == text
