"""The process that writes one file of a list (`side_process.py`), so that a million rows take nothing of the host's interpreter.

The disk is the one that payments are written to. So a file that would leave it too little room is given up, with a word, before it is
begun and each time that it is told how far it is; and whatever ends the writing takes away what was written of it.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl

from ..acquirer.rows.records import ExportFile
from ..basics.words import Lang
from ..edges.disk import is_of_full_disk, require_room
from ..host.jobs.export_job import NO_ROOM, Written
from ..store.open import open_queries
from ..views.all_lists import list_named
from ..views.exports.export import head_of
from ..views.exports.files import check_rows, write_file
from ..views.questions.reading import Reading
from ..views.questions.sources import Totals
from ..views.questions.wrong import AskedWrong
from .export_files import FileToWrite, part_name, remove_part, rows_name
from .side_process import take_order, tell

ROWS_AGAIN = 2
"""How often a workbook writes its rows once more: as its sheet, and packed, which takes less than they did."""


def write(order: FileToWrite) -> None:
    """Write the file, telling how far it is. Raises Fault, Misuse, AskedWrong, and what the system says of its disk."""
    folder, file_id = Path(order.folder), order.file.file_id
    try:
        done, size_bytes = _written(order.target, order.file, folder)
    finally:
        # Before the last word: whoever hears it ends this process.
        remove_part(folder, file_id)
    tell(Written(done.rows, done.rows, size_bytes))


def _written(target: str, file: ExportFile, folder: Path) -> tuple[Totals, int]:
    """What was written, and how large it is."""
    lang: Lang = "en" if file.lang == "en" else "zh"
    part, beside = folder / part_name(file.file_id), folder / rows_name(file.file_id)
    with open_queries(target) as queries:
        reading, asked = Reading(queries, file.made_ms), list_named(file.list_name)
        question = asked.ask(dict(parse_qsl(file.question)), reading)
        total = asked.totals(question, reading).rows
        check_rows(file.format, total)
        tell(Written(0, total))
        head = head_of(asked, question, reading, file.made_by, lang)
        rows = asked.walk(question, reading)

        def told(count: int) -> None:
            require_room(folder, ROWS_AGAIN * _bytes_in(beside))
            tell(Written(count, max(count, total)))

        remove_part(folder, file.file_id)
        require_room(folder)
        beside.mkdir(mode=0o700)
        with part.open("wb") as written:
            done = write_file(file.format, written, asked, rows, head, lang, told, folder=beside)
            written.flush()
            os.fsync(written.fileno())
            size_bytes = written.tell()
        part.replace(folder / file.file_id)
    return done, size_bytes


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Write what the order says; the answer is the exit code."""
    order = take_order(FileToWrite)
    try:
        write(order)
    except AskedWrong as wrong:
        tell(Written(0, 0, fault=wrong.what))
    except Exception as error:
        # The library of workbooks has errors of its own around what the system says.
        if not is_of_full_disk(error):
            # Whoever asked sees that no whole word came, and begins again later.
            return 1
        tell(Written(0, 0, fault=NO_ROOM))
    return 0


if __name__ == "__main__":
    sys.exit(main())
