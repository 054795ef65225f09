"""What the crash tests share: demo data made once, a house on a copy of them, and the table of kill points at the end."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from tests.conftest import Ports
from tests.worlds.crash_house import House

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings

OUTCOME = "kill point"
OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with bank, host and terminals, as `zhanggui demo-data` makes it. Copy it; never use it itself."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    folder.mkdir()
    asyncio.run(make_demo(Settings(data=str(folder)), SystemClock(), SystemChance(), lambda step: None))
    return folder


@pytest.fixture
def open_house(demo_data: Path, tmp_path: Path, ports: Ports) -> OpenHouse:
    """`async with open_house(…) as house`: a house on demo data of its own; nothing of it is left running."""

    @asynccontextmanager
    async def opened(*, bank_timeout_s: float = 45.0) -> AsyncIterator[House]:
        data = tmp_path / "data"
        shutil.copytree(demo_data, data)
        async with House(data, ports, bank_timeout_s=bank_timeout_s) as house:
            yield house

    return opened


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Put one line into the table at the end: the kill point, and what became of the payment."""
    return lambda point, outcome: record_property(OUTCOME, f"{point}\t{outcome}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of kill points."""
    lines = sorted(
        str(value).partition("\t")[::2]
        for report in terminalreporter.stats.get("passed", [])
        for name, value in getattr(report, "user_properties", ())
        if name == OUTCOME
    )
    if not lines:
        return
    width = max(len(point) for point, _ in lines)
    terminalreporter.section("kill point → payment at terminal · host · bank")
    for point, outcome in lines:
        terminalreporter.write_line(f"{point:<{width}}  {outcome}")
