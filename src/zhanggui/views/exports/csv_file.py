"""An export as CSV (RFC 4180): the head as lines of two cells, a blank line, the rows with their heads, a blank line, the foot.

UTF-8 with the mark at its beginning, without which spreadsheets read Chinese as rubbish; no cell is a formula (`listing.safe_cell`).
"""

import csv
from typing import Any

from ...basics.words import Lang
from ..listing import TextFile, View, safe_cell
from ..questions.sources import Totals
from .export import ExportHead, foot_lines

ENCODING = "utf-8-sig"
"""UTF-8 with its mark."""


class CsvWriter:
    """Writes to a text file that was opened with ENCODING and without translated line ends."""

    def __init__(self, file: TextFile, view: View[Any], lang: Lang) -> None:
        self._writer = csv.writer(file)
        self._view = view
        self._names = view.csv_heads or view.row.__struct_fields__
        self._lang: Lang = lang

    def begin(self, head: ExportHead) -> None:
        """The head, then the heads of the columns."""
        for line in head.lines(self._lang):
            self._writer.writerow(map(safe_cell, line))
        self._writer.writerow(())
        self._writer.writerow(self._names)

    def write(self, row: Any) -> None:
        """One row."""
        flat = self._view.flat(row)
        self._writer.writerow([safe_cell(flat[name]) for name in self._names])

    def end(self, totals: Totals) -> None:
        """The foot."""
        self._writer.writerow(())
        for line in foot_lines(totals, self._lang):
            self._writer.writerow(map(safe_cell, line))
