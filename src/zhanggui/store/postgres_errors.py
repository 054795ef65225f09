"""What PostgreSQL and the line to it report, told in the families of the house.

PostgreSQL's own texts quote the rows; only names of constraints and error codes are taken over from them.
"""

import re

import psycopg
from psycopg import errors

from ..basics.errors import Defect, Fault
from .errors import Conflict

_CONSTRAINT = re.compile(r'constraint "([^"]+)"')
_SHARD = re.compile(r"_\d{4,}\Z")
"""What a shard's copy of a constraint bears behind its name. No name of ours ends in a number."""


def told(error: Exception, *, while_committing: bool = False) -> Fault | Defect:
    """The error of ours that says the same: Conflict, Fault or Defect."""
    code = getattr(error, "sqlstate", None) or type(error).__name__
    match error:
        case errors.UniqueViolation():
            return Conflict(
                f"a row with this key is there already ({_constraint(error)}). Nothing was saved; load and decide again."
            )
        case errors.SerializationFailure() | errors.DeadlockDetected():
            return Conflict(f"another host changed the same rows ({code}). Nothing was saved; load and decide again.")
        case errors.LockNotAvailable():
            return Fault(f"another host holds the same rows for too long ({code}). Nothing was saved; try again.")
        case psycopg.IntegrityError():
            return Defect(f"a change breaks a rule of the tables ({_constraint(error)}). Nothing was saved.")
        case errors.DiskFull():
            return Fault(f"the database's disk is full ({code}). Free some space there. Nothing was saved.")
        case psycopg.OperationalError() | psycopg.InterfaceError() if while_committing:
            return Fault(
                f"the line to the database broke during the commit ({code}). Whether it was saved is known only after "
                "loading again."
            )
        case psycopg.OperationalError() | psycopg.InterfaceError() | psycopg.InternalError():
            return Fault(
                f"the database or the line to it failed ({code}). Nothing was saved; the next unit connects anew."
            )
        case errors.FeatureNotSupported():
            return Defect(
                f"the database is sharded and does not take a statement as it is ({code}). Nothing was saved. "
                "Use a PostgreSQL on one machine, or look how its tables are distributed."
            )
        case _:
            return Defect(f"a statement or a value does not fit the tables ({code}). Nothing was saved.")


def _constraint(error: psycopg.Error) -> str:
    """The constraint's name; a distributed database gives it in its first words only, with the shard's number behind."""
    named = error.diag.constraint_name
    if named is None:
        quoted = _CONSTRAINT.search(error.diag.message_primary or "")
        named = quoted[1] if quoted else None
    if named is not None:
        return _SHARD.sub("", named)
    return error.diag.column_name or str(error.sqlstate)
