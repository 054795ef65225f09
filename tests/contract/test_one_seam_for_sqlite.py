"""Whoever opens a SQLite file opens it by the one seam: another driver under it is used everywhere."""

from pathlib import Path

import pytest
from tests.worlds.old_data import OLD_DATA, unpack

from zhanggui.bank import queries as bank_queries
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.edges import sqlite
from zhanggui.edges.sqlite import Connection, driven_by
from zhanggui.store.forgetting import forget_deleted
from zhanggui.store.open import open_proof_rows, open_queries, open_store
from zhanggui.store.schema import prepare
from zhanggui.terminal.journal import SqliteJournal


class NotingDriver:
    """Opens files as the usual driver does, and notes which."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, address: str) -> Connection:
        self.opened.append(address.partition("?")[0].rpartition("/")[2])
        return sqlite._pysqlite(address)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return unpack(OLD_DATA[0], tmp_path)


async def test_store_lists_audit_bank_and_journal_open_by_the_driver_that_is_set(data: Path) -> None:
    host = str(data / "host" / "host.db")
    driver = NotingDriver()
    with driven_by(driver):
        store = open_store(host)
        async with store.unit():
            pass
        await store.close()
        with open_queries(host) as queries:
            queries.list_payments()
        with open_proof_rows(host) as rows:
            assert list(rows.heads())
        assert bank_queries.differences(data) == []
        SqliteJournal(data / "terminals" / "10000001" / "journal.db", SystemClock()).close()
        forget_deleted(host)

    assert set(driver.opened) == {"host.db", "bank.db", "journal.db"}
    assert driver.opened.count("host.db") >= 4


def test_a_new_database_is_made_and_its_tables_too_by_the_driver_that_is_set(tmp_path: Path) -> None:
    driver = NotingDriver()
    with driven_by(driver):
        prepare(str(tmp_path / "host.db"))

    assert driver.opened == ["host.db"]


def test_nothing_is_opened_when_the_driver_refuses(tmp_path: Path) -> None:
    def refuse(_address: str) -> Connection:
        raise sqlite.OperationalError("no disk in this world")

    with driven_by(refuse), pytest.raises(Misuse, match="no disk in this world"):
        prepare(str(tmp_path / "host.db"))

    assert not list(tmp_path.iterdir())


def test_after_it_the_usual_driver_is_back(tmp_path: Path) -> None:
    driver = NotingDriver()
    with driven_by(driver):
        pass
    prepare(str(tmp_path / "host.db"))

    assert driver.opened == []
