"""`zhanggui keys`: check values of the keys in the host's database, and a fresh master key for a terminal."""

import sys
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from ..acquirer.rows.records import Proposal, Terminal
from ..basics.chance import SystemChance
from ..basics.errors import Misuse
from ..edges.lock import FolderLock
from ..host.act_table import RENEW_KEY, NewMasterKey
from ..programs.data_folder import Places, open_host_vault, require_data, store_target, terminal_lock
from ..programs.settings import Settings
from ..store.open import open_queries
from ..terminal.assembly import open_pin_pad
from ..terminal.devices.pin_pad import VirtualPinPad
from ..terminal.devices.pin_pad_file import forget_opening
from ..terminal.settings import terminal_folder
from ..vault.hsm import Hsm
from ..vault.keys import KeyBlock, MacKeyBlock, PinKeyBlock, TerminalMasterKeyBlock, TrackKeyBlock
from ..views.listing import word_of
from .console import Console
from .lists import print_table
from .management_words import refusal_text
from .output import print_json

_KEYS: tuple[tuple[str, str, type[KeyBlock]], ...] = (
    ("TMK", "master_key", TerminalMasterKeyBlock),
    ("PIK", "pin_key", PinKeyBlock),
    ("MAK", "mac_key", MacKeyBlock),
    ("TDK", "track_key", TrackKeyBlock),
)


def list_keys(settings: Settings, *, as_json: bool) -> None:
    """Print the check values of all terminals' keys; never a key."""
    places = Places(settings.data_path)
    hsm = open_host_vault(settings, places, SystemChance())
    with open_queries(store_target(settings, places)) as queries:
        terminals = queries.list_terminals()
    rows = [{"terminal_no": row.terminal_no, **_check_values(hsm, row)} for row in terminals]
    if as_json:
        print_json(rows)
        return
    heads = (word_of("terminals.terminal", settings.lang), *(f"{name} KCV" for name, _, _ in _KEYS))
    print_table(settings.lang, heads, [tuple(map(str, row.values())) for row in rows])


def _check_values(hsm: Hsm, terminal: Terminal) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, column, kind in _KEYS:
        text = getattr(terminal, column)
        values[name] = hsm.check_value(kind(text)).hex().upper() if text else "—"
    return values


def renew(settings: Settings, merchant: str, by: str, terminal_no: str, reason: str = "") -> None:
    """Make a fresh master key and bring it to the host's database and to the terminal's PIN pad.

    Host and terminal must be ended: both would go on with the old key. Working keys of the old one are erased, so the
    terminal signs in again.
    """
    places = Places(settings.data_path)
    require_data(places)
    with ExitStack() as locks:
        locks.callback(FolderLock(places.host_lock, "a host").acquire().release)
        terminal = _terminal(settings, merchant, terminal_no)
        place = terminal_lock(settings.data_path, terminal.terminal_no)
        if place.parent.is_dir():
            locks.callback(FolderLock(place, f"terminal {terminal.terminal_no}").acquire().release)
        value = _renew(settings, terminal, by, reason)
    sys.stdout.write(f"{terminal_no}  TMK KCV {value}\n")


def _terminal(settings: Settings, merchant: str, terminal_no: str) -> Terminal:
    with open_queries(store_target(settings, Places(settings.data_path))) as queries:
        known = [row for row in queries.list_terminals() if row.terminal_no == terminal_no]
    if merchant:
        known = [row for row in known if row.merchant_no == merchant]
    if not known:
        raise Misuse(f"there is no terminal {terminal_no}; 'zhanggui keys list' shows them")
    if len(known) > 1:
        raise Misuse(f"several merchants have a terminal {terminal_no}; name one with --merchant NUMBER")
    if known[0].operator_check != "host":
        raise Misuse(refusal_text("not_our_terminal", settings.lang))
    return known[0]


def bring_confirmed(console: Console, proposal: Proposal, confirm: Callable[[], object]) -> None:
    """Confirm a proposal about a master key, and bring the key to the terminal; host and terminal must be ended."""
    asked = msgspec.json.decode(proposal.asked, type=NewMasterKey)
    settings = console.settings
    with ExitStack() as locks:
        locks.callback(FolderLock(console.places.host_lock, "a host").acquire().release)
        terminal = _terminal(settings, proposal.merchant_no, asked.terminal_no)
        place = terminal_lock(settings.data_path, terminal.terminal_no)
        if place.parent.is_dir():
            locks.callback(FolderLock(place, f"terminal {terminal.terminal_no}").acquire().release)
        pin_pad = _pin_pad(console, terminal)
        confirm()
        pin_pad.inject_master_key(
            console.keys.hsm.export_block(TerminalMasterKeyBlock(asked.master_key), pin_pad.transport_key())
        )


def _pin_pad(console: Console, terminal: Terminal) -> VirtualPinPad:
    settings = console.settings
    # Before anything is written: a terminal whose key file can't be opened must keep the key that it has.
    pin_pad = open_pin_pad(settings.data_path, terminal.terminal_no, clock=console.clock, chance=console.chance)
    if pin_pad.tampered:
        # Whoever stands here had the machine in hand; nothing that an opened PIN pad held is used again.
        forget_opening(terminal_folder(settings.data_path, terminal.terminal_no))
        pin_pad = open_pin_pad(settings.data_path, terminal.terminal_no, clock=console.clock, chance=console.chance)
    return pin_pad


def _renew(settings: Settings, terminal: Terminal, by: str, reason: str) -> str:
    console = Console(settings, terminal.merchant_no, by, reason)
    pin_pad = _pin_pad(console, terminal)
    hsm = console.keys.hsm
    master = hsm.new_terminal_master_key()
    console.do(RENEW_KEY, NewMasterKey(terminal.terminal_no, master.text))
    pin_pad.inject_master_key(hsm.export_block(master, pin_pad.transport_key()))
    return pin_pad.master_key_check_value()
