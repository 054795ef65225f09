"""A batch of any size, by copying the one sale of a terminal in the books of terminal, host and bank, all of which agree afterwards."""

import contextlib
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from zhanggui.programs.data_folder import Places

FIRST_COPY = 1_000
"""Trace numbers of copies begin above those that a morning uses."""
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :copies) "


def grow_batch(folder: Path, terminal_no: str, payments: int, *, way: str = "insert") -> None:
    """Copy the terminal's sale until its batch has so many; each has been paid with the card in this way. No program may run."""
    told = {"copies": payments - 1, "first": FIRST_COPY, "terminal_no": terminal_no}
    trace = "printf('%06d', :first + n)"
    rrn = "printf('%012d', 100000000000 + n)"
    with _book(folder / "terminals" / terminal_no / "journal.db") as journal:
        said = f"json_set(CAST({{}} AS TEXT), '$.trace_no', {trace}, '$.rrn', {rrn})"
        _copy(
            journal,
            "payment",
            {"number": f"1 + n + {FIRST_COPY}", "trace_no": trace}
            | {name: f"CAST({said.format(name)} AS BLOB)" for name in ("line", "sale")},
            told,
        )
        journal.execute("UPDATE payment SET sale = CAST(json_set(CAST(sale AS TEXT), '$.way', ?) AS BLOB)", (way,))
        journal.execute(
            "INSERT OR REPLACE INTO counter (name, value) VALUES ('trace', ?)", (f"{FIRST_COPY + payments:06d}",)
        )
    with _book(Places(folder).host_database) as host:
        mine = "terminal_no = :terminal_no"
        _copy(host, "payments", {"trace_no": trace, "rrn": rrn}, told, where=mine)
        _copy(host, "postings", {"trace_no": trace}, told, where=mine)
    with _book(folder / "bank.db") as bank:
        identity = f"substr(identity, 1, 9) || {rrn}"
        _copy(bank, "payments", {"identity": identity, "rrn": rrn, "trace_no": trace}, told)
        _copy(bank, "postings", {"posting_no": "posting_no + n", "identity": identity}, told)
        for sign, side in (("-", "debit"), ("+", "credit")):
            moved = f"(SELECT amount_fen FROM postings WHERE {side}_account = account_no LIMIT 1) * ?"
            bank.execute(
                f"UPDATE accounts SET balance_fen = balance_fen {sign} {moved} "
                f"WHERE account_no IN (SELECT {side}_account FROM postings)",
                (payments - 1,),
            )


def _copy(book: Any, table: str, changed: dict[str, str], told: dict[str, object], *, where: str = "1") -> None:
    columns = [row[1] for row in book.execute(f'PRAGMA table_info("{table}")')]
    values = ", ".join(changed.get(column, column) for column in columns)
    book.execute(f"{NUMBERS}INSERT INTO {table} SELECT {values} FROM {table}, numbers WHERE {where}", told)


@contextlib.contextmanager
def _book(path: Path) -> Any:
    book = dbapi2.connect(str(path))
    try:
        yield book
        book.commit()
    finally:
        book.close()
