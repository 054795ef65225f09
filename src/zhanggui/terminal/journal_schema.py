"""The tables of a terminal's journal, and what brings an older file up to them."""

SCHEMA_VERSION = 20
"""Rises with the tables and with what stands in their records, so that an older program does not take a newer one's for its own."""

_SETTING = """CREATE TABLE setting (
        number INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        operator_no TEXT NOT NULL,
        approval_no INTEGER NOT NULL,
        name TEXT NOT NULL,
        before TEXT NOT NULL,
        value TEXT NOT NULL
    ) STRICT"""

_SCRIPT = """CREATE TABLE script (
        payment INTEGER PRIMARY KEY REFERENCES payment (number),
        record BLOB NOT NULL,
        sealed_card BLOB NOT NULL,
        owed INTEGER NOT NULL DEFAULT 1
    ) STRICT"""
_LATE = """CREATE TABLE late (
        payment INTEGER PRIMARY KEY REFERENCES payment (number),
        record BLOB NOT NULL,
        sealed_card BLOB NOT NULL
    ) STRICT"""
_WHOLE_LINES = """UPDATE payment SET line = CAST(json_set(
        CAST(line AS TEXT),
        '$.batch_no', batch_no,
        '$.rrn', json_extract(CAST(sale AS TEXT), '$.rrn'),
        '$.auth_code', json_extract(CAST(sale AS TEXT), '$.auth_code'),
        '$.date', substr(json_extract(CAST(sale AS TEXT), '$.host_time'), 6, 2)
            || substr(json_extract(CAST(sale AS TEXT), '$.host_time'), 9, 2)
    ) AS BLOB)
    WHERE sale IS NOT NULL AND coalesce(json_extract(CAST(line AS TEXT), '$.rrn'), '') = ''"""
_UNTOLD = "CREATE INDEX script_untold ON script (payment) WHERE owed = 1"
_UNSENT = "CREATE INDEX signature_unsent ON signature (payment) WHERE owed = 1"
TABLES = (
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE payment (
        number INTEGER PRIMARY KEY,
        batch_no TEXT NOT NULL,
        trace_no TEXT NOT NULL,
        day TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        operator_no TEXT NOT NULL,
        line BLOB NOT NULL,
        sale BLOB,
        print_pending INTEGER NOT NULL DEFAULT 0,
        UNIQUE (day, batch_no, trace_no)
    ) STRICT""",
    "CREATE INDEX payment_by_trace ON payment (trace_no, number)",
    "CREATE INDEX payment_by_batch ON payment (batch_no, number)",
    "CREATE INDEX payment_unprinted ON payment (number) WHERE print_pending = 1",
    """CREATE TABLE reversal (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        payment INTEGER NOT NULL REFERENCES payment (number),
        record BLOB NOT NULL,
        sealed_card BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE signature (
        payment INTEGER PRIMARY KEY REFERENCES payment (number),
        strokes BLOB NOT NULL,
        owed INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    _UNSENT,
    "CREATE TABLE settlement (one INTEGER PRIMARY KEY CHECK (one = 1), record BLOB NOT NULL) STRICT",
    _SETTING,
    _SCRIPT,
    _UNTOLD,
    _LATE,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
CHANGES: dict[int, tuple[str, ...]] = {
    2: (),  # records know their kind and their original, which version 1 would pass over: it could undo the wrong payment
    3: (
        "CREATE INDEX payment_by_batch ON payment (batch_no, number)",
        "CREATE TABLE settlement (one INTEGER PRIMARY KEY CHECK (one = 1), record BLOB NOT NULL) STRICT",
    ),
    4: (),  # a reversal knows the sign-on of its payment: without it, version 3 could not have it undone
    5: (),  # lines know that the bank may hold what it did not answer, which version 4 could not read
    6: (),  # lines know what later payments took of them or added, which version 5 would forget
    7: (_SETTING,),
    # What was signed before stays here: hosts took no signatures then.
    8: ("ALTER TABLE signature ADD COLUMN owed INTEGER NOT NULL DEFAULT 0", _UNSENT),
    9: (),  # lines know the right amount that is still to be charged, which version 8 would forget
    10: (),  # an approved payment knows the limit within which nobody signed it, which version 9 would print otherwise
    11: (),  # an approved payment knows the day of its settlement, without which version 10 would print another feature code
    12: (),  # a payment may have its card by fallback or as it was typed, ways that version 11 could not read
    13: (_SCRIPT, _UNTOLD),
    14: (),  # a payment may be by code, kinds and a voucher that version 13 could not read
    15: (),  # the note of orders says that the terminal is locked from afar, which version 14 would pass over
    16: (),  # the note of orders names numbers that were answered out of order, which version 15 would carry out again
    17: (),  # a payment may be by a code that the shop shows, a kind that version 16 could not read
    18: (_WHOLE_LINES,),  # lines of version 1 lacked what a void or refund needs; the payment beside them has it
    19: (),  # a payment may be by the code on the counter, a kind that version 18 could not read
    20: (_LATE,),
}
"""What makes each version of the one before it: statements of one transaction (`edges/sqlite_backup.py`)."""
