"""One description, three renderers: text, printer bytes and pictures put the same in the same columns, and lose nothing."""

import io
from itertools import groupby, pairwise

import pytest
from PIL import Image
from tests.worlds.paper_reader import read_paper
from tests.worlds.slip_samples import LONG_NAME, RARE, SIGNED, slips

from zhanggui.basics.words import Lang
from zhanggui.cup.values.code128 import bar_widths
from zhanggui.cup.values.slip import Slip, SlipLine
from zhanggui.terminal.paper.escpos import GETA, slip_bytes
from zhanggui.terminal.paper.ink import strokes_bitmap
from zhanggui.terminal.paper.picture import MARGIN, row_bitmap, slip_picture
from zhanggui.terminal.paper.rows import paper_width
from zhanggui.terminal.paper.text import slip_text

BAR_CODE = "1123085503011123654321"
WIDTHS = (32, 48)
MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")


def squeezed(text: str) -> str:
    return "".join(text.split())


def saying(*lines: SlipLine) -> Slip:
    return Slip(id="000012-merchant", copy="merchant", electronic=False, lines=lines)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["城南小馆", LONG_NAME])
def test_no_kind_of_slip_is_wider_than_its_paper_and_none_loses_a_character(
    columns: int, lang: Lang, name: str
) -> None:
    assert len(LONG_NAME) == 40
    for model in MODELS:
        for kind, slip in slips(lang, model, name).items():
            rows = slip_text(slip, columns)
            assert max(map(paper_width, rows)) <= columns, kind
            whole = squeezed("".join(rows))
            for line in slip.lines:
                assert squeezed(line.left) in whole, (kind, line)
                assert squeezed(line.right) in whole, (kind, line)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_printer_puts_every_row_where_the_text_has_it(columns: int, lang: Lang) -> None:
    for kind, slip in slips(lang).items():
        paper = read_paper(slip_bytes(slip, columns))
        assert (paper.cuts, paper.chinese) == (1, True)
        assert max(row.columns for row in paper.rows) <= columns, kind
        written = squeezed("".join(row for row in slip_text(slip, columns) if set(row) != {"|"}))
        assert squeezed(paper.text) == written, kind
        assert paper.bar_codes == [line.left for line in slip.lines if line.kind == "bar_code"]


def test_titles_and_amounts_are_large_and_fit_the_narrow_paper() -> None:
    paper = read_paper(slip_bytes(saying(SlipLine("title", "POS签购单"), SlipLine("amount", "RMB 99,999,999.99")), 32))
    assert [(row.text.strip(), row.large) for row in paper.rows] == [
        ("POS签购单", True),
        ("RMB", True),
        ("99,999,999.99", True),
    ]


def test_our_own_words_need_no_more_than_gbk() -> None:
    for lang in LANGS:
        for slip in slips(lang).values():
            "\n".join(slip_text(slip, 32)).encode("gbk")
            assert GETA not in read_paper(slip_bytes(slip, 32)).text


def test_the_yuan_sign_is_the_one_that_printers_have() -> None:
    assert read_paper(slip_bytes(saying(SlipLine("text", "¥1.00")), 32)).text == "￥1.00"


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_row_with_a_rare_character_is_printed_as_a_picture_of_that_row_alone(columns: int) -> None:
    slip = slips(name=LONG_NAME)["sale-merchant"]
    drawn: list[str] = []

    def draw(text: str, wide: int):  # type: ignore[no-untyped-def]
        drawn.append(text)
        return row_bitmap(text, wide)

    paper = read_paper(slip_bytes(slip, columns, draw_row=draw))
    assert drawn
    assert all(any(char in row for char in RARE) for row in drawn)
    assert [wide * 8 for wide, _, _ in paper.pictures] == [columns * 12] * len(drawn)
    assert all(any(dots) for _, _, dots in paper.pictures)
    without = read_paper(slip_bytes(slip, columns))
    assert without.text.count(GETA) == len(RARE)
    assert all(row.columns <= columns for row in without.rows)
    assert RARE[1] in read_paper(slip_bytes(slip, columns, encoding="gb18030"), "gb18030").text


def test_characters_of_each_width_keep_their_columns() -> None:
    line = SlipLine("pair", "阿卜杜·É", "RIGHT")
    (row,) = slip_text(saying(line), 32)
    assert row.endswith("RIGHT")
    assert paper_width(row) == 32
    assert read_paper(slip_bytes(saying(line), 32)).rows[0].columns == 32


# ── bar codes and signatures ─────────────────────────────────────────────────


def test_each_sign_of_a_bar_code_is_eleven_modules_wide() -> None:
    for pair in range(100):
        widths = bar_widths(f"{pair:02d}")
        assert sum(widths) == 4 * 11 + 2
        assert len(widths) == 25
    assert len({bar_widths(f"{pair:02d}")[6:12] for pair in range(100)}) == 100


@pytest.mark.parametrize("wrong", ["123", "12a4", "", "１２"])
def test_a_bar_code_of_set_c_holds_pairs_of_figures(wrong: str) -> None:
    if wrong:
        with pytest.raises(ValueError, match="set C"):
            bar_widths(wrong)
    else:
        with pytest.raises(ValueError, match="set C"):
            bar_widths(wrong)


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_bar_code_of_a_picture_can_be_read_back(columns: int) -> None:
    assert read_bars(slip_picture(slips()["sale-merchant"], columns)) == BAR_CODE


def read_bars(png: bytes) -> str:
    """The digits of the one row of dots that reads as a bar code."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    signs = {bar_widths(f"{pair:02d}")[6:12]: f"{pair:02d}" for pair in range(100)}
    for y in range(picture.height):
        dots = [picture.getpixel((x, y)) < 128 for x in range(picture.width)]  # type: ignore[operator]
        runs = [(dark, len(list(run))) for dark, run in groupby(dots)][1:-1]
        widths = tuple(length // 2 for _, length in runs)
        if len(widths) != 6 * 13 + 7 or any(length % 2 for _, length in runs):
            continue
        pieces = [widths[place : place + 6] for place in range(6, len(widths) - 13, 6)]
        return "".join(signs[piece] for piece in pieces)
    raise AssertionError("no row of dots is a bar code")


def test_a_signature_stands_in_its_box_and_on_the_printers_dots() -> None:
    slip = slips(model="esign")["sale-merchant"]
    signed, unsigned = (slip_picture(slip, 32, strokes=strokes) for strokes in (SIGNED, ()))
    assert ink_of(signed) > ink_of(unsigned)
    paper = read_paper(slip_bytes(slip, 32, strokes=SIGNED))
    ((wide, tall, dots),) = paper.pictures
    assert (wide * 8, tall) == (384, 128)
    assert any(dots)


def test_strokes_stay_within_their_box() -> None:
    bitmap = strokes_bitmap((((0, 0), (480, 160)), ((480, 0),)), 384)
    assert len(bitmap.rows) == 128
    assert all(row < 1 << 384 for row in bitmap.rows)
    assert len(bitmap.packed()) == 48 * 128


# ── pictures ─────────────────────────────────────────────────────────────────


def ink_of(png: bytes) -> int:
    return sum(Image.open(io.BytesIO(png)).convert("L").point([1] * 128 + [0] * 128).tobytes())


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("model", ["smart", "esign"])
def test_pictures_of_every_kind_leave_their_margins_white(columns: int, model: str) -> None:
    for kind in ("sale-merchant", "settlement-differs", "details", "shift", "refusal"):
        picture = Image.open(io.BytesIO(slip_picture(slips("zh", model, LONG_NAME)[kind], columns, strokes=SIGNED)))
        assert picture.width == columns * 12 + 2 * MARGIN
        for left in (0, picture.width - MARGIN + 4):
            assert min(picture.crop((left, 0, left + MARGIN - 4, picture.height)).tobytes()) == 255, kind


def test_a_character_that_no_face_has_is_shown_by_its_number() -> None:
    unknown, blank = row_bitmap("\U0010fffd", 2), row_bitmap(" ", 2)
    assert unknown != blank
    assert unknown != row_bitmap("\U0010fffc", 2), "two unknown characters are not the same"


def test_rows_of_a_picture_follow_each_other_without_touching() -> None:
    lines = [SlipLine("text", "國國國國")] * 4
    picture = Image.open(io.BytesIO(slip_picture(saying(*lines), 32)))
    rows = [min(picture.crop((0, y, picture.width, y + 1)).tobytes()) < 128 for y in range(picture.height)]
    begins = sum(1 for before, after in pairwise(rows) if after and not before)
    assert begins >= 4
