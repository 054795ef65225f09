"""The formats that an export may have, and writing one: whoever makes a file (a command, a page, a job) writes it here.

A file is written row by row: memory does not grow with the rows.
"""

import io
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import msgspec

from ...basics.words import Lang
from ..questions.asked_list import AskedList
from ..questions.sources import Totals
from ..questions.wrong import AskedWrong
from .csv_file import ENCODING, CsvWriter
from .export import ExportHead, Told, Writer, write_export
from .json_file import JsonWriter
from .xlsx_file import ROWS_MAX, XlsxWriter, too_many_rows


class Format(msgspec.Struct, frozen=True):
    """One format: its type on the web, and its encoding; empty where it is no text."""

    media_type: str
    encoding: str = ""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csv": Format("text/csv", ENCODING),
        "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "json": Format("application/json", "utf-8"),
    }
)
"""By their names, which are the endings of their files."""


def check_format(name: str) -> str:
    """The name of a format. AskedWrong when there is none so called."""
    if name not in FORMATS:
        raise AskedWrong("format", "choice", choices=", ".join(FORMATS))
    return name


def check_rows(format: str, rows: int) -> None:
    """AskedWrong when a file of this format holds no so many rows."""
    if format == "xlsx" and rows > ROWS_MAX:
        raise too_many_rows()


def write_file(
    format: str,
    file: IO[bytes],
    asked_list: AskedList[Any],
    rows: Iterable[Any],
    head: ExportHead,
    lang: Lang,
    told: Told = lambda rows: None,
    *,
    folder: Path | None = None,
) -> Totals:
    """Write these rows of a list; what was written. `folder` holds what a workbook needs until it is whole: rows in clear."""
    view = asked_list.view
    if format == "xlsx":
        with tempfile.TemporaryDirectory(prefix="zhanggui-", dir=folder) as beside:
            return write_export(asked_list, rows, XlsxWriter(file, view, lang, beside), head, told)
    text = io.TextIOWrapper(file, encoding=FORMATS[format].encoding, newline="")
    writer: Writer = JsonWriter(text) if format == "json" else CsvWriter(text, view, lang)
    try:
        return write_export(asked_list, rows, writer, head, told)
    finally:
        # Whoever opened the file closes it.
        text.detach()
