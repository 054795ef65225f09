"""A host does not start on a database that is older than what lies beside it: numbers would come again (A12)."""

import asyncio
import shutil
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from zhanggui.acquirer.rows.records import WHOLE_HOST, Checkpoint, Counter
from zhanggui.acquirer.rows.state import Insert, Needs
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.cli import operators
from zhanggui.cli.audit import verify
from zhanggui.host.commit import Door
from zhanggui.host.jobs.checkpoint_file import CheckpointFile, read_checkpoint_file
from zhanggui.host.jobs.start_state import NUMBERS, NUMBERS_SKIPPED, MarkFile
from zhanggui.programs.data_folder import Places
from zhanggui.programs.host import HostProgram
from zhanggui.programs.settings import Settings

SHOP = MerchantNo("102100058120001")
SIGNED_LINK = 120


def host(settings: Settings, *, accept_older: bool = False) -> HostProgram:
    return HostProgram(settings, SystemClock(), SystemChance(), accept_older=accept_older)


async def run_once(settings: Settings, *, accept_older: bool = False) -> None:
    program = host(settings, accept_older=accept_older)
    try:
        await program.start()
    finally:
        await program.stop()


async def reserve(settings: Settings, value: int) -> None:
    """What the first payment of a host does."""
    program = host(settings)
    try:
        await program.start()
        row = Counter(merchant_no=WHOLE_HOST, name="rrn", value=value)
        door = Door(program.store, SystemClock(), SystemChance())
        await door.commit(Needs({Counter: [(WHOLE_HOST, "rrn")]}), lambda sheet: sheet.take([Insert(row)]))
    finally:
        await program.stop()


async def a_signed_record(settings: Settings) -> None:
    """An act of management, with its link in the chain, which the host signs when it ends."""
    await asyncio.to_thread(operators.rename, settings, "", "", "01", "Ou Yang", "", as_json=True)
    await run_once(settings)


def signed(settings: Settings, link_no: int = SIGNED_LINK) -> None:
    """A checkpoint beside the database, of a chain that was longer."""
    one = Checkpoint(
        merchant_no=SHOP, link_no=link_no, head_hash=bytes(32), made_ms=UnixMs(1_795_406_400_000), signature=bytes(64)
    )
    CheckpointFile(Places(settings.data_path).host_checkpoints).append([one])


def counters(settings: Settings) -> dict[str, int]:
    connection = dbapi2.connect(str(Places(settings.data_path).host_database))
    try:
        return dict(connection.execute("SELECT name, value FROM counters"))
    finally:
        connection.close()


def beside(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data_path / "host").iterdir() if ".newer-" in path.name)


async def test_a_host_that_was_ended_in_order_starts_again(settings: Settings) -> None:
    await reserve(settings, 5_000_000)
    assert Places(settings.data_path).host_mark.exists()
    await run_once(settings)


async def test_an_older_copy_of_the_database_is_refused_and_nothing_changed(settings: Settings, tmp_path: Path) -> None:
    places = Places(settings.data_path)
    await run_once(settings)
    yesterday = tmp_path / "yesterday.db"
    shutil.copy(places.host_database, yesterday)
    then = counters(settings)
    await reserve(settings, 5_000_000)
    shutil.copy(yesterday, places.host_database)
    with pytest.raises(Misuse, match=r"older than what lies beside it .*up to 5000000.*--accept-older"):
        await run_once(settings)
    assert counters(settings) == then


async def test_a_database_that_ends_before_a_checkpoint_of_its_file_is_refused(settings: Settings) -> None:
    signed(settings)
    with pytest.raises(Misuse, match=rf"{SHOP}: link {SIGNED_LINK} was signed .* ends with 0"):
        await run_once(settings)


async def test_a_database_that_is_gone_is_not_made_anew(settings: Settings) -> None:
    places = Places(settings.data_path)
    places.host_database.unlink()
    with pytest.raises(Misuse, match=r"host\.db is gone"):
        host(settings)
    assert not places.host_database.exists()


async def test_whoever_accepts_an_older_database_goes_on_above_all_lost_numbers(settings: Settings) -> None:
    await reserve(settings, 5_000_000)
    signed(settings)
    signed(settings, SIGNED_LINK - 7)
    await run_once(settings, accept_older=True)
    kept = counters(settings)
    assert {name: kept[name] for name in NUMBERS} == dict.fromkeys(NUMBERS, SIGNED_LINK + NUMBERS_SKIPPED)
    assert kept["rrn"] >= 5_000_000
    assert beside(settings) == ["checkpoints.jsonl.newer-1"]
    # From then on it is the database, and no word is needed any more.
    await run_once(settings)


async def test_only_what_was_ahead_is_set_aside(settings: Settings) -> None:
    """Checkpoints that agree with the database stay, or the audit would say that somebody took them away."""
    places = Places(settings.data_path)
    await a_signed_record(settings)
    assert [one.link_no for one in read_checkpoint_file(places.host_checkpoints)] == [1]
    MarkFile(places.host_mark).write(5_000_000)
    await run_once(settings, accept_older=True)
    assert beside(settings) == ["mark.json.newer-1"]
    verify(settings, export=None, anchor=None, as_json=False)
    assert counters(settings)["rrn"] >= 5_000_000

    signed(settings)
    signed(settings, SIGNED_LINK + 7)
    await run_once(settings, accept_older=True)
    assert beside(settings) == ["checkpoints.jsonl.newer-1", "mark.json.newer-1"]
    assert [one.link_no for one in read_checkpoint_file(places.host_checkpoints)] == [1]
    verify(settings, export=None, anchor=None, as_json=False)
    aside = places.host_checkpoints.with_name("checkpoints.jsonl.newer-1")
    assert [one.link_no for one in read_checkpoint_file(aside)] == [1, SIGNED_LINK, SIGNED_LINK + 7]
    assert aside.stat().st_mode & 0o777 == places.host_checkpoints.stat().st_mode & 0o777 == 0o600


async def test_a_mark_that_a_disk_has_damaged_refuses_nobody(settings: Settings) -> None:
    Places(settings.data_path).host_mark.write_bytes(b"\0\0")
    await run_once(settings)
