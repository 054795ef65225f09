"""The statements of the hot path: written once in SQLAlchemy Core, compiled once per dialect to the driver's own SQL.

Parameters are positional (`?` for SQLite, `%s` for psycopg), rows come back in the order of the record's fields.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    LargeBinary,
    Select,
    Table,
    Update,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement

from ..acquirer.rows.batch_figures import BatchEntries, BatchSums, HostEntry
from ..acquirer.rows.records import (
    KEYS_MARK_BYTES,
    WHOLE_HOST,
    ApiAnswer,
    Batch,
    BatchDetail,
    ChainHead,
    CounterCode,
    Document,
    Heard,
    Job,
    Link,
    Merchant,
    Payment,
    PaymentScript,
    Record,
    Session,
    StoredAnswer,
    Stranger,
    Terminal,
    TerminalOrder,
    WalletOrder,
    key_of,
)
from ..acquirer.rows.state import Ahead, Lookup
from ..cup.messages.settlement import Detail, Sums
from ..cup.transactions import PAYMENTS
from .batch_sums import sum_columns
from .facts import BY_CODE, KEPT, LIVE, NOT_DONE, ORDER_OPEN, PENDING, REVERSAL_DUE, SCRIPT_DUE, TO_ASK, UPLOADING
from .rows import SHAPES, Row
from .tables import TABLE_OF

api_answers = TABLE_OF[ApiAnswer]
batch_details = TABLE_OF[BatchDetail]
batches = TABLE_OF[Batch]
chain_heads = TABLE_OF[ChainHead]
counter_codes = TABLE_OF[CounterCode]
documents = TABLE_OF[Document]
links = TABLE_OF[Link]
payments = TABLE_OF[Payment]
payment_scripts = TABLE_OF[PaymentScript]
sessions = TABLE_OF[Session]
stored_answers = TABLE_OF[StoredAnswer]
strangers = TABLE_OF[Stranger]
jobs = TABLE_OF[Job]
merchants = TABLE_OF[Merchant]
orders = TABLE_OF[TerminalOrder]
terminals = TABLE_OF[Terminal]
terminals_heard = TABLE_OF[Heard]
wallet_orders = TABLE_OF[WalletOrder]

AT_BANK = "wallet IS NULL"
"""Not at a wallet, whose order says what is asked next."""
FINISHED = "state NOT IN ('pending', 'barred') AND reason IS NULL"
"""A payment with an outcome. One that was refused here without asking the bank is none: it shows nothing of what its terminal owed before."""

# Written out in the statement, not given as a parameter: only then do the planners see that a partial index fits.
LIVE_ROW = text(LIVE)
# What a settlement counts as taken, and what still stands of it: a payment that another one has taken back leaves the shift that
# took it, as it leaves the totals of its terminal. While that other is undecided, or when it is itself reversed, it counts. What
# was refunded in part stands with the rest.
COUNTED = ", ".join(f"'{name}'" for name, row in PAYMENTS.items() if row.total == "debit")
APPROVED_AND_COUNTED = text(
    f"payments.state = 'approved' AND payments.kind IN ({COUNTED}) AND NOT EXISTS (SELECT 1 FROM payments AS undoing"
    " WHERE undoing.merchant_no = payments.merchant_no"
    " AND undoing.terminal_no = COALESCE(payments.undone_by_terminal_no, payments.terminal_no)"
    " AND undoing.batch_no = payments.undone_by_batch_no AND undoing.trace_no = payments.undone_by_trace_no"
    " AND undoing.state = 'approved')"
)
STANDING_FEN = payments.c.amount_fen + func.coalesce(payments.c.adjusted_fen, literal_column("0"))


@dataclass(frozen=True, slots=True)
class Write:
    """A statement, and which values of a row it takes, in its own order."""

    statement: str
    values_of: Callable[[Row], Row]


def insert_row(record: type[Record], dialect: Dialect, *, columns: list[str]) -> Write:
    """Insert these columns of a row; the others are left to be NULL."""
    return _write(TABLE_OF[record].insert(), record, columns, [], dialect)


def update_row(record: type[Record], dialect: Dialect, *, columns: list[str]) -> Write:
    """Change these columns of the row with this key."""
    table = TABLE_OF[record]
    keys = list(record.KEY)
    # A parameter of an UPDATE may not bear the name of a column, unless it sets that column.
    chosen = table.update().where(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
    return _write(chosen, record, columns, keys, dialect)


def delete_row(record: type[Record], dialect: Dialect) -> Write:
    """Delete the row with this key."""
    table = TABLE_OF[record]
    keys = list(record.KEY)
    chosen = table.delete().where(*(table.c[name] == bindparam(name) for name in keys))
    places = [SHAPES[record].columns.index(name) for name in keys]
    return Write(compile_to_text(chosen, dialect), lambda row: [row[place] for place in places])


def upsert_heard(dialect: Dialect, insert: Callable[[Table], Any]) -> str:
    """Note when a terminal was heard of; an instant that is there already only grows. `insert` is the dialect's own."""
    new = insert(terminals_heard)
    later = case(
        (new.excluded.heard_ms > terminals_heard.c.heard_ms, new.excluded.heard_ms), else_=terminals_heard.c.heard_ms
    )
    chosen = new.on_conflict_do_update(index_elements=list(terminals_heard.primary_key), set_={"heard_ms": later})
    return compile_to_text(chosen, dialect, column_keys=list(SHAPES[Heard].columns))


def exists_by_key(record: type[Record], dialect: Dialect) -> str:
    """Whether a row with this primary key is there: one row with a 1, or none."""
    table = TABLE_OF[record]
    chosen: Select[Any] = select(literal_column("1")).select_from(table)
    return compile_to_text(chosen.where(*(key == bindparam(key.name) for key in table.primary_key)), dialect)


def select_by_key(record: type[Record], dialect: Dialect) -> str:
    """One row by its primary key."""
    table = TABLE_OF[record]
    return compile_to_text(select(table).where(*(key == bindparam(key.name) for key in table.primary_key)), dialect)


def select_by_keys(record: type[Record], dialect: Dialect, count: int) -> str:
    """As many rows by their primary keys as `count` says, those that are there, in the order of the keys; for SQLite.

    The keys are a table of their own that is walked first: `CROSS JOIN` holds SQLite to this order.
    """
    table = TABLE_OF[record]
    keys = [key.name for key in table.primary_key]
    rows = ", ".join([f"({', '.join('?' * len(keys))})"] * count)
    columns = ", ".join(f"t.{column.name}" for column in table.columns)
    wanted = " AND ".join(f"t.{name} = k.{name}" for name in keys)
    quoted = dialect.identifier_preparer.format_table(table)
    return f"WITH k ({', '.join(keys)}) AS (VALUES {rows}) SELECT {columns} FROM k CROSS JOIN {quoted} AS t ON {wanted}"


def select_live_sessions(by: str, dialect: Dialect) -> str:
    """Live sessions by merchant and `terminal_no` or `operator_no`, oldest first."""
    chosen = select(sessions).where(
        sessions.c.merchant_no == bindparam("merchant_no"), sessions.c[by] == bindparam(by), LIVE_ROW
    )
    return compile_to_text(chosen.order_by(sessions.c.session_no), dialect)


def select_figures(dialect: Dialect) -> str:
    """Count and fen of what one session took and nothing has undone, by merchant and session."""
    figures = select(func.count(), func.coalesce(func.sum(STANDING_FEN), literal_column("0"))).where(
        payments.c.merchant_no == bindparam("merchant_no"),
        payments.c.session_no == bindparam("session_no"),
        APPROVED_AND_COUNTED,
    )
    return compile_to_text(figures, dialect)


def select_sums(dialect: Dialect) -> str:
    """What the payments of one batch come to, by merchant, terminal and batch (`batch_sums.py`)."""
    return compile_to_text(select(*sum_columns()).where(*_in_batch(payments)), dialect)


def select_host_entries(dialect: Dialect) -> str:
    """The payments of one batch as they are compared, by merchant, terminal and batch."""
    columns = (payments.c[name] for name in HostEntry._fields)
    return compile_to_text(select(*columns).where(*_in_batch(payments)).order_by(payments.c.trace_no), dialect)


def select_told_entries(dialect: Dialect) -> str:
    """What the terminal told of one batch, by merchant, terminal and batch."""
    columns = (batch_details.c[name] for name in Detail.__struct_fields__)
    return compile_to_text(
        select(*columns).where(*_in_batch(batch_details)).order_by(batch_details.c.trace_no), dialect
    )


def _in_batch(table: Table) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(name) for name in ("merchant_no", "terminal_no", "batch_no")]


def read_sums(row: Row) -> BatchSums:
    """One row of `select_sums`."""
    debit_count, debit_fen, credit_count, credit_fen, pending_count, first_ms = row
    sums = Sums(
        debit_count=debit_count, debit_fen=int(debit_fen), credit_count=credit_count, credit_fen=int(credit_fen)
    )
    return BatchSums(sums, pending_count, first_ms)


def read_entries(of_host: Sequence[Row], told: Sequence[Row]) -> BatchEntries:
    """The rows of `select_host_entries` and of `select_told_entries`."""
    details = (Detail(trace_no=row[0], masked_pan=row[1], amount_fen=row[2]) for row in told)
    entries = (HostEntry(*row) for row in of_host)
    return BatchEntries({one.trace_no: one for one in entries}, {one.trace_no: one for one in details})


def select_ahead(dialect: Dialect) -> str:
    """What a terminal used in a range of numbers of a batch: its last number, the last of a payment with an outcome.

    Merchant, terminal, batch and the two ends of the range (without, with), three times.
    """
    used, finished = _last_in_range(payments), _last_in_range(payments).where(text(FINISHED))
    chosen = [rows.scalar_subquery() for rows in (used, _last_in_range(stored_answers), finished)]
    return compile_to_text(select(*chosen), dialect)


def _last_in_range(table: Table) -> Select[Any]:
    names = ("merchant_no", "terminal_no", "batch_no")
    return select(func.max(table.c.trace_no)).where(
        *(table.c[name] == bindparam(name, unique=True) for name in names),
        table.c.trace_no > bindparam("after", unique=True),
        table.c.trace_no <= bindparam("until", unique=True),
    )


def read_ahead(found: Sequence[Sequence[str | None]]) -> Ahead:
    """What the ranges of `numbers_ahead` hold, nearest first: what lies furthest ahead is the last."""
    used = [number for row in found if (number := max(row[0] or "", row[1] or ""))]
    finished = [row[2] for row in found if row[2]]
    return Ahead(used[-1] if used else "", finished[-1] if finished else "")


def select_jobs_due(dialect: Dialect) -> str:
    """Jobs whose next step is due, by instant; the parameters are now, after which instant and key, and how many."""
    order = (jobs.c.due_ms, *jobs.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in order))
    due = select(jobs).where(text(NOT_DONE), jobs.c.due_ms <= bindparam("now"), tuple_(*order) > after)
    return _bounded(due.order_by(*order), dialect)


def after_job(last: Job | None) -> tuple[object, ...]:
    """Where the page after this job begins, as parameters of `jobs due`; None: at the first one."""
    return (-1, "", "", "") if last is None else (last.due_ms, *key_of(last))


def select_wallet_orders_to_ask(dialect: Dialect) -> str:
    """Orders at wallets about which something is to be asked, by instant and key; the parameters are after which, and how many."""
    order = (wallet_orders.c.next_ms, *wallet_orders.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in order))
    chosen = select(wallet_orders).where(text(TO_ASK), tuple_(*order) > after)
    return _bounded(chosen.order_by(*order), dialect)


def after_order(last: WalletOrder | None) -> tuple[object, ...]:
    """Where the page after this order begins, as parameters of `orders to ask`; None: at the first one."""
    return (-1, "", "") if last is None else (last.next_ms or 0, *key_of(last))


def select_counter_codes(dialect: Dialect) -> str:
    """Codes that stand on counters, by key; the parameters are after which, and how many."""
    return _bounded(_after_key(counter_codes).order_by(*counter_codes.primary_key), dialect)


def select_merchants_with_rules(dialect: Dialect) -> str:
    """Merchants with rules of their own, by number; the parameters are whether every one (1 or 0), after which, and how many."""
    chosen = select(merchants).where(
        (bindparam("every", type_=Integer) == literal_column("1"))
        | (merchants.c.policy_overrides != literal_column("''")),
        merchants.c.merchant_no > bindparam("after"),
    )
    return _bounded(chosen.order_by(merchants.c.merchant_no), dialect)


def select_batches_uploading(dialect: Dialect) -> str:
    """Batches that are told payment by payment; the parameters are after which key, and how many."""
    return _bounded(_after_key(batches).where(text(UPLOADING)).order_by(*batches.primary_key), dialect)


def select_answers_made_before(dialect: Dialect) -> str:
    """Answers that are due to be forgotten; the parameters are after which key, before which instant, and how many."""
    is_of_this_batch = exists(literal_column("1")).where(
        terminals.c.merchant_no == stored_answers.c.merchant_no,
        terminals.c.terminal_no == stored_answers.c.terminal_no,
        terminals.c.batch_no == stored_answers.c.batch_no,
    )
    chosen = _after_key(stored_answers).where(
        stored_answers.c.made_ms < bindparam("until"),
        (func.length(stored_answers.c.fingerprint) > literal_column(str(KEYS_MARK_BYTES))) | ~is_of_this_batch,
    )
    return _bounded(chosen.order_by(*stored_answers.primary_key), dialect)


def select_orders_open(dialect: Dialect) -> str:
    """Orders that have no answer, by when they changed last; the parameters are after which instant and key, and how many."""
    order = (orders.c.changed_ms, *orders.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in order))
    return _bounded(select(orders).where(text(ORDER_OPEN), tuple_(*order) > after).order_by(*order), dialect)


def select_documents_until(dialect: Dialect) -> str:
    """Documents whose time is over and whose contents are still there; the parameters are after which key, until when, how many."""
    chosen = _after_key(documents).where(documents.c.until_ms <= bindparam("until"), text(KEPT))
    return _bounded(chosen.order_by(*documents.primary_key), dialect)


def select_strangers_over(dialect: Dialect) -> str:
    """Tries at the office in names that are nobody's; the parameters are after which name, until when nobody waits, how many."""
    chosen = select(strangers).where(
        strangers.c.merchant_no == literal_column(f"'{WHOLE_HOST}'"),
        strangers.c.operator_no > bindparam("after"),
        strangers.c.next_try_ms <= bindparam("until"),
    )
    return _bounded(chosen.order_by(strangers.c.operator_no), dialect)


def select_api_answers_made_before(dialect: Dialect) -> str:
    """Answers to acts of programs; the parameters are after which mark, made until when, how many."""
    chosen = select(api_answers).where(
        api_answers.c.merchant_no == literal_column(f"'{WHOLE_HOST}'"),
        api_answers.c.mark > bindparam("after"),
        api_answers.c.made_ms <= bindparam("until"),
    )
    return _bounded(chosen.order_by(api_answers.c.mark), dialect)


def _after_key(table: Table) -> Select[Any]:
    key = tuple(table.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in key))
    return select(table).where(tuple_(*key) > after)


def select_terminals_with_payments(dialect: Dialect) -> str:
    """Numbers of a merchant's terminals whose batch holds a payment; the parameters are merchant, after which, how many."""
    in_batch = exists(literal_column("1")).where(
        payments.c.merchant_no == terminals.c.merchant_no,
        payments.c.terminal_no == terminals.c.terminal_no,
        payments.c.batch_no == terminals.c.batch_no,
    )
    chosen = select(terminals.c.merchant_no, terminals.c.terminal_no).where(
        terminals.c.merchant_no == bindparam("merchant_no"), terminals.c.terminal_no > bindparam("after"), in_batch
    )
    return _bounded(chosen.order_by(terminals.c.terminal_no), dialect)


_KEY_OF_PAYMENT = tuple(payments.c[name] for name in Payment.KEY)


def select_by_reference(dialect: Dialect) -> str:
    """Key of the newest payment of a merchant with this reference number: merchant, number."""
    chosen = select(*_KEY_OF_PAYMENT).where(
        payments.c.merchant_no == bindparam("merchant_no"), payments.c.rrn == bindparam("rrn")
    )
    return compile_to_text(_newest(chosen), dialect)


def select_by_auth_code(dialect: Dialect) -> str:
    """Key of the newest approved payment of a merchant with this authorisation code and card: merchant, since, until, code, card.

    Found by its time: an index of codes would be written at each payment, and few payments are looked for so.
    """
    chosen = select(*_KEY_OF_PAYMENT).where(
        payments.c.merchant_no == bindparam("merchant_no"),
        payments.c.created_ms >= bindparam("since_ms"),
        payments.c.created_ms < bindparam("until_ms"),
        payments.c.auth_code == bindparam("auth_code"),
        payments.c.card_hash == bindparam("card_hash"),
        text("payments.state = 'approved'"),
    )
    return compile_to_text(_newest(chosen), dialect)


def select_by_voucher(dialect: Dialect) -> str:
    """Key of the newest payment of a merchant with this payment voucher: merchant, voucher."""
    chosen = select(*_KEY_OF_PAYMENT).where(
        payments.c.merchant_no == bindparam("merchant_no"),
        payments.c.pay_voucher == bindparam("pay_voucher"),
        text(BY_CODE),
    )
    return compile_to_text(_newest(chosen), dialect)


def _newest(chosen: Select[Any]) -> Select[Any]:
    one: Select[Any] = chosen.order_by(payments.c.created_ms.desc()).limit(literal_column("1"))
    # Without an offset the SQLite dialect adds one as a parameter of its own.
    return one.offset(literal_column("0"))


class LookUps(NamedTuple):
    """The statements by which a payment is looked up."""

    by_reference: str
    by_voucher: str
    by_auth_code: str


def look_ups(dialect: Dialect) -> LookUps:
    """All of them, for one database."""
    return LookUps(select_by_reference(dialect), select_by_voucher(dialect), select_by_auth_code(dialect))


def look_up(lookup: Lookup, statements: LookUps) -> tuple[str, Row]:
    """The statement for a lookup, of these, and its parameters."""
    if lookup.rrn:
        return statements.by_reference, (lookup.merchant_no, lookup.rrn)
    if lookup.pay_voucher:
        return statements.by_voucher, (lookup.merchant_no, lookup.pay_voucher)
    window = lookup.since_ms, lookup.until_ms
    return statements.by_auth_code, (lookup.merchant_no, *window, lookup.auth_code, lookup.card_hash)


def select_pending(dialect: Dialect) -> str:
    """Payments whose bank outcome is unknown, oldest first; the parameter is how many."""
    return compile_to_text(_oldest_payments(f"{PENDING} AND {AT_BANK}"), dialect)


def select_reversals_due(dialect: Dialect) -> str:
    """Payments whose reversal the bank has not taken, oldest first; the parameter is how many."""
    return compile_to_text(_oldest_payments(f"{REVERSAL_DUE} AND {AT_BANK}"), dialect)


def select_scripts_due(dialect: Dialect) -> str:
    """Notices of scripts that the issuer does not know, oldest first; the parameter is how many."""
    chosen = select(payment_scripts).where(text(SCRIPT_DUE)).order_by(payment_scripts.c.taken_ms)
    return _bounded(chosen, dialect)


def select_heads_unsigned(dialect: Dialect) -> str:
    """Chains that grew since a checkpoint, by merchant; parameters: the checkpoint is from this instant or before, or from
    after that one (now: the clock was set back since), how many."""
    chosen = select(chain_heads).where(
        chain_heads.c.link_no > chain_heads.c.signed_no,
        (chain_heads.c.signed_ms <= bindparam("signed_until")) | (chain_heads.c.signed_ms > bindparam("now")),
    )
    return _bounded(chosen.order_by(chain_heads.c.merchant_no), dialect)


def select_links_from(dialect: Dialect) -> str:
    """Links of a merchant from a number on, in order; the last parameter is how many."""
    chosen = select(links).where(
        links.c.merchant_no == bindparam("merchant_no"), links.c.link_no >= bindparam("first_no")
    )
    return _bounded(chosen.order_by(links.c.link_no), dialect)


def _bounded(chosen: Select[Any], dialect: Dialect) -> str:
    # Without an offset the SQLite dialect adds one as a parameter of its own.
    return compile_to_text(chosen.limit(bindparam("limit")).offset(literal_column("0")), dialect)


def _oldest_payments(where: str) -> Select[Any]:
    oldest = select(payments).where(text(where)).order_by(payments.c.created_ms)
    # Without an offset the SQLite dialect adds one as a parameter of its own.
    return oldest.limit(bindparam("limit")).offset(literal_column("0"))


def _write(
    statement: Insert | Update, record: type[Record], columns: list[str], keys: list[str], dialect: Dialect
) -> Write:
    return Write(compile_to_text(statement, dialect, column_keys=columns), _values_of(record, (*columns, *keys)))


def _values_of(record: type[Record], names: Sequence[str]) -> Callable[[Row], Row]:
    # Spelled out once, as the reader of rows is (`rows.py`): bytes are turned on the way.
    table, places = TABLE_OF[record], SHAPES[record].columns
    values = ", ".join(
        f"row[{place}] and bytearray(row[{place}])" if isinstance(table.c[name].type, LargeBinary) else f"row[{place}]"
        for name, place in zip(names, map(places.index, names), strict=True)
    )
    chosen: Callable[[Row], Row] = eval(f"lambda row: ({values},)")
    return chosen


def compile_to_text(statement: ClauseElement, dialect: Dialect, column_keys: list[str] | None = None) -> str:
    return str(statement.compile(dialect=dialect, column_keys=column_keys))
