"""The tables of `bank.db`, and opening the file."""

from pathlib import Path

from ..basics.errors import Misuse
from ..edges.sqlite import Connection, open_durable
from ..edges.sqlite_backup import bring_up

DATABASE_NAME = "bank.db"
_SCRIPTS = """CREATE TABLE scripts (
    script_no INTEGER PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES cards (card_id),
    order_name TEXT NOT NULL,
    value INTEGER NOT NULL,
    state TEXT NOT NULL,
    sent INTEGER NOT NULL,
    identity TEXT NOT NULL,
    result TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    told_at INTEGER
)"""
_PENDING_SCRIPTS = "CREATE INDEX scripts_pending ON scripts (card_id) WHERE state = 'pending'"
SCHEMA_VERSION = 6
"""Kept in the file's own `user_version`."""
CHANGES: dict[int, tuple[str, ...]] = {
    # Until then there was one kind of payment.
    2: (
        "ALTER TABLE payments ADD COLUMN kind TEXT NOT NULL DEFAULT 'sale'",
        "ALTER TABLE payments ADD COLUMN original_identity TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE payments ADD COLUMN undone_by TEXT NOT NULL DEFAULT ''",
    ),
    # Until then nothing was used in part or held, and an account was never below zero: what was given back could not be taken again.
    3: (
        "ALTER TABLE payments ADD COLUMN adjusted_fen INTEGER NOT NULL DEFAULT 0",
        # Cards name accounts: until the rows are back, at the end of the transaction, nobody looks whether they are there.
        "PRAGMA defer_foreign_keys=ON",
        "CREATE TABLE accounts_of_2 AS SELECT account_no, balance_fen, opening_fen FROM accounts",
        "DELETE FROM accounts",
        "DROP TABLE accounts",
        "CREATE TABLE accounts (account_no TEXT PRIMARY KEY, balance_fen INTEGER NOT NULL, "
        "opening_fen INTEGER NOT NULL DEFAULT 0, held_fen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID",
        "INSERT INTO accounts (account_no, balance_fen, opening_fen) SELECT account_no, balance_fen, opening_fen FROM accounts_of_2",
        "DROP TABLE accounts_of_2",
    ),
    # Until then no acquirer asked which payments of a terminal stand here, and nothing held was set free by its age.
    4: (
        "CREATE INDEX payments_by_terminal ON payments (merchant_no, terminal_no, rrn)",
        "CREATE INDEX payments_held ON payments (received_at) WHERE kind = 'preauth' AND state = 'approved' AND undone_by = ''",
    ),
    # Until then nobody paid by code.
    5: (
        "ALTER TABLE payments ADD COLUMN code_id TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX payments_by_code ON payments (code_id) WHERE code_id <> ''",
        "CREATE TABLE phones (phone TEXT PRIMARY KEY, card_id TEXT NOT NULL REFERENCES cards (card_id)) WITHOUT ROWID",
        "INSERT INTO phones SELECT printf('%05d', row_number() OVER (ORDER BY account_no)), card_id FROM cards",
    ),
    # Until then the bank had nothing to tell its chips. The key that seals it is made at the next start (`setup.py`).
    6: (_SCRIPTS, _PENDING_SCRIPTS),
}
"""What makes each version of the one before it: statements of one transaction (`edges/sqlite_backup.py`)."""

TABLES = f"""
{_SCRIPTS};

{_PENDING_SCRIPTS};

CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    block TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
    account_no TEXT PRIMARY KEY,
    balance_fen INTEGER NOT NULL,
    opening_fen INTEGER NOT NULL DEFAULT 0,
    held_fen INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE cards (
    card_id TEXT PRIMARY KEY,
    masked_pan TEXT NOT NULL,
    account_no TEXT NOT NULL REFERENCES accounts (account_no),
    status TEXT NOT NULL,
    behaviour TEXT NOT NULL,
    expiry_yymm TEXT NOT NULL,
    track_hash TEXT NOT NULL,
    has_chip INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    pin_salt BLOB NOT NULL,
    pin_verifier BLOB NOT NULL,
    pin_tries INTEGER NOT NULL,
    single_limit_fen INTEGER,
    contactless_free_fen INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE payments (
    identity TEXT PRIMARY KEY,
    acquirer_code TEXT NOT NULL,
    rrn TEXT NOT NULL,
    state TEXT NOT NULL,
    card_id TEXT NOT NULL,
    masked_pan TEXT NOT NULL,
    account_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    merchant_no TEXT NOT NULL,
    terminal_no TEXT NOT NULL,
    trace_no TEXT NOT NULL,
    entry_mode TEXT NOT NULL,
    response_code TEXT NOT NULL,
    reason TEXT NOT NULL,
    auth_code TEXT NOT NULL,
    settlement_date TEXT NOT NULL,
    chip_answer BLOB,
    received_at INTEGER NOT NULL,
    reversed_at INTEGER,
    kind TEXT NOT NULL DEFAULT 'sale',
    original_identity TEXT NOT NULL DEFAULT '',
    undone_by TEXT NOT NULL DEFAULT '',
    adjusted_fen INTEGER NOT NULL DEFAULT 0,
    code_id TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE phones (
    phone TEXT PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES cards (card_id)
) WITHOUT ROWID;

CREATE INDEX payments_by_code ON payments (code_id) WHERE code_id <> '';

CREATE INDEX payments_by_terminal ON payments (merchant_no, terminal_no, rrn);

CREATE INDEX payments_held ON payments (received_at) WHERE kind = 'preauth' AND state = 'approved' AND undone_by = '';

CREATE TABLE postings (
    posting_no INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    kind TEXT NOT NULL,
    debit_account TEXT NOT NULL,
    credit_account TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    posted_at INTEGER NOT NULL
);
"""


def database_path(data_dir: Path) -> Path:
    """Where the bank's accounts lie."""
    return data_dir / DATABASE_NAME


def create_tables(connection: Connection) -> None:
    """Make the tables inside the transaction that is open."""
    for statement in TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def open_bank_file(data_dir: Path) -> Connection:
    """Open a bank that was set up. An older one is brought up to this version. Misuse when there is none, or a newer program made it."""
    path = database_path(data_dir)
    if not path.exists():
        raise Misuse(f"there is no bank in {data_dir}. Set it up first: start `zhanggui up`, or create it there.")
    connection = open_durable(path)
    try:
        if bring_up(connection, path, SCHEMA_VERSION, CHANGES) == 0:
            raise Misuse(
                f"{path} holds no bank. Move it away and set the bank up, or start with another --data folder."
            )
    except BaseException:
        connection.close()
        raise
    return connection
