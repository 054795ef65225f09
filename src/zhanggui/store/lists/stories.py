"""What one page tells: all that is kept of one payment, and the figures of one shop day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, select, true

from ...acquirer.payments.roads.road import order_key
from ...acquirer.proof.audit import ProvenRecord
from ...acquirer.proof.chain import SIGN_IN
from ...acquirer.rows.records import (
    Batch,
    Checkpoint,
    Clash,
    Link,
    Payment,
    PaymentKey,
    PaymentScript,
    Posting,
    Salt,
    Session,
    SignIn,
    WalletOrder,
)
from ...basics.numbers import MerchantNo, UnixMs
from ..rows import SHAPES
from ..tables import TABLE_OF
from .reader import ROWS_MAX, Reader, chosen_where

batches = TABLE_OF[Batch]
checkpoints = TABLE_OF[Checkpoint]
clashes = TABLE_OF[Clash]
links = TABLE_OF[Link]
orders = TABLE_OF[WalletOrder]
payments = TABLE_OF[Payment]
postings = TABLE_OF[Posting]
salts = TABLE_OF[Salt]
scripts = TABLE_OF[PaymentScript]
sessions = TABLE_OF[Session]
sign_ins = TABLE_OF[SignIn]

PARTS_MAX = 1_000
"""Later payments about one that are shown; a sale can be refunded in parts of a fen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentParts:
    """All that is kept of one payment."""

    payment: Payment
    postings: Sequence[Posting] = ()
    orders: Sequence[WalletOrder] = ()
    scripts: Sequence[PaymentScript] = ()
    clashes: Sequence[Clash] = ()
    later: Sequence[Payment] = ()
    """Payments about this one that added to it or took a part, the oldest first."""
    batch: Batch | None = None
    """Its batch, once that is settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofParts:
    """What proves one record."""

    record: ProvenRecord
    links: Sequence[Link]
    """From its last link up to the one that the checkpoint signs, or to the end of the chain; empty where it stands in none."""
    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class CountOfKind:
    """Payments of one kind in one state, and what they come to."""

    kind: str
    state: str
    count: int
    fen: int


class StoryQueries(Reader):
    """What one page tells."""

    def payment_parts(self, key: PaymentKey) -> PaymentParts | None:
        """A payment and all that is kept of it; None where there is no such payment."""
        found = self.records(Payment, select(payments).where(_at(payments, key)), 1)
        if not found:
            return None
        payment = found[0]
        settled = self.records(Batch, select(batches).where(_at(batches, key[:3])), 1)
        return PaymentParts(
            payment=payment,
            postings=self._all(Posting, postings, key),
            orders=self._orders_of(payment),
            scripts=self._all(PaymentScript, scripts, key),
            clashes=self._all(Clash, clashes, key),
            later=self._later(payment) if payment.adjusted_fen is not None or payment.pending_parts else (),
            batch=settled[0] if settled else None,
        )

    def sign_in(self, merchant_no: MerchantNo, record_no: int) -> SignIn | None:
        """The sign-in record of this number."""
        chosen = select(sign_ins).where(sign_ins.c.merchant_no == merchant_no, sign_ins.c.record_no == record_no)
        found = self.records(SignIn, chosen, 1)
        return found[0] if found else None

    def session(self, merchant_no: MerchantNo, session_no: int) -> Session | None:
        """The shift of this number."""
        chosen = select(sessions).where(sessions.c.merchant_no == merchant_no, sessions.c.session_no == session_no)
        found = self.records(Session, chosen, 1)
        return found[0] if found else None

    def proof_of_sign_in(self, record: SignIn) -> ProofParts:
        """What proves a sign-in record. Its last link is looked for from the record's last step on, and in the whole chain behind it."""
        merchant_no, number = record.merchant_no, record.record_no
        last_ms = max(filter(None, (record.began_ms, record.verified_ms, record.confirmed_ms, record.ended_ms)))
        of_record = and_(
            links.c.merchant_no == merchant_no, links.c.record_kind == SIGN_IN.word, links.c.record_no == number
        )
        from_no = self._first_link(merchant_no, UnixMs(last_ms))
        own = self.rows(select(func.max(links.c.link_no)).where(of_record, links.c.link_no >= from_no))[0][0]
        salt = self.rows(
            select(salts.c.salt).where(
                salts.c.merchant_no == merchant_no, salts.c.record_kind == SIGN_IN.word, salts.c.record_no == number
            )
        )
        proven = ProvenRecord(
            merchant_no=merchant_no,
            record_kind=SIGN_IN.word,
            record_no=number,
            contents=SIGN_IN.contents(record),
            salt=salt[0][0] if salt else b"",
        )
        if own is None:
            return ProofParts(record=proven, links=(), checkpoint=None)
        after = select(checkpoints).where(checkpoints.c.merchant_no == merchant_no, checkpoints.c.link_no >= own)
        signed = self.records(Checkpoint, after.order_by(checkpoints.c.link_no), 1)
        chosen = select(links).where(links.c.merchant_no == merchant_no, links.c.link_no >= own)
        if signed:
            chosen = chosen.where(links.c.link_no <= signed[0].link_no)
        stretch = self.records(Link, chosen.order_by(links.c.link_no), ROWS_MAX)
        return ProofParts(record=proven, links=stretch, checkpoint=signed[0] if signed else None)

    def _first_link(self, merchant_no: MerchantNo, since_ms: UnixMs) -> int:
        """The first link of a chain that was not made before an instant. Links are in order of time, and only their numbers have a key."""
        of_chain = links.c.merchant_no == merchant_no
        low, high = 1, int(self.rows(select(func.max(links.c.link_no)).where(of_chain))[0][0] or 0) + 1
        while low < high:
            middle = (low + high) // 2
            made = self.rows(select(links.c.made_ms).where(of_chain, links.c.link_no == middle))
            low, high = (middle + 1, high) if made and made[0][0] < since_ms else (low, middle)
        return low

    def count_by_kind(self, merchant_no: MerchantNo | None, since_ms: UnixMs, day: str) -> list[CountOfKind]:
        """The payments of a shop day by kind and state. `since_ms` is its first instant: it leads to them without reading others."""
        chosen = (
            select(payments.c.kind, payments.c.state, func.count(), func.sum(payments.c.amount_fen))
            .where(of_shop(payments, merchant_no), payments.c.created_ms >= since_ms, payments.c.shop_day == day)
            .group_by(payments.c.kind, payments.c.state)
        )
        return [CountOfKind(kind, state, int(count), int(fen)) for kind, state, count, fen in self.rows(chosen)]

    def count_sign_ins(self, merchant_no: MerchantNo | None, since_ms: UnixMs) -> dict[str, int]:
        """Sign-ins since an instant, by how they stand."""
        chosen = (
            select(sign_ins.c.state, func.count())
            .where(of_shop(sign_ins, merchant_no), sign_ins.c.began_ms >= since_ms)
            .group_by(sign_ins.c.state)
        )
        return {str(state): int(count) for state, count in self.rows(chosen)}

    def _all(self, kind: type[Any], table: Table, key: tuple[str, ...]) -> list[Any]:
        chosen = select(table).where(_at(table, key)).order_by(*table.primary_key)
        return [SHAPES[kind].read(row) for row in self.rows(chosen)]

    def _orders_of(self, payment: Payment) -> list[WalletOrder]:
        """Its order at a wallet, where one was asked."""
        if payment.wallet is None:
            return []
        merchant_no, order_no = order_key(payment)
        chosen = select(orders).where(orders.c.merchant_no == merchant_no, orders.c.order_no == order_no)
        return self.records(WalletOrder, chosen, 1)

    def _later(self, payment: Payment) -> list[Payment]:
        chosen = chosen_where(
            select(payments),
            payments.c.merchant_no == payment.merchant_no,
            payments.c.created_ms >= payment.created_ms,
            payments.c.original_trace_no == payment.trace_no,
            payments.c.original_batch_no == payment.batch_no,
            func.coalesce(payments.c.original_terminal_no, payments.c.terminal_no) == payment.terminal_no,
        )
        return self.records(Payment, chosen.order_by(payments.c.created_ms, *payments.primary_key), PARTS_MAX)


def of_shop(table: Table, merchant_no: MerchantNo | None) -> ColumnElement[bool]:
    """Of this shop; None: of any."""
    return table.c.merchant_no == merchant_no if merchant_no is not None else true()


def _at(table: Table, key: tuple[str, ...]) -> ColumnElement[bool]:
    """That a row stands under a key of merchant, terminal, batch and trace, or the first of them."""
    columns = (
        table.c.merchant_no,
        table.c.terminal_no,
        table.c.batch_no,
        *([table.c.trace_no] if len(key) > 3 else []),
    )
    return and_(*(column == value for column, value in zip(columns, key, strict=True)))
