"""Batches (批次): those that are open and since when, and those that were settled and how they ended."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from ..acquirer.policy.rules import policy_of
from ..acquirer.rows.records import Batch, BatchDifference, BatchKey, BatchOutcome, Merchant, Terminal
from ..basics.money import format_yuan
from ..basics.numbers import UnixMs
from ..basics.shop_day import day_with_zone, shop_day
from ..basics.words import Lang
from ..cup.transactions import PAYMENTS as PAYMENTS_BY_KIND
from ..store.lists.asked import Chosen, Condition, Is, Key, holds
from ..store.queries import ROWS_MAX, OpenBatch, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, digits, said_in, shop, terminal, word
from .questions.periods import periods
from .questions.question import Question
from .questions.reading import Reading, shops_of
from .questions.sources import InTurn, Line, Stored, Totals, conditions_of, one_each, walked_totals


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. Amounts are integer fen; `told_…` is what the terminal said, None where it said nothing."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    state: str
    """open, uploading, closed"""
    outcome: str
    """agreed, differs, unconfirmed, unfinished; empty while it is open."""
    operator_no: str
    shop_day: str
    """The shop day in which it was settled, with its zone; empty while it is open."""
    debit_count: int
    debit_fen: int
    credit_count: int
    credit_fen: int
    told_debit_count: int | None
    told_debit_fen: int | None
    told_credit_count: int | None
    told_credit_fen: int | None
    details_count: int
    case_no: int | None
    rrn: str
    first_payment: str | None
    settled: str | None
    closed: str | None
    overnight: bool
    """It is open since a day before today."""


def read_batches(queries: Queries, wanted: PlaceFilter, now: UnixMs) -> list[BatchRow]:
    """Open batches that hold payments, then the settled ones, newest first."""
    starts = {
        row.merchant_no: policy_of(row.policy, row.policy_overrides).shop_day_starts_hour
        for row in queries.list_merchants(PlaceFilter(merchant_no=wanted.merchant_no, limit=ROWS_MAX))
    }
    return [
        *(open_row(batch, starts.get(batch.merchant_no, 0), now) for batch in queries.open_batches(wanted)),
        *(batch_row(batch) for batch in queries.list_batches(wanted)),
    ]


def open_row(batch: OpenBatch, starts_hour: int, now: UnixMs) -> BatchRow:
    """A batch that nobody settled yet. Its shop's days begin at this hour."""
    return BatchRow(
        merchant_no=batch.merchant_no,
        terminal_no=batch.terminal_no,
        batch_no=batch.batch_no,
        state="open",
        outcome="",
        operator_no="",
        shop_day="",
        debit_count=batch.debit_count,
        debit_fen=batch.debit_fen,
        credit_count=batch.credit_count,
        credit_fen=batch.credit_fen,
        told_debit_count=None,
        told_debit_fen=None,
        told_credit_count=None,
        told_credit_fen=None,
        details_count=0,
        case_no=None,
        rrn="",
        first_payment=iso(batch.first_ms),
        settled=None,
        closed=None,
        overnight=shop_day(batch.first_ms, starts_hour) < shop_day(now, starts_hour),
    )


def batch_row(batch: Batch) -> BatchRow:
    """A settled batch as everybody shows it."""
    return BatchRow(
        merchant_no=batch.merchant_no,
        terminal_no=batch.terminal_no,
        batch_no=batch.batch_no,
        state=batch.state,
        outcome=batch.outcome,
        operator_no=batch.operator_no,
        shop_day=day_with_zone(batch.shop_day),
        debit_count=batch.debit_count,
        debit_fen=batch.debit_fen,
        credit_count=batch.credit_count,
        credit_fen=batch.credit_fen,
        told_debit_count=batch.told_debit_count,
        told_debit_fen=batch.told_debit_fen,
        told_credit_count=batch.told_credit_count,
        told_credit_fen=batch.told_credit_fen,
        details_count=batch.details_count,
        case_no=batch.case_no,
        rrn=batch.rrn,
        first_payment=iso(batch.first_ms),
        settled=iso(batch.settled_ms),
        closed=iso(batch.closed_ms),
        overnight=False,
    )


def _state(row: BatchRow, lang: Lang) -> str:
    word = "overnight" if row.overnight else row.outcome if row.state == "closed" else row.state
    return word_of(f"batches.state.{word}", lang)


def _side(count: int, fen: int) -> str:
    return f"{count} / ¥{format_yuan(fen)}"


BATCHES = View(
    "batches",
    BatchRow,
    (
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("batch", lambda row, lang: row.batch_no),
        Column("since", lambda row, lang: short_time(row.first_payment)),
        Column("settled", lambda row, lang: short_time(row.settled)),
        Column("state", _state),
        Column("debit", lambda row, lang: _side(row.debit_count, row.debit_fen), is_amount=True),
        Column("credit", lambda row, lang: _side(row.credit_count, row.credit_fen), is_amount=True),
        Column("operator", lambda row, lang: row.operator_no or NOTHING),
        Column("case", lambda row, lang: str(row.case_no) if row.case_no is not None else NOTHING),
    ),
)


class _OpenLine(msgspec.Struct, frozen=True, kw_only=True):
    """What filters look at in a batch that is not settled: it belongs to no day, and nobody settled it."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    state: str = "open"
    outcome: str | None = None
    operator_no: str | None = None
    shop_day: str | None = None
    settled_ms: UnixMs | None = None
    rrn: str | None = None
    case_no: int | None = None


TERMINALS_LEAST = 20
"""Terminals that are looked at at once, where fewer rows are wanted: many have no open batch."""


class _OpenBatches:
    """The batches that are open, by shop and terminal: what is asked for is summed, and no more; all shops have ten thousands of them."""

    def page(self, reading: Reading, question: Question, after: Key | None, limit: int) -> list[Line[BatchRow]]:
        found: list[Line[BatchRow]] = []
        where = conditions_of(reading, question)
        of_shop = tuple(one for one in where if isinstance(one, Is) and one.column in Terminal.KEY)
        chosen = Chosen(kind=Terminal, by="", newest_first=False, where=of_shop)
        while len(found) < limit:
            at_once = max(limit - len(found), TERMINALS_LEAST)
            terminals: list[Terminal] = reading.queries.asked_page(chosen, after, at_once)
            found += self._lines(reading, [one for one in terminals if _fits(one, where)])
            if len(terminals) < at_once:
                break
            after = chosen.key_of(terminals[-1])
        return found[:limit]

    def totals(self, reading: Reading, question: Question, sums: Sequence[str]) -> Totals:
        return walked_totals(self, reading, question, sums)

    def _lines(self, reading: Reading, terminals: Sequence[Terminal]) -> list[Line[BatchRow]]:
        if not terminals:
            return []
        keys = [(one.merchant_no, one.terminal_no) for one in terminals]
        batches = reading.queries.open_batches(PlaceFilter(limit=ROWS_MAX), keys)
        hours = {
            row.merchant_no: policy_of(row.policy, row.policy_overrides).shop_day_starts_hour
            for row in reading.found(Merchant, shops_of(terminals))
        }
        rows = {(one.merchant_no, one.terminal_no): one for one in batches}
        return [Line(key, (open_row(rows[key], hours.get(key[0], 0), reading.now),)) for key in keys if key in rows]


def _fits(terminal: Terminal, where: Sequence[Condition]) -> bool:
    line = _OpenLine(merchant_no=terminal.merchant_no, terminal_no=terminal.terminal_no, batch_no=terminal.batch_no)
    return all(holds(asked, line) for asked in where)


def _word_said(word: str, lang: Lang) -> str:
    return word_of(f"batches.state.{word}", lang)


BATCHES_ASKED = AskedList(
    view=BATCHES,
    area="batches",
    filters=(
        shop(),
        terminal(),
        digits("operator", "operator_no", 2),
        digits("batch", "batch_no", 6),
        digits("rrn", "rrn", 12, rank=0, fills=False),
        count("case", "case_no"),
        choice("state", "state", ("open", "uploading", "closed"), _word_said),
        choice("outcome", "outcome", get_args(BatchOutcome), _word_said),
        *periods("settled_ms", stored="shop_day"),
    ),
    source=InTurn((_OpenBatches(), Stored(kind=Batch, by="settled_ms", rows=one_each(batch_row)))),
    sums=("debit_fen", "credit_fen"),
)


class DifferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One payment about which the host's book and another one differ; an amount is None where a book counts no such payment."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    against: str
    """terminal, bank"""
    trace_no: str
    what: str
    kind: str
    host_amount_fen: int | None
    told_amount_fen: int | None
    host_state: str


def read_differences(queries: Queries, batch: BatchKey) -> list[DifferenceRow]:
    """What differs in one batch, by trace number."""
    return [difference_row(row) for row in queries.list_differences(batch)]


def difference_row(row: BatchDifference) -> DifferenceRow:
    """A difference as everybody shows it."""
    return DifferenceRow(
        merchant_no=row.merchant_no,
        terminal_no=row.terminal_no,
        batch_no=row.batch_no,
        against=row.against,
        trace_no=row.trace_no,
        what=row.what,
        kind=row.kind,
        host_amount_fen=row.host_amount_fen,
        told_amount_fen=row.told_amount_fen,
        host_state=row.host_state,
    )


def _kind(row: DifferenceRow, lang: Lang) -> str:
    known = PAYMENTS_BY_KIND.get(row.kind)
    return known.of(lang) if known is not None else row.kind or NOTHING


def _amount(fen: int | None) -> str:
    return NOTHING if fen is None else f"¥{format_yuan(fen)}"


DIFFERENCES = View(
    "differences",
    DifferenceRow,
    (
        Column("trace", lambda row, lang: row.trace_no),
        Column("against", lambda row, lang: word_of(f"differences.against.{row.against}", lang)),
        Column("what", lambda row, lang: word_of(f"differences.what.{row.what}", lang)),
        Column("kind", _kind),
        Column("host", lambda row, lang: _amount(row.host_amount_fen), is_amount=True),
        Column("told", lambda row, lang: _amount(row.told_amount_fen), is_amount=True),
        Column("host_state", lambda row, lang: row.host_state or NOTHING),
    ),
)

DIFFERENCES_ASKED = AskedList(
    view=DIFFERENCES,
    area="batches",
    filters=(
        shop(),
        terminal(),
        digits("batch", "batch_no", 6, rank=2),
        digits("trace", "trace_no", 6),
        choice(
            "against",
            "against",
            said_in(BatchDifference, "against"),
            lambda against, lang: word_of(f"differences.against.{against}", lang),
        ),
        choice(
            "what",
            "what",
            said_in(BatchDifference, "what"),
            lambda what, lang: word_of(f"differences.what.{what}", lang),
        ),
        word("kind", "kind"),
    ),
    source=Stored(kind=BatchDifference, rows=one_each(difference_row)),
)
