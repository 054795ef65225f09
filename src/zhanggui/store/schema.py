"""Bring a database to the newest version of its tables, or say why that can't be.

Starting must be quick: the stored version is read with one plain query, and Alembic is loaded only when it differs.
Everything happens in one transaction under a lock, on both databases: two programs that start at once migrate once, and
a power cut leaves the version that was there before.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..basics.errors import Fault, Misuse
from ..edges.sqlite import DBAPI, open_durable
from ..edges.sqlite import Connection as SqliteConnection
from ..edges.sqlite_backup import Migrating, Told, back_up, drop_old_copies, tell_nobody
from .targets import SqliteTarget, parse_target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = max(path.name[1:5] for path in (_MIGRATIONS / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py"))
"""The version that this program works with: the last of its migrations. Versions are four digits and only grow."""
_LOCK = 8_583_0001
"""Number of PostgreSQL's advisory lock under which one host at a time migrates."""
_VERSION = "SELECT version_num FROM alembic_version"


def prepare(target: str, told: Told = tell_nobody) -> None:
    """Bring the database of this address (a path, or postgresql://…) to the newest version; make it if it is new.

    A SQLite file that is changed is copied first, to `NAME.before-VERSION` beside it; `told` hears of each step.

    Raises Misuse when it is newer than the program, belongs to another program or can't be opened, Fault when it fails.
    """
    where = parse_target(target)
    if isinstance(where, SqliteTarget):
        connection = open_durable(where.path)
        try:
            prepare_sqlite(connection, where.path, told)
        finally:
            connection.close()
    else:
        _prepare_postgres(where.address, where.shown, told)


def prepare_sqlite(connection: SqliteConnection, path: Path, told: Told = tell_nobody) -> None:
    """The same on a connection that is open; it is left as it came."""
    if _stored_in_sqlite(connection) == NEWEST:
        return
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DatabaseError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", module=DBAPI, creator=lambda: connection, poolclass=StaticPool)
    # The driver is in autocommit mode and begins nothing by itself.
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as begun:
            stored = _stored_in_sqlite(connection)
            check_version(stored, str(path), is_to_migrate=True)
            # Under the write lock: what is copied is what is changed.
            copy = str(back_up(path, NEWEST)) if stored is not None and stored != NEWEST else ""
            _upgrade(begun, stored, str(path), told, copy)
    except DatabaseError as error:
        raise _failed(str(path), error) from error
    drop_old_copies(path)


def _stored_in_sqlite(connection: SqliteConnection) -> str | None:
    there = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'"
    ).fetchone()
    row = connection.execute(_VERSION).fetchone() if there else None
    return str(row[0]) if row else None


def _prepare_postgres(address: str, shown: str, told: Told) -> None:
    import psycopg

    try:
        with psycopg.connect(address) as connection:
            there = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
            row = connection.execute(_VERSION).fetchone() if there == (True,) else None
    except psycopg.Error as error:
        raise Misuse(
            f"can't reach the database {shown}: {_first_line(error)}. Check the address, or start it."
        ) from None
    if row == (NEWEST,):
        return
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import DatabaseError
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=NullPool)
    try:
        with engine.begin() as begun:
            begun.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            has_version = begun.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
            stored = begun.execute(text(_VERSION)).scalar() if has_version else None
            _upgrade(begun, stored, shown, told)
    except DatabaseError as error:
        raise _failed(shown, error) from error


def _upgrade(connection: "Connection", stored: str | None, shown: str, told: Told, backup: str = "") -> None:
    if stored == NEWEST:
        return
    check_version(stored, shown, is_to_migrate=True)
    if stored is None:
        _must_be_free(connection, shown)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if stored is not None:
        config.attributes["reached"] = lambda version: told(Migrating(shown, version, NEWEST, backup))
    command.upgrade(config, NEWEST)


def check_version(stored: str | None, shown: str, *, is_to_migrate: bool = False) -> None:
    """Misuse when a database with this stored version can't be used (or, `is_to_migrate`, can't be brought up)."""
    if stored == NEWEST:
        return
    if stored is not None and (not re.fullmatch(r"\d{4}", stored) or stored > NEWEST):
        raise Misuse(
            f"the database {shown} has version {stored} of the tables, this program knows {NEWEST} and older. "
            "Use the newer program that wrote it, or another database."
        )
    if not is_to_migrate:
        raise Misuse(
            f"the database {shown} has no tables of this version. Start the host on it once, which brings it up to date."
        )


def _must_be_free(connection: "Connection", shown: str) -> None:
    from sqlalchemy import inspect

    from .tables import metadata

    found = set(inspect(connection).get_table_names())
    # A PostgreSQL database may hold other things; a file is ours alone.
    taken = found if connection.dialect.name == "sqlite" else found & metadata.tables.keys()
    if taken:
        raise Misuse(
            f"the database {shown} belongs to another program (it holds a table {min(taken)}). "
            "Nothing was changed. Give the address of an empty one."
        )


def _failed(shown: str, error: Exception) -> Fault:
    cause = getattr(error, "orig", None) or error
    return Fault(
        f"the database {shown} could not be brought to version {NEWEST}: {_first_line(cause)}. Nothing was changed."
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".") or type(error).__name__
