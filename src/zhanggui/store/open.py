"""Open the store of an address. The database's library is loaded here, so SQLite never loads psycopg."""

from typing import TYPE_CHECKING

from ..edges.sqlite import open_durable
from ..edges.sqlite_backup import Told, tell_nobody
from .port import ChainedStore
from .schema import prepare, prepare_sqlite
from .targets import SqliteTarget, parse_target

if TYPE_CHECKING:
    from .book_rows import BookRows
    from .proof_rows import ProofRows
    from .queries import Queries


def open_store(target: str, told: Told = tell_nobody) -> ChainedStore:
    """Open a database for the one who writes it: a path means SQLite, postgresql://… PostgreSQL.

    It is made, or brought to the newest version (`told` hears of each step), if need be. Raises Misuse or Fault, with what to do next.
    """
    where = parse_target(target)
    if isinstance(where, SqliteTarget):
        from .sqlite import SqliteStore

        connection = open_durable(where.path)
        try:
            prepare_sqlite(connection, where.path, told)
            return SqliteStore(connection)
        except BaseException:
            connection.close()
            raise
    from .postgres import PostgresStore

    prepare(target, told)
    return PostgresStore(where)


def open_queries(target: str) -> "Queries":
    """Open a database for reading beside the host that writes it. Raises Misuse when it is not there or not up to date."""
    from .queries import Queries

    return Queries(parse_target(target))


def open_book_rows(target: str) -> "BookRows":
    """Open a database for reading payments and postings side by side. Raises Misuse as `open_queries` does."""
    from .book_rows import BookRows

    return BookRows(open_queries(target))


def open_proof_rows(target: str) -> "ProofRows":
    """Open a database for an audit, beside the host that writes it. Raises Misuse as `open_queries` does."""
    from .proof_rows import ProofRows

    return ProofRows(open_queries(target))
