"""Payments, what is told of them afterwards, and what the ledger holds."""

from sqlalchemy import and_, func, select

from ...acquirer.rows.records import Clash, Payment, PaymentScript, Posting, SlipTick, key_of
from ...basics.numbers import MerchantNo, Rrn
from ..rows import SHAPES
from ..tables import TABLE_OF
from .filters import ANY_PAYMENT, ANYWHERE, PaymentFilter, PlaceFilter
from .reader import Reader, between, chosen_where, equal

scripts = TABLE_OF[PaymentScript]
payments = TABLE_OF[Payment]
postings = TABLE_OF[Posting]
ticks = TABLE_OF[SlipTick]
clashes = TABLE_OF[Clash]


class PaymentQueries(Reader):
    """Payments, what is told of them afterwards, and what the ledger holds."""

    def list_payments(self, wanted: PaymentFilter = ANY_PAYMENT) -> list[Payment]:
        """Payments, newest first."""
        chosen = chosen_where(
            select(payments),
            equal(payments.c.merchant_no, wanted.merchant_no),
            equal(payments.c.terminal_no, wanted.terminal_no),
            equal(payments.c.operator_no, wanted.operator_no),
            equal(payments.c.state, wanted.state),
            equal(payments.c.response_code, wanted.response_code),
            *between(payments.c.created_ms, wanted.since_ms, wanted.until_ms),
        )
        newest = chosen.order_by(payments.c.created_ms.desc(), payments.c.rrn.desc())
        return self.records(Payment, newest, wanted.limit)

    def payment_by_rrn(self, rrn: Rrn) -> Payment | None:
        """The payment with this reference number; the newest, if the number came round again."""
        chosen = select(payments).where(payments.c.rrn == rrn).order_by(payments.c.created_ms.desc())
        found = self.records(Payment, chosen, 1)
        return found[0] if found else None

    def slips_of_day(self, merchant_no: MerchantNo, day: str) -> list[tuple[Payment, SlipTick | None]]:
        """Approved payments of a shop day, the oldest first, each with the tick of its merchant copy where it has one."""
        of_day = (
            payments.c.merchant_no == merchant_no,
            payments.c.shop_day == day,
            payments.c.state == "approved",
        )
        chosen = select(payments).where(*of_day).order_by(payments.c.created_ms, *payments.primary_key)
        same = and_(*(ticks.c[column.name] == column for column in payments.primary_key))
        ticked = select(ticks).select_from(payments.join(ticks, same)).where(*of_day)
        # All of them: one that was left out would be neither found nor missing.
        known = {key_of(tick): tick for tick in map(SHAPES[SlipTick].read, self.rows(ticked))}
        found = map(SHAPES[Payment].read, self.rows(chosen))
        return [(payment, known.get(key_of(payment))) for payment in found]

    def list_scripts(self, wanted: PlaceFilter = ANYWHERE) -> list[PaymentScript]:
        """What became of issuers' scripts, newest first."""
        chosen = chosen_where(
            select(scripts),
            equal(scripts.c.merchant_no, wanted.merchant_no),
            equal(scripts.c.terminal_no, wanted.terminal_no),
        )
        newest = chosen.order_by(scripts.c.taken_ms.desc(), *scripts.primary_key)
        return self.records(PaymentScript, newest, wanted.limit)

    def list_clashes(self, wanted: PlaceFilter = ANYWHERE) -> list[Clash]:
        """What was claimed under a terminal's number and can't be, the newest first."""
        chosen = chosen_where(
            select(clashes),
            equal(clashes.c.merchant_no, wanted.merchant_no),
            equal(clashes.c.terminal_no, wanted.terminal_no),
        )
        return self.records(Clash, chosen.order_by(clashes.c.last_ms.desc(), *clashes.primary_key), wanted.limit)

    def count_payments(self) -> int:
        """How many payments are stored, in whatever state."""
        return int(self.rows(select(func.count()).select_from(payments))[0][0])

    def ledger_totals(self, merchant_no: MerchantNo | None = None) -> dict[str, int]:
        """Fen by account; over all accounts they sum to zero, or the ledger is broken."""
        account, total = postings.c.account, func.sum(postings.c.amount_fen)
        chosen = chosen_where(select(account, total), equal(postings.c.merchant_no, merchant_no))
        return {name: int(fen) for name, fen in self.rows(chosen.group_by(account).order_by(account))}
