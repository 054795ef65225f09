"""A settled batch against the bank's statement (job `bank_check`): each payment that stands in one book and not in the other has a name.

settlement ─▶ (a minute) ─▶ a reversal is still on its way to the bank? ─▶ wait ─▶ the bank's payments by reference number ─▶ done
                                                                                       └ what differs: named, in a case of its own

Asked for are the numbers after those of the batch before, so that a payment that only the bank has is found with one batch or another;
one that belongs to another batch of the host's is compared there. Payments at wallets are left out: the bank never heard of them, and each
wallet has a bill of its own (`host/networks/wallet_bill.py`). The batch's own row says how terminal and host came out, and stays.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from ...basics.numbers import BatchNo, Rrn, TraceNo, UnixMs, number_before
from ...basics.spans import MINUTE_MS
from ...cup.messages.bank_statement import FIRST, RRN_DIGITS, StatedPayment
from ..payments.kinds import KINDS
from ..rows.batch_figures import HostEntry
from ..rows.cases import open_case
from ..rows.draft import Draft
from ..rows.records import Batch, BatchDifference, BatchKey, DifferenceWord, Job
from ..rows.state import Lookup

KIND = "bank_check"
WAIT_MS = MINUTE_MS
"""From the settlement to the first look, and between two looks while a reversal is on its way."""


def check_of(batch: Batch, now: UnixMs) -> Job:
    """The job of a batch that was just settled."""
    return Job(
        merchant_no=batch.merchant_no,
        kind=KIND,
        subject=f"{batch.terminal_no}/{batch.batch_no}",
        state="planned",
        due_ms=UnixMs(now + WAIT_MS),
        started_ms=now,
        changed_ms=now,
        total_count=1,
    )


def batch_before(key: BatchKey) -> BatchKey:
    """The key of the batch that was filled before this one."""
    return (key[0], key[1], BatchNo(number_before(key[2])))


def asked_range(batch: Batch, before: Batch | None, entries: Iterable[HostEntry]) -> tuple[Rrn, Rrn]:
    """After which reference number, and up to which one, the bank is asked; both are numbers of this host's source, which only grow."""
    own = [entry.rrn for entry in entries if entry.rrn]
    lowest = _one_less(min(own)) if own else None
    after = before.rrn if before is not None and before.rrn else None
    if after is None:
        after = FIRST if batch.batch_no == "000001" or lowest is None else lowest
    # Hosts that share a database reserve numbers in blocks of their own: one of this batch may be smaller.
    return Rrn(min(after, lowest or after)), Rrn(max([batch.rrn, *own]))


def _one_less(rrn: str) -> str:
    return f"{max(int(rrn) - 1, 0):0{RRN_DIGITS}d}"


def is_on_its_way(entries: Iterable[HostEntry]) -> bool:
    """Whether the bank has not heard yet of a reversal in this batch."""
    return any(entry.bank_state == "reversal_due" and entry.wallet is None for entry in entries)


def lookups_for(batch: Batch, entries: Iterable[HostEntry], statement: Iterable[StatedPayment]) -> list[Lookup]:
    """What the bank tells and this batch has not: it may belong to another one."""
    own = {entry.rrn for entry in entries}
    return [Lookup(batch.merchant_no, one.rrn) for one in statement if one.rrn not in own]


def name_differences(
    draft: Draft, batch: Batch, entries: Collection[HostEntry], statement: tuple[StatedPayment, ...], now: UnixMs
) -> int:
    """Put down each difference and, where there is one, a case; the answer is how many there are."""
    found: dict[TraceNo, BatchDifference] = {}
    for one in _differences(draft, batch, entries, {one.rrn: one for one in statement}):
        same = found.get(one.trace_no)
        found[one.trace_no] = one if same is None else _together(same, one)
    for one in found.values():
        draft.insert(one)
    if found:
        open_case(draft, "bank_differs", batch.merchant_no, batch.terminal_no, batch.operator_no, now)
    return len(found)


def _differences(
    draft: Draft, batch: Batch, entries: Collection[HostEntry], bank: Mapping[Rrn, StatedPayment]
) -> Iterator[BatchDifference]:
    for entry in entries:
        if entry.wallet is not None or not KINDS[entry.kind].is_money_at_bank:
            continue
        theirs = bank.get(Rrn(entry.rrn))
        stands = entry.state == "approved" and not entry.bank_state
        what: DifferenceWord
        if theirs is None:
            if not stands:
                continue
            what = "only_at_host"
        elif not stands:
            what = "stands_not_at_host"
        elif theirs.amount_fen != entry.amount_fen:
            what = "amount_differs"
        else:
            continue
        yield _difference(batch, entry.trace_no, what, entry if stands else None, theirs, entry)
    own = {entry.rrn for entry in entries}
    for rrn, theirs in bank.items():
        if rrn not in own and draft.state.find(Lookup(batch.merchant_no, rrn)) is None:
            yield _difference(batch, theirs.trace_no, "only_at_bank", None, theirs, None)


def _together(one: BatchDifference, other: BatchDifference) -> BatchDifference:
    """Two payments of one number, as a bank has them of a terminal whose host was put back: one row with what both come to."""
    told = (one.told_amount_fen or 0) + (other.told_amount_fen or 0)
    return replace(one, what="amount_differs" if one.told_amount_fen is None else one.what, told_amount_fen=told)


def _difference(
    batch: Batch,
    trace_no: TraceNo,
    what: DifferenceWord,
    counted: HostEntry | None,
    theirs: StatedPayment | None,
    known: HostEntry | None,
) -> BatchDifference:
    return BatchDifference(
        merchant_no=batch.merchant_no,
        terminal_no=batch.terminal_no,
        batch_no=batch.batch_no,
        against="bank",
        trace_no=trace_no,
        what=what,
        kind=known.kind if known is not None else "",
        host_amount_fen=counted.amount_fen if counted is not None else None,
        told_amount_fen=theirs.amount_fen if theirs is not None else None,
        host_state=known.state if known is not None else "",
    )


def waits(job: Job, now: UnixMs) -> Job:
    """The job while a reversal is on its way to the bank."""
    return replace(job, state="waiting", due_ms=UnixMs(now + WAIT_MS), changed_ms=now)


def is_done(job: Job, now: UnixMs) -> Job:
    """The job once the two books were compared."""
    return replace(job, state="done", done_count=1, changed_ms=now, ended_ms=now)
