"""What ends a shift: FIGURES and NOTES."""

import msgspec

from .numbers import read_number

NOTES_MAX = 400
"""Characters of an operator's notes on a shift that a host keeps; they fit field 62 beside the rest."""
OWN = "="
"""Begins an answer in the operator's own words; any other is a fixed word of the screen."""


class Figures(msgspec.Struct, frozen=True):
    """A session's sales: how many, and their sum."""

    sales_count: int
    sales_fen: int


def write_figures(figures: Figures) -> str:
    """The text of tag FIGURES.

    >>> write_figures(Figures(2, 12850))
    '2,12850'
    """
    return f"{figures.sales_count},{figures.sales_fen}"


def read_figures(text: str) -> Figures | None:
    """Read tag FIGURES. None when it is not two numbers: figures about money are never made up.

    >>> read_figures("2,12850"), read_figures("2,")
    (Figures(sales_count=2, sales_fen=12850), None)
    """
    first, _, second = text.partition(",")
    count, amount_fen = read_number(first), read_number(second)
    if count is None or amount_fen is None:
        return None
    return Figures(count, amount_fen)


class Notes(msgspec.Struct, frozen=True):
    """The operator's answers to two questions at the end of a shift, each a fixed word, or `=` and a line of one's own.

    Empty when it was skipped.
    """

    well: str = ""
    """What went well."""
    not_well: str = ""
    """What did not."""


def write_notes(notes: Notes) -> str:
    """The text of tag NOTES; what was skipped is left out.

    >>> write_notes(Notes(well="smooth", not_well="printer")), write_notes(Notes(not_well="queue"))
    ('well:smooth,not:printer', 'not:queue')
    """
    answers = [f"well:{notes.well}" if notes.well else "", f"not:{notes.not_well}" if notes.not_well else ""]
    return ",".join(answer for answer in answers if answer)


def read_notes(text: str) -> Notes:
    """Read the answers of one of our terminals; what a foreign one says in its own words answers neither question.

    >>> read_notes("well:smooth,not:printer")
    Notes(well='smooth', not_well='printer')
    """
    said = dict(entry.partition(":")[::2] for entry in text.split(","))
    return Notes(said.get("well", ""), said.get("not", ""))
