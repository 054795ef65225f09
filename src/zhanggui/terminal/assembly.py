"""Putting a terminal together from its folder: journal, devices, line, link and flow.

<data>/cards/*.json                      the virtual cards that the bank wrote
<data>/terminals/<number>/terminal.toml  settings
                          lang           the language chosen at the terminal
                          journal.db     what survives a power cut
                          device.key     the PIN pad's own key
                          pin_pad.json   its keys, sealed under it
                          slips/         what was printed
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import RemoteProtocolError
from ..cup.dialect import Dialect, dialect_named
from ..cup.envelope import unwrap
from ..cup.messages.ring import RING
from ..cup.values.slip import Slip
from .devices.chip import virtual_chip
from .devices.machine import Devices, virtual_devices
from .devices.pin_pad import VirtualPinPad
from .flow.core.state import Machine
from .journal import HOST_DAY, SqliteJournal
from .journal_port import Journal
from .link.host_calendar import HostCalendar
from .link.host_exchange import HostExchange
from .link.host_line import HostLine, TcpHostLine
from .link.host_link import CupHostLink
from .link.standing_line import StandingLine
from .models.profiles import load_profile
from .paper.text import slip_text
from .runtime import Terminal
from .settings import TerminalSettings, read_chosen_lang, terminal_folder, write_chosen_lang
from .settings_desk import SettingsDesk

CARDS = "cards"
JOURNAL = "journal.db"


def build_devices(data: Path, settings: TerminalSettings, *, clock: Clock, chance: Chance) -> Devices:
    """The all-virtual machine of these settings. Misuse or Fault when its files can't be used."""
    profile = load_profile(settings.model)
    cards = data / CARDS

    def to_text(slip: Slip) -> str:
        return "\n".join(slip_text(slip, profile.paper_columns)) + "\n"

    return virtual_devices(
        folder=terminal_folder(data, settings.number),
        cards_folder=cards,
        profile=profile,
        clock=clock,
        chance=chance,
        slip_text=to_text,
        mac_algorithm=dialect_named(settings.dialect).mac_algorithm,
        clock_offset_s=settings.clock_offset_s,
        make_chip=lambda card: virtual_chip(cards, card),
    )


def build_terminal(
    data: Path,
    settings: TerminalSettings,
    *,
    clock: Clock,
    chance: Chance,
    software: str,
    devices: Devices | None = None,
    journal: Journal | None = None,
    line: HostLine | None = None,
) -> Terminal:
    """A terminal ready to `start()`. `software` is name and version, for slips and sign-in records.

    Devices, journal and line may be given in place of those of the folder, each wrapped as a test wants it.
    Raises Misuse for settings or a folder that can't be used, Fault for damaged files.
    """
    number, merchant_no = settings.numbers()
    devices = devices or build_devices(data, settings, clock=clock, chance=chance)
    calendar = HostCalendar(devices.clock)
    journal = journal or SqliteJournal(terminal_folder(data, number) / JOURNAL, calendar)
    calendar.remembers(journal.noted(HOST_DAY))
    line = line or TcpHostLine(settings.host, settings.port, devices.line, answer_timeout_s=settings.timeout_s)
    link = CupHostLink(
        HostExchange(line, devices.pin_pad, dialect_named(settings.dialect)),
        devices.pin_pad,
        devices.clock,
        calendar,
        merchant_no=merchant_no,
        terminal_no=number,
        version=software,
        standing=partial(_standing_line, line, dialect_named(settings.dialect)),
    )
    machine = Machine(
        profile=load_profile(settings.model),
        terminal_no=number,
        merchant_no=merchant_no,
        support_phone=settings.support_phone,
        software=software,
        answer_within_s=round(settings.timeout_s),
        simulated=devices.simulated,
    )
    return Terminal(
        machine,
        devices=devices,
        journal=journal,
        line=line,
        link=link,
        chance=chance,
        desk=SettingsDesk(data, settings, line if isinstance(line, TcpHostLine) else None, devices.pin_pad),
        lang=read_chosen_lang(data, number) or settings.lang,
        keep_lang=partial(write_chosen_lang, data, number),
    )


def _standing_line(line: HostLine, dialect: Dialect, unasked: Callable[[bytes], None]) -> StandingLine | None:
    """The line that is kept open for heartbeats; a line that a test gave stays as it is."""
    if not isinstance(line, TcpHostLine):
        return None

    def is_answer(payload: bytes) -> bool:
        try:
            return dialect.codec.decode(unwrap(dialect, payload).body).mti != RING.mti
        except RemoteProtocolError:
            return True

    return StandingLine(line, is_answer, unasked)


def open_pin_pad(data: Path, number: str, *, clock: Clock, chance: Chance) -> VirtualPinPad:
    """The PIN pad of a terminal, made when it is not there yet: for loading its master key.

    `pin_pad.transport_key()` goes to the host's key room, and `pin_pad.inject_master_key(block)` takes what comes back.
    """
    return VirtualPinPad(terminal_folder(data, number), clock, chance)
