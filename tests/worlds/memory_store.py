"""A store in memory that keeps the promises of store.port: whole transactions, one at a time, nothing before `save` returned."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from zhanggui.acquirer.rows.batch_figures import BatchEntries, BatchSums, host_entry, told_detail
from zhanggui.acquirer.rows.records import (
    KEYS_MARK_BYTES,
    WHOLE_HOST,
    AnswerKey,
    ApiAnswer,
    Batch,
    BatchDetail,
    BatchKey,
    CounterCode,
    CounterCodeKey,
    Document,
    DocumentKey,
    Heard,
    Job,
    Merchant,
    Operator,
    OrderPlace,
    OutboxMessage,
    OutboxPlace,
    Payment,
    PaymentKey,
    PaymentScript,
    Record,
    Session,
    StoredAnswer,
    Stranger,
    Terminal,
    TerminalKey,
    TerminalOrder,
    WalletOrder,
    Webhook,
    WebhookKey,
    WebhookPlace,
    key_of,
)
from zhanggui.acquirer.rows.state import Ahead, Change, Delete, Insert, Needs, State
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import WRAP_MAX, MerchantNo, TerminalNo, UnixMs, is_ahead
from zhanggui.cup.messages.settlement import Sums
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.store.errors import Conflict

Rows = dict[tuple[object, ...], Record]


class MemoryStore:
    """Committed rows. Tests look at `rows`, hold saves back with `may_save` and break them with `before_save`."""

    is_shared = False

    def __init__(self) -> None:
        self.rows: Rows = {}
        self.may_save = asyncio.Event()
        self.may_save.set()
        self.saving = asyncio.Event()
        self.before_save: Callable[[Sequence[Change]], None] = lambda changes: None
        self.batches: list[int] = []
        self._turn = asyncio.Lock()

    def put(self, *records: Record) -> None:
        """Committed rows from before."""
        self.rows.update({(type(record), *key_of(record)): record for record in records})

    @asynccontextmanager
    async def unit(self) -> AsyncIterator["MemoryUnit"]:
        async with self._turn:
            yield MemoryUnit(self)

    async def payments_pending(self, limit: int) -> list[Payment]:
        return [row for row in self.payments() if row.state == "pending" and row.wallet is None][:limit]

    async def reversals_due(self, limit: int) -> list[Payment]:
        due = [row for row in self.payments() if row.bank_state == "reversal_due" and row.wallet is None]
        return due[:limit]

    async def scripts_due(self, limit: int) -> list[PaymentScript]:
        found = [row for row in self.rows.values() if type(row) is PaymentScript and row.state == "due"]
        return sorted(found, key=lambda row: row.taken_ms)[:limit]

    async def jobs_due(self, now: UnixMs, after: Job | None, limit: int) -> list[Job]:
        found = [row for row in self.rows.values() if type(row) is Job and row.state != "done" and row.due_ms <= now]
        found.sort(key=place_of)
        return [row for row in found if after is None or place_of(row) > place_of(after)][:limit]

    async def wallet_orders_to_ask(self, after: WalletOrder | None, limit: int) -> list[WalletOrder]:
        found = [row for row in self.rows.values() if type(row) is WalletOrder and row.next_ms is not None]

        def place(row: WalletOrder) -> tuple[object, ...]:
            return (row.next_ms, *key_of(row))

        found.sort(key=place)
        return [row for row in found if after is None or place(row) > place(after)][:limit]

    async def merchants_with_rules(self, after: MerchantNo, limit: int, *, every: bool = False) -> list[Merchant]:
        shops = [row for row in self.rows.values() if type(row) is Merchant and (every or row.policy_overrides)]
        later = [row for row in shops if row.merchant_no > after]
        return sorted(later, key=key_of)[:limit]

    async def terminals_with_payments(
        self, merchant_no: MerchantNo, after: TerminalNo, limit: int
    ) -> list[TerminalKey]:
        return []

    async def counter_codes(self, after: CounterCodeKey, limit: int) -> list[CounterCode]:
        found = [row for row in self.rows.values() if type(row) is CounterCode and key_of(row) > after]
        return sorted(found, key=key_of)[:limit]

    async def batches_uploading(self, after: BatchKey, limit: int) -> list[Batch]:
        found = [row for row in self.rows.values() if type(row) is Batch and row.state == "uploading"]
        return sorted((row for row in found if key_of(row) > after), key=key_of)[:limit]

    async def answers_made_before(self, until: UnixMs, after: AnswerKey, limit: int) -> list[StoredAnswer]:
        open_now = {row.batch_no for row in self.rows.values() if type(row) is Terminal}
        found = [
            row
            for row in self.rows.values()
            if type(row) is StoredAnswer
            and row.made_ms < until
            and (len(row.fingerprint) > KEYS_MARK_BYTES or row.batch_no not in open_now)
        ]
        return sorted((row for row in found if key_of(row) > after), key=key_of)[:limit]

    async def documents_until(self, until: UnixMs, after: DocumentKey, limit: int) -> list[Document]:
        found = [row for row in self.rows.values() if type(row) is Document and row.erased_ms is None]
        due = [row for row in found if row.until_ms <= until and key_of(row) > after]
        return sorted(due, key=key_of)[:limit]

    async def strangers_over(self, until: UnixMs, after: str, limit: int) -> list[Stranger]:
        found = [row for row in self.rows.values() if type(row) is Stranger and row.merchant_no == WHOLE_HOST]
        over = [row for row in found if row.next_try_ms is not None and row.next_try_ms <= until]
        return sorted((row for row in over if row.operator_no > after), key=key_of)[:limit]

    async def api_answers_made_before(self, until: UnixMs, after: str, limit: int) -> list[ApiAnswer]:
        found = [row for row in self.rows.values() if type(row) is ApiAnswer and row.made_ms <= until]
        return sorted((row for row in found if row.mark > after), key=key_of)[:limit]

    async def orders_open(self, after: OrderPlace, limit: int) -> list[TerminalOrder]:
        found = [row for row in self.rows.values() if type(row) is TerminalOrder and row.state in ("queued", "told")]
        places = {(row.changed_ms, *key_of(row)): row for row in found}
        return [places[place] for place in sorted(places) if place > after][:limit]

    async def webhooks_changed(self, after: WebhookPlace, limit: int) -> list[Webhook]:
        found = [row for row in self.rows.values() if type(row) is Webhook]
        places = {(row.changed_ms, row.merchant_no, row.webhook_no): row for row in found}
        return [places[place] for place in sorted(places) if place > after][:limit]

    async def outbox_waiting(self, limit: int) -> list[tuple[str, int, int]]:
        counts = Counter((row.webhook_merchant_no, row.webhook_no) for row in self._messages() if row.state == "queued")
        return [(*key, counts[key]) for key in sorted(counts)][:limit]

    async def outbox_queued(self, webhook: WebhookKey, limit: int) -> list[OutboxMessage]:
        queued = [row for row in self._messages() if row.state == "queued"]
        of_it = [row for row in queued if (row.webhook_merchant_no, row.webhook_no) == webhook]
        return sorted(of_it, key=lambda row: (row.next_ms or 0, row.message_id))[:limit]

    async def outbox_ended(self, until: UnixMs, after: OutboxPlace, limit: int) -> list[OutboxMessage]:
        over = [row for row in self._messages() if row.ended_ms is not None and row.ended_ms < until]
        return sorted((row for row in over if key_of(row) > after), key=key_of)[:limit]

    def _messages(self) -> list[OutboxMessage]:
        return [row for row in self.rows.values() if type(row) is OutboxMessage]

    async def note_heard(self, heard: Sequence[Heard]) -> None:
        self.put(*heard)

    async def close(self) -> None:
        pass

    def payments(self) -> list[Payment]:
        return [row for row in self.rows.values() if type(row) is Payment]

    def sessions(self) -> list[Session]:
        return [row for row in self.rows.values() if type(row) is Session]


def place_of(job: Job) -> tuple[object, ...]:
    """Where a job stands among those that are due."""
    return (job.due_ms, *key_of(job))


def ahead_of(key: PaymentKey, rows: Sequence[Payment | StoredAnswer]) -> Ahead:
    """What a terminal used after a number: the promise of `Needs.ahead`, by looking at each row."""
    later = [row for row in rows if key_of(row)[:3] == key[:3] and is_ahead(row.trace_no, key[3])]
    order = sorted(later, key=lambda row: (int(row.trace_no) - int(key[3])) % WRAP_MAX)
    payments = [row for row in order if isinstance(row, Payment) and row.reason is None]
    done = [row for row in payments if row.state not in ("pending", "barred")]
    return Ahead(order[-1].trace_no if order else "", done[-1].trace_no if done else "")


class MemoryUnit:
    """One transaction; changes become rows all together when `save` ends."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._saved = False

    async def load(self, needs: Needs) -> State:
        await asyncio.sleep(0)
        state = State()
        rows = self._store.rows
        for lookup in needs.lookups:
            for paid in self._store.payments():
                if lookup.rrn:
                    fits = paid.rrn == lookup.rrn
                elif lookup.pay_voucher:
                    fits = paid.pay_voucher == lookup.pay_voucher
                else:
                    fits = (paid.auth_code, paid.card_hash) == (lookup.auth_code, lookup.card_hash)
                if fits:
                    state.found[lookup] = (paid.merchant_no, paid.terminal_no, paid.batch_no, paid.trace_no)
                    needs.add(Payment, state.found[lookup])
        for kind, keys in needs.keys.items():
            for key in keys:
                row = rows.get((kind, *key))
                if row is not None:
                    state.put(row)
        for key in needs.ahead:
            state.ahead[key] = ahead_of(key, [row for row in rows.values() if isinstance(row, Payment | StoredAnswer)])
        for session in self._store.sessions():
            on, of = (session.merchant_no, session.terminal_no), (session.merchant_no, session.operator_no)
            if session.ended_ms is None and (on in needs.of(Terminal) or of in needs.of(Operator)):
                state.put(session)
            if session.ended_ms is None and on in needs.figures:
                sold = [row.amount_fen for row in self._store.payments() if row.session_no == session.session_no]
                state.figures[(session.merchant_no, session.session_no)] = (len(sold), sum(sold))
        for batch in needs.sums:
            state.sums[batch] = self._sums(batch)
        for batch in needs.entries:
            state.entries[batch] = self._entries(batch)
        return state

    def _sums(self, batch: BatchKey) -> BatchSums:
        inside = self._payments_of(batch)
        sides = {
            side: [row.amount_fen for row in inside if row.state == "approved" and PAYMENTS[row.kind].total == side]
            for side in ("debit", "credit")
        }
        sums = Sums(
            debit_count=len(sides["debit"]),
            debit_fen=sum(sides["debit"]),
            credit_count=len(sides["credit"]),
            credit_fen=sum(sides["credit"]),
        )
        pending = sum(row.state == "pending" for row in inside)
        return BatchSums(sums, pending, min((row.created_ms for row in inside), default=None))

    def _entries(self, batch: BatchKey) -> BatchEntries:
        told = [row for row in self._store.rows.values() if type(row) is BatchDetail and key_of(row)[:3] == batch]
        return BatchEntries(
            {row.trace_no: host_entry(row) for row in self._payments_of(batch)},
            {row.trace_no: told_detail(row) for row in told},
        )

    def _payments_of(self, batch: BatchKey) -> list[Payment]:
        return [row for row in self._store.payments() if key_of(row)[:3] == batch]

    async def save(self, changes: Sequence[Change]) -> None:
        if self._saved:
            raise Defect("a unit is saved once")
        self._saved = True
        self._store.saving.set()
        await self._store.may_save.wait()
        self._store.before_save(changes)
        rows = dict(self._store.rows)
        for change in changes:
            key = (type(change.record), *key_of(change.record))
            if (type(change) is Insert) == (key in rows):
                raise Conflict(f"a {type(change.record).__name__} is there already, or not there")
            if type(change) is Delete:
                del rows[key]
            else:
                rows[key] = change.record
        self._store.rows = rows
        self._store.batches.append(len(changes))
