"""Whatever is written to the host's database passes through `host/commit.py`: watched at the driver, over a whole day's work."""

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest
from pysqlite3 import dbapi2
from tests.worlds.foreign_terminal import Card, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.acquirer.rows.records import Merchant
from zhanggui.acquirer.rows.state import Insert, Needs
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.cli import audit, keys, operators, policy, proposals, terminals
from zhanggui.cli.sign_ins import erase
from zhanggui.programs.data_folder import Places
from zhanggui.programs.demo import OUR_TERMINALS, make_demo
from zhanggui.programs.demo_people import DEMO_PASSWORD
from zhanggui.programs.settings import BySection, Settings
from zhanggui.store.open import open_store
from zhanggui.vault import sealed

WRITES = re.compile(r"\s*(?:WITH\b.*\)\s*)?(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE | re.DOTALL)
DOOR, SCHEMA = "zhanggui/host/commit.py", "zhanggui/store/schema.py"
SHOP = MerchantNo("102100058129999")


class DoorWatch:
    """Hears of each statement on the host's database: what came through the door, and what came past it."""

    def __init__(self, database: Path) -> None:
        self._database = str(database)
        self._connect: Callable[..., Any] = dbapi2.connect
        self.through: list[str] = []
        self.past: list[str] = []

    def connect(self, path: Any, *arguments: Any, **options: Any) -> Any:
        """In place of the driver's own."""
        connection = self._connect(path, *arguments, **options)
        if self._database in str(path):
            connection.set_trace_callback(self._heard)
        return connection

    def _heard(self, statement: str) -> None:
        if not WRITES.match(statement):
            return
        callers = _files_above(sys._getframe(1))
        if any(file.endswith(DOOR) for file in callers):
            self.through.append(statement)
        elif not any(file.endswith(SCHEMA) for file in callers):
            # A migration writes before there is anybody to pass through a door.
            self.past.append(f"{statement[:80]}  by {callers[:3]}")


def _files_above(frame: FrameType | None) -> list[str]:
    files = []
    while frame is not None:
        files.append(frame.f_code.co_filename.replace("\\", "/"))
        frame = frame.f_back
    return files


def as_whom(settings: Settings, password: str) -> Settings:
    """The settings of a script in which somebody acts who has this password."""
    return msgspec.structs.replace(settings, by=BySection(password=password))


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DoorWatch:
    """Watches whatever is opened from now on."""
    watch = DoorWatch(Places(tmp_path / "data").host_database)
    monkeypatch.setattr(dbapi2, "connect", watch.connect)
    monkeypatch.setattr(sealed, "SCRYPT_N", 1 << 10)
    return watch


def test_a_days_work_and_its_management_write_through_the_door_only(
    tmp_path: Path, watch: DoorWatch, stranger: ForeignTerminal, cards: dict[str, Card]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    settings = Settings(data=str(folder))
    asyncio.run(make_demo(settings, SystemClock(), SystemChance(), lambda step: None))
    house = House(folder).start()
    try:
        with Line("127.0.0.1", house.host_port) as line:
            assert stranger.go_sign_in(line)["39"] == "00"
            sale = stranger.sale(1250, cards["main"])
            assert stranger.ask(line, sale)["39"] == "00"
            assert stranger.ask(line, stranger.reversal(sale))["39"] == "00"
        operators.reset(as_whom(settings, "123456"), "", "00", "01", as_json=True)
        policy.set_rule(as_whom(settings, "12345678"), "", "99", "idle_lock_s", "120", as_json=True)
        with pytest.raises(Exception, match=r"没有锁定|not locked"):
            terminals.unlock(settings, "", "", OUR_TERMINALS[0][0], as_json=True)
    finally:
        house.stop()
    with pytest.raises(SystemExit):
        keys.renew(as_whom(settings, "12345678"), "", "99", OUR_TERMINALS[0][0], "到期更换")
    proposals.decide(
        as_whom(settings, DEMO_PASSWORD), "", "demo.reviewer", "confirm", 1, of_acquirer=False, as_json=True
    )
    erase(settings, "01", "", as_json=True)
    audit.prune(settings, as_json=True)
    assert watch.past == []
    tables = {match[1] for sql in watch.through if (match := re.search(r"(?:INTO|UPDATE|FROM)\s+\"?(\w+)", sql))}
    assert {"payments", "postings", "sessions", "sign_ins", "links", "audit_notes", "checkpoints"} <= tables
    assert {"terminals", "operators", "merchants", "stored_answers"} <= tables


async def _by_a_unit_of_its_own(folder: Path) -> None:
    store = open_store(str(Places(folder).host_database))
    try:
        async with store.unit() as unit:
            await unit.load(Needs())
            await unit.save([Insert(Merchant(merchant_no=SHOP, name="新店", created_ms=UnixMs(1)))])
    finally:
        await store.close()


async def _by_a_statement(folder: Path) -> None:
    connection = dbapi2.connect(str(Places(folder).host_database), isolation_level=None)
    connection.execute("UPDATE merchants SET name = '别家' WHERE merchant_no = ?", (SHOP,))
    connection.close()


def test_a_planted_write_past_the_door_is_seen(tmp_path: Path, watch: DoorWatch) -> None:
    for planted, word in ((_by_a_unit_of_its_own, "INSERT"), (_by_a_statement, "UPDATE")):
        watch.past.clear()
        asyncio.run(planted(tmp_path / "data"))
        assert [seen.split()[0] for seen in watch.past] == [word]
    assert watch.through == []


@pytest.mark.parametrize("sql", ["SELECT 1", "PRAGMA data_version", "BEGIN IMMEDIATE", "COMMIT", "VACUUM"])
def test_what_only_reads_is_no_write(sql: str) -> None:
    assert not WRITES.match(sql)
