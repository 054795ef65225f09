"""`zhanggui doctor`: what is wrong with this installation or its data, and how to mend it."""

import shutil
import socket
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
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
from ..basics.words import Lang, load_words
from ..edges.lock import is_held
from ..edges.sqlite import SQLITE_VERSION, open_durable
from ..host.keys import open_host_keys
from ..programs.data_folder import (
    Places,
    check_folder,
    open_host_vault,
    passphrase_of,
    require_data,
    store_target,
    terminal_lock,
)
from ..programs.settings import Settings
from ..store.open import open_book_rows, open_queries
from ..terminal.assembly import open_pin_pad
from ..terminal.devices.pin_pad_file import KEPT_FILE
from ..terminal.flow.screens.columns import pad
from ..terminal.settings import read_settings, terminal_folder, terminals_in
from ..vault.hsm import Hsm
from ..vault.keys import KeyBlock, TerminalMasterKeyBlock
from .error_words import failure_text
from .output import print_json

State = Literal["ok", "warn", "fail"]
SQLITE_SOUND = (3, 51, 3)
"""The first SQLite without the WAL-reset fault."""
PYTHON_OLDEST = (3, 11)
FREE_BYTES_WANTED = 1 << 30
DIFFERENCES_SHOWN = 5
MARKS = {"ok": "✓", "warn": "!", "fail": "×"}
ITEM_COLUMNS = 16
"""Room for the name of what was looked at."""
WORDS = load_words(__package__, "doctor.toml")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: its state, what was found, what to do."""

    item: str
    state: State
    found: str
    todo: str = ""


class Teller(msgspec.Struct, frozen=True):
    """Says findings in one language."""

    lang: Lang

    def tell(self, item: str, state: State, key: str, **values: object) -> Finding:
        """What was found, and what to do where there is something to do."""
        todo = WORDS.get(f"{key}_do")
        return Finding(item, state, self.of(key, **values), todo.fill(self.lang, **values) if todo is not None else "")

    def of(self, key: str, **values: object) -> str:
        """One wording."""
        return WORDS[key].fill(self.lang, **values)


def doctor(settings: Settings, *, as_json: bool) -> None:
    """Look at everything and print it; exit code 1 when something fails. What programs read stays in one language."""
    teller = Teller("en" if as_json else settings.lang)
    findings = [
        teller.tell("zhanggui", "ok", "as_it_is", value=__version__),
        _python(teller),
        _sqlite(teller),
        _guarded(teller, "folder", lambda: _folder(teller, settings)),
        _guarded(teller, "disk", lambda: _disk(teller, settings)),
        *_ports(teller, settings),
        *_data(teller, settings),
    ]
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            item = pad(teller.of(f"item_{finding.item.replace(' ', '_')}"), ITEM_COLUMNS)
            sys.stdout.write(f"{MARKS[finding.state]} {item} {finding.found}\n")
            if finding.todo:
                sys.stdout.write(f"  {'':<{ITEM_COLUMNS}} → {finding.todo}\n")
    if any(finding.state == "fail" for finding in findings):
        sys.exit(1)


def _guarded(teller: Teller, item: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except ZhangguiError as error:
        return teller.tell(item, "fail", "failed", error=failure_text(error, teller.lang))


def _python(teller: Teller) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON_OLDEST:
        return teller.tell("python", "fail", "python_old", value=version)
    return teller.tell("python", "ok", "as_it_is", value=version)


def _sqlite(teller: Teller) -> Finding:
    version = ".".join(map(str, SQLITE_VERSION))
    if SQLITE_VERSION < SQLITE_SOUND:
        return teller.tell("sqlite", "warn", "sqlite_old", value=version)
    return teller.tell("sqlite", "ok", "as_it_is", value=version)


def _folder(teller: Teller, settings: Settings) -> Finding:
    check_folder(settings.data_path)
    return teller.tell("folder", "ok", "as_it_is", value=settings.data_path)


def _disk(teller: Teller, settings: Settings) -> Finding:
    existing = next(parent for parent in (settings.data_path, *settings.data_path.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    shown = f"{free / (1 << 30):.1f}"
    if free < FREE_BYTES_WANTED:
        return teller.tell("disk", "warn", "disk_low", free=shown)
    return teller.tell("disk", "ok", "disk_free", free=shown)


def _ports(teller: Teller, settings: Settings) -> list[Finding]:
    places = Places(settings.data_path)
    terminals = [terminal_lock(settings.data_path, number) for number in terminals_in(settings.data_path)]
    wanted = (
        ("port host", settings.host.listen, settings.host.port, [places.host_lock]),
        ("port bank", settings.bank.listen, settings.bank.port, [places.bank_lock]),
        ("port door", settings.door.listen or "127.0.0.1", settings.door.port, [places.host_lock]),
        ("port page", settings.terminal.listen, settings.terminal.port, terminals),
        ("port wallets", settings.wallets.listen, settings.wallets.port, [places.wallets_lock]),
        ("port office", settings.office.listen, settings.office.port, [places.office_lock, places.host_lock]),
    )
    return [
        _port(teller, item, f"{address}:{port}", (address, port), locks)
        for item, address, port, locks in wanted
        # Empty: it is not served.
        if address
    ]


def _port(teller: Teller, item: str, shown: str, address: tuple[str, int], locks: list[Path]) -> Finding:
    """Whether a port can be had. One that is taken while this folder's own program does not run is somebody else's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if any(is_held(lock) for lock in locks):
                return teller.tell(item, "ok", "port_own", address=shown)
            return teller.tell(item, "warn", "port_taken", address=shown, why=error.strerror)
    return teller.tell(item, "ok", "port_free", address=shown)


def _data(teller: Teller, settings: Settings) -> list[Finding]:
    places = Places(settings.data_path)
    if not places.host_local_key.exists():
        return [teller.tell("data", "ok", "data_none")]
    return [
        _guarded(teller, "data", lambda: _complete(teller, places)),
        _guarded(teller, "host keys", lambda: _host_keys(teller, settings, places)),
        _guarded(teller, "master keys", lambda: _master_keys(teller, settings, places)),
        _guarded(teller, "zone keys", lambda: _zone_keys(teller, settings, places)),
        _guarded(teller, "host database", lambda: _host_database(teller, places)),
        _guarded(teller, "host books", lambda: _host_books(teller, settings, places)),
        _guarded(teller, "bank books", lambda: _bank_books(teller, settings)),
    ]


def _complete(teller: Teller, places: Places) -> Finding:
    require_data(places)
    if places.is_demo:
        return teller.tell("data", "warn", "data_demo")
    return teller.tell("data", "ok", "as_it_is", value=places.data)


def _host_keys(teller: Teller, settings: Settings, places: Places) -> Finding:
    open_host_vault(settings, places, SystemChance())
    return teller.tell("host keys", "ok", "host_keys_open")


def _master_keys(teller: Teller, settings: Settings, places: Places) -> Finding:
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
        ours, theirs = _kcv(hsm, TerminalMasterKeyBlock(here)), pin_pad.master_key_check_value() or teller.of("no_key")
        if ours != theirs:
            apart.append(teller.of("master_key_apart", number=number, ours=ours, theirs=theirs))
    if apart:
        return teller.tell("master keys", "fail", "master_keys_apart", apart="; ".join(apart[:DIFFERENCES_SHOWN]))
    if opened:
        return teller.tell("master keys", "warn", "master_keys_opened", numbers=", ".join(opened))
    return teller.tell("master keys", "ok", "master_keys_same", count=compared)


def _zone_keys(teller: Teller, settings: Settings, places: Places) -> Finding:
    """Check values of the keys between host and bank. Only reads."""
    if not (bank_setup.bank_exists(places.data) and bank_setup.key_path(places.data).exists()):
        return teller.tell("zone keys", "ok", "zone_keys_no_bank")
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
    apart = [
        teller.of("zone_key_apart", name=name, ours=ours, theirs=theirs)
        for name, ours, theirs in values
        if ours != theirs
    ]
    if apart:
        return teller.tell("zone keys", "fail", "zone_keys_apart", apart="; ".join(apart))
    return teller.tell("zone keys", "ok", "zone_keys_same", values=", ".join(f"{one[0]} {one[1]}" for one in values))


def _kcv(hsm: Hsm, block: KeyBlock) -> str:
    return hsm.check_value(block).hex().upper()


def _host_database(teller: Teller, places: Places) -> Finding:
    open_durable(places.host_database).close()
    return teller.tell("host database", "ok", "database_sound")


def _host_books(teller: Teller, settings: Settings, places: Places) -> Finding:
    with open_book_rows(store_target(settings, places)) as rows:
        found = book_differences(rows.payments(), rows.postings())
        shown = [difference.text() for difference in islice(found, DIFFERENCES_SHOWN)]
        count = len(shown) + sum(1 for _ in found)
    if count:
        return teller.tell("host books", "fail", "host_books_differ", count=count, shown="; ".join(shown))
    return teller.tell("host books", "ok", "host_books_agree")


def _bank_books(teller: Teller, settings: Settings) -> Finding:
    differences = bank_queries.differences(settings.data_path)
    if differences:
        shown = "; ".join(differences[:3])
        return teller.tell("bank books", "fail", "bank_books_differ", count=len(differences), shown=shown)
    return teller.tell("bank books", "ok", "bank_books_agree")
