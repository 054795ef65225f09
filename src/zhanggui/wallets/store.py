"""The wallets' file `wallets.db`: what survives a kill. Each request is one transaction, durable before it is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..basics.errors import Misuse
from ..basics.numbers import UnixMs
from ..cup.brands import BrandName
from ..cup.wallets.messages import BillLine
from ..edges.sqlite import Connection, open_durable
from ..edges.sqlite_backup import bring_up
from .books import Customer, GivenBack, Notice, Order, PayCodeRow, Way
from .customers import all_customers

DATABASE_NAME = "wallets.db"
SCHEMA_VERSION = 2
_COUNTER_OF_ORDERS = "ALTER TABLE orders ADD COLUMN counter TEXT NOT NULL DEFAULT ''"
_COUNTER_OF_LINES = "ALTER TABLE bill_lines ADD COLUMN counter TEXT NOT NULL DEFAULT ''"
_NOTICES = """CREATE TABLE notices (
    wallet_no TEXT PRIMARY KEY, brand TEXT NOT NULL, merchant_no TEXT NOT NULL, counter TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, paid_ms INTEGER NOT NULL, next_ms INTEGER, attempts INTEGER NOT NULL, heard TEXT NOT NULL
) WITHOUT ROWID"""
_NOTICES_DUE = "CREATE INDEX notices_due ON notices (next_ms) WHERE next_ms IS NOT NULL"
_PLACES = "CREATE TABLE places (name TEXT PRIMARY KEY, address TEXT NOT NULL) WITHOUT ROWID"
CHANGES: dict[int, tuple[str, ...]] = {2: (_COUNTER_OF_ORDERS, _COUNTER_OF_LINES, _NOTICES, _NOTICES_DUE, _PLACES)}
"""What makes each version of the one before it."""
TABLES = f"""
CREATE TABLE keys (name TEXT PRIMARY KEY, block TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE nonces (nonce TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX nonces_at ON nonces (at_ms);
CREATE TABLE customers (
    brand TEXT NOT NULL, customer_no TEXT NOT NULL, balance_fen INTEGER NOT NULL, behaviour TEXT NOT NULL,
    PRIMARY KEY (brand, customer_no)
) WITHOUT ROWID;
CREATE TABLE pay_codes (
    code_hash BLOB PRIMARY KEY, brand TEXT NOT NULL, customer_no TEXT NOT NULL, made_ms INTEGER NOT NULL, used_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX pay_codes_made ON pay_codes (made_ms);
CREATE TABLE orders (
    brand TEXT NOT NULL, merchant_no TEXT NOT NULL, order_no TEXT NOT NULL, state TEXT NOT NULL, way TEXT NOT NULL,
    customer_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, returned_fen INTEGER NOT NULL, shop TEXT NOT NULL,
    wallet_no TEXT NOT NULL, link TEXT NOT NULL, counter TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL, asked_ms INTEGER NOT NULL, until_ms INTEGER,
    paid_ms INTEGER, closed_ms INTEGER,
    PRIMARY KEY (brand, merchant_no, order_no),
    CHECK (returned_fen BETWEEN 0 AND amount_fen)
) WITHOUT ROWID;
CREATE INDEX orders_of_customer ON orders (brand, customer_no, asked_ms);
CREATE INDEX orders_by_link ON orders (link) WHERE link <> '';
CREATE TABLE given_back (
    brand TEXT NOT NULL, merchant_no TEXT NOT NULL, refund_no TEXT NOT NULL, order_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (brand, merchant_no, refund_no)
) WITHOUT ROWID;
CREATE TABLE bill_lines (
    line_no INTEGER PRIMARY KEY, brand TEXT NOT NULL, merchant_no TEXT NOT NULL, order_no TEXT NOT NULL,
    refund_no TEXT NOT NULL, wallet_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    counter TEXT NOT NULL DEFAULT ''
);
CREATE INDEX bill_lines_of_shop ON bill_lines (brand, merchant_no, at_ms);
CREATE TABLE numbers (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
{_NOTICES};
{_NOTICES_DUE};
{_PLACES};
"""
R = TypeVar("R", Customer, PayCodeRow, Order, GivenBack, Notice)
TABLE_OF: dict[type, tuple[str, int]] = {
    Customer: ("customers", 2),
    PayCodeRow: ("pay_codes", 1),
    Order: ("orders", 3),
    GivenBack: ("given_back", 3),
    Notice: ("notices", 1),
}
"""Table, and how many of the first fields are its key; the columns are the struct's fields."""


def _columns(kind: type[msgspec.Struct]) -> str:
    return ", ".join(kind.__struct_fields__)


def _upsert(kind: type[msgspec.Struct]) -> str:
    table, keys = TABLE_OF[kind]
    fields = kind.__struct_fields__
    places = ", ".join("?" * len(fields))
    changed = ", ".join(f"{name} = excluded.{name}" for name in fields[keys:])
    return (
        f"INSERT INTO {table} ({_columns(kind)}) VALUES ({places}) "  # names of our own structs
        f"ON CONFLICT ({', '.join(fields[:keys])}) DO UPDATE SET {changed}"
    )


def _select(kind: type[msgspec.Struct], where: str) -> str:
    return f"SELECT {_columns(kind)} FROM {TABLE_OF[kind][0]} WHERE {where}"  # names of our own structs


_UPSERTS = {kind: _upsert(kind) for kind in TABLE_OF}


def database_path(data_dir: Path) -> Path:
    """Where the wallets' books lie."""
    return data_dir / DATABASE_NAME


def create_wallets_file(data_dir: Path) -> None:
    """Make the file with all customers, whole or not at all. One that is there is left as it is."""
    path = database_path(data_dir)
    if path.exists():
        return
    draft = path.with_suffix(".draft")
    for leftover in path.parent.glob(draft.name + "*"):
        leftover.unlink()
    connection = open_durable(draft)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in TABLES.split(";"):
            if statement.strip():
                connection.execute(statement)
        rows = StoredRows(connection)
        for customer in all_customers():
            rows.put(customer)
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()
    draft.rename(path)


class WalletsFile:
    """The open file."""

    def __init__(self, data_dir: Path) -> None:
        path = database_path(data_dir)
        if not path.exists():
            raise Misuse(f"there are no wallets in {data_dir}. Start 'zhanggui up' there once, or 'zhanggui wallets'.")
        self._connection = open_durable(path)
        try:
            if bring_up(self._connection, path, SCHEMA_VERSION, CHANGES) == 0:
                raise Misuse(f"{path} holds no wallets. Move it away, and it is made anew at the next start.")
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator["StoredRows"]:
        """One transaction: on the disk when this is left, undone when it is left by an exception."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield StoredRows(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @property
    def reading(self) -> "StoredRows":
        """The rows as they are committed."""
        return StoredRows(self._connection)


class StoredRows:
    """The rows of a transaction (`books.Rows`), and what the pages read besides."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def customer(self, brand: BrandName, customer_no: str) -> Customer | None:
        return self._one(Customer, "brand = ? AND customer_no = ?", brand, customer_no)

    def pay_code(self, code_hash: bytes) -> PayCodeRow | None:
        return self._one(PayCodeRow, "code_hash = ?", code_hash)

    def order(self, brand: BrandName, merchant_no: str, order_no: str) -> Order | None:
        return self._one(Order, "brand = ? AND merchant_no = ? AND order_no = ?", brand, merchant_no, order_no)

    def order_of_link(self, link: str) -> Order | None:
        return self._one(Order, "link = ? AND link <> ''", link)

    def given_back(self, brand: BrandName, merchant_no: str, refund_no: str) -> GivenBack | None:
        return self._one(GivenBack, "brand = ? AND merchant_no = ? AND refund_no = ?", brand, merchant_no, refund_no)

    def orders_of(self, brand: BrandName, customer_no: str, limit: int) -> list[Order]:
        """A customer's last orders, newest first."""
        return self._all(
            Order, "brand = ? AND customer_no = ? ORDER BY asked_ms DESC LIMIT ?", brand, customer_no, limit
        )

    def paid_since(self, brand: BrandName, customer_no: str, since: UnixMs, ways: tuple[Way, ...]) -> int:
        sums = self._connection.execute(
            "SELECT way, sum(amount_fen - returned_fen) FROM orders "
            "WHERE brand = ? AND customer_no = ? AND paid_ms >= ? AND state = 'paid' GROUP BY way",
            (brand, customer_no, since),
        )
        return sum(amount for way, amount in sums if way in ways)

    def bill(
        self, brand: BrandName, merchant_no: str, begin: UnixMs, end: UnixMs, after: int, limit: int
    ) -> tuple[BillLine, ...]:
        found = self._connection.execute(
            "SELECT line_no, order_no, refund_no, wallet_no, amount_fen, at_ms, counter FROM bill_lines "
            "WHERE brand = ? AND merchant_no = ? AND at_ms >= ? AND at_ms < ? AND line_no > ? ORDER BY line_no LIMIT ?",
            (brand, merchant_no, begin, end, after, limit),
        )
        names = ("line_no", "order_no", "refund_no", "wallet_no", "amount_fen", "at_ms", "counter")
        return tuple(BillLine(**dict(zip(names, row, strict=True))) for row in found)

    def next_number(self) -> int:
        counted = self._connection.execute(
            "INSERT INTO numbers VALUES ('wallet', 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last"
        )
        number: int = counted.fetchall()[0][0]
        return number

    def put(self, row: Customer | PayCodeRow | Order | GivenBack | Notice) -> None:
        self._connection.execute(_UPSERTS[type(row)], msgspec.structs.astuple(row))

    def note_line(self, order: Order, amount_fen: int, refund_no: str, now: UnixMs) -> None:
        self._connection.execute(
            "INSERT INTO bill_lines (brand, merchant_no, order_no, refund_no, wallet_no, amount_fen, at_ms, "
            "counter) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order.brand,
                order.merchant_no,
                order.order_no,
                refund_no,
                order.wallet_no,
                amount_fen,
                now,
                order.counter,
            ),
        )

    def notices_due(self, now: UnixMs, limit: int) -> list[Notice]:
        return self._all(Notice, "next_ms IS NOT NULL AND next_ms <= ? ORDER BY next_ms LIMIT ?", now, limit)

    def notice(self, wallet_no: str) -> Notice | None:
        return self._one(Notice, "wallet_no = ?", wallet_no)

    def notices_to(self) -> str:
        """Where the acquirer hears notices; empty while it has not said so."""
        row = self._connection.execute("SELECT address FROM places WHERE name = 'notices'").fetchone()
        return "" if row is None else str(row[0])

    def put_notices_to(self, address: str) -> None:
        """Keep where the acquirer hears notices."""
        self._connection.execute(
            "INSERT INTO places VALUES ('notices', ?) ON CONFLICT (name) DO UPDATE SET address = excluded.address",
            (address,),
        )

    def take_nonce(self, nonce: str, now: UnixMs, window_ms: int) -> bool:
        """Whether a nonce comes for the first time within the window; older ones are forgotten."""
        self._connection.execute("DELETE FROM nonces WHERE at_ms < ?", (now - 2 * window_ms,))
        taken = self._connection.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?)", (nonce, now))
        return bool(taken.rowcount)

    def forget_codes(self, before: UnixMs) -> None:
        """Forget codes that are long over: whoever shows one gets the same refusal as for one that never was."""
        self._connection.execute("DELETE FROM pay_codes WHERE made_ms < ?", (before,))

    def key_block(self, name: str) -> str | None:
        """A sealed key."""
        row = self._connection.execute("SELECT block FROM keys WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def put_key_block(self, name: str, block: str) -> None:
        """Keep a sealed key."""
        self._connection.execute(
            "INSERT INTO keys VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET block = excluded.block", (name, block)
        )

    def _one(self, kind: type[R], where: str, *values: Any) -> R | None:
        row = self._connection.execute(_select(kind, where), values).fetchone()
        return None if row is None else _row(kind, row)

    def _all(self, kind: type[R], where: str, *values: Any) -> list[R]:
        return [_row(kind, row) for row in self._connection.execute(_select(kind, where), values).fetchall()]


def _row(kind: type[R], values: tuple[Any, ...]) -> R:
    return kind(**dict(zip(kind.__struct_fields__, values, strict=True)))
