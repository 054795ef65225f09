"""The merchant copies of a shop day: which are in hand, and which are missing (对账)."""

from collections.abc import Sequence

import msgspec

from ..acquirer.rows.records import Payment, SlipTick
from ..acquirer.slips.ticking import has_slip
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo
from ..basics.words import Lang
from ..cup.transactions import PAYMENTS
from ..store.queries import Queries
from .listing import NOTHING, Column, View, iso, short_time

BAR_CODE_DIGITS = 22
RRN_DIGITS = 12


class DaySlipRow(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant copy of one payment."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    trace_no: str
    kind: str
    amount_fen: int
    card: str
    rrn: str
    auth_code: str
    created: str | None
    ticked: str | None
    """When the copy was found; None: it is missing."""
    ticked_by: str


def read_day_slips(queries: Queries, merchant_no: MerchantNo, day: str) -> list[DaySlipRow]:
    """All copies that there should be of this shop day, in the order in which they were printed."""
    found = queries.slips_of_day(merchant_no, day)
    return [_row(payment, tick) for payment, tick in found if has_slip(payment)]


def _row(payment: Payment, tick: SlipTick | None) -> DaySlipRow:
    return DaySlipRow(
        merchant_no=payment.merchant_no,
        terminal_no=payment.terminal_no,
        batch_no=payment.batch_no,
        trace_no=payment.trace_no,
        kind=payment.kind,
        amount_fen=payment.amount_fen,
        card=payment.masked_pan,
        rrn=payment.rrn,
        auth_code=payment.auth_code,
        created=iso(payment.created_ms),
        ticked=iso(tick.ticked_ms) if tick is not None else None,
        ticked_by=tick.ticked_by if tick is not None else "",
    )


def named_by(code: str, rows: Sequence[DaySlipRow]) -> DaySlipRow | None:
    """The copy that a scanned or typed code names: its bar code, its reference, or terminal and voucher number (`10000001/12`).

    A bar code names by its reference; its day and authorisation have to agree, or it is of another payment.
    """
    text = code.strip()
    if len(text) == BAR_CODE_DIGITS and text.isascii() and text.isdigit():
        rrn, authorisation = text[:RRN_DIGITS], text[-6:]
        found = next((row for row in rows if row.rrn == rrn), None)
        return found if found is not None and authorisation in (found.auth_code, "000000") else None
    if "/" in text:
        terminal, _, trace = text.partition("/")
        named = [row for row in rows if row.terminal_no == terminal and row.trace_no == trace.zfill(6)]
        # A number that came again in another batch of the day names none: the bar code does.
        return named[0] if len(named) == 1 else None
    return next((row for row in rows if row.rrn == text), None)


def _kind(row: DaySlipRow, lang: Lang) -> str:
    return PAYMENTS[row.kind].of(lang)


DAY_SLIPS = View(
    "day_slips",
    DaySlipRow,
    (
        Column("time", lambda row, lang: short_time(row.created)),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("batch", lambda row, lang: row.batch_no, is_wide=True),
        Column("trace", lambda row, lang: row.trace_no),
        Column("kind", _kind),
        Column("card", lambda row, lang: row.card),
        Column("amount", lambda row, lang: f"¥{format_yuan(row.amount_fen)}", is_amount=True),
        Column("rrn", lambda row, lang: row.rrn, is_wide=True),
        Column("ticked", lambda row, lang: short_time(row.ticked) if row.ticked else NOTHING, is_wide=True),
    ),
)
