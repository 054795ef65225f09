"""Scenarios share one set of demo data, made once and copied for each test, and start bank and host over the copy."""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import Ports
from tests.worlds.floor_fixtures import floor as floor
from tests.worlds.floor_fixtures import open_shop as open_shop
from tests.worlds.floor_fixtures import shop as shop
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    DEMO_TERMINAL,
    Card,
    ForeignTerminal,
    Line,
)
from tests.worlds.house import House, HouseProcesses
from tests.worlds.office import Browser, come_in

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings
from zhanggui.vault import sealed

TEST_CARDS_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "test-cards.md"


@pytest.fixture(scope="session")
def cards() -> dict[str, Card]:
    """The bank's test cards by id, as the page for engineers has them."""
    rows = re.findall(r"^\| ([a-z-]+) \| `(\d+)=(\d{4})(\d+)` \|", TEST_CARDS_PAGE.read_text(encoding="utf-8"), re.M)
    return {name: Card(number, expiry, track_rest=rest) for name, number, expiry, rest in rows}


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data that nobody may change; take `demo_folder`."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        # A sealed key says how hard its passphrase is to stretch; these are opened twice a test, so it is made easy.
        patch.setattr(sealed, "SCRYPT_N", 1 << 10)
        asyncio.run(make_demo(Settings(data=str(folder)), SystemClock(), SystemChance(), lambda step: None))
    return folder


@pytest.fixture
def demo_folder(demo_template: Path, tmp_path: Path) -> Path:
    """A copy of the demo data, this test's own."""
    folder = tmp_path / "data"
    shutil.copytree(demo_template, folder)
    return folder


@pytest.fixture
def start_house(demo_folder: Path) -> Iterator[Callable[..., House]]:
    """Starts bank and host in this process with settings of the test's choice: `start_house(bank_timeout_s=0.5)`."""
    houses: list[House] = []

    def start(*, bank_timeout_s: float = 45.0, slow_answer_s: float = 8.0, wallets_port: int = 0) -> House:
        house = House(
            demo_folder, bank_timeout_s=bank_timeout_s, slow_answer_s=slow_answer_s, wallets_port=wallets_port
        )
        houses.append(house)
        return house.start()

    yield start
    for house in houses:
        house.stop()


@pytest.fixture
def house(start_house: Callable[..., House]) -> House:
    """Bank and host in this process over demo data."""
    return start_house()


@pytest.fixture
def office(house: House) -> str:
    """Address of the house's office."""
    return house.serve_office()


@pytest.fixture
def owner(house: House, office: str) -> Iterator[Browser]:
    """The shop's owner, who has come in by an invitation."""
    with Browser(office) as browser:
        come_in(browser, house, "owner", "owner")
        yield browser


@pytest.fixture
def processes(demo_folder: Path, ports: Ports) -> Iterator[HouseProcesses]:
    """Bank and host as real processes over demo data, started."""
    running = HouseProcesses(demo_folder, ports.take(), ports.take())
    try:
        running.start_bank()
        running.start_host()
        yield running
    finally:
        running.stop()


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    """A connection to the host."""
    with Line("127.0.0.1", house.host_port) as connected:
        yield connected


@pytest.fixture
def stranger() -> ForeignTerminal:
    """The demo's terminal for anybody's client, not signed in."""
    return ForeignTerminal(DEMO_TERMINAL, DEMO_MERCHANT, DEMO_MASTER_KEY)


@pytest.fixture
def terminal(stranger: ForeignTerminal, line: Line) -> ForeignTerminal:
    """The same, signed in with 003."""
    assert stranger.go_sign_in(line)["39"] == "00"
    return stranger
