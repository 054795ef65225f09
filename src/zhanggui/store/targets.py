"""Where a database is: a file's path for SQLite, a postgresql:// address for PostgreSQL."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..basics.errors import Misuse

_POSTGRES_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


@dataclass(frozen=True, slots=True)
class SqliteTarget:
    """A SQLite file."""

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresTarget:
    """A PostgreSQL database. `shown` is the address for texts, without the password."""

    address: str
    shown: str

    def __repr__(self) -> str:
        return f"PostgresTarget({self.shown!r})"


def parse_target(target: str) -> SqliteTarget | PostgresTarget:
    """Read an address as a person gives it. Raises Misuse for another kind of database."""
    scheme, separator, rest = target.partition("://")
    if not separator:
        return SqliteTarget(Path(target))
    if scheme not in _POSTGRES_SCHEMES:
        raise Misuse(
            f"{scheme}:// is no database that Zhanggui knows. Give the path of a SQLite file, or postgresql://…"
        )
    address = f"postgresql://{rest}"
    return PostgresTarget(address, _without_secrets(address))


def _without_secrets(address: str) -> str:
    # What follows the ? may hold a password too.
    parts = urlsplit(address)
    account, at, place = parts.netloc.rpartition("@")
    user = account.partition(":")[0]
    return f"{parts.scheme}://{user}{at}{place}{parts.path}"
