"""Issuer scripts (发卡行脚本): what an issuer had a chip told with the answer to a payment, what became of it, whether the issuer knows."""

from typing import get_args

import msgspec

from ..acquirer.rows.records import PaymentScript, ScriptState
from ..basics.words import Lang
from ..cup.code_words import reason_of
from ..cup.values.issuer_script import read_results
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, digits, shop, terminal
from .questions.periods import periods
from .questions.sources import Stored


class ScriptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One script of one payment."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    trace_no: str
    """With the three before it the payment that brought it."""
    rrn: str
    script_id: str
    outcome: str
    """`done`, `failed`, `not_done`."""
    sequence: int
    """The command at which it failed; 0 where none is to blame."""
    notice_trace_no: str
    state: str
    """`due` until the issuer answered, then `told`."""
    bank_code: str
    taken: str | None
    told: str | None


def read_scripts(queries: Queries, wanted: PlaceFilter) -> list[ScriptRow]:
    """Scripts, the last told first."""
    return [row for notice in queries.list_scripts(wanted) for row in script_rows(notice)]


def script_rows(row: PaymentScript) -> list[ScriptRow]:
    """The scripts of one payment."""
    return [
        ScriptRow(
            merchant_no=row.merchant_no,
            terminal_no=row.terminal_no,
            batch_no=row.batch_no,
            trace_no=row.trace_no,
            rrn=row.rrn,
            script_id=one.script_id.hex().upper(),
            outcome=one.outcome,
            sequence=one.sequence,
            notice_trace_no=row.notice_trace_no,
            state=row.state,
            bank_code=row.bank_code,
            taken=iso(row.taken_ms),
            told=iso(row.told_ms),
        )
        for one in read_results(bytes.fromhex(row.results))
    ]


def _outcome(row: ScriptRow, lang: Lang) -> str:
    said = word_of(f"scripts.outcome.{row.outcome}", lang)
    return f"{said} ({row.sequence})" if row.sequence else said


def _issuer(row: ScriptRow, lang: Lang) -> str:
    said = word_of(f"scripts.state.{row.state}", lang)
    return f"{said}: {reason_of(row.bank_code).of(lang)}" if row.bank_code not in ("", "00") else said


SCRIPTS = View(
    "scripts",
    ScriptRow,
    (
        Column("time", lambda row, lang: short_time(row.taken)),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("payment", lambda row, lang: f"{row.batch_no}/{row.trace_no}"),
        Column("script", lambda row, lang: row.script_id),
        Column("outcome", _outcome),
        Column("issuer", _issuer),
        Column("notice", lambda row, lang: row.notice_trace_no or NOTHING, is_wide=True),
        Column("rrn", lambda row, lang: row.rrn, is_wide=True),
    ),
)

SCRIPTS_ASKED = AskedList(
    view=SCRIPTS,
    area="payments",
    filters=(
        shop(),
        terminal(),
        digits("trace", "trace_no", 6),
        digits("batch", "batch_no", 6, rank=2),
        digits("rrn", "rrn", 12, rank=0, fills=False),
        choice("state", "state", get_args(ScriptState), lambda state, lang: word_of(f"scripts.state.{state}", lang)),
        *periods("taken_ms"),
    ),
    source=Stored(
        kind=PaymentScript,
        by="taken_ms",
        rows=lambda reading, records: [tuple(script_rows(record)) for record in records],
        counts_rows=True,
    ),
)
