"""What pages draw and add up: payments by day, sign-ins by hour, refusals by reason; the payments of one shift, and of one batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select

from ...acquirer.rows.records import BatchKey, Payment, SignIn
from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import HOUR_MS
from ..facts import APPROVED
from ..tables import TABLE_OF
from .reader import Reader
from .stories import CountOfKind, of_shop

payments = TABLE_OF[Payment]
sign_ins = TABLE_OF[SignIn]
AHEAD_HOURS = 8
"""China's clocks before those that instants are counted by."""
HOURS_A_DAY = 24
REASONS_MAX = 500
"""Reasons of one answer: there are some dozens, and with what stands behind their colons some more."""


@dataclass(frozen=True, slots=True)
class CountOfDay:
    """Approved payments of one kind on one shop day, and what they come to."""

    shop_day: str
    kind: str
    count: int
    fen: int


@dataclass(frozen=True, slots=True)
class CountOfHour:
    """Sign-ins that began in one hour of China's day, by how they stand."""

    hour: int
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class CountOfReason:
    """Refusals for one reason; of payments that the bank refused, by its code."""

    reason: str
    response_code: str
    count: int


class TrendQueries(Reader):
    """What pages draw and add up."""

    def count_by_day(self, merchant_no: MerchantNo | None, since_ms: UnixMs, first_day: str) -> list[CountOfDay]:
        """Approved payments from a shop day on. `since_ms` is no later than its beginning: it leads to them without reading others."""
        chosen = (
            select(payments.c.shop_day, payments.c.kind, func.count(), func.sum(payments.c.amount_fen))
            .where(
                # Of all shops, days are summed in the order of their own index.
                *([of_shop(payments, merchant_no), payments.c.created_ms >= since_ms] if merchant_no else []),
                payments.c.shop_day >= first_day,
                literal_column(f"payments.{APPROVED}"),
            )
            .group_by(payments.c.shop_day, payments.c.kind)
        )
        return [CountOfDay(str(day), kind, int(count), int(fen)) for day, kind, count, fen in self.rows(chosen)]

    def count_by_hour(self, merchant_no: MerchantNo | None, since_ms: UnixMs) -> list[CountOfHour]:
        """Sign-ins since an instant, by the hour of the day in which they began."""
        hour = (sign_ins.c.began_ms // HOUR_MS + AHEAD_HOURS) % HOURS_A_DAY
        chosen = (
            select(hour.label("hour"), sign_ins.c.state, func.count())
            .where(of_shop(sign_ins, merchant_no), sign_ins.c.began_ms >= since_ms)
            .group_by(hour, sign_ins.c.state)
        )
        return [CountOfHour(int(at), state, int(count)) for at, state, count in self.rows(chosen)]

    def refused_sign_ins(self, merchant_no: MerchantNo | None, since_ms: UnixMs) -> list[CountOfReason]:
        """Sign-ins since an instant that were refused, by reason, the most frequent first."""
        chosen = (
            select(sign_ins.c.reason, func.count())
            .where(of_shop(sign_ins, merchant_no), sign_ins.c.began_ms >= since_ms, sign_ins.c.state == "refused")
            .group_by(sign_ins.c.reason)
            .order_by(func.count().desc(), sign_ins.c.reason)
            .limit(REASONS_MAX)
        )
        return [CountOfReason(reason, "", int(count)) for reason, count in self.rows(chosen)]

    def refused_payments(self, merchant_no: MerchantNo | None, since_ms: UnixMs) -> list[CountOfReason]:
        """Payments since an instant that were refused, by reason or code, the most frequent first."""
        reason = func.coalesce(payments.c.reason, "")
        chosen = (
            select(reason.label("reason"), payments.c.response_code, func.count())
            .where(of_shop(payments, merchant_no), payments.c.created_ms >= since_ms, payments.c.state == "declined")
            .group_by(reason, payments.c.response_code)
            .order_by(func.count().desc(), reason, payments.c.response_code)
            .limit(REASONS_MAX)
        )
        return [CountOfReason(why, code, int(count)) for why, code, count in self.rows(chosen)]

    def count_in_session(self, merchant_no: MerchantNo, session_no: int) -> list[CountOfKind]:
        """The payments of a shift by kind and state."""
        return self._counted(payments.c.merchant_no == merchant_no, payments.c.session_no == session_no)

    def count_in_batch(self, batch: BatchKey) -> list[CountOfKind]:
        """The payments of a batch by kind and state."""
        merchant_no, terminal_no, batch_no = batch
        return self._counted(
            payments.c.merchant_no == merchant_no,
            payments.c.terminal_no == terminal_no,
            payments.c.batch_no == batch_no,
        )

    def _counted(self, *where: ColumnElement[bool]) -> list[CountOfKind]:
        chosen = (
            select(payments.c.kind, payments.c.state, func.count(), func.sum(payments.c.amount_fen))
            .where(*where)
            .group_by(payments.c.kind, payments.c.state)
        )
        found: Sequence[Any] = self.rows(chosen)
        return [CountOfKind(kind, state, int(count), int(fen)) for kind, state, count, fen in found]
