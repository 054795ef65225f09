"""Copies of the databases: made while somebody writes, whole or not there, put back without losing what was there."""

from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.cli.database import backup, check, restore
from zhanggui.programs.data_folder import Places
from zhanggui.programs.host import HostProgram
from zhanggui.programs.settings import Settings


def note(data: Path, value: int) -> None:
    connection = dbapi2.connect(str(Places(data).host_database))
    try:
        connection.execute("INSERT OR REPLACE INTO counters VALUES ('*', 'rrn', ?)", (value,))
        connection.commit()
    finally:
        connection.close()


def noted(database: Path) -> int:
    connection = dbapi2.connect(str(database))
    try:
        return int(connection.execute("SELECT value FROM counters WHERE name = 'rrn'").fetchone()[0])
    finally:
        connection.close()


async def test_a_copy_made_beside_a_running_host_holds_what_is_only_in_its_log(
    settings: Settings, tmp_path: Path
) -> None:
    program = HostProgram(settings, SystemClock(), SystemChance())
    await program.start()
    try:
        note(settings.data_path, 5_000_000)
        assert Places(settings.data_path).host_database.with_name("host.db-wal").stat().st_size > 0
        backup(settings, tmp_path / "copies")
        with pytest.raises(Misuse, match="a host is running on"):
            restore(settings, tmp_path / "copies")
    finally:
        await program.stop()
    copy = tmp_path / "copies" / "host.db"
    assert noted(copy) == 5_000_000
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "copies").glob("*.db")} == {0}
    assert not list((tmp_path / "copies").glob("*.part"))


async def test_a_copy_that_is_put_back_is_the_database_and_the_old_one_stays(
    settings: Settings, tmp_path: Path
) -> None:
    places = Places(settings.data_path)
    note(settings.data_path, 1_000)
    backup(settings, tmp_path / "copies")
    note(settings.data_path, 2_000)
    restore(settings, tmp_path / "copies")
    assert noted(places.host_database) == 1_000
    assert noted(places.host_database.with_name("host.db.replaced-1")) == 2_000
    check(settings)
    program = HostProgram(settings, SystemClock(), SystemChance())
    await program.start()
    await program.stop()


def test_a_damaged_copy_is_not_put_back_and_nothing_changes(settings: Settings, tmp_path: Path) -> None:
    places = Places(settings.data_path)
    backup(settings, tmp_path / "copies")
    bank = tmp_path / "copies" / "bank.db"
    bank.write_bytes(bank.read_bytes()[: bank.stat().st_size // 2])
    before = places.host_database.read_bytes()
    with pytest.raises(Misuse, match=r"bank\.db can't be put back"):
        restore(settings, tmp_path / "copies")
    assert places.host_database.read_bytes() == before


def test_a_copy_is_never_overwritten(settings: Settings, tmp_path: Path) -> None:
    backup(settings, tmp_path / "copies")
    with pytest.raises(Misuse, match="is there already"):
        backup(settings, tmp_path / "copies")


def test_a_damaged_database_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    database = Places(settings.data_path).host_database
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    with pytest.raises(SystemExit):
        check(settings)
    assert "host.db" in capsys.readouterr().out
