"""The hands and eyes of a made-up person at a terminal, for stories: looks at each screen, and does what a person can do.

A story waits for the screens that it expects and presses keys of the screen that stands there. A refusal that it does not expect
is a Fault, and so is a screen that never comes.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..basics.errors import Fault
from ..basics.secret import Secret
from ..terminal.flow.core.events import ShownWay
from ..terminal.flow.screens.views import ScreenView
from ..terminal.flow.slips.labels import in_lang
from ..terminal.runtime import Terminal
from .tour_telling import Teller

SECRET_SCREENS = frozenset({"sign_in_password", "approval_password", "pin"})
"""Where digits are shown to nobody."""
HIDDEN = "•"
SIGNATURE = [[(60, 110), (120, 40), (170, 120), (230, 60), (300, 110), (400, 70)]]


class Hands:
    """One person at one terminal. `at` is the screen that stands there, `slips` what came out, in its order."""

    def __init__(self, terminal: Terminal, tell: Teller) -> None:
        self.terminal = terminal
        self.tell = tell
        self.at = ""
        self.slips: list[str] = []
        self._screens: asyncio.Queue[ScreenView] = asyncio.Queue()
        self._unwatch: Callable[[], None] = lambda: None

    def __enter__(self) -> "Hands":
        self._unwatch = self.terminal.watch(self._screens.put_nowait)
        self._screens.put_nowait(self.terminal.view())
        return self

    def __exit__(self, *_: object) -> None:
        self._unwatch()

    async def bounded(self, story: Coroutine[Any, Any, None], within_s: float) -> None:
        """Let the story come to its end; Fault with the screen at which it stopped when it does not in this time."""
        try:
            async with asyncio.timeout(within_s):
                await story
        except TimeoutError:
            raise Fault(f"the tour stopped at screen '{self.at}' and did not go on in {within_s:.0f} s") from None

    # ── eyes ─────────────────────────────────────────────────────────────────

    async def next(self) -> ScreenView:
        """The next screen that is another one. Slips that came out with a screen are told before it."""
        while True:
            view = await self._screens.get()
            self._see_slips(view)
            if view.id != self.at:
                break
        self.at = view.id
        self.tell("screen", {"screen": view})
        return view

    async def until(self, *ids: str) -> ScreenView:
        """The next of these screens. Fault when a refusal comes in its place."""
        return await self._find(lambda view: view.id in ids)

    async def trouble(self, *codes: str) -> ScreenView:
        """The next screen that tells one of these codes: what a story wants to go wrong. Fault when something else does."""
        return await self._find(lambda view: view.code in codes)

    async def _find(self, is_it: Callable[[ScreenView], bool]) -> ScreenView:
        while True:
            view = await self.next()
            if is_it(view):
                return view
            self.dislike(view)

    async def slip_of(self, copy: str) -> None:
        """Wait on this screen until a slip of this kind is out."""
        while not any(slip_id.endswith(f"-{copy}") for slip_id in self.slips):
            self._see_slips(await self._screens.get())

    def dislike(self, view: ScreenView) -> None:
        """Fault for a refusal that the story did not want."""
        if view.tone == "bad":
            raise Fault(f"the tour met a refusal at screen '{view.id}' ({view.code}): {view.title}")

    def _see_slips(self, view: ScreenView) -> None:
        for slip_id in view.slips:
            if slip_id not in self.slips:
                self.slips.append(slip_id)
                self.tell("slip", {"slip": self.terminal.slip(slip_id)})

    def on_slip(self, label: str) -> str:
        """What the newest slip says behind this label, on paper in either language."""
        lines = self.terminal.slip(self.slips[-1]).lines
        return next(line.right for line in lines if line.left in (label, in_lang(label, "en")))

    # ── hands ────────────────────────────────────────────────────────────────

    def press(self, *keys: str) -> None:
        """Keys of the screen that stands there."""
        hidden = self.at in SECRET_SCREENS
        self.tell("press", {"keys": [HIDDEN if hidden and key.isdigit() else key for key in keys]})
        for key in keys:
            self.terminal.press(key, self.at)

    def show_card(self, card: str, way: ShownWay = "insert") -> None:
        """Hold a card to the reader, or insert it."""
        self.tell("card", {"card": card, "way": way})
        self.terminal.show_card(card, way)

    def show_badge(self, badge: Secret) -> None:
        """Hold a badge to the machine; nobody is told what is in it."""
        self.tell("badge", {"badge": badge.mask()})
        self.terminal.show_badge(badge)

    def sign(self) -> None:
        """What the cardholder draws."""
        self.tell("sign", {})
        self.terminal.sign(SIGNATURE)
