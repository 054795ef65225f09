"""The picture of an address or a payment code that a screen shows as a QR code (ISO/IEC 18004)."""

from functools import lru_cache

import segno

ADDRESSES_KEPT = 64
"""Pictures kept: a code stands on a screen for a minute, and the screen is sent each second."""


@lru_cache(maxsize=ADDRESSES_KEPT)
def modules_of(text: str) -> tuple[str, ...]:
    """Rows of `1` for dark and `0` for light; empty for no text.

    Of an address scheme and host are written in capitals, which are the same (RFC 3986, 6.2.2.1): a code of capitals and digits
    alone is a third smaller, and has 29 modules a side for a path of ours and an address in figures, two points each on a display of 64.
    """
    if not text:
        return ()
    scheme, between, rest = text.partition("://")
    if between:
        host, slash, path = rest.partition("/")
        text = f"{scheme.upper()}{between}{host.upper()}{slash}{path}"
    code = segno.make_qr(text, error="l", encoding=None if text.isascii() else "utf-8")
    return tuple("".join("1" if module else "0" for module in row) for row in code.matrix)
