"""Dots of black and white: signatures and signs as a printer takes them.

A bitmap is one integer a row of dots; the highest of its `width` bits is the dot at the left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...cup.values.strokes import HEIGHT, WIDTH


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Rows of dots, all `width` dots wide."""

    width: int
    rows: tuple[int, ...]

    def packed(self) -> bytes:
        """Eight dots a byte, the leftmost in the highest bit; the last byte of a row is filled up with white."""
        bytes_wide = -(-self.width // 8)
        spare = bytes_wide * 8 - self.width
        return b"".join((row << spare).to_bytes(bytes_wide, "big") for row in self.rows)


def strokes_bitmap(strokes: Sequence[Sequence[tuple[int, int]]], width: int) -> Bitmap:
    """A signature in a box of this width, drawn with a pen of three dots."""
    height = width * HEIGHT // WIDTH
    canvas = [0] * height

    def dot(x: int, y: int) -> None:
        for row in range(max(0, y - 1), min(height, y + 2)):
            for column in range(max(0, x - 1), min(width, x + 2)):
                canvas[row] |= 1 << (width - 1 - column)

    for stroke in strokes:
        points = [(x * (width - 1) // WIDTH, y * (height - 1) // HEIGHT) for x, y in stroke]
        for (x0, y0), (x1, y1) in zip(points, points[1:] or points, strict=False):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            for step in range(steps + 1):
                dot(x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps)
    return Bitmap(width, tuple(canvas))
