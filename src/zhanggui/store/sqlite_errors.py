"""What SQLite reports, told in the families of the house."""

from ..basics.errors import Defect, Fault
from ..edges.sqlite import DatabaseError, IntegrityError
from .errors import Conflict

_TAKEN = "UNIQUE constraint failed"
"""SQLite's own words, for primary keys too; the driver gives no finer code than SQLITE_CONSTRAINT."""
_FAULTS = {
    "SQLITE_FULL": "the disk is full: free some space",
    "SQLITE_IOERR": "the disk failed, or is full: look at it before you go on",
    "SQLITE_BUSY": "another program holds the database: end it, SQLite is for one writing process",
    "SQLITE_LOCKED": "another program holds the database: end it, SQLite is for one writing process",
    "SQLITE_READONLY": "the database can't be written: give the program the right to write the file and its folder",
    "SQLITE_CORRUPT": "the database is damaged: stop, put the file aside and restore a backup",
    "SQLITE_NOTADB": "the database is damaged: stop, put the file aside and restore a backup",
    "SQLITE_CANTOPEN": "the database can't be opened: look whether its folder is still there",
}
_FAILED = "the database failed"


def _family(name: str) -> str:
    """SQLite's finer names begin with the name of their family: SQLITE_IOERR_SHMSIZE."""
    return "_".join(name.split("_")[:2])


def told(error: Exception, *, while_committing: bool = False) -> Fault | Defect:
    """The error of ours that says the same: Conflict, Fault or Defect. SQLite's constraint texts name columns only."""
    name = str(getattr(error, "sqlite_errorname", ""))
    family = _family(name)
    if isinstance(error, IntegrityError):
        if str(error).startswith(_TAKEN):
            return Conflict(
                f"a row with this key is there already ({error}). Nothing was saved; load and decide again."
            )
        return Defect(f"a change breaks a rule of the tables ({error}). Nothing was saved.")
    if while_committing and family == "SQLITE_IOERR":
        # The last page may have reached the disk although the disk reported a failure; then recovery brings it back.
        return Fault(
            "the disk failed during the commit (SQLITE_IOERR). Start again; only then is it known what was saved."
        )
    if isinstance(error, DatabaseError) and family not in ("", "SQLITE_ERROR", "SQLITE_MISUSE"):
        return Fault(f"{_FAULTS.get(family, _FAILED)} ({name}). Nothing was saved.")
    return Defect(f"a statement or a value does not fit the tables ({type(error).__name__}). Nothing was saved.")
