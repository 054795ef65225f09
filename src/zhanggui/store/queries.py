"""The reading side: lists for commands and pages, on connections of its own, usable while the host writes.

Synchronous, because commands are; a page in an event loop calls it in a thread (each call takes its own connection).
Every list is bounded. Newest first where there is a time, else by number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, create_engine, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from ..acquirer.rows.records import (
    AuditNote,
    Badge,
    Batch,
    BatchDifference,
    BatchKey,
    Clash,
    Document,
    Health,
    Job,
    Merchant,
    Operator,
    Payment,
    PaymentScript,
    PaymentSignature,
    PaymentState,
    Posting,
    Record,
    Session,
    SignIn,
    SignInState,
    SlipLink,
    SlipTick,
    SupportCase,
    Terminal,
    TerminalOrder,
    key_of,
)
from ..basics.errors import Fault, Misuse
from ..basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, UnixMs
from ..edges.disk import is_full, no_room
from ..edges.sqlite import DBAPI, open_reader
from .batch_sums import sum_columns
from .rows import SHAPES
from .schema import check_version
from .tables import TABLE_OF
from .targets import PostgresTarget, SqliteTarget

audit_notes = TABLE_OF[AuditNote]
batches = TABLE_OF[Batch]
differences = TABLE_OF[BatchDifference]
documents = TABLE_OF[Document]
signatures = TABLE_OF[PaymentSignature]
slip_links = TABLE_OF[SlipLink]
scripts = TABLE_OF[PaymentScript]
jobs = TABLE_OF[Job]
merchants = TABLE_OF[Merchant]
badges = TABLE_OF[Badge]
operators = TABLE_OF[Operator]
payments = TABLE_OF[Payment]
postings = TABLE_OF[Posting]
sessions = TABLE_OF[Session]
sign_ins = TABLE_OF[SignIn]
terminals = TABLE_OF[Terminal]
ticks = TABLE_OF[SlipTick]
clashes = TABLE_OF[Clash]
healths = TABLE_OF[Health]
cases = TABLE_OF[SupportCase]
orders = TABLE_OF[TerminalOrder]

R = TypeVar("R", bound=Record)

ROWS_DEFAULT = 50
"""A screenful or two."""
ROWS_AT_ONCE = 2_000
"""Rows fetched at a time where a list has no bound."""
ROWS_MAX = 10_000
"""Rows of one list at most: about 10 MB, a day of a large merchant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFilter:
    """Which sign-ins; None means any. `since_ms` ≤ began < `until_ms`. `outcome` is the record's state."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: str | None = None
    approved_by: str | None = None
    """Supervisor who allowed a take-over."""
    outcome: SignInState | None = None
    reason: str | None = None
    since_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    limit: int = ROWS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments; None means any. `since_ms` ≤ created < `until_ms`."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: OperatorNo | None = None
    state: PaymentState | None = None
    response_code: str | None = None
    since_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    limit: int = ROWS_DEFAULT


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """The batch that a terminal fills now, as far as it holds payments, and what these come to."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    debit_count: int
    debit_fen: int
    credit_count: int
    credit_fen: int
    pending_count: int
    """Payments whose outcome the bank has not told yet."""
    first_ms: UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFilter:
    """Which merchants, terminals, operators or sessions; None means any. Fields that a table has not are no filter."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: OperatorNo | None = None
    live_only: bool = False
    """Sessions: only those that have not ended."""
    limit: int = ROWS_DEFAULT


ANY_SIGN_IN = SignInFilter()
ANY_PAYMENT = PaymentFilter()
ANYWHERE = PlaceFilter()


class Queries:
    """Lists of the acquirer's records. Raises Fault when the database fails."""

    def __init__(self, target: SqliteTarget | PostgresTarget) -> None:
        self._engine, self._shown = _engine(target)
        self._path = target.path if isinstance(target, SqliteTarget) else None
        try:
            self._check_version()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Queries":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def list_sign_ins(self, wanted: SignInFilter = ANY_SIGN_IN) -> list[SignIn]:
        """Sign-ins, newest first."""
        return self._records(SignIn, _newest_sign_ins(wanted), wanted.limit)

    def each_sign_in(self, wanted: SignInFilter = ANY_SIGN_IN) -> Iterator[SignIn]:
        """The same without a bound, row by row in one view of the database; `limit` does not count."""
        with self.snapshot() as connection:
            try:
                result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(_newest_sign_ins(wanted))
                for rows in result.partitions():
                    yield from map(SHAPES[SignIn].read, rows)
            except DatabaseError as error:
                raise self.told(error) from None

    def snapshot(self) -> Connection:
        """A connection whose reads all see the database as it was at the first of them. The caller closes it."""
        try:
            connection = self._engine.connect()
            if self._engine.dialect.name == "sqlite":
                # The driver begins nothing by itself.
                connection.exec_driver_sql("BEGIN")
                return connection
            return connection.execution_options(isolation_level="REPEATABLE READ")
        except DatabaseError as error:
            raise self.told(error) from None

    def told(self, error: DatabaseError) -> Fault:
        """What the database's library reports, in the families of the house."""
        return _told(self._shown, error, self._path)

    def list_payments(self, wanted: PaymentFilter = ANY_PAYMENT) -> list[Payment]:
        """Payments, newest first."""
        chosen = _where(
            select(payments),
            _is(payments.c.merchant_no, wanted.merchant_no),
            _is(payments.c.terminal_no, wanted.terminal_no),
            _is(payments.c.operator_no, wanted.operator_no),
            _is(payments.c.state, wanted.state),
            _is(payments.c.response_code, wanted.response_code),
            *_between(payments.c.created_ms, wanted.since_ms, wanted.until_ms),
        )
        newest = chosen.order_by(payments.c.created_ms.desc(), payments.c.rrn.desc())
        return self._records(Payment, newest, wanted.limit)

    def payment_by_rrn(self, rrn: Rrn) -> Payment | None:
        """The payment with this reference number; the newest, if the number came round again."""
        chosen = select(payments).where(payments.c.rrn == rrn).order_by(payments.c.created_ms.desc())
        found = self._records(Payment, chosen, 1)
        return found[0] if found else None

    def list_sessions(self, wanted: PlaceFilter = ANYWHERE) -> list[Session]:
        """Sessions, newest first."""
        chosen = _where(
            select(sessions),
            _is(sessions.c.merchant_no, wanted.merchant_no),
            _is(sessions.c.terminal_no, wanted.terminal_no),
            _is(sessions.c.operator_no, wanted.operator_no),
            sessions.c.ended_ms.is_(None) if wanted.live_only else None,
        )
        newest = chosen.order_by(sessions.c.opened_ms.desc(), sessions.c.session_no.desc())
        return self._records(Session, newest, wanted.limit)

    def newest_sessions(self, merchant_no: MerchantNo | None = None) -> dict[tuple[str, str], UnixMs]:
        """When each operator's newest session began, by merchant and operator."""
        merchant, operator, begun = sessions.c.merchant_no, sessions.c.operator_no, func.max(sessions.c.opened_ms)
        chosen = _where(select(merchant, operator, begun), _is(merchant, merchant_no)).group_by(merchant, operator)
        return {(str(shop), str(who)): UnixMs(int(at)) for shop, who, at in self._rows(chosen)}

    def list_terminals(self, wanted: PlaceFilter = ANYWHERE) -> list[Terminal]:
        """Terminals by number. Their keys are sealed blocks."""
        chosen = _where(
            select(terminals),
            _is(terminals.c.merchant_no, wanted.merchant_no),
            _is(terminals.c.terminal_no, wanted.terminal_no),
        )
        return self._records(Terminal, chosen.order_by(*terminals.primary_key), wanted.limit)

    def list_badges(self, wanted: PlaceFilter = ANYWHERE) -> list[Badge]:
        """Badges by number, revoked ones too. Of their secrets they hold keyed hashes alone."""
        chosen = _where(
            select(badges),
            _is(badges.c.merchant_no, wanted.merchant_no),
            _is(badges.c.operator_no, wanted.operator_no),
        )
        return self._records(Badge, chosen.order_by(*badges.primary_key), wanted.limit)

    def list_healths(self, wanted: PlaceFilter = ANYWHERE) -> list[Health]:
        """What terminals said last of their parts, by number."""
        chosen = _where(
            select(healths),
            _is(healths.c.merchant_no, wanted.merchant_no),
            _is(healths.c.terminal_no, wanted.terminal_no),
        )
        return self._records(Health, chosen.order_by(*healths.primary_key), wanted.limit)

    def list_clashes(self, wanted: PlaceFilter = ANYWHERE) -> list[Clash]:
        """What was claimed under a terminal's number and can't be, the newest first."""
        chosen = _where(
            select(clashes),
            _is(clashes.c.merchant_no, wanted.merchant_no),
            _is(clashes.c.terminal_no, wanted.terminal_no),
        )
        return self._records(Clash, chosen.order_by(clashes.c.last_ms.desc(), *clashes.primary_key), wanted.limit)

    def list_operators(self, wanted: PlaceFilter = ANYWHERE) -> list[Operator]:
        """Operators by number."""
        chosen = _where(
            select(operators),
            _is(operators.c.merchant_no, wanted.merchant_no),
            _is(operators.c.operator_no, wanted.operator_no),
        )
        return self._records(Operator, chosen.order_by(*operators.primary_key), wanted.limit)

    def badge_numbers(self, merchant_no: MerchantNo, operator_no: OperatorNo) -> list[str]:
        """The numbers of all badges that an operator ever had."""
        wanted = PlaceFilter(merchant_no=merchant_no, operator_no=operator_no, limit=ROWS_MAX)
        return [badge.badge_no for badge in self.list_badges(wanted)]

    def list_merchants(self, wanted: PlaceFilter = ANYWHERE) -> list[Merchant]:
        """Merchants by number."""
        chosen = _where(select(merchants), _is(merchants.c.merchant_no, wanted.merchant_no))
        return self._records(Merchant, chosen.order_by(merchants.c.merchant_no), wanted.limit)

    def list_cases(self, wanted: PlaceFilter = ANYWHERE) -> list[SupportCase]:
        """Support cases, newest first."""
        chosen = _where(
            select(cases),
            _is(cases.c.merchant_no, wanted.merchant_no),
            _is(cases.c.terminal_no, wanted.terminal_no),
            _is(cases.c.operator_no, wanted.operator_no),
        )
        newest = chosen.order_by(cases.c.opened_ms.desc(), cases.c.case_no.desc())
        return self._records(SupportCase, newest, wanted.limit)

    def list_orders(self, wanted: PlaceFilter = ANYWHERE, done: tuple[str, ...] = ()) -> list[TerminalOrder]:
        """Orders to terminals, newest first; with `done`, only those of these kinds that were carried out."""
        chosen = _where(
            select(orders),
            _is(orders.c.merchant_no, wanted.merchant_no),
            _is(orders.c.terminal_no, wanted.terminal_no),
            and_(orders.c.kind.in_(done), orders.c.state == "done") if done else None,
        )
        return self._records(
            TerminalOrder, chosen.order_by(orders.c.given_ms.desc(), orders.c.order_no.desc()), wanted.limit
        )

    def list_audit_notes(self, wanted: PlaceFilter = ANYWHERE) -> list[AuditNote]:
        """Acts of management, newest first."""
        chosen = _where(select(audit_notes), _is(audit_notes.c.merchant_no, wanted.merchant_no))
        newest = chosen.order_by(audit_notes.c.made_ms.desc(), audit_notes.c.note_no.desc())
        return self._records(AuditNote, newest, wanted.limit)

    def list_batches(self, wanted: PlaceFilter = ANYWHERE) -> list[Batch]:
        """Settled batches, newest first."""
        chosen = _where(
            select(batches),
            _is(batches.c.merchant_no, wanted.merchant_no),
            _is(batches.c.terminal_no, wanted.terminal_no),
        )
        newest = chosen.order_by(batches.c.settled_ms.desc(), batches.c.terminal_no, batches.c.batch_no.desc())
        return self._records(Batch, newest, wanted.limit)

    def list_jobs(self, wanted: PlaceFilter = ANYWHERE) -> list[Job]:
        """Durable jobs, newest first."""
        chosen = _where(select(jobs), _is(jobs.c.merchant_no, wanted.merchant_no))
        return self._records(Job, chosen.order_by(jobs.c.started_ms.desc(), *jobs.primary_key), wanted.limit)

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
        known = {key_of(tick): tick for tick in map(SHAPES[SlipTick].read, self._rows(ticked))}
        found = map(SHAPES[Payment].read, self._rows(chosen))
        return [(payment, known.get(key_of(payment))) for payment in found]

    def list_documents(self, wanted: PlaceFilter = ANYWHERE) -> list[Document]:
        """Documents, newest first; their contents are sealed."""
        chosen = _where(select(documents), _is(documents.c.merchant_no, wanted.merchant_no))
        return self._records(
            Document, chosen.order_by(documents.c.kept_ms.desc(), *documents.primary_key), wanted.limit
        )

    def document(self, document_id: str) -> Document | None:
        """The document of this number."""
        found = self._records(Document, select(documents).where(documents.c.document_id == document_id), 1)
        return found[0] if found else None

    def signatures_of(self, documents_wanted: Sequence[str]) -> dict[str, PaymentSignature]:
        """Which payment each of these documents was signed for."""
        chosen = select(signatures).where(signatures.c.document_id.in_(documents_wanted))
        return {row.document_id: row for row in self._records(PaymentSignature, chosen, ROWS_MAX)}

    def slip_links_of(self, documents_wanted: Sequence[str]) -> dict[str, SlipLink]:
        """Which payment each of these documents is the slip of."""
        chosen = select(slip_links).where(slip_links.c.document_id.in_(documents_wanted))
        return {row.document_id: row for row in self._records(SlipLink, chosen, ROWS_MAX)}

    def list_scripts(self, wanted: PlaceFilter = ANYWHERE) -> list[PaymentScript]:
        """What became of issuers' scripts, newest first."""
        chosen = _where(
            select(scripts),
            _is(scripts.c.merchant_no, wanted.merchant_no),
            _is(scripts.c.terminal_no, wanted.terminal_no),
        )
        newest = chosen.order_by(scripts.c.taken_ms.desc(), *scripts.primary_key)
        return self._records(PaymentScript, newest, wanted.limit)

    def list_differences(self, batch: BatchKey) -> list[BatchDifference]:
        """What differs in one batch, by trace number."""
        columns = (differences.c.merchant_no, differences.c.terminal_no, differences.c.batch_no)
        chosen = _where(
            select(differences), *(_is(column, value) for column, value in zip(columns, batch, strict=True))
        )
        return self._records(BatchDifference, chosen.order_by(*differences.primary_key), ROWS_MAX)

    def open_batches(self, wanted: PlaceFilter = ANYWHERE) -> list[OpenBatch]:
        """The batches that terminals fill now and that hold payments, the oldest first."""
        key = (terminals.c.merchant_no, terminals.c.terminal_no, terminals.c.batch_no)
        *sums, first_ms = sum_columns()
        in_it = [one == payments.c[one.name] for one in key]
        chosen = _where(
            select(*key, *sums, first_ms.label("first_ms")).select_from(terminals.join(payments, and_(*in_it))),
            _is(terminals.c.merchant_no, wanted.merchant_no),
            _is(terminals.c.terminal_no, wanted.terminal_no),
        )
        oldest = chosen.group_by(*key).order_by(first_ms, *key).limit(_bounded(wanted.limit))
        return [OpenBatch(*row) for row in self._rows(oldest)]

    def count_payments(self) -> int:
        """How many payments are stored, in whatever state."""
        return int(self._rows(select(func.count()).select_from(payments))[0][0])

    def ledger_totals(self, merchant_no: MerchantNo | None = None) -> dict[str, int]:
        """Fen by account; over all accounts they sum to zero, or the ledger is broken."""
        account, total = postings.c.account, func.sum(postings.c.amount_fen)
        chosen = _where(select(account, total), _is(postings.c.merchant_no, merchant_no))
        return {name: int(fen) for name, fen in self._rows(chosen.group_by(account).order_by(account))}

    def _records(self, kind: type[R], chosen: Select[Any], limit: int) -> list[R]:
        read: Callable[[Sequence[Any]], R] = SHAPES[kind].read
        return [read(row) for row in self._rows(chosen.limit(_bounded(limit)))]

    def _rows(self, chosen: Select[Any]) -> Sequence[Sequence[Any]]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(chosen).fetchall()
        except DatabaseError as error:
            raise _told(self._shown, error, self._path) from None

    def _check_version(self) -> None:
        try:
            with self._engine.connect() as connection:
                has_version = "alembic_version" in self._engine.dialect.get_table_names(connection)
                stored = (
                    connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
                    if has_version
                    else None
                )
        except DatabaseError as error:
            raise _told(self._shown, error, self._path) from None
        check_version(stored, self._shown)


def _bounded(limit: int) -> int:
    if not 0 < limit <= ROWS_MAX:
        raise Misuse(f"a list holds 1 to {ROWS_MAX} rows; narrow it by time, terminal or operator")
    return limit


def _engine(target: SqliteTarget | PostgresTarget) -> tuple[Engine, str]:
    if isinstance(target, PostgresTarget):
        import psycopg

        address = target.address
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=NullPool)
        return engine, target.shown
    path = target.path
    if not path.is_file():
        raise Misuse(f"there is no database {path}. Start the host once, or name its folder with --data DIR.")
    engine = create_engine("sqlite://", module=DBAPI, creator=lambda: open_reader(path), poolclass=NullPool)
    return engine, str(path)


def _told(shown: str, error: DatabaseError, path: Path | None) -> Fault:
    cause = error.orig
    kind = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__
    if path is not None and is_full(path):
        return no_room(path)
    return Fault(f"the database {shown} can't be read ({kind}). Look whether it is there, whole, and yours to read.")


def _newest_sign_ins(wanted: SignInFilter) -> Select[Any]:
    chosen = _where(
        select(sign_ins),
        _is(sign_ins.c.merchant_no, wanted.merchant_no),
        _is(sign_ins.c.terminal_no, wanted.terminal_no),
        _is(sign_ins.c.operator_no, wanted.operator_no),
        _is(sign_ins.c.approved_by, wanted.approved_by),
        _is(sign_ins.c.state, wanted.outcome),
        _is(sign_ins.c.reason, wanted.reason),
        *_between(sign_ins.c.began_ms, wanted.since_ms, wanted.until_ms),
    )
    return chosen.order_by(sign_ins.c.began_ms.desc(), sign_ins.c.record_no.desc())


def _is(column: ColumnElement[Any], value: object) -> ColumnElement[bool] | None:
    return None if value is None else column == value


def _between(
    column: ColumnElement[Any], since_ms: UnixMs | None, until_ms: UnixMs | None
) -> tuple[ColumnElement[bool] | None, ColumnElement[bool] | None]:
    return None if since_ms is None else column >= since_ms, None if until_ms is None else column < until_ms


def _where(chosen: Select[Any], *conditions: ColumnElement[bool] | None) -> Select[Any]:
    return chosen.where(*(condition for condition in conditions if condition is not None))
