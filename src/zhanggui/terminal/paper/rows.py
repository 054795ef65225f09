"""A slip as rows of a paper: laid out once, so that text, picture and printer bytes say the same in the same places.

Nothing is cut: what does not fit goes on the next row. Large rows are twice as high and wide, and have half as many columns.
"""

from dataclasses import dataclass
from typing import Literal

from ...cup.values.slip import Slip, SlipLine
from ..flow.screens.columns import combines, fit_pair, wrap

NARROW_COLUMNS, WIDE_COLUMNS = 32, 48
"""Half-width columns of paper of 58 and of 80 mm."""
SIGNATURE_ROWS = 3
"""Blank rows that leave room for a hand."""

RowKind = Literal["text", "rule", "signature", "bar_code", "qr"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `text` is already in its place, with blanks before it; of a bar code it is the digits, of a QR code what it says."""

    kind: RowKind
    text: str = ""
    large: bool = False
    """Twice as high and wide: a column of `text` takes two of the paper."""
    bold: bool = False


def paper_char_width(char: str) -> int:
    """Columns of one character on a slip printer: what is not ASCII has two bytes there and takes two columns.

    >>> [paper_char_width(char) for char in "A·é王"]
    [1, 2, 2, 2]
    """
    return 1 if char.isascii() else 0 if combines(char) else 2


def paper_width(text: str) -> int:
    """Columns of a text on a slip printer.

    >>> paper_width("买买提·A")
    9
    """
    return sum(map(paper_char_width, text))


def rows_of(slip: Slip, columns: int) -> list[Row]:
    """The slip on paper of so many columns."""
    return [row for line in slip.lines for row in _rows(line, columns)]


def _rows(line: SlipLine, columns: int) -> list[Row]:
    match line.kind:
        case "title":
            return [Row("text", row, large=True) for row in _centred(line.left, columns // 2)]
        case "center":
            return [Row("text", row) for row in _centred(line.left, columns)]
        case "mark":
            return [Row("text", row, bold=True) for row in _centred(line.left, columns)]
        case "text":
            return [Row("text", row) for row in wrap(line.left, columns, paper_width)]
        case "amount":
            return [Row("text", row, large=True) for row in wrap(line.left, columns // 2, paper_width)]
        case "pair":
            return [Row("text", row) for row in fit_pair(line.left, line.right, columns, paper_width)]
        case "rule":
            return [Row("rule")]
        case "blank":
            return [Row("text")]
        case "signature":
            return [Row("signature", line.right)]
        case "bar_code":
            return [Row("bar_code", line.left)]
        case "qr":
            return [Row("qr", line.left)]


def _centred(text: str, columns: int) -> list[str]:
    return [" " * ((columns - paper_width(row)) // 2) + row for row in wrap(text, columns, paper_width)]
