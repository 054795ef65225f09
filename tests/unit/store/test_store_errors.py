"""Each report of a driver becomes an error of the right family, without a value in it."""

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg import errors
from pysqlite3 import dbapi2

from zhanggui.basics.errors import Defect, Fault
from zhanggui.store import postgres_errors, sqlite_errors
from zhanggui.store.errors import Conflict


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (errors.UniqueViolation("Key (merchant_no)=(secret)"), Conflict),
        (errors.SerializationFailure("secret"), Conflict),
        (errors.DeadlockDetected("secret"), Conflict),
        (errors.LockNotAvailable("secret"), Fault),
        (errors.DiskFull("secret"), Fault),
        (errors.AdminShutdown("secret"), Fault),
        (psycopg.OperationalError("secret"), Fault),
        (psycopg.InterfaceError("secret"), Fault),
        (errors.CheckViolation("Failing row contains (secret)"), Defect),
        (errors.NotNullViolation("secret"), Defect),
        (errors.UndefinedTable("secret"), Defect),
        (psycopg.DataError("secret"), Defect),
        (OverflowError("secret"), Defect),
    ],
    ids=lambda case: getattr(case, "__name__", type(case).__name__),
)
def test_what_postgresql_reports_is_told_by_family_without_its_values(
    error: Exception, family: type[Exception]
) -> None:
    told = postgres_errors.told(error)
    assert type(told) is family
    assert "secret" not in str(told)


def test_a_line_lost_during_a_commit_does_not_claim_that_nothing_was_saved() -> None:
    told = postgres_errors.told(psycopg.OperationalError(), while_committing=True)
    assert type(told) is Fault
    assert "Nothing was saved" not in str(told)


@pytest.mark.parametrize("name", ["SQLITE_IOERR", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_WRITE"])
def test_a_disk_that_failed_during_a_commit_does_not_claim_that_nothing_was_saved(name: str) -> None:
    error = FailedWrite()
    error.sqlite_errorname = name
    told = sqlite_errors.told(error, while_committing=True)
    assert type(told) is Fault
    assert "Nothing was saved" not in str(told)


class FailedWrite(dbapi2.OperationalError):
    sqlite_errorname = "SQLITE_IOERR"


class FailedMemory(dbapi2.OperationalError):
    sqlite_errorname = "SQLITE_IOERR_SHMSIZE"


class OddFailure(dbapi2.OperationalError):
    sqlite_errorname = "SQLITE_PROTOCOL"


@pytest.mark.parametrize(
    ("error", "family", "text"),
    [
        (FailedWrite("secret"), Fault, "the disk failed"),
        (FailedMemory("secret"), Fault, r"the disk failed, or is full.*SHMSIZE"),
        (OddFailure("secret"), Fault, r"the database failed \(SQLITE_PROTOCOL\)"),
        (dbapi2.InterfaceError("secret"), Defect, "does not fit"),
        (dbapi2.ProgrammingError("secret"), Defect, "does not fit"),
        (UnicodeEncodeError("utf-8", "secret", 0, 1, ""), Defect, "does not fit"),
    ],
)
def test_what_sqlite_reports_is_told_by_family_without_its_values(
    error: Exception, family: type[Exception], text: str
) -> None:
    with pytest.raises(family, match=text) as raised:
        raise sqlite_errors.told(error)
    assert "secret" not in str(raised.value)


class ShardRefused(errors.UniqueViolation):
    """As a distributed database reports it: the constraint only in the first words, with the shard's number."""

    diag: Any = SimpleNamespace(
        constraint_name=None,
        column_name=None,
        message_primary='duplicate key value violates unique constraint "uq_sessions_live_on_terminal_102008"',
    )


def test_a_shards_constraint_is_told_by_the_name_that_it_has_in_the_schema() -> None:
    assert "(uq_sessions_live_on_terminal)" in str(postgres_errors.told(ShardRefused()))


def test_a_statement_that_a_sharded_database_does_not_take_is_told_as_that() -> None:
    told = postgres_errors.told(errors.FeatureNotSupported("secret"))
    assert type(told) is Defect
    assert "the database is sharded" in str(told)
