"""The picture and the page of a badge: its code, and under it whose it is (operator number and name), so that nobody takes another's.

The digits of the number are drawn here. The letters of a name come from a font: on the page from the reader's own, in the picture from one
of this machine, as slips are drawn (`terminal/paper`, with `zhanggui[pictures]`); without it the picture has the number alone.
"""

import struct
import zlib
from collections.abc import Sequence

import segno

from ..basics.errors import Misuse
from ..basics.secret import Secret
from ..terminal.paper.escpos import DOTS_A_COLUMN
from ..terminal.paper.rows import paper_char_width

MODULE_PX, MODULE_PT = 10, 4
"""Pixels and points a module: some 4 cm on paper, which any scanner reads."""
QUIET_MODULES = 4
"""ISO/IEC 18004: white around a code."""
DIGIT_PX = 6
"""Pixels of one dot of a digit."""
NAME_PX, NAME_PT = 60, 16
GAP_PX = 20
WHITE = 255
DIGITS = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00110 01000 10000 11111",
    "01110 10001 00001 00110 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)
"""Five dots by seven, row by row."""
Canvas = list[bytearray]
"""Rows of grey pixels."""


def matrix(badge: Secret) -> Sequence[Sequence[int]]:
    """The modules of a badge's code."""
    return [bytes(row) for row in segno.make_qr(badge.reveal(), error="m").matrix]


def has_name_letters() -> bool:
    """Whether a picture can have a name under it here."""
    return _name_dots("王", 2) is not None


def png(badge: Secret, number: str, name: str) -> bytes:
    """A grey picture."""
    code = matrix(badge)
    side = (len(code) + 2 * QUIET_MODULES) * MODULE_PX
    canvas: Canvas = [bytearray([WHITE]) * side for _ in range(side + NAME_PX + GAP_PX)]
    quiet = QUIET_MODULES * MODULE_PX
    _draw(canvas, code, quiet, quiet, MODULE_PX)
    left, top = quiet, side + (NAME_PX - 7 * DIGIT_PX) // 2
    for digit in number:
        _draw(canvas, [[int(dot) for dot in row] for row in DIGITS[int(digit)].split()], left, top, DIGIT_PX)
        left += 6 * DIGIT_PX
    _draw_name(canvas, name, left + GAP_PX, side)
    return _png(canvas)


def _png(canvas: Canvas) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", len(canvas[0]), len(canvas), 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(row) for row in canvas)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _draw(canvas: Canvas, dots: Sequence[Sequence[int]], left: int, top: int, size: int) -> None:
    for y, row in enumerate(dots):
        for x, dot in enumerate(row):
            if dot:
                for line in canvas[top + y * size : top + (y + 1) * size]:
                    line[left + x * size : left + (x + 1) * size] = bytes(size)


def _name_dots(name: str, columns: int) -> list[list[int]] | None:
    """A name as a slip printer's dots. None where this machine can't draw letters."""
    try:
        from ..terminal.paper.picture import row_bitmap
    except ImportError:
        return None
    try:
        bitmap = row_bitmap(name, columns)
    except Misuse:
        return None
    return [[row >> (bitmap.width - 1 - x) & 1 for x in range(bitmap.width)] for row in bitmap.rows]


def _draw_name(canvas: Canvas, name: str, left: int, top: int) -> None:
    columns = sum(paper_char_width(sign) for sign in name)
    dots_max = (len(canvas[0]) - left) // DOTS_A_COLUMN
    # A long name is drawn smaller, and cut at the edge if it is longer still.
    size = 2 if 2 * columns <= dots_max else 1
    dots = _name_dots(name, min(columns, dots_max // size))
    if dots is not None:
        _draw(canvas, dots, left, top + (NAME_PX - size * len(dots)) // 2, size)


def pdf(badge: Secret, number: str, name: str) -> bytes:
    """One page of the badge's size. Readers have the two fonts that it names: Adobe's Song for Chinese, and Helvetica."""
    code = matrix(badge)
    side = (len(code) + 2 * QUIET_MODULES) * MODULE_PT
    high = side + NAME_PT
    quiet = QUIET_MODULES * MODULE_PT
    squares = [
        f"{quiet + x * MODULE_PT} {high - quiet - (y + 1) * MODULE_PT} {MODULE_PT} {MODULE_PT} re"
        for y, row in enumerate(code)
        for x, dot in enumerate(row)
        if dot
    ]
    said = name.encode("utf-16-be").hex().upper()
    caption = f"BT /F1 {NAME_PT} Tf {quiet} {NAME_PT // 2} Td ({number}) Tj ET"
    caption += f" BT /F2 {NAME_PT} Tf {quiet + 2 * NAME_PT} {NAME_PT // 2} Td <{said}> Tj ET"
    return _pdf(side, high, "\n".join([*squares, "f", caption]))


def _pdf(wide: int, high: int, content: str) -> bytes:
    fonts = "<< /F1 5 0 R /F2 6 0 R >>"
    system = "<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Contents 4 0 R /Resources << /Font {fonts} >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [7 0 R] >>",
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo {system} /FontDescriptor 8 0 R >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    )
    page, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(page))
        page += f"{number} 0 obj\n{body}\nendobj\n"
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(page)}\n%%EOF\n"
    return f"{page}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}{tail}".encode("ascii")
