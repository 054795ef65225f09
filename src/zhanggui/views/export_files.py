"""Files of lists that somebody takes away: how far each is, who asked for it, until when it can be taken."""

from typing import get_args

import msgspec

from ..acquirer.people.exporting import JOB, job_subject
from ..acquirer.rows.records import ExportFile, ExportState, Job
from ..basics.words import Lang
from ..store.lists.asked import Is
from .exports.export import export_words
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, shop, word
from .questions.periods import periods
from .questions.reading import Reading
from .questions.sources import Stored, one_each
from .reasons import actor_said


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One file. What was asked of the list is no part of it: names of people may stand there."""

    merchant_no: str
    export_no: int
    list_name: str
    format: str
    state: str
    rows: int
    """Of the whole file; 0 while it is made."""
    size_bytes: int
    fault: str
    made_by: str
    made: str | None
    ready: str | None
    until: str | None


def export_row(row: ExportFile) -> ExportRow:
    """A file as everybody shows it."""
    return ExportRow(
        merchant_no=row.merchant_no,
        export_no=row.export_no,
        list_name=row.list_name,
        format=row.format,
        state=row.state,
        rows=row.rows,
        size_bytes=row.size_bytes,
        fault=row.fault,
        made_by=row.made_by,
        made=iso(row.made_ms),
        ready=iso(row.ready_ms),
        until=iso(row.until_ms),
    )


class ExportShown(msgspec.Struct, frozen=True, kw_only=True):
    """One file with how far it is. `file` is the row itself: its question is for whoever asked it."""

    row: ExportRow
    file: ExportFile
    done_count: int
    total_count: int


def read_export(reading: Reading, merchant_no: str, export_no: int) -> ExportShown | None:
    """The file in this place of a shop (`*`: of all together); None where there is none."""
    of_shop = Is("merchant_no", (merchant_no,))
    found = reading.found(ExportFile, of_shop, Is("export_no", (export_no,)))
    if not found:
        return None
    (file,) = found
    jobs = reading.found(Job, of_shop, Is("kind", (JOB,)), Is("subject", (job_subject(file),)))
    done, total = (jobs[0].done_count, jobs[0].total_count) if jobs else (0, 0)
    return ExportShown(row=export_row(file), file=file, done_count=done, total_count=total)


def _list(row: ExportRow, lang: Lang) -> str:
    # A newer host on the same database may have lists that this version has no word for.
    word = export_words().get(f"list.{row.list_name}")
    return word.of(lang) if word is not None else row.list_name


def size_said(size_bytes: int) -> str:
    """A size as a person reads it.

    >>> size_said(999), size_said(1_250_000), size_said(0)
    ('1 kB', '1,250 kB', '—')
    """
    return f"{max(1, round(size_bytes / 1000)):,} kB" if size_bytes else NOTHING


EXPORT_FILES = View(
    "export_files",
    ExportRow,
    (
        Column("no", lambda row, lang: str(row.export_no)),
        Column("list", _list),
        Column("format", lambda row, lang: row.format.upper()),
        Column("state", lambda row, lang: word_of(f"export_files.state.{row.state}", lang)),
        Column("rows", lambda row, lang: f"{row.rows:,}" if row.rows else NOTHING, is_amount=True),
        Column("size", lambda row, lang: size_said(row.size_bytes), is_amount=True),
        Column("made_by", lambda row, lang: actor_said(row.made_by, lang)),
        Column("made", lambda row, lang: short_time(row.made)),
        Column("until", lambda row, lang: short_time(row.until)),
        Column("merchant", lambda row, lang: row.merchant_no, is_wide=True),
    ),
)

EXPORT_FILES_ASKED = AskedList(
    view=EXPORT_FILES,
    area="exports",
    filters=(
        shop(),
        count("export", "export_no"),
        word("list", "list_name"),
        choice(
            "state",
            "state",
            get_args(ExportState),
            lambda state, lang: word_of(f"export_files.state.{state}", lang),
        ),
        word("by", "made_by"),
        *periods("made_ms"),
    ),
    source=Stored(kind=ExportFile, by="made_ms", rows=one_each(export_row)),
)
