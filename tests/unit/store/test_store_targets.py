"""Addresses of databases, and what of them may be shown."""

from pathlib import Path

import pytest

from zhanggui.basics.errors import Misuse
from zhanggui.store.targets import PostgresTarget, SqliteTarget, parse_target


@pytest.mark.parametrize("path", ["zhanggui-data/host.db", "/var/lib/zhanggui/host.db", "数据/host.db"])
def test_a_path_is_sqlite(path: str) -> None:
    assert parse_target(path) == SqliteTarget(Path(path))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_each_spelling_of_postgresql_is_one_address(scheme: str) -> None:
    target = parse_target(f"{scheme}://zg@db:5433/shop?sslmode=require")
    assert isinstance(target, PostgresTarget)
    assert target.address == "postgresql://zg@db:5433/shop?sslmode=require"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://zg:s3cret@db:5433/shop", "postgresql://zg@db:5433/shop"),
        ("postgresql://zg:s3:cr@et@db/shop", "postgresql://zg@db/shop"),
        ("postgresql://db/shop?password=s3cret", "postgresql://db/shop"),
        ("postgresql:///shop?host=/run/pg&password=s3cret", "postgresql:///shop"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    target = parse_target(address)
    assert isinstance(target, PostgresTarget)
    assert target.shown == shown
    assert "s3" not in repr(target)


def test_another_kind_of_database_is_refused_without_its_password() -> None:
    with pytest.raises(Misuse, match="mysql") as told:
        parse_target("mysql://root:s3cret@db/shop")
    assert "s3cret" not in str(told.value)
