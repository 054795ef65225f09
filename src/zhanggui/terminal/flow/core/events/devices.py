"""The machine and its parts: power, self-check, keys, PIN pad, card reader, time, line, journal."""

from typing import Literal, TypeAlias

import msgspec

from .....basics.words import Lang
from .....cup.values import self_check
from ..kept import EntryWay
from ..noted.memory import Memory, Record
from .base import Event

CheckState: TypeAlias = self_check.CheckState
CheckItem: TypeAlias = self_check.CheckItem


class PoweredOn(Event, frozen=True, tag=True, kw_only=True):
    """The machine starts, by its power key or with the program. What the journal remembers comes with it."""

    lang: Lang
    memory: Memory
    by_key: bool = False


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the self-check: its state and the reason's word key (`check.printer.no_paper`), empty when ok; of a battery its per cent."""

    item: CheckItem
    state: CheckState
    reason: str = ""
    charge: int | None = None


class SelfChecked(Event, frozen=True, tag=True, kw_only=True):
    """The self-check ended."""

    results: tuple[CheckResult, ...]


class KeyPressed(Event, frozen=True, tag=True, kw_only=True):
    """A key of the current screen: `0`–`9`, `00`, `enter`, `clear`, `cancel`, or the id of one of the screen's choices
    (`sale`, `sign_in`, `sign_out`, `reprint`, `wrong`, …). Digits typed while the PIN pad is collecting never come here."""

    key: str


class LangChosen(Event, frozen=True, tag=True, kw_only=True):
    """The person switched the language."""

    lang: Lang


class PinDots(Event, frozen=True, tag=True, kw_only=True):
    """The PIN pad holds `count` digits now."""

    count: int


class PinDone(Event, frozen=True, tag=True, kw_only=True):
    """The PIN pad finished: digits are inside and ready to be encrypted, or were skipped or given up."""

    outcome: Literal["entered", "skipped", "cancelled", "timed_out", "differs"]


class BadgeShown(Event, frozen=True, tag=True, kw_only=True):
    """An operator's badge was read where one is awaited. What it holds is in the PIN pad."""


class CardSeen(Event, frozen=True, tag=True, kw_only=True):
    """A card was read, or a payment code scanned in its place. The data stay with the reader; the flow sees the mask."""

    way: EntryWay
    masked_pan: str
    expiry_yymm: str
    label: str
    chip: bool
    """True when the card has a chip: a swiped chip card is asked to be inserted."""


class CardUnreadable(Event, frozen=True, tag=True, kw_only=True):
    """The reader saw a card and could not read it."""

    reason: str
    chip: bool = False
    """True where the slot for chips got no answer: the chip is broken or dirty, or the card lies the wrong way round."""


class NumberKeyed(Event, frozen=True, tag=True, kw_only=True):
    """The card number that was typed: the shell has it in its hand, as a card that was read. Empty: its check digit is wrong."""

    masked_pan: str = ""


class Ticked(Event, frozen=True, tag=True, kw_only=True):
    """A second passed: for time-outs, the clock on the screen and slow notices."""


class DeviceChanged(Event, frozen=True, tag=True, kw_only=True):
    """A device's state changed while in use (paper out, line down, battery low)."""

    result: CheckResult


LineSign = Literal["answered", "taken", "unreachable", "silent"]
"""What was seen of the line: an answer came that counts; the host took a call or said something that proves nothing; it could not be
called; what was sent to it got no answer."""


class LineSeen(Event, frozen=True, tag=True, kw_only=True):
    """Each exchange with the host shows how the line is, and so does each look at it."""

    sign: LineSign
    drift_s: int | None = None
    """Terminal clock minus host clock, once the host told its whole time."""


class Journalled(Event, frozen=True, tag=True, kw_only=True):
    """A `Remember…` effect is durable now (power may fail from here on)."""

    what: Record


class JournalFailed(Event, frozen=True, tag=True, kw_only=True):
    """A `Remember…` effect could not be made durable: nothing may be sent."""

    what: Record
