"""X and Z: what one shift, or one batch, came to, by kind of payment. X while it still goes on, Z once it is over."""

import msgspec

from ..acquirer.rows.records import Batch, BatchKey, Merchant, Session
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.words import Lang
from ..cup.transactions import PAYMENTS
from ..store.lists.asked import Is
from ..store.queries import CountOfKind, PlaceFilter, Queries
from .batches import BatchRow, DifferenceRow, batch_row, open_row, read_differences
from .questions.reading import Reading
from .shifts import ShiftRow, shift_row
from .today import APPROVED, OPEN, REFUSED, UNDONE, in_states, starts_hour


class KindRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind came to. `side`: debit (it took money), credit (it gave some back), empty: neither."""

    kind: str
    side: str
    count: int
    fen: int

    def called(self, lang: Lang) -> str:
        """The kind in words."""
        return PAYMENTS[self.kind].of(lang) if self.kind in PAYMENTS else self.kind


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What it all came to, in fen."""

    is_final: bool
    """Z: nothing comes to it any more."""
    kinds: tuple[KindRow, ...]
    taken_fen: int
    given_back_fen: int
    net_fen: int
    refused_count: int
    undone_count: int
    open_count: int
    """Payments whose outcome nobody knows yet."""


class ShiftReport(msgspec.Struct, frozen=True, kw_only=True):
    """One shift with its report."""

    shift: ShiftRow
    session: Session
    report: Report


class BatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """One batch with its report, and what differs in it."""

    batch: BatchRow
    report: Report
    differences: tuple[DifferenceRow, ...]


def read_shift_report(queries: Queries, merchant_no: MerchantNo, session_no: int) -> ShiftReport | None:
    """X or Z of a shift; None where there is none of this number."""
    session = queries.session(merchant_no, session_no)
    if session is None:
        return None
    counts = queries.count_in_session(merchant_no, session_no)
    return ShiftReport(
        shift=shift_row(session), session=session, report=_report(counts, is_final=session.ended_ms is not None)
    )


def read_batch_report(queries: Queries, key: BatchKey, now: UnixMs) -> BatchReport | None:
    """X or Z of a batch; None where there is no such batch, or an open one that holds nothing."""
    row = _batch(Reading(queries, now), key)
    if row is None:
        return None
    report = _report(queries.count_in_batch(key), is_final=row.state == "closed")
    return BatchReport(batch=row, report=report, differences=tuple(read_differences(queries, key)))


def _batch(reading: Reading, key: BatchKey) -> BatchRow | None:
    where = [Is(name, (value,)) for name, value in zip(Batch.KEY, key, strict=True)]
    settled = reading.found(Batch, *where)
    if settled:
        return batch_row(settled[0])
    merchant_no, terminal_no, batch_no = key
    shops = reading.found(Merchant, Is("merchant_no", (merchant_no,)))
    wanted = PlaceFilter(merchant_no=merchant_no, terminal_no=terminal_no)
    for one in reading.queries.open_batches(wanted):
        if one.batch_no == batch_no:
            return open_row(one, starts_hour(shops[0] if shops else None), reading.now)
    return None


def _report(counts: list[CountOfKind], *, is_final: bool) -> Report:
    approved = [one for one in counts if one.state in APPROVED]
    kinds = tuple(
        KindRow(kind=name, side=row.total, count=one.count, fen=one.fen)
        for name, row in PAYMENTS.items()
        for one in approved
        if one.kind == name
    )
    taken = sum(one.fen for one in kinds if one.side == "debit")
    given_back = sum(one.fen for one in kinds if one.side == "credit")
    return Report(
        is_final=is_final,
        kinds=kinds,
        taken_fen=taken,
        given_back_fen=given_back,
        net_fen=taken - given_back,
        refused_count=in_states(counts, REFUSED),
        undone_count=in_states(counts, UNDONE),
        open_count=in_states(counts, OPEN),
    )
