"""What every list stands on: connections of its own for reading, errors in the families of the house, conditions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from ...acquirer.rows.records import Record
from ...basics.errors import Fault, Misuse
from ...basics.numbers import UnixMs
from ...edges.disk import is_full, no_room
from ...edges.sqlite import DBAPI, open_reader
from ..rows import SHAPES
from ..schema import check_version
from ..targets import PostgresTarget, SqliteTarget

R = TypeVar("R", bound=Record)

ROWS_AT_ONCE = 2_000
"""Rows fetched at a time where a list has no bound."""
ROWS_MAX = 10_000
"""Rows of one list at most: about 10 MB, a day of a large merchant."""


class Reader:
    """The reading side of one database. Raises Fault when it fails."""

    def __init__(self, target: SqliteTarget | PostgresTarget) -> None:
        self._engine, self._shown = _engine(target)
        self._path = target.path if isinstance(target, SqliteTarget) else None
        try:
            self._check_version()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

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

    def records(self, kind: type[R], chosen: Select[Any], limit: int) -> list[R]:
        """The first records of a statement. Misuse when the limit is none."""
        read: Callable[[Sequence[Any]], R] = SHAPES[kind].read
        return [read(row) for row in self.rows(chosen.limit(bounded(limit)))]

    def rows(self, chosen: Select[Any]) -> Sequence[Sequence[Any]]:
        """All rows of a statement."""
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


def bounded(limit: int) -> int:
    """The limit, if it is one."""
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


def equal(column: ColumnElement[Any], value: object) -> ColumnElement[bool] | None:
    """That a column has this value; None for any."""
    return None if value is None else column == value


def between(
    column: ColumnElement[Any], since_ms: UnixMs | None, until_ms: UnixMs | None
) -> tuple[ColumnElement[bool] | None, ColumnElement[bool] | None]:
    """That an instant lies within; None for any."""
    return None if since_ms is None else column >= since_ms, None if until_ms is None else column < until_ms


def chosen_where(chosen: Select[Any], *conditions: ColumnElement[bool] | None) -> Select[Any]:
    """The statement with those conditions that are some."""
    return chosen.where(*(condition for condition in conditions if condition is not None))
