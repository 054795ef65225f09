"""The merchant copies of a shop day: which are in hand, and which are missing (对账)."""

import msgspec

from ..acquirer.rows.records import Payment, SlipTick
from ..acquirer.slips.ticking import has_slip
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.words import Lang
from ..cup.transactions import PAYMENTS
from ..cup.values.self_check import MODEL_LACKS
from ..store.lists.asked import Absent
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time
from .questions.asked_list import AskedList
from .questions.filters import amounts, card_tail, choice, digits, shop, terminal, yes_no
from .questions.periods import one_day
from .questions.question import Question
from .questions.reading import Reading
from .questions.sources import Gathered, Reckoned


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


def read_day_slips(queries: Queries, merchant_no: MerchantNo, day: str) -> list[tuple[Payment, SlipTick | None]]:
    """All copies on paper that there should be of this shop day, in the order in which they were printed, each with its tick.

    A model without a printer prints none: what was signed there is kept by the host (`zhanggui documents`).
    """
    paperless = {
        terminal.terminal_no
        for terminal in queries.list_terminals(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
        if "printer" in MODEL_LACKS.get(terminal.model, ())
    }
    return [
        (payment, tick)
        for payment, tick in queries.slips_of_day(merchant_no, day)
        if has_slip(payment) and payment.terminal_no not in paperless
    ]


def day_slip_row(payment: Payment, tick: SlipTick | None) -> DaySlipRow:
    """One copy."""
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


class _Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What filters look at in a copy."""

    merchant_no: str
    terminal_no: str
    batch_no: str
    trace_no: str
    kind: str
    amount_fen: int
    masked_pan: str
    ticked_ms: UnixMs | None


def _copies(reading: Reading, question: Question) -> list[Gathered[DaySlipRow]]:
    """The copies of the day, in the order in which they were printed."""
    return [
        Gathered(
            (payment.created_ms, payment.merchant_no, payment.terminal_no, payment.batch_no, payment.trace_no),
            _Copy(
                merchant_no=payment.merchant_no,
                terminal_no=payment.terminal_no,
                batch_no=payment.batch_no,
                trace_no=payment.trace_no,
                kind=payment.kind,
                amount_fen=payment.amount_fen,
                masked_pan=payment.masked_pan,
                ticked_ms=tick.ticked_ms if tick is not None else None,
            ),
            day_slip_row(payment, tick),
        )
        for number in question.shops or ()
        for payment, tick in read_day_slips(reading.queries, number, str(question.value("day")))
    ]


DAY_SLIPS_ASKED = AskedList(
    view=DAY_SLIPS,
    area="slips",
    filters=(
        shop(),
        one_day(),
        terminal(),
        digits("batch", "batch_no", 6, rank=2),
        digits("trace", "trace_no", 6),
        card_tail(),
        *amounts(),
        choice("kind", "kind", tuple(PAYMENTS), lambda kind, lang: PAYMENTS[kind].of(lang)),
        yes_no("ticked", (Absent("ticked_ms", is_absent=False),), (Absent("ticked_ms"),)),
    ),
    source=Reckoned(gather=_copies),
    sums=("amount_fen",),
    required=("shop", "day"),
)
