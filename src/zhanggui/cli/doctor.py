"""`zhanggui doctor`: what is wrong with this installation or its data, and how to mend it."""

import shutil
import socket
import sys
from collections.abc import Callable
from itertools import islice
from typing import Literal

import msgspec

from .. import __version__
from ..acquirer.payments.books import book_differences
from ..bank import queries as bank_queries
from ..bank import setup as bank_setup
from ..bank.schema import open_bank_file
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import ZhangguiError
from ..edges.sqlite import SQLITE_VERSION, open_durable
from ..host.keys import open_host_keys
from ..programs.data_folder import Places, check_folder, open_host_vault, passphrase_of, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_book_rows, open_queries
from ..terminal.assembly import open_pin_pad
from ..terminal.devices.pin_pad_file import KEPT_FILE
from ..terminal.settings import read_settings, terminal_folder, terminals_in
from ..vault.hsm import Hsm
from ..vault.keys import KeyBlock, TerminalMasterKeyBlock
from .output import print_json

State = Literal["ok", "warn", "fail"]
SQLITE_SOUND = (3, 51, 3)
"""The first SQLite without the WAL-reset fault."""
PYTHON_OLDEST = (3, 11)
FREE_BYTES_WANTED = 1 << 30
DIFFERENCES_SHOWN = 5
MARKS = {"ok": "✓", "warn": "!", "fail": "×"}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: its state, what was found, what to do."""

    item: str
    state: State
    found: str
    todo: str = ""


def doctor(settings: Settings, *, as_json: bool) -> None:
    """Look at everything and print it; exit code 1 when something fails."""
    findings = [
        Finding("zhanggui", "ok", __version__),
        _python(),
        _sqlite(),
        _guarded("folder", lambda: _folder(settings)),
        _guarded("disk", lambda: _disk(settings)),
        *_ports(settings),
        *_data(settings),
    ]
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            sys.stdout.write(f"{MARKS[finding.state]} {finding.item:<16} {finding.found}\n")
            if finding.todo:
                sys.stdout.write(f"  {'':<16} → {finding.todo}\n")
    if any(finding.state == "fail" for finding in findings):
        sys.exit(1)


def _guarded(item: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except ZhangguiError as error:
        return Finding(item, "fail", type(error).__name__, str(error))


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON_OLDEST:
        return Finding("python", "fail", version, "install Python 3.11 or newer")
    return Finding("python", "ok", version)


def _sqlite() -> Finding:
    version = ".".join(map(str, SQLITE_VERSION))
    if SQLITE_VERSION < SQLITE_SOUND:
        return Finding(
            "sqlite", "warn", version, "update pysqlite3: this SQLite has the WAL-reset fault (fixed in 3.51.3)"
        )
    return Finding("sqlite", "ok", version)


def _folder(settings: Settings) -> Finding:
    check_folder(settings.data_path)
    return Finding("folder", "ok", str(settings.data_path))


def _disk(settings: Settings) -> Finding:
    existing = next(parent for parent in (settings.data_path, *settings.data_path.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / (1 << 30):.1f} GiB free"
    if free < FREE_BYTES_WANTED:
        return Finding("disk", "warn", found, "free some space: a full disk stops payments")
    return Finding("disk", "ok", found)


def _ports(settings: Settings) -> list[Finding]:
    wanted = (
        ("port host", settings.host.listen, settings.host.port),
        ("port bank", settings.bank.listen, settings.bank.port),
        ("port page", settings.terminal.listen, settings.terminal.port),
    )
    return [_port(item, address, port) for item, address, port in wanted]


def _port(item: str, address: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return Finding(
                item,
                "warn",
                f"{address}:{port} is taken ({error.strerror})",
                "fine when zhanggui is running; else end the other program or choose another port",
            )
    return Finding(item, "ok", f"{address}:{port} is free")


def _data(settings: Settings) -> list[Finding]:
    places = Places(settings.data_path)
    if not places.host_local_key.exists():
        return [Finding("data", "ok", "none yet", "'zhanggui up' makes demo data")]
    return [
        _guarded("data", lambda: _complete(places)),
        _guarded("host keys", lambda: _host_keys(settings, places)),
        _guarded("master keys", lambda: _master_keys(settings, places)),
        _guarded("zone keys", lambda: _zone_keys(settings, places)),
        _guarded("host database", lambda: _host_database(places)),
        _guarded("host books", lambda: _host_books(settings, places)),
        _guarded("bank books", lambda: _bank_books(settings)),
    ]


def _complete(places: Places) -> Finding:
    require_data(places)
    if places.is_demo:
        return Finding(
            "data", "warn", "demo data: test keys and factory passwords", "never use these data for real money"
        )
    return Finding("data", "ok", str(places.data))


def _host_keys(settings: Settings, places: Places) -> Finding:
    open_host_vault(settings, places, SystemChance())
    return Finding("host keys", "ok", "the sealed local key opens")


def _master_keys(settings: Settings, places: Places) -> Finding:
    """Check values of the terminals' master keys: what the host holds against the PIN pads of this folder. Only reads."""
    hsm = open_host_vault(settings, places, SystemChance())
    with open_queries(store_target(settings, places)) as queries:
        at_host = {(row.merchant_no, row.terminal_no): row.master_key for row in queries.list_terminals()}
    compared, opened, apart = 0, [], []
    for number in terminals_in(settings.data_path):
        terminal_no, merchant_no = read_settings(settings.data_path, number).numbers()
        here = at_host.get((merchant_no, terminal_no))
        # A machine without files would be made by looking at it.
        if not here or not (terminal_folder(settings.data_path, number) / KEPT_FILE).is_file():
            continue
        pin_pad = open_pin_pad(settings.data_path, number, clock=SystemClock(), chance=SystemChance())
        if pin_pad.tampered:
            opened.append(number)
            continue
        compared += 1
        ours, theirs = _kcv(hsm, TerminalMasterKeyBlock(here)), pin_pad.master_key_check_value() or "no key"
        if ours != theirs:
            apart.append(f"{number}: host {ours}, terminal {theirs}")
    if apart:
        todo = "Give these terminals a new master key: 'zhanggui keys renew NUMBER' with host and terminal ended."
        return Finding("master keys", "fail", "; ".join(apart[:DIFFERENCES_SHOWN]), todo)
    if opened:
        todo = "Look at these machines, then load a new master key: 'zhanggui keys renew NUMBER'."
        return Finding("master keys", "warn", f"opened, their keys are gone: {', '.join(opened)}", todo)
    return Finding("master keys", "ok", f"host and terminals hold the same ({compared} compared)")


def _zone_keys(settings: Settings, places: Places) -> Finding:
    """Check values of the keys between host and bank. Only reads."""
    if not (bank_setup.bank_exists(places.data) and bank_setup.key_path(places.data).exists()):
        return Finding("zone keys", "ok", "no bank in this folder")
    chance = SystemChance()
    keys = open_host_keys(open_host_vault(settings, places, chance), places.host_keys)
    bank_hsm = bank_setup.open_vault(places.data, passphrase_of(settings, places), chance)
    connection = open_bank_file(places.data)
    try:
        bank = bank_setup.load_bank_keys(connection, bank_hsm)
    finally:
        connection.close()
    pairs = (("PIN", keys.zone_pin_key, bank.zone_pin_key), ("MAC", keys.zone_mac_key, bank.zone_mac_key))
    values = [(name, _kcv(keys.hsm, ours), _kcv(bank_hsm, theirs)) for name, ours, theirs in pairs]
    apart = [f"{name}: host {ours}, bank {theirs}" for name, ours, theirs in values if ours != theirs]
    if apart:
        todo = "Host and bank can't talk: put the key files of one and the same backup back."
        return Finding("zone keys", "fail", "; ".join(apart), todo)
    return Finding(
        "zone keys", "ok", "host and bank hold the same, " + ", ".join(f"{one[0]} {one[1]}" for one in values)
    )


def _kcv(hsm: Hsm, block: KeyBlock) -> str:
    return hsm.check_value(block).hex().upper()


def _host_database(places: Places) -> Finding:
    open_durable(places.host_database).close()
    return Finding("host database", "ok", "sound")


def _host_books(settings: Settings, places: Places) -> Finding:
    with open_book_rows(store_target(settings, places)) as rows:
        found = book_differences(rows.payments(), rows.postings())
        shown = [difference.text() for difference in islice(found, DIFFERENCES_SHOWN)]
        count = len(shown) + sum(1 for _ in found)
    if count:
        return Finding(
            "host books",
            "fail",
            f"{count} payments differ from their postings",
            "; ".join(shown) + ". Nothing was changed. Compare them with the bank's books, and restore a backup.",
        )
    return Finding("host books", "ok", "payments and postings agree")


def _bank_books(settings: Settings) -> Finding:
    differences = bank_queries.differences(settings.data_path)
    if differences:
        return Finding("bank books", "fail", f"{len(differences)} differences", "; ".join(differences[:3]))
    return Finding("bank books", "ok", "the books balance")
