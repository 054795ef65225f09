"""Support cases, newest first: what operators reported as wrong, under the numbers that their screens showed, and what the host saw."""

from typing import get_args

import msgspec

from ..acquirer.rows.records import CaseKind, ReportedKind, SupportCase
from ..basics.numbers import MerchantNo
from ..store.queries import PlaceFilter, Queries
from .listing import Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, digits, shop, terminal, word
from .questions.periods import periods
from .questions.sources import Stored, one_each


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case."""

    merchant_no: str
    case_no: int
    state: str
    what: str
    terminal_no: str
    operator_no: str
    record_no: int | None
    opened: str | None
    closed: str | None


def read_cases(queries: Queries, merchant_no: MerchantNo | None, limit: int) -> list[CaseRow]:
    """The cases of a merchant, or of all."""
    return [case_row(row) for row in queries.list_cases(PlaceFilter(merchant_no=merchant_no, limit=limit))]


def case_row(row: SupportCase) -> CaseRow:
    """A case as everybody shows it."""
    return CaseRow(
        merchant_no=row.merchant_no,
        case_no=row.case_no,
        state=row.state,
        what=row.what,
        terminal_no=row.terminal_no,
        operator_no=row.operator_no,
        record_no=row.record_no,
        opened=iso(row.opened_ms),
        closed=iso(row.closed_ms),
    )


WHAT_WORDS = frozenset((*get_args(ReportedKind), *get_args(CaseKind)))
"""Another maker's own word, and one of an earlier version, stand as they came."""

CASES = View(
    "cases",
    CaseRow,
    (
        Column("no", lambda row, lang: str(row.case_no)),
        Column("time", lambda row, lang: short_time(row.opened)),
        Column(
            "what", lambda row, lang: word_of(f"cases.what.{row.what}", lang) if row.what in WHAT_WORDS else row.what
        ),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("operator", lambda row, lang: row.operator_no),
        Column("record", lambda row, lang: str(row.record_no or "")),
        Column("state", lambda row, lang: word_of(f"cases.state.{row.state}", lang)),
    ),
)

CASES_ASKED = AskedList(
    view=CASES,
    area="cases",
    filters=(
        shop(),
        terminal(),
        digits("operator", "operator_no", 2),
        count("case", "case_no", rank=2),
        count("record", "record_no"),
        choice("state", "state", ("open", "closed"), lambda state, lang: word_of(f"cases.state.{state}", lang)),
        word("what", "what"),
        *periods("opened_ms"),
    ),
    source=Stored(kind=SupportCase, by="opened_ms", rows=one_each(case_row)),
)
