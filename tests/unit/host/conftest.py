"""A host in memory whose engine runs; whoever needs other rows in it has a fixture of their own."""

from collections.abc import AsyncIterator

import pytest
from tests.worlds.memory_host import MemoryHost


@pytest.fixture
async def house() -> AsyncIterator[MemoryHost]:
    house = MemoryHost()
    house.engine.start()
    yield house
    house.store.may_save.set()
    await house.engine.stop()
