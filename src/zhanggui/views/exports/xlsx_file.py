"""An export as a workbook of one sheet, by xlsxwriter: as CSV is, with numbers as numbers and every text as text.

Traps of the format (domain reference, `office.md`): text that looks like a formula, an address or a number must stay text, so each cell is
written by its type; a sheet ends at 1,048,576 rows, and what is larger is a matter for CSV; memory is bounded only in constant-memory
mode, where rows are written in order.
"""

from collections.abc import Sequence
from typing import IO, Any

from xlsxwriter import Workbook

from ...basics.visible import harmless
from ...basics.words import Lang
from ..listing import View
from ..questions.sources import Totals
from ..questions.wrong import AskedWrong
from .export import ExportHead, foot_lines

SHEET_ROWS = 1_048_576
HEAD_AND_FOOT_ROWS = 24
"""Rows that head, heads of the columns and foot may take."""
ROWS_MAX = 1_048_575
"""Rows of a list in a sheet, beside the heads of its columns."""
EXACT_MAX = 10**15
"""A spreadsheet keeps fifteen digits; what has more is text there."""


class XlsxWriter:
    """Writes to a binary file; `folder` holds its rows until it is whole. AskedWrong (`format`) when there are more than a sheet has."""

    def __init__(self, file: IO[bytes], view: View[Any], lang: Lang, folder: str) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        self._book = Workbook(file, options)
        self._sheet = self._book.add_worksheet()
        self._view = view
        self._names = view.csv_heads or view.row.__struct_fields__
        self._lang: Lang = lang
        self._row = 0

    def begin(self, head: ExportHead) -> None:
        """The head, then the heads of the columns."""
        for line in head.lines(self._lang):
            self._put(line)
        self._put(())
        self._put(self._names)

    def write(self, row: Any) -> None:
        """One row."""
        if self._row >= SHEET_ROWS - HEAD_AND_FOOT_ROWS:
            raise too_many_rows()
        flat = self._view.flat(row)
        self._put([flat[name] for name in self._names])

    def end(self, totals: Totals) -> None:
        """The foot; the workbook is whole then."""
        self._put(())
        for line in foot_lines(totals, self._lang):
            self._put(line)
        self._book.close()

    def _put(self, cells: Sequence[object]) -> None:
        for column, value in enumerate(cells):
            if value is None:
                continue
            if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < EXACT_MAX:
                self._sheet.write_number(self._row, column, value)
            else:
                self._sheet.write_string(self._row, column, harmless(str(value)))
        self._row += 1


def too_many_rows() -> AskedWrong:
    """That a sheet holds no more, and what does."""
    return AskedWrong("format", "sheet", most=f"{ROWS_MAX:,}")
