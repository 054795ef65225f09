"""A slip as the bytes of a slip printer. Source: Epson, ESC/POS application programming guide (ESC @, ESC a, ESC E, FS &, GS !, GS k 73,
GS v 0, GS V 66); dependency notes: only characters of the printer's own encoding are sent as text.

A row that holds a rare character, which the printer's encoding lacks, goes as a picture of that row; where nothing can draw it, a
geta mark (〓) stands for the character, as in print, and every other character keeps its column.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from ...cup.values.slip import Slip
from .ink import Bitmap, strokes_bitmap
from .matrix import qr_bitmap
from .rows import SIGNATURE_ROWS, Row, rows_of

Encoding = Literal["gbk", "gb18030"]
"""What the printer takes for Chinese: nearly all take GBK, newer ones GB18030."""
DrawRow = Callable[[str, int], Bitmap]
"""Draws one row of text of so many columns, for what the encoding lacks."""

DOTS_A_COLUMN = 12
"""Font A of a printer with 203 dots an inch: 12 × 24 dots; 384 dots are 32 columns, 576 are 48."""
BAR_DOTS, BAR_HEIGHT = 2, 72
GETA = "〓"

INIT, CHINESE = b"\x1b@", b"\x1c&"
LEFT, CENTRE = b"\x1ba\x00", b"\x1ba\x01"
PLAIN, LARGE = b"\x1d!\x00", b"\x1d!\x11"
THIN, BOLD = b"\x1bE\x00", b"\x1bE\x01"
CUT = b"\x1bd\x03\x1dVB\x00"


def slip_bytes(
    slip: Slip,
    columns: int,
    *,
    encoding: Encoding = "gbk",
    strokes: Sequence[Sequence[tuple[int, int]]] = (),
    draw_row: DrawRow | None = None,
) -> bytes:
    """The slip from the first row to the cut. `strokes` is what was signed on a screen."""
    parts = [INIT + CHINESE]
    for row in rows_of(slip, columns):
        parts += _row(row, columns, encoding, strokes, draw_row)
    return b"".join(parts) + CUT


def _row(
    row: Row, columns: int, encoding: Encoding, strokes: Sequence[Sequence[tuple[int, int]]], draw_row: DrawRow | None
) -> Iterator[bytes]:
    match row.kind:
        case "rule":
            yield b"-" * columns + b"\n"
        case "bar_code":
            yield CENTRE + bar_code(row.text) + row.text.encode("ascii") + b"\n" + LEFT
        case "qr":
            # As dots: printers draw codes each in its own way and up to its own size, and cheap ones not at all.
            yield raster(qr_bitmap(row.text, columns * DOTS_A_COLUMN)) + b"\n"
        case "signature" if strokes:
            yield raster(strokes_bitmap(strokes, columns * DOTS_A_COLUMN))
            yield CENTRE + row.text.encode("ascii") + b"\n" + LEFT if row.text else b""
        case "signature":
            yield b"\n" * SIGNATURE_ROWS + b"_" * columns + b"\n"
        case "text":
            yield from _text(row, columns, encoding, draw_row)


def _text(row: Row, columns: int, encoding: Encoding, draw_row: DrawRow | None) -> Iterator[bytes]:
    text = printable(row.text)
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        if draw_row is not None:
            yield raster(draw_row(row.text, columns // 2 if row.large else columns), doubled=row.large)
            return
        content = "".join(char if _has(char, encoding) else GETA for char in text).encode(encoding)
    styled = content + b"\n"
    if row.large:
        styled = LARGE + styled + PLAIN
    yield BOLD + styled + THIN if row.bold else styled


def printable(text: str) -> str:
    """The yuan sign as GBK has it; the narrow one is four bytes of rubbish on most printers.

    >>> printable("¥12")
    '￥12'
    """
    return text.replace("¥", "￥")


def _has(char: str, encoding: Encoding) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def bar_code(digits: str) -> bytes:
    """Code 128, set C: the printer makes bars and check sign."""
    pairs = bytes(int(digits[place : place + 2]) for place in range(0, len(digits), 2))
    data = b"{C" + pairs
    return (
        b"\x1dh"
        + bytes((BAR_HEIGHT,))
        + b"\x1dw"
        + bytes((BAR_DOTS,))
        + b"\x1dH\x00\x1dkI"
        + bytes((len(data),))
        + data
    )


def raster(bitmap: Bitmap, *, doubled: bool = False) -> bytes:
    """A picture, dot for dot, or twice as large."""
    bytes_wide = -(-bitmap.width // 8)
    mode = b"\x03" if doubled else b"\x00"
    size = bytes_wide.to_bytes(2, "little") + len(bitmap.rows).to_bytes(2, "little")
    return b"\x1dv0" + mode + size + bitmap.packed()
