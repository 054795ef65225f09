"""All parts of one machine together, and the all-virtual machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeGuard

from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Misuse
from ...basics.secret import PayCode
from ...vault.mac import MacAlgorithm
from ..flow.core.events import CheckItem, ReaderWay
from ..models.profiles import Profile
from .card_reader import MakeChip, VirtualCardReader
from .phone import virtual_phone
from .pin_pad import VirtualPinPad, VirtualTamperSwitch
from .ports import CardFace, CardReader, Device, NetworkLine, OnBadge, PinPad, Printer, SettableDevice, TerminalClock
from .power import VirtualPower
from .printer import SLIPS, ElectronicSlips, SlipArchive, ToText, VirtualPrinter
from .switches import VirtualClock, VirtualLine, VirtualSwitch


class VirtualCards(Protocol):
    """What a virtual reader offers beside the port: cards that can be held to it."""

    def cards(self) -> Sequence[CardFace]:
        """The faces of all cards at hand."""
        ...

    def show_code(self, card_id: str) -> PayCode:
        """What the phone of this card's holder shows now."""
        ...

    def present(self, card_id: str, way: ReaderWay) -> None:
        """Hold a card to the reader. Misuse for a card that does not exist."""
        ...

    def on_badge(self, on_badge: OnBadge) -> None:
        """Hand staff cards over, whenever one is held to the reader."""
        ...


@dataclass(frozen=True, slots=True)
class Devices:
    """The parts of one machine. `parts` are those that the self-check looks at, in its order."""

    clock: TerminalClock
    line: NetworkLine
    pin_pad: PinPad
    reader: CardReader
    printer: Printer
    parts: tuple[Device, ...]
    virtual_cards: VirtualCards | None = None

    @property
    def simulated(self) -> bool:
        """True when any part is virtual: screens say so."""
        return any(part.simulated for part in self.parts)

    def settable(self, item: CheckItem) -> SettableDevice:
        """The virtual part of this item. Misuse when this model has none, or a real one."""
        for part in self.parts:
            if part.item == item:
                if _can_be_set(part):
                    return part
                raise Misuse(f"the {item} of this terminal is real; its state can't be set")
        raise Misuse(f"this model has no {item}")


def _can_be_set(part: Device) -> TypeGuard[SettableDevice]:
    return part.simulated and hasattr(part, "set_state")


def virtual_devices(
    *,
    folder: Path,
    cards_folder: Path,
    profile: Profile,
    clock: Clock,
    chance: Chance,
    slip_text: ToText,
    mac_algorithm: MacAlgorithm = MacAlgorithm.UNIONPAY_ECB,
    clock_offset_s: int = 0,
    make_chip: MakeChip | None = None,
) -> Devices:
    """A machine of this model that needs no hardware; its files stand in `folder`.

    Raises Misuse or Fault when the PIN pad's files can't be used.
    """
    own_clock = VirtualClock(clock, clock_offset_s)
    line = VirtualLine()
    pin_pad = VirtualPinPad(folder, own_clock, chance, mac_algorithm)
    reader = VirtualCardReader(cards_folder, make_chip, virtual_phone(clock, chance))
    archive = SlipArchive(folder / SLIPS, slip_text)
    printer = VirtualPrinter(archive) if profile.printer else ElectronicSlips(archive)
    parts: list[Device] = [VirtualPower(), line, pin_pad, VirtualSwitch("display"), reader]
    if profile.scanner:
        parts.append(VirtualSwitch("scanner"))
    if profile.printer:
        parts.append(printer)
    parts += [own_clock, VirtualTamperSwitch(pin_pad)]
    return Devices(
        clock=own_clock,
        line=line,
        pin_pad=pin_pad,
        reader=reader,
        printer=printer,
        parts=tuple(parts),
        virtual_cards=reader,
    )
