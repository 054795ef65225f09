"""Text in half-width columns, as slip printers and four-line displays count: a Chinese character takes two."""

import re
import unicodedata
from collections.abc import Callable

NARROW_SIGNS = "¥…·•—“”‘’"
"""Signs of ambiguous width that are set narrow on displays and consoles; printers that take GBK set some of them wide."""

TOKENS = re.compile(r"[A-Za-z0-9¥.,:/*'()+@_•-]+|\s+|.", re.DOTALL)
"""A run of Latin letters or figures is kept whole; any other character may begin a new row."""

NOT_FIRST = "，。：；、！？）”’》」】·,.:;!?)"
"""Signs that do not begin a row (避头)."""


Width = Callable[[str], int]
"""How many columns a text takes: on a display and a console as below, on a slip printer otherwise (`terminal/paper`)."""


def combines(char: str) -> bool:
    """Whether it stands over or under the sign before it, and takes no column of its own."""
    return unicodedata.combining(char) != 0


def char_width(char: str) -> int:
    """Columns of one character: 2 for East Asian wide, full-width and ambiguous ones, 0 for combining marks."""
    if combines(char):
        return 0
    if char in NARROW_SIGNS:
        return 1
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def display_width(text: str) -> int:
    """Columns of a text.

    >>> display_width("金额 RMB 1.00")
    13
    """
    return sum(char_width(char) for char in text)


def wrap(text: str, columns: int, width: Width = display_width) -> list[str]:
    """Break a text into rows of at most `columns`, at spaces and between Chinese characters; nothing is lost but spaces.

    >>> wrap("余额不足，请换卡", 10)
    ['余额不足，', '请换卡']
    >>> wrap("Sign out now?", 12)
    ['Sign out', 'now?']
    """
    rows: list[str] = []
    row: list[str] = []
    for token in tokens(text, columns, width):
        wide = sum(map(width, row))
        if token.isspace():
            row += [" "] if row and wide < columns else []
        elif wide + width(token) <= columns:
            row.append(token)
        else:
            carried = carried_with(token, row, columns, width)
            rows.append("".join(row[: len(row) - len(carried)]).rstrip())
            row = [*carried, token]
    rows.append("".join(row).rstrip())
    return [known for known in rows if known] or [""]


def carried_with(token: str, row: list[str], columns: int, width: Width) -> list[str]:
    """The end of a full row that goes on the next one with a token: a sign begins no row, and takes the word before it along."""
    fits = len(row) > 1 and width(row[-1]) + width(token) <= columns
    return row[-1:] if token in NOT_FIRST and fits and not row[-1].isspace() else []


def tokens(text: str, columns: int, width: Width = display_width) -> list[str]:
    """The pieces that stay together; a piece longer than a row is cut into rows."""
    pieces: list[str] = []
    for piece in TOKENS.findall(text):
        while width(piece) > columns:
            fits = next(length for length in range(min(len(piece), columns), 0, -1) if width(piece[:length]) <= columns)
            pieces.append(piece[:fits])
            piece = piece[fits:]
        pieces.append(piece)
    return pieces


def pad(text: str, columns: int) -> str:
    """The text with blanks after it, up to `columns`."""
    return text + " " * max(0, columns - display_width(text))


def fit_pair(left: str, right: str, columns: int, width: Width = display_width) -> list[str]:
    """Label at the left edge and value at the right one; on two rows, or more, when one is too narrow.

    >>> fit_pair("Debit", "2 / 999,999,999.98", 16)
    ['Debit        2 /', '  999,999,999.98']
    """
    gap = columns - width(left) - width(right)
    if gap >= 1:
        return [left + " " * gap + right]
    values = wrap(right, columns, width)
    room = columns - width(left) - width(values[0])
    if len(values) > 1 and room >= 1:
        # A count stands beside its label, and the amount under it.
        return [left + " " * room + values[0], *(" " * (columns - width(row)) + row for row in values[1:])]
    return [*wrap(left, columns, width), *(" " * (columns - width(row)) + row for row in values)]
