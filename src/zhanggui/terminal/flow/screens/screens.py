"""Screens as data. A front (touch page, keypad display, transcript) draws them; none adds words or rules of its own.

Words are keys into `words.toml` with their values; `render` in `words/catalogue.py` turns them into one language.
"""

from typing import Literal

import msgspec

from ..words.text import Text

Tone = Literal["calm", "busy", "good", "warn", "bad"]
LineStyle = Literal["plain", "strong", "dim", "amount", "pair"]


class Line(msgspec.Struct, frozen=True):
    """One line. `pair` draws `text` as label at the left and `right` as value at the right."""

    text: Text
    style: LineStyle = "plain"
    right: Text | None = None


class Entry(msgspec.Struct, frozen=True):
    """The one thing being typed. `shown` is what may be seen: digits, an amount, or dots."""

    label: Text
    shown: str
    kind: Literal["digits", "amount", "secret", "name", "line"]
    max_length: int


class Choice(msgspec.Struct, frozen=True):
    """A key or button of this screen: its id (sent back as KeyPressed.key), its word, its rank.

    `shortcut` is the physical key that does the same: `enter`, `cancel`, `clear`, `#`, or a digit `1`–`9` for menu entries.
    """

    key: str
    label: Text
    rank: Literal["primary", "plain", "cancel"] = "plain"
    shortcut: str = ""


class ListRow(msgspec.Struct, frozen=True):
    """One row of a list on the screen (today's payments, self-check items)."""

    left: Text
    middle: Text
    right: Text
    tone: Tone = "calm"
    key: str = ""
    """What a tap on the row presses; empty where it presses nothing."""
    struck: bool = False
    """True: its amount was not taken and does not count."""


class Countdown(msgspec.Struct, frozen=True):
    """Seconds that run out on this screen: words that say what happens then, and how many are left."""

    text: Text
    left_s: int


class StatusLine(msgspec.Struct, frozen=True):
    """The line on top of every screen. `printer` and so on are CheckState words; `operator` is `01 王芳` or empty."""

    time: str
    network: str
    printer: str
    power: str
    operator: str
    terminal_no: str
    simulated: bool
    charge: int | None = None
    """Per cent in the battery that the terminal runs on; None on mains."""
    operator_key: str = ""
    """What a tap on the operator's name presses; empty where it presses nothing."""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """One screen: one question in the middle, at most one primary choice."""

    id: str
    """Stable name: `self_check`, `sign_in_number`, `sign_in_password`, `confirm`, `signed_in`, `standby`, `amount`, …"""
    title: Text
    status: StatusLine
    tone: Tone = "calm"
    lines: tuple[Line, ...] = ()
    entry: Entry | None = None
    choices: tuple[Choice, ...] = ()
    rows: tuple[ListRow, ...] = ()
    rows_title: Text | None = None
    totals: tuple[Line, ...] = ()
    digits: bool = False
    """True when the digit keys mean something here."""
    pad: bool = True
    """Whether number keys stand on a touch screen beside an entry; False leaves the room to a list: digits are typed elsewhere, or scanned."""
    letters: bool = False
    """True when the letters of a keyboard mean something here."""
    badge: bool = False
    """True when an operator's badge is awaited."""
    pay_code: bool = False
    """True when a customer's payment code may be scanned."""
    reader: tuple[str, ...] = ()
    """The ways by which a card is awaited now (`swipe`, `insert`, `tap`); empty when none."""
    scan: str = ""
    """The address that stands here as a QR code; empty where none does."""
    signature: bool = False
    """True when the cardholder may sign on the screen now."""
    slips: tuple[str, ...] = ()
    """Ids of slips that lie in the tray now (`000012-merchant`), newest last; the front fetches their layout."""
    code: str = ""
    """Short code for the phone, such as A101, empty when nothing went wrong."""
    progress: tuple[Text, ...] = ()
    """What was done so far in a long step, oldest first."""
    countdown: Countdown | None = None
    """Seconds that run out: a lock that any key keeps away, or a wait before the next try."""
    narrow: bool = False
    """True on a display of four lines: short words are taken where there are some."""
    page: int = 0
    """Which page a display of four lines shows; it counts on without end and may be below zero."""
