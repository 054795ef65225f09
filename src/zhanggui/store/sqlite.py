"""The store on SQLite: one file, one connection, one writing process.

A unit begins with BEGIN IMMEDIATE. Its loads then run inside one transaction, which costs less than many small ones
(each would take and release the log's read lock), and nobody can write between load and save. A unit that only reads
costs no disk write. Units of one process wait for each other; the statements run inline, only the commit runs beside the
loop (`sqlite_commit.py`), so that the next requests are read meanwhile.

Measured: a SELECT of a 24-column row costs 5 to 8 µs, half of it the driver's description of the columns; a look into a
dict costs 0.1. So committed rows are kept (`row_cache.py`) while SQLite's data_version says that nobody else wrote, and
a row that is mostly absent is probed for before it is read.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain
from types import TracebackType
from typing import TypeVar

from sqlalchemy.dialects.sqlite import insert

from ..acquirer.rows.records import (
    ALL_RECORDS,
    AnswerKey,
    ApiAnswer,
    Batch,
    BatchKey,
    ChainHead,
    CounterCode,
    CounterCodeKey,
    Document,
    DocumentKey,
    Heard,
    Job,
    Link,
    Merchant,
    Operator,
    OrderPlace,
    OutboxMessage,
    OutboxPlace,
    Payment,
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
)
from ..acquirer.rows.state import Change, Key, Needs, State
from ..basics.errors import Defect
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs, numbers_ahead
from ..basics.recent import Recent
from ..edges.sqlite import Connection, Error, waits_for_disk
from .changes import TableWrites, join_changes
from .facts import facts_of
from .outbox_statements import (
    select_outbox_ended,
    select_outbox_queued,
    select_outbox_waiting,
    select_webhooks_changed,
)
from .port import PAYMENTS_AT_ONCE_MAX
from .row_cache import RowCache
from .rows import SHAPES, Row, write_row
from .sqlite_commit import CommitInline, CommitThread
from .sqlite_errors import told
from .sqlite_writes import SQLITE, inserts, updates
from .statements import (
    after_job,
    after_order,
    delete_row,
    exists_by_key,
    look_up,
    look_ups,
    read_ahead,
    read_entries,
    read_sums,
    select_ahead,
    select_answers_made_before,
    select_api_answers_made_before,
    select_batches_uploading,
    select_by_key,
    select_by_keys,
    select_counter_codes,
    select_documents_until,
    select_figures,
    select_heads_unsigned,
    select_host_entries,
    select_jobs_due,
    select_links_from,
    select_live_sessions,
    select_merchants_with_rules,
    select_orders_open,
    select_pending,
    select_reversals_due,
    select_scripts_due,
    select_strangers_over,
    select_sums,
    select_terminals_with_payments,
    select_told_entries,
    select_wallet_orders_to_ask,
    upsert_heard,
)

PAGE_CACHE_KIB = 65_536
"""SQLite's page cache: the inner pages of all indexes of a year and the leaves of a day, against 2,000 KiB by default."""

R = TypeVar("R", bound=Record)

_DELETE = {kind: delete_row(kind, SQLITE) for kind in ALL_RECORDS}
_ONE = {kind: select_by_key(kind, SQLITE) for kind in ALL_RECORDS}
READ_AT_ONCE = (48, 12)
"""Rows of one kind that one statement reads, where a batch wants as many: 1.8 µs a row where one alone takes 3."""
_MANY = [(count, {kind: select_by_keys(kind, SQLITE, count) for kind in ALL_RECORDS}) for count in READ_AT_ONCE]
_PROBE: dict[type[Record], str] = {
    kind: exists_by_key(kind, SQLITE) for kind in ALL_RECORDS if facts_of(kind).is_mostly_absent
}
_LIVE_ON_TERMINAL = select_live_sessions("terminal_no", SQLITE)
_LIVE_OF_OPERATOR = select_live_sessions("operator_no", SQLITE)
_FIGURES = select_figures(SQLITE)
_SUMS = select_sums(SQLITE)
_HOST_ENTRIES = select_host_entries(SQLITE)
_TOLD_ENTRIES = select_told_entries(SQLITE)
_AHEAD = select_ahead(SQLITE)
_JOBS_DUE = select_jobs_due(SQLITE)
_WALLET_ORDERS_TO_ASK = select_wallet_orders_to_ask(SQLITE)
_COUNTER_CODES = select_counter_codes(SQLITE)
_MERCHANTS_WITH_RULES = select_merchants_with_rules(SQLITE)
_BATCHES_UPLOADING = select_batches_uploading(SQLITE)
_ANSWERS_MADE_BEFORE = select_answers_made_before(SQLITE)
_DOCUMENTS_UNTIL = select_documents_until(SQLITE)
_STRANGERS_OVER = select_strangers_over(SQLITE)
_API_ANSWERS_MADE_BEFORE = select_api_answers_made_before(SQLITE)
_ORDERS_OPEN = select_orders_open(SQLITE)
_WEBHOOKS_CHANGED = select_webhooks_changed(SQLITE)
_OUTBOX_WAITING = select_outbox_waiting(SQLITE)
_OUTBOX_QUEUED = select_outbox_queued(SQLITE)
_OUTBOX_ENDED = select_outbox_ended(SQLITE)
_TERMINALS_WITH_PAYMENTS = select_terminals_with_payments(SQLITE)
_LOOK_UPS = look_ups(SQLITE)
_PENDING = select_pending(SQLITE)
_REVERSALS_DUE = select_reversals_due(SQLITE)
_SCRIPTS_DUE = select_scripts_due(SQLITE)
_UPSERT_HEARD = upsert_heard(SQLITE, insert)
_HEADS_UNSIGNED = select_heads_unsigned(SQLITE)
_LINKS_FROM = select_links_from(SQLITE)


def _unknown(key: Key) -> None:
    """What is known of a row whose kind is not kept."""


_DRIVER_ERRORS = (Error, OverflowError, UnicodeError)


class SqliteStore:
    """A Store over one connection, which must be in autocommit mode and durable (`edges.sqlite.open_durable`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._commits = CommitThread(connection) if waits_for_disk(connection) else CommitInline(connection)
        self._turn = asyncio.Lock()
        self._cache = RowCache()
        self._data_version: object = None
        connection.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")

    @property
    def is_shared(self) -> bool:
        return False

    def unit(self) -> "SqliteUnit":
        return SqliteUnit(self)

    async def payments_pending(self, limit: int) -> list[Payment]:
        return await self._payments(_PENDING, limit)

    async def reversals_due(self, limit: int) -> list[Payment]:
        return await self._payments(_REVERSALS_DUE, limit)

    async def scripts_due(self, limit: int) -> list[PaymentScript]:
        return await self._records(PaymentScript, _SCRIPTS_DUE, (min(limit, PAYMENTS_AT_ONCE_MAX),))

    async def heads_unsigned(self, signed_until: UnixMs, now: UnixMs, limit: int) -> list[ChainHead]:
        return await self._records(ChainHead, _HEADS_UNSIGNED, (signed_until, now, limit))

    async def links_from(self, merchant_no: MerchantNo, link_no: int, limit: int) -> list[Link]:
        return await self._records(Link, _LINKS_FROM, (merchant_no, link_no, limit))

    async def jobs_due(self, now: UnixMs, after: Job | None, limit: int) -> list[Job]:
        return await self._records(Job, _JOBS_DUE, (now, *after_job(after), limit))

    async def wallet_orders_to_ask(self, after: WalletOrder | None, limit: int) -> list[WalletOrder]:
        return await self._records(WalletOrder, _WALLET_ORDERS_TO_ASK, (*after_order(after), limit))

    async def counter_codes(self, after: CounterCodeKey, limit: int) -> list[CounterCode]:
        return await self._records(CounterCode, _COUNTER_CODES, (*after, limit))

    async def merchants_with_rules(self, after: MerchantNo, limit: int, *, every: bool = False) -> list[Merchant]:
        return await self._records(Merchant, _MERCHANTS_WITH_RULES, (int(every), after, limit))

    async def batches_uploading(self, after: BatchKey, limit: int) -> list[Batch]:
        return await self._records(Batch, _BATCHES_UPLOADING, (*after, limit))

    async def answers_made_before(self, until: UnixMs, after: AnswerKey, limit: int) -> list[StoredAnswer]:
        return await self._records(StoredAnswer, _ANSWERS_MADE_BEFORE, (*after, until, limit))

    async def documents_until(self, until: UnixMs, after: DocumentKey, limit: int) -> list[Document]:
        return await self._records(Document, _DOCUMENTS_UNTIL, (*after, until, limit))

    async def strangers_over(self, until: UnixMs, after: str, limit: int) -> list[Stranger]:
        return await self._records(Stranger, _STRANGERS_OVER, (after, until, limit))

    async def api_answers_made_before(self, until: UnixMs, after: str, limit: int) -> list[ApiAnswer]:
        return await self._records(ApiAnswer, _API_ANSWERS_MADE_BEFORE, (after, until, limit))

    async def orders_open(self, after: OrderPlace, limit: int) -> list[TerminalOrder]:
        return await self._records(TerminalOrder, _ORDERS_OPEN, (*after, limit))

    async def webhooks_changed(self, after: WebhookPlace, limit: int) -> list[Webhook]:
        return await self._records(Webhook, _WEBHOOKS_CHANGED, (*after, limit))

    async def outbox_queued(self, webhook: WebhookKey, limit: int) -> list[OutboxMessage]:
        return await self._records(OutboxMessage, _OUTBOX_QUEUED, (*webhook, limit))

    async def outbox_ended(self, until: UnixMs, after: OutboxPlace, limit: int) -> list[OutboxMessage]:
        return await self._records(OutboxMessage, _OUTBOX_ENDED, (*after, until, limit))

    async def outbox_waiting(self, limit: int) -> list[tuple[str, int, int]]:
        async with self._turn:
            try:
                return self._connection.execute(_OUTBOX_WAITING, (limit,)).fetchall()
            except Error as error:
                raise told(error) from error

    async def terminals_with_payments(
        self, merchant_no: MerchantNo, after: TerminalNo, limit: int
    ) -> list[TerminalKey]:
        async with self._turn:
            try:
                return self._connection.execute(_TERMINALS_WITH_PAYMENTS, (merchant_no, after, limit)).fetchall()
            except Error as error:
                raise told(error) from error

    async def note_heard(self, heard: Sequence[Heard]) -> None:
        async with self.unit():
            is_committing = False
            try:
                self._cursor.executemany(_UPSERT_HEARD, map(write_row, heard))
                is_committing = True
                await self._commits.commit()
            except _DRIVER_ERRORS as error:
                raise told(error, while_committing=is_committing) from None

    async def close(self) -> None:
        self._commits.close()
        try:
            self._connection.close()
        except Error as error:
            raise told(error) from error

    async def _payments(self, statement: str, limit: int) -> list[Payment]:
        return await self._records(Payment, statement, (min(limit, PAYMENTS_AT_ONCE_MAX),))

    async def _records(self, kind: type[R], statement: str, parameters: Row) -> list[R]:
        async with self._turn:
            try:
                rows = self._connection.execute(statement, parameters).fetchall()
            except Error as error:
                raise told(error) from error
        return [SHAPES[kind].read(row) for row in rows]

    async def _begin(self) -> None:
        await self._turn.acquire()
        try:
            # What an earlier unit could not undo: with it open no unit would ever begin again.
            self._roll_back()
            version = self._begin_in_turn()
        except BaseException:
            self._turn.release()
            raise
        if version != self._data_version:
            self._cache.clear()
            self._data_version = version

    def _begin_in_turn(self) -> object:
        """Open a transaction; the answer is SQLite's data_version. After an error none is open."""
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            return self._cursor.execute("PRAGMA data_version").fetchone()
        except Error as error:
            self._roll_back()
            raise told(error) from error

    def _end(self) -> None:
        self._turn.release()

    def _roll_back(self) -> None:
        # A full disk or a failed write may have ended the transaction already.
        if self._connection.in_transaction:
            try:
                self._cursor.execute("ROLLBACK")
            except Error as error:
                raise told(error) from error

    async def _save(self, changes: Sequence[Change]) -> None:
        tables = list(join_changes(changes))
        is_committing = False
        try:
            for writes in tables:
                self._write(writes)
            is_committing = True
            await self._commits.commit()
        except _DRIVER_ERRORS as error:
            self._cache.clear()
            self._roll_back()
            raise told(error, while_committing=is_committing) from None
        except asyncio.CancelledError:
            # It may stand in the database, and nobody puts it into the cache any more.
            self._cache.clear()
            raise
        for writes in tables:
            self._cache.put(writes.kind, writes.updates)
            self._cache.put(writes.kind, writes.inserts)
            self._cache.drop(writes.kind, writes.deletes)

    def _write(self, writes: TableWrites) -> None:
        kind = writes.kind
        if writes.updates:
            self._update(kind, writes.updates)
        if writes.inserts:
            for statement, values in inserts(kind, writes.inserts):
                self._cursor.executemany(statement, values)
        if writes.deletes:
            delete = _DELETE[kind]
            rows = map(delete.values_of, map(write_row, writes.deletes))
            gone = self._cursor.executemany(delete.statement, rows).rowcount
            if gone != len(writes.deletes):
                raise Defect(f"{len(writes.deletes)} rows of {kind.__name__} were to go, {gone} are there")

    def _update(self, kind: type[Record], records: list[Record]) -> None:
        known = self._cache.rows.get(kind)
        changed = 0
        for statement, values in updates(kind, records, known.get if known is not None else _unknown):
            changed += self._cursor.executemany(statement, values).rowcount
        if changed != len(records):
            raise Defect(f"{len(records)} rows of {kind.__name__} were to change, {changed} are there")

    def _load(self, needs: Needs) -> State:
        state = State()
        put = state.put
        cache = self._cache
        # Operators first: a State files sessions as they come, and these come oldest first.
        for operator in needs.of(Operator):
            for session in self._live(_LIVE_OF_OPERATOR, operator, cache.live_of_operator):
                put(session)
        for terminal in needs.of(Terminal):
            for session in self._live(_LIVE_ON_TERMINAL, terminal, cache.live_on_terminal):
                put(session)
        for lookup in needs.lookups:
            statement, parameters = look_up(lookup, _LOOK_UPS)
            found = self._cursor.execute(statement, parameters).fetchone()
            if found is not None:
                state.found[lookup] = found
                needs.add(Payment, found)
        for kind, keys in needs.keys.items():
            known = cache.rows.get(kind)
            unknown = []
            for key in keys:
                record = known.get(key) if known is not None else None
                if record is None:
                    unknown.append(key)
                else:
                    put(record)
            for record in self._read_all(kind, unknown):
                put(record)
        for terminal in needs.figures:
            for session in self._live(_LIVE_ON_TERMINAL, terminal, cache.live_on_terminal):
                of_session = session.merchant_no, session.session_no
                state.figures[of_session] = self._cursor.execute(_FIGURES, of_session).fetchone()
        for batch in needs.sums:
            state.sums[batch] = read_sums(self._cursor.execute(_SUMS, batch).fetchone())
        for batch in needs.entries:
            of_host = self._cursor.execute(_HOST_ENTRIES, batch).fetchall()
            state.entries[batch] = read_entries(of_host, self._cursor.execute(_TOLD_ENTRIES, batch).fetchall())
        for of_number in needs.ahead:
            *place, number = of_number
            ranges = ((*place, *ends) for ends in numbers_ahead(number))
            found = [self._cursor.execute(_AHEAD, (*one, *one, *one)).fetchone() for one in ranges]
            state.ahead[of_number] = read_ahead(found)
        return state

    def _read_all(self, kind: type[Record], keys: list[Key]) -> Iterator[Record]:
        at = 0
        for count, statements in _MANY:
            while len(keys) - at >= count:
                found = self._cursor.execute(statements[kind], list(chain.from_iterable(keys[at : at + count])))
                records = list(map(SHAPES[kind].read, found.fetchall()))
                self._cache.put(kind, records)
                yield from records
                at += count
        for key in keys[at:]:
            record = self._read(kind, key)
            if record is not None:
                yield record

    def _read(self, kind: type[Record], key: Key) -> Record | None:
        probe = _PROBE.get(kind)
        if probe is not None and self._cursor.execute(probe, key).fetchone() is None:
            return None
        row = self._cursor.execute(_ONE[kind], key).fetchone()
        if row is None:
            return None
        record: Record = SHAPES[kind].read(row)
        self._cache.put(kind, (record,))
        return record

    def _live(self, statement: str, key: Key, known: Recent[Key, tuple[Session, ...]]) -> tuple[Session, ...]:
        sessions = known.get(key)
        if sessions is None:
            sessions = tuple(map(SHAPES[Session].read, self._cursor.execute(statement, key).fetchall()))
            known.put(key, sessions)
        return sessions


class SqliteUnit:
    """One transaction on the store's connection."""

    __slots__ = ("_is_open", "_store")

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._is_open = False

    async def __aenter__(self) -> "SqliteUnit":
        await self._store._begin()
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        try:
            self._store._roll_back()
        finally:
            self._store._end()

    async def load(self, needs: Needs) -> State:
        self._must_be_open()
        try:
            return self._store._load(needs)
        except _DRIVER_ERRORS as error:
            raise told(error) from None

    async def save(self, changes: Sequence[Change]) -> None:
        self._must_be_open()
        self._is_open = False
        await self._store._save(changes)

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise Defect("this unit has ended; each transaction takes a unit of its own")
