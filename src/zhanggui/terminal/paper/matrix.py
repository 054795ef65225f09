"""QR codes as dots."""

from functools import lru_cache

import segno


@lru_cache(maxsize=16)
def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of dots, with the quiet zone of four around them."""
    code = segno.make(text, error="m", micro=False)
    return tuple(tuple(bool(dot) for dot in row) for row in code.matrix_iter(border=4))
