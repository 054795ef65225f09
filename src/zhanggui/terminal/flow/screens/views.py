"""A screen in the words of one language, as every front draws it (touch page, keypad display, transcript)."""

from typing import Literal

import msgspec

from ....basics.words import Lang
from ..core.events import ReaderWay
from .screens import LineStyle, Tone


class LineView(msgspec.Struct, frozen=True):
    """A `Line` in one language."""

    text: str
    style: LineStyle
    right: str


class EntryView(msgspec.Struct, frozen=True):
    """An `Entry` in one language."""

    label: str
    shown: str
    kind: Literal["digits", "amount", "secret", "name", "line"]
    max_length: int


class ChoiceView(msgspec.Struct, frozen=True):
    """A `Choice` in one language."""

    key: str
    label: str
    rank: Literal["primary", "plain", "cancel"]
    shortcut: str


class RowView(msgspec.Struct, frozen=True):
    """A `ListRow` in one language."""

    left: str
    middle: str
    right: str
    tone: Tone
    key: str = ""
    struck: bool = False


class CountdownView(msgspec.Struct, frozen=True):
    """A `Countdown` in one language; the seconds stand in the text too."""

    text: str
    left_s: int


class StatusView(msgspec.Struct, frozen=True):
    """A `StatusLine` in one language; the device words are ready to show, the states beside them for icon and colour."""

    time: str
    network: str
    network_state: str
    printer: str
    printer_state: str
    power: str
    power_state: str
    operator: str
    terminal_no: str
    simulated: bool
    charge: int | None = None
    """Per cent in the battery that the terminal runs on; None on mains."""
    operator_key: str = ""
    """What a tap on the operator's name presses; empty where it presses nothing."""


class ScreenView(msgspec.Struct, frozen=True, kw_only=True):
    """A `Screen` in one language: the same shape with words in place of keys. Its JSON is what the page draws."""

    id: str
    lang: Lang
    title: str
    status: StatusView
    tone: Tone
    lines: tuple[LineView, ...]
    entry: EntryView | None
    choices: tuple[ChoiceView, ...]
    rows: tuple[RowView, ...]
    rows_title: str
    totals: tuple[LineView, ...]
    digits: bool
    reader: tuple[ReaderWay, ...]
    signature: bool
    slips: tuple[str, ...]
    code: str
    progress: tuple[str, ...]
    countdown: CountdownView | None = None
    pad: bool = True
    """Whether number keys stand on a touch screen beside an entry; False leaves the room to a list: digits are typed elsewhere, or scanned."""
    letters: bool = False
    badge: bool = False
    pay_code: bool = False
    scan: str = ""
    page: int = 0
    """Which page a display of four lines shows; a display with room for everything ignores it."""
