"""The face that a running terminal turns to its fronts (touch page, console, tests). Fronts know nothing else of it."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from ..basics.words import Lang
from .flow.core.events import CheckItem, EntryWay
from .flow.core.slips import Slip
from .flow.screens.screens import LineStyle, Tone
from .models.profiles import Profile


class LineView(msgspec.Struct, frozen=True):
    """A `Line` in one language."""

    text: str
    style: LineStyle
    right: str


class EntryView(msgspec.Struct, frozen=True):
    """An `Entry` in one language."""

    label: str
    shown: str
    kind: Literal["digits", "amount", "secret"]
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
    reader: tuple[EntryWay, ...]
    signature: bool
    slips: tuple[str, ...]
    code: str
    progress: tuple[str, ...]
    countdown: CountdownView | None = None
    page: int = 0
    """Which page a display of four lines shows; a display with room for everything ignores it."""


class CardFace(msgspec.Struct, frozen=True):
    """A virtual card that may be shown to the virtual reader. `hint` says what it is for (test PIN, expected outcome)."""

    id: str
    label_zh: str
    label_en: str
    masked_pan: str
    hint_zh: str
    hint_en: str
    chip: bool


class TerminalFace(Protocol):
    """One running terminal."""

    @property
    def number(self) -> str:
        """Its terminal number."""
        ...

    @property
    def profile(self) -> Profile:
        """What this model has."""
        ...

    def view(self) -> ScreenView:
        """The screen as it stands now."""
        ...

    def watch(self, watcher: Callable[[ScreenView], None]) -> Callable[[], None]:
        """Call `watcher` with each new screen, in order, on the event loop; the answer ends that."""
        ...

    def press(self, key: str, screen_id: str) -> None:
        """A key of screen `screen_id` was pressed. A key of a screen that is gone is ignored: a late tap must not hit the next screen."""
        ...

    def show_card(self, card_id: str, way: EntryWay) -> None:
        """Hold a virtual card to the virtual reader. Misuse for a card that does not exist."""
        ...

    def cards(self) -> Sequence[CardFace]:
        """The virtual cards at hand; empty with a real reader."""
        ...

    def choose_lang(self, lang: Lang) -> None:
        """Show everything in this language from now on."""
        ...

    def sign(self, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
        """The cardholder signed: strokes of points in a box of 480 × 160. Bounded by the shell."""
        ...

    def set_device(self, item: CheckItem, state: str) -> None:
        """Change a virtual device (`printer`: `ok`/`no_paper`, `network`: `ok`/`down`, …). Misuse for a real one."""
        ...

    def slip(self, slip_id: str) -> Slip:
        """A slip in the tray or the archive. Misuse for an id that does not exist."""
        ...

    def signature(self, slip_id: str) -> Sequence[Sequence[tuple[int, int]]]:
        """The strokes signed on a slip; empty when nothing was. Misuse for an id that does not exist."""
        ...
