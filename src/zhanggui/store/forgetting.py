"""Leaves no trace of what was deleted or overwritten: neither in free pages nor in the log. While no host runs."""

from ..acquirer.rows.records import KEYS_MARK_BYTES, StoredAnswer
from ..basics.errors import Fault
from ..edges.sqlite import DatabaseError, open_durable
from ..edges.sqlite_backup import drop_old_copies
from .tables import TABLE_OF
from .targets import PostgresTarget, SqliteTarget, parse_target

stored_answers = TABLE_OF[StoredAnswer]


def forget_deleted(target: str) -> None:
    """Empty stored answers to operator messages (they hold names, and nobody asks for them again) and rewrite the database.

    What tells a repeat stays with the mark of its keys: a message that was caught is never new again under them (`proof/retention.py`).

    SQLite: VACUUM, which copies what lives, and a log of no length. PostgreSQL: VACUUM, which frees the space for new
    rows. Raises Fault; doing it again is always right.
    """
    where = parse_target(target)
    if isinstance(where, SqliteTarget):
        _forget_in_sqlite(where)
    else:
        _forget_in_postgres(where)


def _forget_in_sqlite(where: SqliteTarget) -> None:
    connection = open_durable(where.path)
    try:
        # A copy from before a change of version holds what was erased since.
        drop_old_copies(where.path, kept=0)
        connection.execute(
            f"UPDATE {stored_answers.name} SET tags = x'', fingerprint = substr(fingerprint, -{KEYS_MARK_BYTES})"
        )
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except DatabaseError as error:
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        raise Fault(
            f"the database {where.path} could not be rewritten ({code}). What was erased may still stand in free pages; "
            "end the programs that use it and give the command again."
        ) from None
    finally:
        connection.close()


def _forget_in_postgres(where: PostgresTarget) -> None:
    import psycopg

    try:
        with psycopg.connect(where.address, autocommit=True) as connection:
            mark = f"substring(fingerprint FROM greatest(length(fingerprint) - {KEYS_MARK_BYTES - 1}, 1))"
            connection.execute(f"UPDATE {stored_answers.name} SET tags = '', fingerprint = {mark}".encode())
            connection.execute("VACUUM")
    except psycopg.Error as error:
        raise Fault(
            f"the database {where.shown} could not be cleaned ({error.sqlstate or type(error).__name__}). "
            "Give the command again."
        ) from None
