"""What the journal's rows of one batch come to: totals by side and kind, and the payments as they are told one by one.

What counts is what the catalogue counts: approved payments of its debit and its credit side. One that another has undone stays
on its side, as at the host (domain reference §4.5).
"""

from collections.abc import Iterable

from ..basics.numbers import BatchNo, UnixMs
from ..cup.messages.settlement import Sums
from ..cup.transactions import PAYMENTS
from .flow.core.events import BatchCounted, DayLine, EntryWay
from .flow.core.policy import SLIP_LINES_MAX
from .flow.core.settlement import KindSums, ToldPayment

CHIP_WAYS: frozenset[EntryWay] = frozenset({"insert", "tap"})


def counts(line: DayLine) -> bool:
    """Whether a settlement counts this payment."""
    kind = PAYMENTS.get(line.kind)
    return line.state in ("approved", "undone") and kind is not None and bool(kind.total)


def counted(batch_no: BatchNo, lines: Iterable[DayLine], now: UnixMs) -> BatchCounted:
    """What these payments come to, in one walk over them."""
    by_kind: dict[str, list[int]] = {}
    listed: list[DayLine] = []
    for line in lines:
        if counts(line):
            of_kind = by_kind.setdefault(line.kind, [0, 0])
            of_kind[0] += 1
            of_kind[1] += line.amount_fen
            if len(listed) < SLIP_LINES_MAX:
                listed.append(line)
    kinds = tuple(KindSums(name, *by_kind[name]) for name in PAYMENTS if name in by_kind)
    debit = [one for one in kinds if PAYMENTS[one.kind].total == "debit"]
    credit = [one for one in kinds if PAYMENTS[one.kind].total == "credit"]
    sums = Sums(
        debit_count=sum(one.count for one in debit),
        debit_fen=sum(one.fen for one in debit),
        credit_count=sum(one.count for one in credit),
        credit_fen=sum(one.fen for one in credit),
    )
    return BatchCounted(now=now, batch_no=batch_no, sums=sums, kinds=kinds, lines=tuple(listed))


def told(line: DayLine, way: EntryWay | None) -> ToldPayment:
    """A payment as it is told again."""
    return ToldPayment(
        kind=line.kind,
        trace_no=line.trace_no,
        masked_pan=line.masked_pan,
        amount_fen=line.amount_fen,
        response_code=line.response_code,
        is_chip=way in CHIP_WAYS,
    )
