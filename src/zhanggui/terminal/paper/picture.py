"""A slip as a picture (PNG), sign by sign in the cells of the paper: columns hold with any face, and nothing is cut.

Pillow draws the signs; it comes with `zhanggui[pictures]` and is imported here alone. A sign that no face at hand has is shown as its
number in a box, so that a rare character of a name is never lost without a word.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from ...basics.errors import Misuse
from ...cup.values.code128 import QUIET_MODULES, bar_widths
from ...cup.values.slip import Slip
from ...cup.values.strokes import HEIGHT, WIDTH
from .escpos import BAR_DOTS, BAR_HEIGHT, DOTS_A_COLUMN
from .ink import Bitmap
from .matrix import dots_a_module, qr_matrix
from .rows import SIGNATURE_ROWS, Row, paper_char_width, rows_of

SIZE, LEADING = 24, 30
"""Dots of a sign, and from row to row."""
MARGIN = 24
PAPER, INK, FAINT = 255, 28, 150
MONO = "Mono"
FACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/opentype/unifont/unifont.otf",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
    "C:/Windows/Fonts/simsunb.ttf",
)
"""Where systems keep Chinese faces; the first that has a sign draws it."""
COLLECTION_MAX = 32
"""Faces in one file."""
NO_SIGN = "\uffff"
"""No face has it: what is drawn for it is what is drawn for any sign that is missing."""

PNG_MARK = b"\x89PNG\r\n\x1a\n"
BITS, GREY = 8, 0

Strokes = Sequence[Sequence[tuple[int, int]]]


def slip_picture(slip: Slip, columns: int, *, strokes: Strokes = (), font: Path | None = None) -> bytes:
    """The slip as PNG. Misuse when no Chinese face is at hand; `font` names one."""
    faces = _faces(font, SIZE)
    rows = rows_of(slip, columns)
    width = columns * DOTS_A_COLUMN
    height = sum(_height(row, width, signed=bool(strokes)) for row in rows)
    picture = Image.new("L", (width + 2 * MARGIN, height + 2 * MARGIN), PAPER)
    top = MARGIN
    for row in rows:
        _draw(picture, row, top, width, strokes, faces, font)
        top += _height(row, width, signed=bool(strokes))
    return png(picture.width, picture.height, picture.tobytes())


def png(width: int, height: int, grey: bytes) -> bytes:
    """Dots of one byte each as a PNG file. Source: W3C, Portable Network Graphics, 5.3 (chunks), 11.2 (IHDR, IDAT, IEND)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, BITS, GREY, 0, 0, 0)
    lines = b"".join(b"\0" + grey[start : start + width] for start in range(0, width * height, width))
    return PNG_MARK + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def text_strip(text: str, columns: int, scale: int) -> tuple[int, int, bytes]:
    """One row of text drawn so many times as large as on a slip, its edges in greys: width, height, dots of one byte."""
    strip = Image.new("L", (columns * DOTS_A_COLUMN * scale, LEADING * scale), PAPER)
    _put_text(strip, text, (0, 0), scale, _faces(None, SIZE * scale), None)
    return strip.width, strip.height, strip.tobytes()


def row_bitmap(text: str, columns: int, font: Path | None = None) -> Bitmap:
    """One row of text as dots, for a printer that lacks one of its signs."""
    strip = Image.new("L", (columns * DOTS_A_COLUMN, LEADING), PAPER)
    _put_text(strip, text, (0, 0), 1, _faces(font, SIZE), font)
    threshold = 128
    dots = strip.point([255 if level < threshold else 0 for level in range(256)]).tobytes()
    rows = tuple(
        int("".join("1" if dot else "0" for dot in dots[start : start + strip.width]), 2)
        for start in range(0, len(dots), strip.width)
    )
    return Bitmap(strip.width, rows)


def _height(row: Row, width: int, *, signed: bool) -> int:
    match row.kind:
        case "text":
            return LEADING * (2 if row.large else 1)
        case "rule":
            return LEADING
        case "bar_code":
            return BAR_HEIGHT + LEADING + LEADING // 2
        case "qr":
            return len(qr_matrix(row.text)) * dots_a_module(row.text, width) + LEADING
        case "signature":
            drawn = signed or bool(row.text)
            return width * HEIGHT // WIDTH + LEADING if drawn else LEADING * (SIGNATURE_ROWS + 1)


def _draw(
    picture: Image.Image,
    row: Row,
    top: int,
    width: int,
    strokes: Strokes,
    faces: "tuple[ImageFont.FreeTypeFont, ...]",
    font: Path | None,
) -> None:
    brush = ImageDraw.Draw(picture)
    height = _height(row, width, signed=bool(strokes))
    match row.kind:
        case "text":
            large = _faces(font, SIZE * 2) if row.large else faces
            _put_text(picture, row.text, (MARGIN, top), 2 if row.large else 1, large, font, bold=row.bold)
        case "rule":
            middle = top + LEADING // 2
            for x in range(MARGIN, MARGIN + width, DOTS_A_COLUMN):
                brush.line((x + 2, middle, x + DOTS_A_COLUMN - 3, middle), fill=INK, width=2)
        case "bar_code":
            _put_bars(brush, row.text, top + LEADING // 4, width)
            place = MARGIN + (width - len(row.text) * DOTS_A_COLUMN) // 2
            _put_text(picture, row.text, (place, top + LEADING // 4 + BAR_HEIGHT), 1, faces, font)
        case "qr":
            matrix = qr_matrix(row.text)
            dots = dots_a_module(row.text, width)
            left = MARGIN + (width - len(matrix) * dots) // 2
            for y, line in enumerate(matrix):
                for x, dark in enumerate(line):
                    if dark:
                        corner = (left + x * dots, top + LEADING // 2 + y * dots)
                        brush.rectangle((*corner, corner[0] + dots - 1, corner[1] + dots - 1), fill=INK)
        case "signature" if strokes or row.text:
            _put_signature(picture, brush, row.text, top, width, strokes, font)
        case "signature":
            low = top + height - LEADING // 2
            brush.line((MARGIN, low, MARGIN + width, low), fill=INK, width=2)


def _put_bars(brush: "ImageDraw.ImageDraw", digits: str, top: int, width: int) -> None:
    widths = bar_widths(digits)
    x = MARGIN + (width - (sum(widths) + 2 * QUIET_MODULES) * BAR_DOTS) // 2 + QUIET_MODULES * BAR_DOTS
    for place, modules in enumerate(widths):
        if place % 2 == 0:
            brush.rectangle((x, top, x + modules * BAR_DOTS - 1, top + BAR_HEIGHT - 1), fill=INK)
        x += modules * BAR_DOTS


def _put_signature(
    picture: Image.Image,
    brush: "ImageDraw.ImageDraw",
    code: str,
    top: int,
    width: int,
    strokes: Strokes,
    font: Path | None,
) -> None:
    """The box with its feature code behind the hand: a picture of another payment can't be laid over it unseen."""
    tall = width * HEIGHT // WIDTH
    brush.rectangle((MARGIN, top, MARGIN + width - 1, top + tall), outline=FAINT, width=1)
    if code:
        place = (MARGIN + (width - len(code) * DOTS_A_COLUMN * 2) // 2, top + tall // 2 - SIZE)
        _put_text(picture, code, place, 2, _faces(font, SIZE * 2), font, ink=FAINT)
    scale = width / WIDTH
    for stroke in strokes:
        points = [(MARGIN + x * scale, top + y * scale) for x, y in stroke]
        brush.line(points if len(points) > 1 else points * 2, fill=INK, width=4, joint="curve")


def _put_text(
    picture: Image.Image,
    text: str,
    place: tuple[int, int],
    scale: int,
    faces: "tuple[ImageFont.FreeTypeFont, ...]",
    font: Path | None,
    *,
    bold: bool = False,
    ink: int = INK,
) -> None:
    x, y = place
    cell = DOTS_A_COLUMN * scale
    for char in text:
        columns = paper_char_width(char)
        if not char.isspace():
            left = x - 2 * cell if columns == 0 else x
            _put_sign(picture, char, (left, y), (columns or 2) * cell, LEADING * scale, faces, bold=bold, ink=ink)
        x += columns * cell


def _put_sign(
    picture: Image.Image,
    char: str,
    place: tuple[int, int],
    width: int,
    height: int,
    faces: "tuple[ImageFont.FreeTypeFont, ...]",
    *,
    bold: bool,
    ink: int,
) -> None:
    face = next((face for face in faces if _has(face, char)), None)
    if face is None:
        _put_number(picture, char, place, width, height, faces[0])
        return
    wide = max(width, int(face.getlength(char)) + 1)
    sign = Image.new("L", (wide, height), 0)
    # The baseline is the same in every cell of a row, whichever face draws the sign.
    spot = ((wide - face.getlength(char)) / 2, height * 4 / 5)
    ImageDraw.Draw(sign).text(spot, char, fill=255, font=face, anchor="ls", stroke_width=0.5 if bold else 0)
    if wide > width:
        sign = sign.resize((width, height))
    picture.paste(Image.new("L", sign.size, ink), place, sign)


def _put_number(
    picture: Image.Image,
    char: str,
    place: tuple[int, int],
    width: int,
    height: int,
    face: "ImageFont.FreeTypeFont",
) -> None:
    """The sign's number in a box, in two rows."""
    number = f"{ord(char):04X}"
    small = face.font_variant(size=max(8, height // 3))
    box = Image.new("L", (width * 2, height * 2), PAPER)
    brush = ImageDraw.Draw(box)
    brush.rectangle((2, 6, width * 2 - 3, height * 2 - 7), outline=INK, width=2)
    half = -(-len(number) // 2)
    large = small.font_variant(size=max(16, height * 2 // 3))
    for place_at, piece in ((0.33, number[:half]), (0.72, number[half:])):
        brush.text((width, height * 2 * place_at), piece, fill=INK, font=large, anchor="mm")
    picture.paste(box.resize((width, height)), place)


@cache
def _faces(font: Path | None, size: int) -> "tuple[ImageFont.FreeTypeFont, ...]":
    paths = ([font] if font is not None else []) + [Path(path) for path in FACES]
    found = [_face(path, size) for path in paths if path.is_file()]
    if font is not None and not font.is_file():
        raise Misuse(f"there is no font file {font}")
    if not found or not features.check("freetype2"):
        raise Misuse(
            "no Chinese font was found for pictures: install one (apt-get install fonts-noto-cjk), or name a file with --font"
        )
    return tuple(found)


def _face(path: Path, size: int) -> "ImageFont.FreeTypeFont":
    """The face of a file whose figures are half as wide as its Chinese signs, where it has one."""
    try:
        first = ImageFont.truetype(str(path), size)
        for index in range(1, COLLECTION_MAX):
            name = " ".join(filter(None, first.getname()))
            if MONO in name and "SC" in name:
                break
            try:
                other = ImageFont.truetype(str(path), size, index=index)
            except OSError:
                break
            name = " ".join(filter(None, other.getname()))
            if MONO in name and "SC" in name:
                return other
    except OSError:
        raise Misuse(f"{path} can't be read as a font") from None
    return first


@cache
def _has(face: "ImageFont.FreeTypeFont", char: str) -> bool:
    drawn, missing = face.getmask(char), face.getmask(NO_SIGN)
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)
