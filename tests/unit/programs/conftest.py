"""Demo data under a passphrase of somebody's own, made once; each test has a copy."""

import asyncio
import shutil
from pathlib import Path

import pytest
from tests.conftest import Ports

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import BankSection, HostSection, Settings

PASSPHRASE = "correct-horse-battery"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "data"
    settings = Settings(data=str(folder), passphrase=PASSPHRASE)
    asyncio.run(make_demo(settings, SystemClock(), SystemChance(), lambda step: None))
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path, ports: Ports) -> Settings:
    data = tmp_path / "data"
    shutil.copytree(made, data)
    return Settings(
        data=str(data),
        passphrase=PASSPHRASE,
        host=HostSection(port=ports.take()),
        bank=BankSection(port=ports.take()),
    )
