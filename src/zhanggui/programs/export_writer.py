"""The process that writes one file of a list (`side_process.py`), so that a million rows take nothing of the host's interpreter."""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl

from ..basics.errors import Fault, Misuse
from ..basics.words import Lang
from ..host.jobs.export_job import Written
from ..store.open import open_queries
from ..views.all_lists import list_named
from ..views.exports.export import head_of
from ..views.exports.files import check_rows, write_file
from ..views.questions.reading import Reading
from ..views.questions.wrong import AskedWrong
from .export_files import FileToWrite, part_name
from .side_process import take_order, tell


def write(order: FileToWrite) -> None:
    """Write the file, telling how far it is. Raises Fault, Misuse, AskedWrong."""
    file, folder = order.file, Path(order.folder)
    lang: Lang = "en" if file.lang == "en" else "zh"
    part = folder / part_name(file.file_id)
    with open_queries(order.target) as queries:
        reading, asked = Reading(queries, file.made_ms), list_named(file.list_name)
        question = asked.ask(dict(parse_qsl(file.question)), reading)
        total = asked.totals(question, reading).rows
        check_rows(file.format, total)
        tell(Written(0, total))
        head = head_of(asked, question, reading, file.made_by, lang)
        rows = asked.walk(question, reading)
        with part.open("wb") as written:
            done = write_file(
                file.format,
                written,
                asked,
                rows,
                head,
                lang,
                lambda count: tell(Written(count, max(count, total))),
                folder=folder,
            )
            written.flush()
            os.fsync(written.fileno())
            size = written.tell()
        part.replace(folder / file.file_id)
    tell(Written(done.rows, done.rows, size))


def main() -> int:
    """Write what the order says; the answer is the exit code."""
    order = take_order(FileToWrite)
    try:
        write(order)
    except AskedWrong as wrong:
        tell(Written(0, 0, fault=wrong.what))
    except (Fault, Misuse, OSError):
        # Whoever asked sees that no whole word came, and begins again later.
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
