"""What must hold in a shop in memory at every moment, and what must have come about once nothing is under way.

The names A1 to A20 are those of the rules of reliability. Each law answers with what is wrong, in words; nothing when all is well.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tests.worlds.one_room import MERCHANT
from tests.worlds.shop_host import ACQUIRER_CODE, ShopHost
from tests.worlds.shop_till import Till
from tests.worlds.two_books import stands

from zhanggui.acquirer.money.entries import CORRECTION
from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.originals import kept_original, payment_key, undoing_key
from zhanggui.acquirer.payments.roads.road import order_key
from zhanggui.acquirer.payments.uses import SHARE_MOST_PERCENT
from zhanggui.acquirer.proof.chain import NO_HASH, PROVABLE, commit, is_joined
from zhanggui.acquirer.rows.records import (
    Batch,
    BatchKey,
    ChainHead,
    Link,
    Operator,
    Payment,
    PaymentKey,
    Posting,
    Record,
    Salt,
    Session,
    SupportCase,
    WalletOrder,
    key_of,
)
from zhanggui.bank.accounts import identity_of
from zhanggui.bank.originals import held_fen
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core.events import DayLine

R = TypeVar("R", bound=Record)
TAKEN = frozenset({"approved", "undone", "completed"})
"""What a till calls a payment that was approved; later ones may have changed it since."""
CLEARING = frozenset({"issuer_clearing", "wallet_clearing"})
"""What issuers owe, and what wallets do."""
BY_COUNTER = next(name for name, row in PAYMENTS.items() if row.is_received)
NOT_TAKEN = frozenset({"declined", "returned"})
"""What it calls one of which the bank holds nothing."""


class Rows:
    """The host's rows of one moment, by their kind."""

    def __init__(self, host: ShopHost) -> None:
        self._by_kind: dict[type[Record], list[Any]] = defaultdict(list)
        for row in host.store.rows.values():
            self._by_kind[type(row)].append(row)
        self.payments: Mapping[PaymentKey, Payment] = {payment_key(row): row for row in self.of(Payment)}
        self.later: dict[PaymentKey, list[Payment]] = defaultdict(list)
        """The payments about each."""
        for row in self.payments.values():
            original = kept_original(row)
            if original is not None:
                self.later[original].append(row)
        self.owed_fen: dict[PaymentKey, int] = defaultdict(int)
        """What issuers owe of each payment."""
        self.posted_fen: dict[PaymentKey, int] = defaultdict(int)
        """The same without what was corrected beside its closed batch."""
        for line in self.of(Posting):
            if line.account in CLEARING:
                key = line.merchant_no, line.terminal_no, line.batch_no, line.trace_no
                self.owed_fen[key] += line.amount_fen
                self.posted_fen[key] += line.amount_fen if line.kind != CORRECTION else 0

    def of(self, kind: type[R]) -> Sequence[R]:
        return self._by_kind[kind]

    def net_fen(self, row: Payment) -> int:
        """What a payment took, and those about it have left of it."""
        return self.owed_fen[payment_key(row)] + sum(
            self.owed_fen[payment_key(one)] for one in self.later[payment_key(row)]
        )


class Laws:
    """Judges one shop, again and again; remembers what must not change."""

    def __init__(self, host: ShopHost, tills: Sequence[Till]) -> None:
        self._host = host
        self._tills = tills
        self._closed: dict[BatchKey, object] = {}
        self._links: list[Link] = []
        self._joined: bytes = NO_HASH
        self.not_charged: set[PaymentKey] = set()
        """Payments of which a screen said that nobody was charged."""

    def broken(self) -> list[str]:
        """Every law that does not hold now."""
        rows = Rows(self._host)
        return [
            *self._books(rows),
            *self._amounts(rows),
            *self._originals(rows),
            *self._batches(rows),
            *self._tills_and_host(rows),
            *self._numbers(rows),
            *self._sessions(rows),
            *self._chain(rows),
            *self._not_charged(rows),
        ]

    # ── always ───────────────────────────────────────────────────────────────

    def _books(self, rows: Rows) -> Iterator[str]:
        """A1, A3: what a payment's state asks for is posted, once, and sums to zero."""
        for found in book_differences(sorted(rows.of(Payment), key=key_of), sorted(rows.of(Posting), key=key_of)):
            yield f"A1: {found.text()}"

    def _amounts(self, rows: Rows) -> Iterator[str]:
        """A13: no more is given back than was taken, no more taken of an authorisation than its share, and by one alone."""
        for row in rows.payments.values():
            if PAYMENTS[row.kind].total == "debit" and rows.net_fen(row) < 0:
                yield f"A13: {key_of(row)[1:]} was given back twice"
            if row.kind != "preauth":
                continue
            later = rows.later[payment_key(row)]
            taken = [one for one in later if PAYMENTS[one.kind].total == "debit" and rows.net_fen(one)]
            more_fen = sum(one.amount_fen for one in later if one.kind == "preauth_increment" and stands(one))
            if len(taken) > 1:
                yield f"A13: {key_of(row)[1:]} was completed twice"
            for one in taken:
                if not stands(row):
                    yield f"A13: {key_of(row)[1:]} does not stand, and its completion does"
                if one.amount_fen * 100 > (row.amount_fen + more_fen) * SHARE_MOST_PERCENT:
                    yield f"A13: {key_of(one)[1:]} took more than the share of what was authorised"

    def _originals(self, rows: Rows) -> Iterator[str]:
        """What an original says of later payments is what they are."""
        for key, row in rows.payments.items():
            adjusted_fen, pending, undoing = 0, 0, []
            for one in rows.later[key]:
                kind = KINDS[one.kind]
                pending += bool(kind.adjusts) and one.state == "pending"
                if stands(one) or (one.state == "pending" and kind.adjusts == -1):
                    adjusted_fen += kind.adjusts * one.amount_fen
                if kind.undoes_original and (stands(one) or one.state == "pending"):
                    is_over = any(
                        stands(two) and KINDS[two.kind].undoes_original for two in rows.later[payment_key(one)]
                    )
                    undoing += [] if is_over else [payment_key(one)]
            by = undoing_key(row)
            if (row.adjusted_fen or 0, row.pending_parts or 0) != (adjusted_fen, pending):
                yield f"A13: {key[1:]} says adjusted {row.adjusted_fen}, pending {row.pending_parts}; it is {adjusted_fen}, {pending}"
            if undoing != ([by] if by is not None else []):
                yield f"A2: {key[1:]} says that {by} undoes it; it is {undoing}"

    def _batches(self, rows: Rows) -> Iterator[str]:
        """A2, A10, A11: a closed batch is what its payments are and changes no more; an agreed one is the same in all three books."""
        for batch in rows.of(Batch):
            if batch.state != "closed":
                continue
            inside = [row for key, row in rows.payments.items() if key[:3] == key_of(batch)]
            fixed = (batch, sorted((row.trace_no, row.state, row.amount_fen, row.rrn) for row in inside))
            if self._closed.setdefault(_batch_key(batch), fixed) != fixed:
                yield f"A11: batch {key_of(batch)[1:]} changed after its close"
            own = (batch.debit_count, batch.debit_fen, batch.credit_count, batch.credit_fen)
            if own != _sides(inside):
                yield f"A2: batch {key_of(batch)[1:]} has {own}, its payments come to {_sides(inside)}"
            ledger = 0
            for row in inside:
                if stands_in_its_batch(row):
                    ledger += rows.posted_fen[payment_key(row)]
            if ledger != batch.debit_fen - batch.credit_fen:
                yield f"A10: batch {key_of(batch)[1:]} has {own}, the ledger {ledger}"
            told = (batch.told_debit_count, batch.told_debit_fen, batch.told_credit_count, batch.told_credit_fen)
            till = next(till for till in self._tills if till.number == batch.terminal_no)
            counted = till.batch_sums(BatchNo(batch.batch_no))
            if batch.outcome == "agreed" and not own == told == counted:
                yield f"A10: batch {key_of(batch)[1:]} agreed on {own}; told {told}, in the journal {counted}"

    def _tills_and_host(self, rows: Rows) -> Iterator[str]:
        """A5, A6, A7: approved at a till is approved at the host; approved at the host alone is doubted, and undone, by the till."""
        for till in self._tills:
            lines, doubt = till.lines(), till.in_doubt()
            for (batch_no, trace_no), line in lines.items():
                row = rows.payments.get((MERCHANT, till.number, BatchNo(batch_no), TraceNo(trace_no)))
                if line.state in TAKEN and (row is None or not stands(row)):
                    yield f"A6: {till.number} {batch_no}/{trace_no} is {line.state} at the till, {row and row.state} at the host"
                if line.state == "reversed" and line.response_code in ("00", "25") and row is not None and stands(row):
                    yield f"A5: {till.number} {batch_no}/{trace_no} was undone, and stands"
            # What goes back at a wallet stays in doubt beside the others, until the till has asked what came of it.
            open_here = [*([doubt] if doubt is not None else []), *till.put_aside()]
            doubted = [(one.batch_no, one.trace_no) for one in open_here]
            for row in rows.payments.values():
                key = (row.batch_no, row.trace_no)
                if row.terminal_no != till.number or not stands(row) or not KINDS[row.kind].is_money_at_bank:
                    continue
                found = lines.get(key)
                if key not in doubted and (found is None or found.state not in TAKEN):
                    yield f"A7: {till.number} {key} stands at the host; at the till {found and found.state}, and it doubts {doubted}"

    def _numbers(self, rows: Rows) -> Iterator[str]:
        """A12: no reference number comes twice."""
        numbers = [row.rrn for row in rows.payments.values()] + [row.rrn for row in rows.of(Batch) if row.rrn]
        yield from (
            f"A12: reference number {one} came {count} times" for one, count in Counter(numbers).items() if count > 1
        )

    def _sessions(self, rows: Rows) -> Iterator[str]:
        """A17, A20: a payment has a session that lived, of an operator with the right; an operator has one live session, and so has a till."""
        live = [row for row in rows.of(Session) if row.ended_ms is None]
        for whose in (Counter(row.operator_no for row in live), Counter(row.terminal_no for row in live)):
            yield from (f"A20: {one} has {count} live sessions" for one, count in whose.items() if count > 1)
        sessions = {row.session_no: row for row in rows.of(Session)}
        roles = {row.operator_no: row.role for row in rows.of(Operator)}
        for row in rows.payments.values():
            if row.state != "approved":
                continue
            session = sessions.get(row.session_no)  # type: ignore[call-overload]  # None is no session's number
            if session is None:
                yield f"A17: {key_of(row)[1:]} has no session"
            elif (session.terminal_no, session.operator_no) != (row.terminal_no, row.operator_no):
                yield f"A17: {key_of(row)[1:]} was made in somebody else's session"
            elif not session.opened_ms <= row.created_ms <= (session.ended_ms or row.created_ms):
                yield f"A17: {key_of(row)[1:]} was made outside of its session"
            elif roles[session.operator_no] != "cashier":
                yield f"A17: {key_of(row)[1:]} was made by a {roles[session.operator_no]}"

    def _chain(self, rows: Rows) -> Iterator[str]:
        """A17: every provable record is what its last link in the chain says, and the links are joined."""
        links = sorted(rows.of(Link), key=lambda link: link.link_no)
        new = links[len(self._links) :]
        if links[: len(self._links)] != self._links:
            yield "A17: earlier links of the chain changed"
        if not new:
            return
        (head,) = rows.of(ChainHead)
        if not is_joined(_from(head, len(self._links)), self._joined, new):
            yield "A17: the links of the chain are not joined"
        self._links, self._joined = links, head.hash
        yield from self._records(rows, {(link.record_kind, link.record_no) for link in new})

    def _records(self, rows: Rows, looked_at: Collection[tuple[str, int]] = ()) -> Iterator[str]:
        """Those records, or all that have a link: each is what its last link says."""
        last = {(link.record_kind, link.record_no): link.commitment for link in self._links}
        salts = {(row.record_kind, row.record_no): row.salt for row in rows.of(Salt)}
        for kind in PROVABLE.values():
            for row in rows.of(kind.record):
                name = (kind.word, kind.number(row))
                if name in (looked_at or last) and last.get(name) != commit(salts[name], kind.contents(row)):
                    yield f"A17: {name} is not what its link says"

    def _not_charged(self, rows: Rows) -> Iterator[str]:
        """What a screen or a list calls not charged, the bank does not hold."""
        for till in self._tills:
            for (batch_no, trace_no), line in till.lines().items():
                key = (MERCHANT, till.number, BatchNo(batch_no), TraceNo(trace_no))
                if (line.state in NOT_TAKEN or key in self.not_charged) and self._bank_holds(rows.payments.get(key)):
                    yield f"{till.number} {batch_no}/{trace_no} is called not charged ({line.state}), and the bank holds it"

    def _bank_holds(self, row: Payment | None) -> bool:
        if row is None or not KINDS[row.kind].is_money_at_bank:
            return False
        if row.wallet is not None:
            # What is being undone, or looked at once more, is on its way back, and nobody was told that it is there already. What is
            # still asked about is called not charged by nobody.
            order = self._host.store.rows[(WalletOrder, *order_key(row))]
            assert isinstance(order, WalletOrder)
            return (
                order.step not in ("cancel", "give_back", "look")
                and self._host.wallets.net_fen(row.wallet, *order_key(row)) > 0
            )
        known = self._host.bank.books.payments.get(identity_of(ACQUIRER_CODE, row.rrn))
        return known is not None and known.state == "approved"

    # ── eventually ───────────────────────────────────────────────────────────

    def left_open(self) -> list[str]:
        """What is still under way: payments and reversals that have not come to their end."""
        rows = Rows(self._host)
        open_here = [f"{key[1:]} is {row.state} {row.bank_state}" for key, row in rows.payments.items() if is_open(row)]
        open_here += [f"order {one.order_no} is {one.state} {one.step}" for one in rows.of(WalletOrder) if one.next_ms]
        open_here += self._untold(rows)
        doubts = [(till, till.in_doubt()) for till in self._tills]
        open_here += [f"{till.number} has {one.trace_no} put aside" for till in self._tills for one in till.put_aside()]
        return open_here + [f"{till.number} doubts {doubt.trace_no}" for till, doubt in doubts if doubt is not None]

    def awaited_at(self, till: Till) -> bool:
        """Whether something that was paid by the code on its counter waits for this till."""
        orders = [row for row in self._host.store.rows.values() if isinstance(row, WalletOrder)]
        return any(one.terminal_no == till.number and one.step == "tell" for one in orders)

    def _untold(self, rows: Rows) -> Iterator[str]:
        """What was paid by the codes on the counters, and the host has not heard; and what wallets have not finished telling."""
        wallets, known = self._host.wallets.rows, {one.order_no for one in rows.of(WalletOrder)}
        yield from (f"notice of {one.wallet_no} is due" for one in wallets.notices.values() if one.next_ms is not None)
        paid = (one for one in wallets.orders.values() if one.counter and one.state == "paid")
        yield from (f"nobody has heard of {one.order_no}" for one in paid if one.order_no not in known)

    def disagreements(self) -> list[str]:
        """Everything on which tills, host and bank do not agree once nothing is under way."""
        rows, bank = Rows(self._host), self._host.bank
        # All of them, also those that no new link names: a record that was changed without one is what the chain is there for.
        wrong, known = list(self._records(rows)), set()
        lines: dict[PaymentKey, DayLine] = {
            (MERCHANT, till.number, BatchNo(batch), TraceNo(trace)): line
            for till in self._tills
            for (batch, trace), line in till.lines().items()
        }
        for key, row in rows.payments.items():
            identity = identity_of(ACQUIRER_CODE, row.rrn)
            known.add(identity)
            if not KINDS[row.kind].is_money_at_bank:
                continue
            if row.wallet is not None:
                wrong += self._at_wallet(rows, row, lines.get(key))
                continue
            there, line = bank.books.payments.get(identity), lines.get(key)
            states = (row.state + row.bank_state, line and line.state, there and there.state)
            if stands(row) != (there is not None and there.state == "approved"):
                wrong.append(f"{row.kind} {key[1:]}: {states}")
            if stands(row) != (line is not None and line.state in TAKEN):
                wrong.append(f"{row.kind} {key[1:]}: {states}")
            if there is not None and stands(row):
                here = (row.adjusted_fen or 0, bool(row.undone_by_trace_no))
                if here != (there.adjusted_fen, bool(there.undone_by)):
                    wrong.append(
                        f"{row.kind} {key[1:]}: {here} here, {there.adjusted_fen, there.undone_by} at the bank"
                    )
        wrong += [f"{identity} is unknown to the host" for identity in bank.books.payments if identity not in known]
        wrong += [
            f"{key[1:]} is {line.state} at the till, unknown to the host"
            for key, line in lines.items()
            if line.state in TAKEN and key not in rows.payments
        ]
        owed = sum(rows.owed_fen.values())
        if bank.moved_fen + self._host.wallets.moved_fen != owed:
            wrong.append(
                f"{bank.moved_fen} fen left the cards, {self._host.wallets.moved_fen} the wallets, {owed} are owed to the shop"
            )
        intents = {order_key(row)[1] for row in rows.payments.values() if row.wallet is not None}
        wrong += [
            f"order {order.order_no} is no payment's"
            for order in self._host.wallets.rows.orders.values()
            if not order.counter and order.order_no not in intents
        ]
        wrong += self._by_counter_codes(rows, lines)
        held = sum(held_fen(payment) for payment in bank.books.payments.values())
        if held != sum(bank.books.held.values()):
            wrong.append("what is held on the cards is not what the bank's payments hold")
        return wrong

    def _by_counter_codes(self, rows: Rows, lines: Mapping[PaymentKey, DayLine]) -> Iterator[str]:
        """What was paid by a code on a counter is one payment, the same at wallet, host and till; or it is with its customer again, and
        people were called once."""
        counters = self._host.counters
        here = {row.order_no: row for row in rows.of(WalletOrder)}
        back: Counter[str] = Counter()
        for order in self._host.wallets.rows.orders.values():
            if not order.counter:
                continue
            number, known = order.order_no, here.get(order.order_no)
            taken = [
                row
                for row in rows.payments.values()
                if (row.kind, row.order_no, row.state) == (BY_COUNTER, number, "approved")
            ]
            at_till = [
                line
                for line in lines.values()
                if (line.kind, line.pay_voucher) == (BY_COUNTER, number) and line.state in TAKEN
            ]
            if known is not None and not taken and not at_till and number not in counters.must_arrive:
                back[order.counter] += 1
                if order.amount_fen != order.returned_fen:
                    yield f"{number} was refused, and {order.returned_fen} of {order.amount_fen} fen went back"
                continue
            amounts = [*(row.amount_fen for row in taken), *(line.amount_fen for line in at_till)]
            if len(taken) != 1 or len(at_till) != 1 or set(amounts) != {order.amount_fen}:
                yield f"{number} came as {order.amount_fen} fen; {len(taken)} at the host, {len(at_till)} at the till: {amounts}"
            if number in counters.must_go_back:
                yield f"{number} was paid by a code that was withdrawn, and was taken"
        called = Counter(str(row.terminal_no) for row in rows.of(SupportCase) if row.what == "counter_code_refused")
        if called != back:
            yield f"{dict(back)} payments were refused, people were called for {dict(called)}"

    def _at_wallet(self, rows: Rows, row: Payment, line: DayLine | None) -> Iterator[str]:
        """Host, till and wallet say the same of a payment, and of what was given back of it."""
        assert row.wallet is not None
        order = self._host.store.rows[(WalletOrder, *order_key(row))]
        assert isinstance(order, WalletOrder)
        states = (row.state + row.bank_state, line and line.state, order.state)
        if stands(row) != (line is not None and line.state in TAKEN):
            yield f"{row.kind} {key_of(row)[1:]}: {states}"
        if stands(row) != (order.state == "paid"):
            yield f"{row.kind} {key_of(row)[1:]}: {states}"
        if row.original_trace_no:
            given = self._host.wallets.rows.given_back(row.wallet, *order_key(row))
            if stands(row) != (given is not None and given.amount_fen == row.amount_fen):
                yield f"{row.kind} {key_of(row)[1:]}: {states}, given back {given}"
        elif (there := self._host.wallets.net_fen(row.wallet, *order_key(row))) != rows.net_fen(row):
            yield f"{row.kind} {key_of(row)[1:]}: {states}, {rows.net_fen(row)} fen here, {there} at the wallet"


def is_open(row: Payment) -> bool:
    """Whether it has not come to its end."""
    return row.state == "pending" or row.bank_state == "reversal_due"


def stands_in_its_batch(row: Payment) -> bool:
    """Whether its batch counts it: also where it was corrected after the close."""
    return row.state == "approved"


def _sides(inside: Iterable[Payment]) -> tuple[int, int, int, int]:
    counted = [row for row in inside if stands_in_its_batch(row)]
    debit = [row.amount_fen for row in counted if PAYMENTS[row.kind].total == "debit"]
    credit = [row.amount_fen for row in counted if PAYMENTS[row.kind].total == "credit"]
    return len(debit), sum(debit), len(credit), sum(credit)


def _batch_key(batch: Batch) -> BatchKey:
    return batch.merchant_no, batch.terminal_no, batch.batch_no


def _from(head: ChainHead, link_no: int) -> ChainHead:
    """The head as if it had been signed at this link."""
    return ChainHead(
        merchant_no=head.merchant_no,
        link_no=head.link_no,
        hash=head.hash,
        signed_no=link_no,
        signed_ms=head.signed_ms,
    )
