"""An export as one JSON value: `{"head": …, "rows": […], "foot": …}`, a row a line, the same rows as `--json` prints."""

from typing import Any

import msgspec

from ...basics.visible import harmless_json
from ..listing import TextFile
from ..questions.sources import Totals
from .export import ExportHead


class JsonWriter:
    """Writes to a text file in UTF-8."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._between = ""

    def begin(self, head: ExportHead) -> None:
        """The head."""
        self._file.write(f'{{"head": {_text(head)},\n"rows": [')

    def write(self, row: Any) -> None:
        """One row."""
        self._file.write(f"{self._between}\n{_text(row)}")
        self._between = ","

    def end(self, totals: Totals) -> None:
        """The foot."""
        self._file.write(f'\n],\n"foot": {_text(totals)}}}\n')


def _text(value: object) -> str:
    return harmless_json(msgspec.json.encode(value).decode())
