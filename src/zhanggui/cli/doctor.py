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
from ..basics.chance import SystemChance
from ..basics.errors import ZhangguiError
from ..edges.sqlite import SQLITE_VERSION, open_durable
from ..programs.data_folder import Places, check_folder, open_host_vault, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_book_rows
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
