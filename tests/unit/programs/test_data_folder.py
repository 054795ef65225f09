"""A data folder is its owner's, says of itself that it is a demo, and lets one program of each kind in."""

import contextlib
import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from pysqlite3 import dbapi2

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.cli.doctor import doctor
from zhanggui.cli.keys import list_keys
from zhanggui.edges.lock import FolderLock
from zhanggui.programs.bank import start_bank
from zhanggui.programs.data_folder import Places, open_host_vault
from zhanggui.programs.host import HostProgram
from zhanggui.programs.private_files import close_to_others
from zhanggui.programs.settings import Settings
from zhanggui.programs.terminals import start_terminals

TERMINAL = "10000001"


def open_to_others(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data)) for path in data.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077)


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_what_an_earlier_version_left_open_is_closed_and_a_strangers_file_left_alone(settings: Settings) -> None:
    data = settings.data_path
    for path in data.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    key = Places(data).host_local_key
    mine = data / "notes.txt"
    mine.write_text("a person's own", encoding="utf-8")
    assert close_to_others(data) > 10
    left = open_to_others(data)
    assert str(mine.relative_to(data)) in left
    # A key that others could read is refused and said, not closed in silence.
    assert str(key.relative_to(data)) in left
    assert [name for name in left if not name.endswith((".key", "keys.json", "pin_pad.json", "notes.txt"))] == []
    assert close_to_others(data) == 0


@pytest.mark.usefixtures("usual_umask")
async def test_a_host_and_a_bank_close_their_files_when_they_start(settings: Settings) -> None:
    data = settings.data_path
    (data / "host" / "host.db").chmod(0o644)
    (data / "host").chmod(0o755)
    (data / "bank.db").chmod(0o644)
    async with AsyncExitStack() as stack:
        await start_bank(settings, SystemClock(), SystemChance(), stack)
        program = HostProgram(settings, SystemClock(), SystemChance())
        stack.push_async_callback(program.stop)
        await program.start()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data / "host").glob("host.db*")}
        assert modes
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE((data / "host").stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "bank.db").stat().st_mode) == 0o600


def test_demo_data_say_so_whatever_passphrase_seals_them(settings: Settings) -> None:
    places = Places(settings.data_path)
    assert not places.demo_passphrase.exists()
    assert places.is_demo
    places.complete.write_text("a shop's own data\n", encoding="utf-8")
    assert not places.is_demo


async def test_a_second_bank_on_a_folder_is_refused(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        await start_bank(settings, SystemClock(), SystemChance(), stack)
        with pytest.raises(Misuse, match="a bank is running on"):
            await start_bank(settings, SystemClock(), SystemChance(), stack)
    async with AsyncExitStack() as stack:
        await start_bank(settings, SystemClock(), SystemChance(), stack)


async def test_a_second_program_of_a_terminal_is_refused_and_another_terminal_is_not(settings: Settings) -> None:
    def quiet(text: str) -> None:
        """Nobody listens."""

    async def start(number: str, stack: AsyncExitStack) -> None:
        await start_terminals(settings, (number,), SystemClock(), SystemChance(), stack, complain=quiet)

    async with AsyncExitStack() as stack:
        await start(TERMINAL, stack)
        with pytest.raises(Misuse, match=f"terminal {TERMINAL} is running on"):
            await start(TERMINAL, stack)
        await start("10000002", stack)


async def test_a_lock_file_that_somebody_removed_lets_no_second_host_in(settings: Settings) -> None:
    first = HostProgram(settings, SystemClock(), SystemChance())
    await first.start()
    try:
        Places(settings.data_path).host_lock.unlink()
        with pytest.raises(Misuse, match="a host is running on"):
            HostProgram(settings, SystemClock(), SystemChance())
    finally:
        await first.stop()


def code_in(data: Path, code: str | None = None) -> str:
    connection = dbapi2.connect(str(Places(data).host_database))
    try:
        if code is not None:
            connection.execute("UPDATE merchants SET shift_code = ?", (code,))
            connection.commit()
        return str(connection.execute("SELECT shift_code FROM merchants").fetchone()[0])
    finally:
        connection.close()


async def test_a_code_that_an_earlier_version_kept_in_clear_is_sealed_at_the_start_and_still_right(
    settings: Settings,
) -> None:
    code_in(settings.data_path, "7281")
    program = HostProgram(settings, SystemClock(), SystemChance())
    await program.start()
    await program.stop()
    kept = code_in(settings.data_path)
    assert "7281" not in kept
    assert kept.startswith("sealed:")


def paid(data: Path) -> None:
    """One approved sale as the host keeps it, written beside it."""
    connection = dbapi2.connect(str(Places(data).host_database))
    try:
        texts = [
            "masked_pan",
            "entry_mode",
            "operator_no",
            "auth_code",
            "issuer",
            "answer",
            "bank_state",
            "reversal_reason",
        ]
        texts += ["original_batch_no", "original_trace_no", "undone_by_batch_no", "undone_by_trace_no"]
        key = {"merchant_no": "102100058120001", "terminal_no": TERMINAL, "batch_no": "000001", "trace_no": "000001"}
        row: dict[str, object] = {**dict.fromkeys(texts, ""), **key, "kind": "sale", "state": "approved"}
        row |= {"fingerprint": b"", "card_hash": b"", "amount_fen": 1280, "rrn": "1" * 12, "response_code": "00"}
        row |= {"bank_attempts": 0, "created_ms": 1, "decided_ms": 1}
        lines = [
            key | {"kind": "sale", "account": account, "amount_fen": fen, "posted_ms": 1}
            for account, fen in (("issuer_clearing", 1280), ("merchant_payable", -1280))
        ]
        for table, one in (("payments", row), *(("postings", line) for line in lines)):
            marks = ", ".join("?" * len(one))
            connection.execute(f"INSERT INTO {table} ({', '.join(one)}) VALUES ({marks})", tuple(one.values()))
        connection.commit()
    finally:
        connection.close()


def altered(data: Path, statement: str) -> None:
    connection = dbapi2.connect(str(Places(data).host_database))
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE payments SET amount_fen = 1", "UPDATE postings SET amount_fen = amount_fen * 2", "DELETE FROM payments"],
)
def test_doctor_names_a_payment_that_somebody_altered_in_the_database(
    settings: Settings, statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paid(settings.data_path)
    doctor(settings, as_json=False)
    assert "交易与分录相符" in capsys.readouterr().out
    altered(settings.data_path, statement)
    with pytest.raises(SystemExit) as ended:
        doctor(settings, as_json=False)
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "1 笔交易与分录不符" in said
    assert f"{TERMINAL} 000001/000001" in said


def looked(settings: Settings, item: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str, str]:
    with contextlib.suppress(SystemExit):
        doctor(settings, as_json=True)
    (found,) = [one for one in json.loads(capsys.readouterr().out) if one["item"] == item]
    return found["state"], found["found"], found["todo"]


def test_doctor_compares_the_check_values_of_master_keys_at_both_ends(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    state, found, _ = looked(settings, "master keys", capsys)
    assert (state, "3 compared" in found) == ("ok", True), found
    list_keys(settings, as_json=True)
    at_host = {row["terminal_no"]: row["TMK"] for row in json.loads(capsys.readouterr().out)}
    other, folder = (settings.data_path / "terminals" / number for number in ("10000002", TERMINAL))
    for name in ("device.key", "pin_pad.json"):
        (folder / name).write_bytes((other / name).read_bytes())
    state, found, todo = looked(settings, "master keys", capsys)
    assert state == "fail"
    assert found == f"{TERMINAL}: host {at_host[TERMINAL]}, terminal {at_host['10000002']}"
    assert "keys renew" in todo


def test_doctor_makes_nothing_for_a_terminal_without_a_pin_pad(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = settings.data_path / "terminals" / TERMINAL
    for name in ("device.key", "pin_pad.json"):
        (folder / name).unlink()
    state, found, _ = looked(settings, "master keys", capsys)
    assert (state, "2 compared" in found) == ("ok", True), found
    assert not (folder / "pin_pad.json").exists()


def test_doctor_compares_the_zone_keys_of_host_and_bank(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    state, found, _ = looked(settings, "zone keys", capsys)
    assert state == "ok"
    assert re.fullmatch(r"host and bank hold the same, PIN [0-9A-F]{8}, MAC [0-9A-F]{8}", found)
    places = Places(settings.data_path)
    vault = open_host_vault(settings, places, SystemChance())
    texts = msgspec.json.decode(places.host_keys.read_bytes())
    changed = texts | {"zone_mac_key": vault.new_zone_mac_key().text}
    places.host_keys.write_bytes(msgspec.json.encode(changed))
    state, found, _ = looked(settings, "zone keys", capsys)
    assert state == "fail"
    assert re.fullmatch(r"MAC: host [0-9A-F]{8}, bank [0-9A-F]{8}", found), "the PIN key is the same at both"


def test_doctor_tells_ports_of_this_folders_programs_from_those_of_others(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = replace(settings, lang="zh", host=replace(settings.host, port=taken.getsockname()[1]))
        state, found, todo = looked(wanted, "port host", capsys)
        assert (state, "not by this folder's program" in found, "another folder" in todo) == ("warn", True, True)
        lock = FolderLock(Places(settings.data_path).host_lock, "a host").acquire()
        state, found, todo = looked(wanted, "port host", capsys)
        assert (state, "the program of this folder is running" in found, todo) == ("ok", True, "")
        with contextlib.suppress(SystemExit):
            doctor(wanted, as_json=False)
        assert "本数据目录的程序正在运行" in capsys.readouterr().out
        lock.release()
        assert looked(wanted, "port host", capsys)[0] == "warn", "who looks at a lock leaves it as it was"
    assert looked(wanted, "port host", capsys)[0] == "ok"
