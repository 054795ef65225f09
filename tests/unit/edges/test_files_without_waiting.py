"""Files that wait for no disk while they are made, and for all of it at the end."""

import os
import threading
from pathlib import Path

import pytest

from zhanggui.acquirer.rows.records import Merchant
from zhanggui.acquirer.rows.state import Insert, Needs
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.edges.disk import sync_tree
from zhanggui.edges.sqlite import open_durable, waits_for_disk, without_waiting
from zhanggui.store.open import open_store


def test_only_files_that_are_opened_meanwhile_wait_for_no_disk(tmp_path: Path) -> None:
    before = open_durable(tmp_path / "before.db")
    with without_waiting():
        meanwhile = open_durable(tmp_path / "meanwhile.db")
    after = open_durable(tmp_path / "meanwhile.db")
    assert [waits_for_disk(one) for one in (before, meanwhile, after)] == [True, False, True]
    for one in (before, meanwhile, after):
        one.close()


def test_a_making_that_breaks_off_leaves_no_file_without_waiting(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), without_waiting():
        raise RuntimeError
    connection = open_durable(tmp_path / "a.db")
    assert waits_for_disk(connection)
    connection.close()


def test_all_files_and_folders_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "key").write_bytes(b"k")
    (tmp_path / "host.db").write_bytes(b"d")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    sync_tree(tmp_path)
    paths = (tmp_path, tmp_path / "bank", tmp_path / "bank" / "key", tmp_path / "host.db")
    assert synced == [path.stat().st_ino for path in paths]


def test_a_disk_that_refuses_is_said_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(Fault, match="Input/output error"):
        sync_tree(tmp_path)


async def test_a_store_over_such_a_file_commits_at_once_and_without_a_thread(tmp_path: Path) -> None:
    threads = threading.active_count()
    with without_waiting():
        store = open_store(str(tmp_path / "host.db"))
    merchant = Merchant(merchant_no=MerchantNo("102100058120001"), name="掌柜示范店", created_ms=UnixMs(0))
    async with store.unit() as unit:
        await unit.save([Insert(merchant)])
    assert threading.active_count() == threads
    await store.close()
    store = open_store(str(tmp_path / "host.db"))
    async with store.unit() as unit:
        kept = await unit.load(Needs({Merchant: [("102100058120001",)]}))
    assert kept.get(Merchant, "102100058120001") == merchant
    await store.close()
