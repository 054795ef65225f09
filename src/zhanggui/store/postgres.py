"""The store on PostgreSQL: one connection, statements sent together (pipeline), rows locked in a fixed order.

Any number of hosts may share a database. Each load locks the rows that may change; so two hosts that decide about one
operator, terminal or payment take turns, and the second sees what the first has committed (READ COMMITTED reads afresh
in each statement). What can't be locked because it is not there yet, a new key, is refused by the database: Conflict.
A batch costs three round trips: load (BEGIN included), save, COMMIT.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar, cast

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor
from psycopg.pq import TransactionStatus

from ..acquirer.rows.records import (
    ALL_RECORDS,
    AnswerKey,
    ApiAnswer,
    Batch,
    BatchKey,
    ChainHead,
    CounterCode,
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
)
from ..acquirer.rows.state import Change, Needs, State
from ..basics.errors import Defect, Fault
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs, numbers_ahead
from . import statements
from .changes import WRITE_ORDER, join_changes
from .facts import facts_of
from .outbox_statements import (
    select_outbox_ended,
    select_outbox_queued,
    select_outbox_waiting,
    select_webhooks_changed,
)
from .port import PAYMENTS_AT_ONCE_MAX
from .postgres_errors import told
from .postgres_statements import (
    POSTGRES,
    arrays_of,
    select_by_keys,
    select_figures_of_many,
    select_live_sessions_of_many,
)
from .postgres_writes import (
    GroupOf,
    delete_many,
    grouped,
    insert_text,
    inserts,
    merchants_in,
    one_group,
    update_text,
    updates,
)
from .rows import SHAPES, Row, write_row
from .statements import after_job, after_order, look_up, look_ups, read_ahead, read_entries, read_sums
from .targets import PostgresTarget

CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_MS = 5_000
"""How long a host waits for another one's rows; longer than any unit, shorter than a terminal's patience (60 s)."""
IDLE_TIMEOUT_MS = 10_000
"""After this long without a word inside a transaction, PostgreSQL frees the rows of a host that hangs."""

_SETTINGS = (
    "SET synchronous_commit TO on",  # whatever the server's default: a commit that returned is on its disk
    f"SET lock_timeout TO {LOCK_TIMEOUT_MS}",
    f"SET idle_in_transaction_session_timeout TO {IDLE_TIMEOUT_MS}",
    "SET default_transaction_isolation TO 'read committed'",
)

_DELETE = {kind: delete_many(kind) for kind in ALL_RECORDS}
_MANY = {kind: select_by_keys(kind, lock=facts_of(kind).is_locked) for kind in ALL_RECORDS}
_LIVE = select_live_sessions_of_many()
_FIGURES = select_figures_of_many()
_SUMS = statements.select_sums(POSTGRES)
_HOST_ENTRIES = statements.select_host_entries(POSTGRES)
_TOLD_ENTRIES = statements.select_told_entries(POSTGRES)
_AHEAD = statements.select_ahead(POSTGRES)
_JOBS_DUE = statements.select_jobs_due(POSTGRES)
_WALLET_ORDERS_TO_ASK = statements.select_wallet_orders_to_ask(POSTGRES)
_COUNTER_CODES = statements.select_counter_codes(POSTGRES)
_MERCHANTS_WITH_RULES = statements.select_merchants_with_rules(POSTGRES)
_BATCHES_UPLOADING = statements.select_batches_uploading(POSTGRES)
_ANSWERS_MADE_BEFORE = statements.select_answers_made_before(POSTGRES)
_DOCUMENTS_UNTIL = statements.select_documents_until(POSTGRES)
_STRANGERS_OVER = statements.select_strangers_over(POSTGRES)
_API_ANSWERS_MADE_BEFORE = statements.select_api_answers_made_before(POSTGRES)
_ORDERS_OPEN = statements.select_orders_open(POSTGRES)
_WEBHOOKS_CHANGED = select_webhooks_changed(POSTGRES)
_OUTBOX_WAITING = select_outbox_waiting(POSTGRES)
_OUTBOX_QUEUED = select_outbox_queued(POSTGRES)
_OUTBOX_ENDED = select_outbox_ended(POSTGRES)
_TERMINALS_WITH_PAYMENTS = statements.select_terminals_with_payments(POSTGRES)
_LOOK_UPS = look_ups(POSTGRES)
_PENDING = statements.select_pending(POSTGRES)
_REVERSALS_DUE = statements.select_reversals_due(POSTGRES)
_SCRIPTS_DUE = statements.select_scripts_due(POSTGRES)
_HEADS_UNSIGNED = statements.select_heads_unsigned(POSTGRES)
_LINKS_FROM = statements.select_links_from(POSTGRES)

HOT_STATEMENTS: Mapping[str, str] = MappingProxyType(
    {
        **{f"load {kind.__name__}": text for kind, text in _MANY.items()},
        **{f"update {kind.__name__}": update_text(kind, 1) for kind in ALL_RECORDS},
        **{f"delete {kind.__name__}": text for kind, text in _DELETE.items()},
        **{f"insert {kind.__name__}": insert_text(kind, 1) for kind in ALL_RECORDS},
        "load live sessions": _LIVE,
        "load figures": _FIGURES,
        "load sums": _SUMS,
        "load payments of a batch": _HOST_ENTRIES,
        "load details of a batch": _TOLD_ENTRIES,
        "load ahead": _AHEAD,
        "look up by reference": _LOOK_UPS.by_reference,
        "look up by voucher": _LOOK_UPS.by_voucher,
        "look up by authorisation": _LOOK_UPS.by_auth_code,
        "load links": _LINKS_FROM,
    }
)
"""What each batch runs, or a merchant's own job; a test walks them (see `postgres_writes.py`)."""
RARE_STATEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "pending": _PENDING,
        "reversals due": _REVERSALS_DUE,
        "scripts due": _SCRIPTS_DUE,
        "heads unsigned": _HEADS_UNSIGNED,
        "jobs due": _JOBS_DUE,
        "wallet orders to ask": _WALLET_ORDERS_TO_ASK,
        "counter codes": _COUNTER_CODES,
        "merchants with rules": _MERCHANTS_WITH_RULES,
        "terminals with payments": _TERMINALS_WITH_PAYMENTS,
        "batches uploading": _BATCHES_UPLOADING,
        "answers made before": _ANSWERS_MADE_BEFORE,
        "documents until": _DOCUMENTS_UNTIL,
        "strangers over": _STRANGERS_OVER,
        "api answers made before": _API_ANSWERS_MADE_BEFORE,
        "orders open": _ORDERS_OPEN,
        "webhooks changed": _WEBHOOKS_CHANGED,
        "outbox waiting": _OUTBOX_WAITING,
        "outbox queued": _OUTBOX_QUEUED,
        "outbox ended": _OUTBOX_ENDED,
    }
)
"""What runs at the start and once a minute, over all merchants; it locks nothing."""

_DRIVER_ERRORS = (psycopg.Error, OverflowError, UnicodeError)

Connection = AsyncConnection[tuple[Any, ...]]
Cursor = AsyncCursor[tuple[Any, ...]]
R = TypeVar("R", bound=Record)


class PostgresStore:
    """A Store over one connection, made at the first unit and again after the line broke."""

    def __init__(self, target: PostgresTarget, group_of: GroupOf = one_group) -> None:
        """`group_of` tells which merchants are in one place, where the database is spread over several."""
        self.group_of = group_of
        self._target = target
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @property
    def is_shared(self) -> bool:
        return True

    def unit(self) -> "PostgresUnit":
        return PostgresUnit(self)

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

    async def counter_codes(self, after: tuple[MerchantNo, TerminalNo], limit: int) -> list[CounterCode]:
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
        async with self.unit() as unit:
            (rows,) = await unit.results([(_OUTBOX_WAITING, (limit,))])
        return [(row[0], row[1], row[2]) for row in rows]

    async def terminals_with_payments(
        self, merchant_no: MerchantNo, after: TerminalNo, limit: int
    ) -> list[TerminalKey]:
        async with self.unit() as unit:
            (rows,) = await unit.results([(_TERMINALS_WITH_PAYMENTS, (merchant_no, after, limit))])
        return [(MerchantNo(row[0]), TerminalNo(row[1])) for row in rows]

    async def note_heard(self, heard: Sequence[Heard]) -> None:
        connection = await self.begin()
        is_committing = False
        try:
            # In the order of the keys: two hosts may note the same terminals.
            rows = sorted(map(write_row, heard), key=SHAPES[Heard].key_of_row)
            for some in grouped(rows, self.group_of):
                await _insert(connection, Heard, some)
            is_committing = True
            await connection.commit()
        except _DRIVER_ERRORS as error:
            raise told(error, while_committing=is_committing) from None
        finally:
            await self.end(connection)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _payments(self, statement: str, limit: int) -> list[Payment]:
        return await self._records(Payment, statement, (min(limit, PAYMENTS_AT_ONCE_MAX),))

    async def _records(self, kind: type[R], statement: str, parameters: Row) -> list[R]:
        async with self.unit() as unit:
            (rows,) = await unit.results([(statement, parameters)])
        return [SHAPES[kind].read(row) for row in rows]

    async def begin(self) -> Connection:
        """Wait for the turn; hand out the connection, a new one if the line broke. For units."""
        await self._turn.acquire()
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await _connect(self._target)
            return self._connection
        except BaseException:
            self._turn.release()
            raise

    async def end(self, connection: Connection) -> None:
        """Undo what was not committed and pass the turn on. For units."""
        is_undone = False
        try:
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                await connection.rollback()
            is_undone = True
        except psycopg.Error:
            pass
        finally:
            try:
                if not is_undone:
                    # Also when the wait for the rollback was cancelled: what is open on this line must not become a part of the
                    # next unit. The server undoes the work of a line that it lost; the next unit takes a new line.
                    await self.close()
            finally:
                self._turn.release()


class PostgresUnit:
    """One transaction on the store's connection."""

    __slots__ = ("_connection", "_is_open", "_store")

    _connection: Connection

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._is_open = False

    async def __aenter__(self) -> "PostgresUnit":
        self._connection = await self._store.begin()
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        await self._store.end(self._connection)

    async def load(self, needs: Needs) -> State:
        state = State()
        if needs.lookups:
            await self._look_up(needs, state)
        loads = list(_loads(needs, self._store.group_of))
        ahead = [(key, [*key[:3], *ends] * 3) for key in needs.ahead for ends in numbers_ahead(key[3])]
        asked = [(statement, parameters) for _, statement, parameters in loads]
        found = await self.results(asked + [(_AHEAD, parameters) for _, parameters in ahead])
        ranges: dict[PaymentKey, list[tuple[Any, ...]]] = {}
        for (key, _), (row,) in zip(ahead, found[len(loads) :], strict=True):
            ranges.setdefault(key, []).append(row)
        state.ahead.update({key: read_ahead(rows) for key, rows in ranges.items()})
        for (kind, _, _), rows in zip(loads, found[: len(loads)], strict=True):
            if kind is None:
                state.figures.update(
                    {(merchant_no, session_no): (count, fen) for merchant_no, session_no, count, fen in rows}
                )
            else:
                for record in map(SHAPES[kind].read, rows):
                    state.put(record)
        await self._load_batches(needs, state)
        return state

    async def _load_batches(self, needs: Needs, state: State) -> None:
        """Batches are asked for one by one: a terminal settles once a day."""
        for batch in needs.sums:
            ((sums,),) = await self.results([(_SUMS, batch)])
            state.sums[batch] = read_sums(sums)
        for batch in needs.entries:
            state.entries[batch] = read_entries(*await self.results([(_HOST_ENTRIES, batch), (_TOLD_ENTRIES, batch)]))

    async def _look_up(self, needs: Needs, state: State) -> None:
        """Find the keys first: the rows are then loaded and locked in the order of all."""
        asked = [look_up(lookup, _LOOK_UPS) for lookup in needs.lookups]
        for lookup, rows in zip(needs.lookups, await self.results(asked), strict=True):
            for key in rows:
                state.found[lookup] = cast(PaymentKey, key)
                needs.add(Payment, key)

    async def save(self, changes: Sequence[Change]) -> None:
        self._must_be_open()
        self._is_open = False
        tables = list(join_changes(changes))
        is_committing = False
        try:
            changed: list[tuple[type[Record], int, list[Cursor]]] = []
            async with self._connection.pipeline():
                for writes in tables:
                    kind = writes.kind
                    if writes.updates:
                        changed.append((kind, len(writes.updates), await self._update(kind, writes.updates)))
                    if writes.inserts:
                        # In the order of the keys, as the locks are: two hosts may insert the same keys.
                        rows = sorted(map(write_row, writes.inserts), key=SHAPES[kind].key_of_row)
                        for some in grouped(rows, self._store.group_of):
                            await _insert(self._connection, kind, some)
                    if writes.deletes:
                        changed.append((kind, len(writes.deletes), await self._delete(kind, writes.deletes)))
            for kind, count, cursors in changed:
                there = sum(cursor.rowcount for cursor in cursors)
                if there != count:
                    raise Defect(f"{count} rows of {kind.__name__} were to change, {there} are there")
            is_committing = True
            await self._connection.commit()
        except _DRIVER_ERRORS as error:
            raise told(error, while_committing=is_committing) from None

    async def _update(self, kind: type[Record], records: Sequence[Record]) -> list[Cursor]:
        cursors: list[Cursor] = []
        for some in grouped(list(map(write_row, records)), self._store.group_of):
            for statement, parameters in updates(kind, some):
                cursors.append(await AsyncRawCursor(self._connection).execute(statement, parameters))
        return cursors

    async def _delete(self, kind: type[Record], records: Sequence[Record]) -> list[Cursor]:
        groups = grouped(sorted(map(SHAPES[kind].key_of, records)), self._store.group_of)
        return [
            await self._connection.execute(
                _DELETE[kind], [merchants_in(some), *arrays_of(some, SHAPES[kind].key_width)]
            )
            for some in groups
        ]

    async def results(self, statements: Sequence[tuple[str, Row]]) -> list[list[tuple[Any, ...]]]:
        """The rows of several statements, in one round trip."""
        self._must_be_open()
        cursors = []
        try:
            async with self._connection.pipeline():
                for statement, parameters in statements:
                    cursors.append(await self._connection.execute(statement, parameters))
            return [await cursor.fetchall() for cursor in cursors]
        except _DRIVER_ERRORS as error:
            raise told(error) from None

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise Defect("this unit has ended; each transaction takes a unit of its own")


def _loads(needs: Needs, group_of: GroupOf) -> Iterable[tuple[type[Record] | None, str, Row]]:
    """Kind (None for figures), statement and parameters of each load, in the order of the locks: by table, then by group."""
    for kind in WRITE_ORDER:
        if kind is Session:
            yield from _live_loads(needs, group_of)
        for keys in grouped(list(needs.of(kind)), group_of):
            yield kind, _MANY[kind], [merchants_in(keys), *arrays_of(keys, SHAPES[kind].key_width)]
    for keys in grouped(list(needs.figures), group_of):
        merchants = merchants_in(keys)
        yield None, _FIGURES, [merchants, merchants, *arrays_of(keys, 2)]


def _live_loads(needs: Needs, group_of: GroupOf) -> Iterable[tuple[type[Record] | None, str, Row]]:
    operators, terminals = needs.of(Operator), needs.of(Terminal)
    wanted: list[Row] = [*((*key, True) for key in operators), *((*key, False) for key in terminals)]
    for some in grouped(wanted, group_of):
        merchants = merchants_in(some)
        of_operators = arrays_of([key[:2] for key in some if key[2]], 2)
        on_terminals = arrays_of([key[:2] for key in some if not key[2]], 2)
        yield Session, _LIVE, [merchants, merchants, *of_operators, merchants, *on_terminals]


async def _insert(connection: Connection, kind: type[Record], rows: Sequence[Row]) -> None:
    """Insert rows of one group."""
    for statement, parameters in inserts(kind, rows):
        await AsyncRawCursor(connection).execute(statement, parameters)


async def _connect(target: PostgresTarget) -> Connection:
    try:
        connection = await AsyncConnection.connect(
            target.address, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, client_encoding="utf8"
        )
        try:
            for setting in _SETTINGS:
                await connection.execute(setting)
            await connection.set_autocommit(False)
        except BaseException:
            await connection.close()
            raise
    except psycopg.Error as error:
        code = error.sqlstate or type(error).__name__
        raise Fault(f"no line to the database {target.shown} ({code}). The next unit tries again.") from None
    return connection
