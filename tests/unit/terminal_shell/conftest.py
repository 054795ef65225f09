"""A scripted host, and a terminal or a host link alone against it; whoever needs another has a fixture of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.worlds.link_ends import Ends
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost


@pytest.fixture
async def host() -> AsyncIterator[ScriptedHost]:
    made = ScriptedHost()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def desk(tmp_path: Path, host: ScriptedHost) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, host)
    await made.power_on()
    yield made
    await made.terminal.stop()


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[Ends]:
    host = ScriptedHost()
    await host.start()
    made = Ends(tmp_path, host)
    made.sign_on_keys()
    yield made
    await host.stop()
