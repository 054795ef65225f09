"""`list`, `export` and the commands of single lists: a question by its filters, its rows, what they come to, and them in a file."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from ..acquirer.policy.actors import CONSOLE_NAME
from ..acquirer.rows.records import WHOLE_HOST
from ..basics.clock import SystemClock
from ..basics.errors import Fault, Misuse
from ..basics.money import format_yuan
from ..host.export_acts import EXPORT_LIST_ACT, ListToTake
from ..programs.settings import Settings
from ..store.queries import Queries
from ..views.all_lists import list_named
from ..views.exports.export import foot_lines, head_of
from ..views.exports.files import check_format, check_rows, write_file
from ..views.questions.asked_list import AskedList
from ..views.questions.question import Question
from ..views.questions.reading import Reading
from ..views.questions.search_box import candidates
from ..views.questions.sources import Totals
from .console import Console
from .lists import lists_of, print_list
from .output import print_error, print_json, print_text


class Asked(NamedTuple):
    """A list, what is asked of it, and what it is read with."""

    of: AskedList[Any]
    question: Question
    reading: Reading

    def rows(self, limit: int) -> list[Any]:
        """The first rows."""
        return list(self.of.walk(self.question, self.reading, limit))


def show(
    settings: Settings,
    name: str,
    filters: Sequence[str],
    given: Mapping[str, str] | None = None,
    *,
    find: str = "",
    limit: int,
    as_json: bool,
    is_wide: bool = False,
) -> None:
    """Print the rows of a list that these filters leave."""
    with lists_of(settings) as queries:
        asked = _asked(queries, name, filters, given or {}, find)
        rows = asked.rows(limit)
    print_list(settings, asked.of.view, rows, as_json=as_json, is_wide=is_wide)


def print_totals(settings: Settings, name: str, filters: Sequence[str], find: str, *, as_json: bool) -> None:
    """Print how many rows the question has, and what their amounts come to."""
    with lists_of(settings) as queries:
        asked = _asked(queries, name, filters, {}, find)
        totals = asked.of.totals(asked.question, asked.reading)
    _print_totals(settings, totals, as_json=as_json)


def export(
    settings: Settings,
    merchant: str,
    by: str,
    name: str,
    filters: Sequence[str],
    out: Path,
    format: str | None,
    *,
    as_json: bool,
) -> None:
    """Put a list into a new file. Its audit note is written first; a file that was not finished does not stay."""
    kind = check_format(format or out.suffix.removeprefix(".").lower())
    if out.exists():
        raise Misuse(f"{out} is there already and is not overwritten; give another name")
    with lists_of(settings) as queries:
        asked = _asked(queries, name, filters, {"shop": merchant} if merchant else {}, "")
        if kind == "xlsx":
            check_rows(kind, asked.of.totals(asked.question, asked.reading).rows)
        shops = asked.question.shops or ()
        console = Console(settings, shops[0] if len(shops) == 1 else WHOLE_HOST, by, may_be_all=True)
        console.do(EXPORT_LIST_ACT, ListToTake(asked.of.area, asked.of.name, f"{kind} {asked.question.noted}".rstrip()))
        who = f"{CONSOLE_NAME}:{by}" if by else CONSOLE_NAME
        head = head_of(asked.of, asked.question, asked.reading, who, settings.lang)
        with _new_file(out) as file:
            rows = asked.of.walk(asked.question, asked.reading)
            totals = write_file(kind, file, asked.of, rows, head, settings.lang, _tell)
    _print_totals(settings, totals, as_json=as_json)


def _asked(queries: Queries, name: str, filters: Sequence[str], given: Mapping[str, str], find: str) -> Asked:
    of, reading = list_named(name), Reading(queries, SystemClock().now())
    asked = {key: text for key, text in given.items() if text}
    for pair in filters:
        key, equals, text = pair.partition("=")
        if not equals:
            raise Misuse(f"'{pair}' is no filter; write its name and value, like state=approved")
        asked[key] = text
    if find:
        asked |= _found(of, find)
    return Asked(of, of.ask(asked, reading), reading)


def _found(of: AskedList[Any], text: str) -> dict[str, str]:
    """The one filter that the text is. Misuse with all that it may be, where it is not one thing."""
    found = candidates(of, text)
    if len(found) == 1:
        return {found[0].filter: found[0].text}
    if not found:
        raise Misuse(f"nothing in this list is called '{text}'")
    can_be = ", ".join(f"{one.filter}={one.text}" for one in found)
    raise Misuse(f"'{text}' can be several things; say which: {can_be}")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when it is whole, and then takes nobody else's."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        raise Misuse(f"{path} is there already and is not overwritten; give another name") from None
    except OSError as error:
        raise Fault(f"can't write {path}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def _tell(rows: int) -> None:
    if sys.stderr.isatty():
        print_error(f"{rows:,}")


def _print_totals(settings: Settings, totals: Totals, *, as_json: bool) -> None:
    if as_json:
        print_json(totals)
        return
    for name, value in foot_lines(totals, settings.lang):
        is_rows = name == foot_lines(Totals(0), settings.lang)[0][0]
        print_text(f"{name}  {value:,}" if is_rows else f"{name}  ¥{format_yuan(value)}")
