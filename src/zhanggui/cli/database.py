"""`zhanggui db`: copies of the databases of a data folder, made while everything runs; put back when nothing does; looked through.

Keys and cards are not copied: they never change after they were made, and belong elsewhere than the data that they open.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from ..bank.schema import database_path
from ..basics.errors import Misuse
from ..edges.lock import FolderLock
from ..edges.sqlite_copy import copy_online, put_back, what_is_wrong
from ..programs.data_folder import Places, require_data
from ..programs.settings import Settings
from .output import print_error
from .words import say

EXIT_NOT_SOUND = 1
TOLD_EVERY_PAGES = 20_000


def backup(settings: Settings, folder: Path) -> None:
    """Copy the host's and the bank's database into a folder, with the checkpoints and the mark that go with the host's."""
    places = _places(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What only grows beside the database first: the copy of the database is then never older than it.
        for path in (places.host_checkpoints, places.host_mark):
            if path.exists():
                (folder / path.name).write_bytes(path.read_bytes())
    except OSError as error:
        raise Misuse(f"can't write to {folder}: {error.strerror}") from None
    for path in _databases(places):
        copy_online(path, folder / path.name, _progress)
    say(settings.lang, "db_backed_up", folder=str(folder))


def restore(settings: Settings, folder: Path) -> None:
    """Put copies back. Host and bank must be ended; what was there stays beside, under another name."""
    places = _places(settings)
    with ExitStack() as stack:
        for path, what in ((places.host_lock, "a host"), (places.bank_lock, "a bank")):
            stack.callback(FolderLock(path, what).acquire().release)
        for path in _databases(places):
            wrong = what_is_wrong(folder / path.name) if (folder / path.name).is_file() else "there is no such file"
            if wrong:
                raise Misuse(f"{folder / path.name} can't be put back: {wrong}. Nothing was changed.")
        for path in _databases(places):
            kept = put_back(folder / path.name, path)
            say(settings.lang, "db_put_back", file=str(path), kept=", ".join(map(str, kept)) or "-")
    say(settings.lang, "db_start_next")


def check(settings: Settings) -> None:
    """Read the databases through; exit code 1 when one is damaged."""
    places = _places(settings)
    damaged = False
    for path in _databases(places):
        wrong = what_is_wrong(path) if path.is_file() else "missing"
        damaged = damaged or bool(wrong)
        say(settings.lang, "db_damaged" if wrong else "db_sound", file=str(path), wrong=wrong)
    if damaged:
        sys.exit(EXIT_NOT_SOUND)


def _places(settings: Settings) -> Places:
    places = Places(settings.data_path)
    require_data(places)
    if settings.host.store:
        raise Misuse("the host's rows are in PostgreSQL: use pg_dump, pg_restore and its own backups")
    return places


def _databases(places: Places) -> tuple[Path, Path]:
    return places.host_database, database_path(places.data)


def _progress(name: str, done: int, whole: int) -> None:
    if whole > TOLD_EVERY_PAGES:
        print_error(f"{name} {done:,} / {whole:,}")
