"""Signatures in the journal: owed to the host until it has them; what was signed before there was an upload is owed to nobody."""

from pathlib import Path

from tests.worlds.flow_story import approved_sale
from tests.worlds.shell_makes import StillClock

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.edges.sqlite import open_durable
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.journal import SCHEMA_VERSION, SqliteJournal

STROKES = (((1, 2), (3, 4)),)
KEY = (BatchNo("000002"), TraceNo("000012"))


def put_payment(path: Path) -> None:
    """One row, as a journal of any version has it."""
    db = open_durable(path)
    db.execute(
        "INSERT INTO payment (batch_no, trace_no, day, at_ms, operator_no, line) VALUES (?, ?, '2026-11-23', 0, '01', x'7b7d')",
        KEY,
    )
    db.execute("COMMIT") if db.in_transaction else None
    db.close()


def opened(folder: Path) -> SqliteJournal:
    return SqliteJournal(folder / "journal.db", StillClock())


def test_a_signature_is_owed_across_a_power_cut_until_the_host_has_it(tmp_path: Path) -> None:
    opened(tmp_path).close()
    put_payment(tmp_path / "journal.db")
    journal = opened(tmp_path)
    journal.keep_signature(*KEY, STROKES)
    journal.close()
    journal = opened(tmp_path)
    assert journal._unsent() == (KEY,)
    journal.remember(fx.RememberSignatureTaken(batch_no=KEY[0], trace_no=KEY[1]))
    journal.close()
    journal = opened(tmp_path)
    assert journal._unsent() == ()
    assert journal.signature(*KEY) == STROKES, "it stays on its slip"
    journal.close()


def test_a_journal_of_version_7_opens_and_owes_nothing_of_old(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "journal.db"
    put_payment(path)
    db = open_durable(path)
    for statement in (
        "DROP TABLE late",
        "DROP TABLE script",
        "DROP INDEX signature_unsent",
        "DROP TABLE signature",
        "CREATE TABLE signature (payment INTEGER PRIMARY KEY REFERENCES payment (number), strokes BLOB NOT NULL) STRICT",
        "INSERT INTO signature VALUES (1, x'5b5b5b312c325d5d5d')",
        "PRAGMA user_version = 7",
    ):
        db.execute(statement)
    db.execute("COMMIT") if db.in_transaction else None
    db.close()
    journal = opened(tmp_path)
    assert journal._unsent() == ()
    assert journal.signature(*KEY) == (((1, 2),),)
    journal.close()
    db = open_durable(path)
    assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    db.close()
    assert approved_sale("000012").trace_no == KEY[1]
