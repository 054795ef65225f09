"""QR codes as dots."""

from functools import lru_cache

import segno

from .ink import Bitmap

QR_DOTS = 6
"""Dots of one module, where the paper is wide enough: 0.75 mm, which any phone reads."""


@lru_cache(maxsize=16)
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of dots, with the quiet zone of four around them.

    UTF-8 is said outright: left to itself segno writes Chinese in Shift JIS, which a reader of payment codes takes for something else.
    """
    code = segno.make(text, error="m", micro=False, encoding=None if text.isascii() else "utf-8")
    return tuple(tuple(bool(dot) for dot in row) for row in code.matrix_iter(border=4))


def dots_a_module(text: str, width: int) -> int:
    """How large a module is on paper of so many dots: a long code has smaller ones."""
    return max(1, min(QR_DOTS, width // len(qr_matrix(text))))


def qr_bitmap(text: str, width: int) -> Bitmap:
    """The code as dots in the middle of a row of paper."""
    matrix, dots = qr_matrix(text), dots_a_module(text, width)
    side = len(matrix) * dots
    place = width - (width - side) // 2 - side
    rows = [int("".join(("1" if dark else "0") * dots for dark in line), 2) << place for line in matrix]
    return Bitmap(width, tuple(row for row in rows for _ in range(dots)))
