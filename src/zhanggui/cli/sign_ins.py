"""`zhanggui signins`: sign-in records with filters, as a table, JSON or CSV; and taking a person out of them."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..acquirer.rows.records import Merchant, SignInState
from ..basics.clock import Clock, SystemClock
from ..basics.errors import Fault, Misuse
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs, parse_operator_no
from ..programs.settings import Settings
from ..store.queries import Queries, SignInFilter
from ..views.listing import json_of, write_csv
from ..views.questions.moments import YEARS, NoMoment, moment_of
from ..views.sign_ins import SIGN_INS, SignInRow, read_sign_ins
from .audit import AUDIT_WORDS
from .lists import lists_of, print_list
from .output import print_json
from .retention import Erasure, change_records

LIST_MAX = 50
"""Rows of a table when nothing is said; files hold all."""
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records a person asked for; empty means any. Times as `2026-11-23` or `2026-11-23 08:00`, China time."""

    operator: str = ""
    terminal: str = ""
    shop: str = ""
    """Merchant number, or part of the shop's name."""
    since: str = ""
    until: str = ""
    """A day is meant whole."""
    outcome: SignInState | None = None
    reason: str = ""
    limit: int | None = None


def list_sign_ins(
    settings: Settings, wanted: Wanted, *, as_json: bool, as_csv: bool, is_wide: bool = False, out: Path | None
) -> None:
    """Print sign-in records, newest first; or write all of them to a file."""
    if as_json and as_csv:
        raise Misuse("choose one of --json and --csv")
    with lists_of(settings) as queries:
        found = _chosen(queries, wanted, is_file=as_csv or out is not None)
        if out is not None:
            _write_file(out, found, as_json=as_json)
        elif as_csv:
            write_csv(sys.stdout, SIGN_INS, found)
        else:
            print_list(settings, SIGN_INS, list(found), as_json=as_json, is_wide=is_wide)


def erase(settings: Settings, operator: str, shop: str, *, as_json: bool) -> None:
    """Take a person out of all sign-in records of a shop. The chain still holds afterwards, and says how many were erased."""
    try:
        operator_no = parse_operator_no(operator)
    except ValueError as error:
        raise Misuse(f"--operator: {error}") from None
    with lists_of(settings) as queries:
        merchants = _shops_of(queries.list_merchants(), shop)
        if len(merchants) > 1:
            raise Misuse("there are several shops: say which one with --shop NUMBER")
        merchant_no = merchants[0]
        badges = queries.badge_numbers(merchant_no, operator_no)
        filters = (
            *(
                SignInFilter(merchant_no=merchant_no, operator_no=OperatorNo(known_as))
                for known_as in (operator_no, *badges)
            ),
            SignInFilter(merchant_no=merchant_no, approved_by=operator_no),
        )
        numbers = sorted({record.record_no for one in filters for record in queries.each_sign_in(one)})
    (count,) = asyncio.run(change_records(settings, [Erasure(merchant_no, numbers, operator_no, badges)]))
    kept = len(numbers) - count
    if as_json:
        print_json({"merchant_no": merchant_no, "operator_no": operator_no, "erased": count, "kept_on_duty": kept})
        return
    told = AUDIT_WORDS["person_erased"].fill(settings.lang, operator=operator_no, count=count, kept=kept)
    sys.stdout.write(told + "\n")


def parse_moment(text: str, *, is_end: bool = False, clock: Clock = _CLOCK) -> UnixMs:
    """An instant as a person writes it (`views/questions/moments.py`). Raises Misuse."""
    try:
        return moment_of(text, clock.now(), is_end=is_end)
    except NoMoment as error:
        if error.is_too_far:
            raise Misuse(f"'{text}' is too far away; years are {YEARS[0]} to {YEARS[-1]}") from None
        raise Misuse(f"'{text}' is no time; write 2026-11-23, '2026-11-23 08:00', yesterday, or 2h") from None


def _chosen(queries: Queries, wanted: Wanted, *, is_file: bool) -> Iterator[SignInRow]:
    filters = [
        SignInFilter(
            merchant_no=merchant_no,
            terminal_no=TerminalNo(wanted.terminal) if wanted.terminal else None,
            operator_no=wanted.operator or None,
            outcome=wanted.outcome,
            reason=wanted.reason or None,
            since_ms=parse_moment(wanted.since) if wanted.since else None,
            until_ms=parse_moment(wanted.until, is_end=True) if wanted.until else None,
        )
        for merchant_no in (_shops_of(queries.list_merchants(), wanted.shop) if wanted.shop else [None])
    ]
    limit = wanted.limit if wanted.limit is not None else None if is_file else LIST_MAX
    return islice(read_sign_ins(queries, filters), limit)


def _shops_of(merchants: list[Merchant], shop: str) -> list[MerchantNo]:
    found = [row.merchant_no for row in merchants if row.merchant_no == shop]
    found = found or [row.merchant_no for row in merchants if shop in row.name]
    if not found:
        known = ", ".join(f"{row.merchant_no} {row.name}" for row in merchants[:10])
        raise Misuse(f"there is no shop '{shop}'; there are: {known}")
    return found


def _write_file(path: Path, rows: Iterator[SignInRow], *, as_json: bool) -> None:
    try:
        # The mark at the beginning tells spreadsheets that the text is UTF-8.
        with path.open("x", encoding="utf-8" if as_json else "utf-8-sig", newline="") as file:
            if as_json:
                file.write(json_of(list(rows)))
            else:
                write_csv(file, SIGN_INS, rows)
    except FileExistsError:
        raise Misuse(f"{path} is there already and is not overwritten; give another name") from None
    except OSError as error:
        raise Fault(f"can't write {path}: {error.strerror}") from None
