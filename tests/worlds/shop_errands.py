"""What people come to a till for, and the hands that do it: they look at each screen and do what it asks for.

They know no stage of the flow and no effect, only what a person sees. An errand ends where its person would go away: at standby, at the
start screen, or when the machine goes dark.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.worlds.floor import PASSWORDS
from tests.worlds.shop_till import Till

from zhanggui.basics.secret import Secret
from zhanggui.cup.brands import BRANDS
from zhanggui.terminal.flow.core.events import ShownWay
from zhanggui.terminal.flow.screens.views import ScreenView

PIN, SUPERVISOR = "123456", "00"
GROUPED = frozenset(
    {"preauth", "preauth_increment", "completion", "completion_void", "preauth_cancel", "completion_notice"}
)
"""Kinds behind the entry of the menu for pre-authorisations."""
ASKING = frozenset({"amount", "card", "kinds", "original", "pin"})
"""Where something of a payment is asked for."""
TRIES_MAX = 4
SIGNATURE = [[(60, 110), (120, 40), (170, 120), (230, 60)]]
ACTS_MAX, ACTS_BY_PAYMENT = 60, 8
"""More screens than any errand has, and than a payment shows that came by itself: all that waited for the till are told one after another."""
PATIENCE_S, AGAIN_S = 1200.0, 40.0
"""Of the world's time: for a whole errand, and for a screen of which nothing comes."""
READS_S = 1.0
What = Literal["pay", "receive", "sign_in", "sign_out", "hand_over", "settle", "lock", "reprint"]
"""`receive`: a customer pays by the code on the counter, where there is an amount, and what comes of that by itself is waited for."""


@dataclass
class Errand:
    """One thing that somebody wants of a till, and what was seen on the way."""

    what: What
    operator: str = "01"
    kind: str = ""
    fen: int = 0
    card: str = "main"
    """A test card, or the brand of the wallet whose code is shown."""
    way: ShownWay = "insert"
    original: str = ""
    """The number of a slip that the kind asks for."""
    day: str = ""
    """The day of that slip, month and day; asked for where the till does not know the payment."""
    takes_over: bool = False
    """Whether a supervisor fetches a session that is open elsewhere."""
    skips_slips: bool = False
    screens: list[ScreenView] = field(default_factory=list)
    begun: bool = False
    refused: bool = False
    saw_code: bool = False
    """Whether the customer's phone has read the till's code."""
    dark: bool = False
    """The machine went dark before it was done."""

    def saw(self, *ids: str) -> bool:
        """Whether one of these screens was shown."""
        return any(view.id in ids for view in self.screens)


def asks_for_stripe(view: ScreenView) -> bool:
    """Whether the chip was silent so often that the stripe is taken (降级)."""
    return any("请改为刷卡" in line.text for line in view.lines)


class Hands:
    """One person at one till."""

    def __init__(self, till: Till, passwords: Mapping[str, str] = PASSWORDS) -> None:
        self._till = till
        self._passwords = passwords

    async def do(self, errand: Errand) -> Errand:
        """Do it, as far as it can be done."""
        till = self._till
        terminal = till.terminal
        assert terminal is not None
        came: asyncio.Queue[ScreenView] = asyncio.Queue()
        unwatch = terminal.watch(came.put_nowait)
        dark = asyncio.ensure_future(self._wait_for_dark())
        try:
            async with asyncio.timeout(PATIENCE_S):
                view: ScreenView | None = terminal.view()
                while view is not None and not self._act(errand, view):
                    view = await self._next(view, came, dark)
                    if view is not None and view.tone == "bad":
                        await asyncio.sleep(READS_S)  # nobody presses a key before it is read
                errand.dark = view is None
        except TimeoutError:
            raise AssertionError(f"nothing more came after {self._told(errand)}") from None
        finally:
            unwatch()
            dark.cancel()
        return errand

    async def _next(
        self, last: ScreenView, came: asyncio.Queue[ScreenView], dark: "asyncio.Task[None]"
    ) -> ScreenView | None:
        """The next screen that is another one, or the same again where nothing came of it; None when the machine is dark."""
        terminal = self._till.terminal
        assert terminal is not None
        while True:
            getting = asyncio.ensure_future(came.get())
            both: set[asyncio.Task[Any]] = {getting, dark}
            await asyncio.wait(both, timeout=AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
            if dark.done() or not getting.done():
                getting.cancel()
                return None if dark.done() else terminal.view()
            view = getting.result()
            if (view.id, view.title, view.lines, view.code) != (last.id, last.title, last.lines, last.code):
                return view

    async def _wait_for_dark(self) -> None:
        await self._till.mishaps.died.wait()

    def _act(self, errand: Errand, view: ScreenView) -> bool:
        """Do what the screen asks for; True when there is nothing more to do."""
        terminal = self._till.terminal
        if terminal is None:
            return True
        if view.tone == "busy" and errand.screens and errand.screens[-1].id == view.id:
            return False  # it says how long it has been busy
        errand.screens.append(view)
        if len(errand.screens) >= ACTS_MAX:
            told_most = ACTS_MAX + ACTS_BY_PAYMENT * len(self._till.lines())
            assert len(errand.screens) < told_most, f"it goes in a circle: {self._told(errand)}"
        choices = {choice.key for choice in view.choices}
        if view.id in ASKING and (
            errand.what != "pay" or sum(seen.id == view.id for seen in errand.screens) > TRIES_MAX
        ):
            # An amount that waited for somebody to sign in is nobody's here; and what is refused again and again is given up.
            errand.refused = True
            self._press(view, "cancel")
            return False
        # Whoever comes upon a payment that somebody has begun goes on with it, and makes no second one: what is said of each is seen.
        errand.begun |= view.id in ASKING
        match view.id:
            case "standby":
                return self._at_standby(errand, view, choices)
            case "sign_in_number":
                if errand.begun or errand.refused or errand.what == "sign_out":
                    return True
                self._press(view, *errand.operator)
            case "sign_in_password":
                errand.refused |= view.tone == "bad"
                self._press(view, *(("cancel",) if errand.refused else (*self._passwords[errand.operator], "enter")))
            case "locked":
                who = view.lines[0].right[:2]
                if errand.refused or who not in self._passwords:
                    return True
                errand.refused |= view.tone == "bad"
                self._press(view, *self._passwords[who], "enter")
            case "locked_menu":
                self._press(view, "another" if errand.what == "hand_over" else "unlock")
            case "elsewhere":
                self._elsewhere(errand, view, choices)
            case "approval_number":
                self._press(view, *SUPERVISOR)
            case "approval_password":
                errand.refused |= view.tone == "bad"
                self._press(view, *(("cancel",) if errand.refused else (*self._passwords[SUPERVISOR], "enter")))
            case "kinds":
                errand.refused |= errand.kind not in choices
                self._press(view, errand.kind if errand.kind in choices else "cancel")
            case "original":
                self._original(errand, view)
            case "amount":
                self._press(view, *str(errand.fen), "enter")
            case "card":
                if errand.card in BRANDS:
                    terminal.scan(Secret(self._till.host.wallets.code(errand.card)))
                else:
                    terminal.show_card(errand.card, "swipe" if asks_for_stripe(view) else errand.way)
            case "brand":
                self._press(view, errand.card if errand.card in choices else "cancel")
            case "own_code":
                if view.scan and not errand.saw_code:
                    errand.saw_code = True
                    self._till.host.wallets.reads(view.scan)
            case "pin":
                self._press(view, *PIN, "enter")
            case "sign_here":
                terminal.sign(SIGNATURE)
            case "slips_offered" | "print_trouble":
                again = sum(seen.id in ("slips_offered", "print_trouble") for seen in errand.screens)
                self._press(view, "skip" if errand.skips_slips or again > 3 else self._primary(view))
            case "trouble" | "reversal_stuck":
                self._trouble(errand, view, choices)
            case "sale_refused":
                errand.refused = True
                self._press(view, "cancel" if "cancel" in choices else "enter")
            case "settle":
                self._press(view, "enter" if errand.what == "settle" else "cancel")
            case "settled":
                # The slip comes by itself; whoever signs off first would not see it.
                if any(slip.copy == "settlement" for slip in self._till.slips[-1:]) or "retry" in choices:
                    errand.begun = True
                    self._press(view, "enter")
            case "wait":
                errand.refused = True
                self._press(view, "cancel")
            case _:
                self._go_on(view, choices)
        return False

    def _at_standby(self, errand: Errand, view: ScreenView, choices: set[str]) -> bool:
        if errand.what == "receive" and not errand.refused:
            return self._receives(errand)
        if errand.begun or errand.refused or errand.what == "sign_in" or errand.saw("locked_menu"):
            return True
        key = errand.kind if errand.what == "pay" else errand.what
        if errand.kind in GROUPED:
            key = "preauths"
        if key not in choices and key != "hand_over":
            errand.refused = True
            return True
        errand.begun = errand.what != "hand_over"
        self._press(view, key)
        return errand.what == "lock"

    def _receives(self, errand: Errand) -> bool:
        """It is over when nothing came for a while."""
        if not errand.begun:
            errand.begun = True
            if errand.fen and errand.card in BRANDS:
                self._till.host.counters.pays(errand.card, self._till.number, errand.fen)
            return False
        last, now = errand.screens[-2:]
        return (last.id, last.lines) == (now.id, now.lines)

    def _elsewhere(self, errand: Errand, view: ScreenView, choices: set[str]) -> None:
        way = next((key for key in ("supervisor", "stale") if key in choices), "")
        if errand.takes_over and way and not errand.refused:
            errand.refused = sum(seen.id == "elsewhere" for seen in errand.screens) > 1
            self._press(view, way)
        else:
            errand.refused = True
            self._press(view, "cancel" if "cancel" in choices else "enter")

    def _original(self, errand: Errand, view: ScreenView) -> None:
        if view.entry is None:
            self._press(view, "enter")
        elif view.entry.max_length == len(errand.day):
            self._press(view, *errand.day, "enter")
        else:
            self._press(view, *errand.original, "enter")

    def _trouble(self, errand: Errand, view: ScreenView, choices: set[str]) -> None:
        seen = sum(seen.id in ("trouble", "reversal_stuck") for seen in errand.screens)
        errand.refused |= errand.begun or seen > 3
        if "retry" in choices and seen <= 2:
            self._press(view, "retry")
        else:
            self._press(view, next((key for key in ("cancel", "leave", "enter", "retry") if key in choices), "enter"))

    def _go_on(self, view: ScreenView, choices: set[str]) -> None:
        """A screen with nothing to decide; one that is busy goes on by itself."""
        if view.tone != "busy" and choices:
            self._press(view, self._primary(view))

    @staticmethod
    def _primary(view: ScreenView) -> str:
        return next((choice.key for choice in view.choices if choice.rank == "primary"), view.choices[0].key)

    def _press(self, view: ScreenView, *keys: str) -> None:
        assert self._till.terminal is not None
        for key in keys:
            self._till.terminal.press(key, view.id)

    @staticmethod
    def _told(errand: Errand) -> str:
        seen = " → ".join(f"{view.id}({view.code})" if view.code else view.id for view in errand.screens[-12:])
        return f"{errand.what} {errand.kind}: {seen}"
