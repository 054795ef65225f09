"""A slip as plain text: what a printer without pictures would show."""

from ...cup.values.slip import Slip
from .rows import SIGNATURE_ROWS, Row, rows_of


def slip_text(slip: Slip, columns: int) -> list[str]:
    """The slip as rows of at most `columns` half-width columns."""
    return [text for row in rows_of(slip, columns) for text in _texts(row, columns)]


def _texts(row: Row, columns: int) -> list[str]:
    match row.kind:
        case "rule":
            return ["-" * columns]
        case "signature":
            return [row.text.center(columns).rstrip(), *[""] * (SIGNATURE_ROWS - 1), "_" * columns]
        case "bar_code":
            return ["|" * len(row.text), row.text] if len(row.text) <= columns else [row.text]
        case "qr":
            return [row.text[place : place + columns] for place in range(0, len(row.text), columns)]
        case "text":
            lead = len(row.text) - len(row.text.lstrip(" "))
            return [" " * lead * (2 if row.large else 1) + row.text.lstrip(" ")]
