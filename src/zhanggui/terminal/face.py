"""The face that a running terminal turns to its fronts (touch page, console, tests). Fronts know nothing else of it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ..basics.secret import Secret
from ..basics.words import Lang
from ..cup.values.slip import Slip
from .devices.ports import CardFace, PartFace
from .flow.core.events import CheckItem, ShownWay
from .flow.screens.views import ScreenView
from .models.profiles import Profile


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

    def press_power(self) -> None:
        """The power key, held: off at once, whatever is under way; pressed again, on, with a self-check to be seen."""
        ...

    def show_card(self, card_id: str, way: ShownWay) -> None:
        """Hold a virtual card to the virtual reader, or the phone of its holder to the scanner. Misuse for one that does not exist."""
        ...

    def scan(self, text: Secret) -> None:
        """A scanner read something. Where no payment code is awaited it is not noticed; where one is, what is none is said."""
        ...

    def show_badge(self, badge: Secret) -> None:
        """An operator's badge was scanned. One that is not awaited on this screen is not noticed."""
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

    def parts(self) -> Sequence[PartFace]:
        """The virtual parts of this machine with their states; empty where all are real."""
        ...

    def slip(self, slip_id: str) -> Slip:
        """A slip in the tray or the archive. Misuse for an id that does not exist."""
        ...

    def signature(self, slip_id: str) -> Sequence[Sequence[tuple[int, int]]]:
        """The strokes signed on a slip; empty when nothing was. Misuse for an id that does not exist."""
        ...
