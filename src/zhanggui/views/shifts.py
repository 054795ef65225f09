"""Shifts (sessions), newest first, by the number that the screens show at sign-in and sign-out."""

import msgspec

from ..acquirer.rows.records import Session
from ..basics.numbers import MerchantNo
from ..store.lists.asked import Absent
from ..store.queries import PlaceFilter, Queries
from .listing import Column, View, iso, short_time
from .questions.asked_list import AskedList
from .questions.filters import count, digits, shop, terminal, word, yes_no
from .questions.periods import periods
from .questions.sources import Stored, one_each
from .reasons import reason_said


class ShiftRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session."""

    merchant_no: str
    session_no: int
    operator_no: str
    terminal_no: str
    opened: str | None
    ended: str | None
    end_reason: str


def read_shifts(queries: Queries, merchant_no: MerchantNo | None, limit: int) -> list[ShiftRow]:
    """The newest shifts of a merchant, or of all."""
    return [shift_row(row) for row in queries.list_sessions(PlaceFilter(merchant_no=merchant_no, limit=limit))]


def shift_row(row: Session) -> ShiftRow:
    """A shift as everybody shows it."""
    return ShiftRow(
        merchant_no=row.merchant_no,
        session_no=row.session_no,
        operator_no=row.operator_no,
        terminal_no=row.terminal_no,
        opened=iso(row.opened_ms),
        ended=iso(row.ended_ms),
        end_reason=row.end_reason,
    )


SHIFTS = View(
    "shifts",
    ShiftRow,
    (
        Column("no", lambda row, lang: str(row.session_no)),
        Column("operator", lambda row, lang: row.operator_no),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("opened", lambda row, lang: short_time(row.opened)),
        Column("ended", lambda row, lang: short_time(row.ended)),
        Column("reason", lambda row, lang: reason_said(row.end_reason, lang)),
    ),
)

SHIFTS_ASKED = AskedList(
    view=SHIFTS,
    area="shifts",
    filters=(
        shop(),
        terminal(),
        digits("operator", "operator_no", 2),
        count("shift", "session_no", rank=2),
        yes_no("live", (Absent("ended_ms"),), (Absent("ended_ms", is_absent=False),)),
        word("reason", "end_reason"),
        *periods("opened_ms"),
    ),
    source=Stored(kind=Session, by="opened_ms", rows=one_each(shift_row)),
)
