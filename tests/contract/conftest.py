"""A contract of the store is kept by each database: its tests run on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from zhanggui.store.open import open_store
from zhanggui.store.port import ChainedStore


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database may be made, as settings name it."""
    if request.param == "postgres":
        address: str = request.getfixturevalue("postgres_database")
        return address
    return str(tmp_path / "host.db")


@pytest.fixture
async def store(target: str) -> AsyncIterator[ChainedStore]:
    """The store over it."""
    store = open_store(target)
    yield store
    await store.close()
