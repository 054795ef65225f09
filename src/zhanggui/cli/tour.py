"""`zhanggui tour`: the whole job, from power-on to two slips, by a made-up cashier on the true programs.

A private bank, host and terminal start in a temporary folder on free ports; everything between them is real TCP, real keys
and real records. The cashier only does what a person can do: press keys of the screen that stands there, show a card, sign.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Fault
from ..edges.logs import configure_logs
from ..programs.bank import start_bank
from ..programs.demo import OUR_TERMINALS, make_demo
from ..programs.free_port import free_port
from ..programs.host import start_host
from ..programs.settings import BankSection, HostSection, Settings
from ..programs.terminals import start_terminals
from ..terminal.flow.screens.views import ScreenView
from ..terminal.keypad import keypad_lines
from ..terminal.runtime import Terminal
from ..terminal.transcript import display_text, framed_slip, screen_text
from .words import complain

TOUR_WITHIN_S = 30.0
"""A tour that takes longer has failed; it takes two or three seconds."""
OPERATOR, PASSWORD = "01", "0000"
AMOUNT_DIGITS = "12850"
CARD, PIN = "main", "123456"
SIGNATURE = [[(60, 110), (120, 40), (170, 120), (230, 60), (300, 110), (400, 70)]]


def tour(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show the main job on one model; Fault when it does not come to its end."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-tour-") as folder:
        configure_logs(level="error")
        asyncio.run(_run(private_settings(settings, folder), model, as_json=as_json))


def private_settings(settings: Settings, folder: str) -> Settings:
    """A folder and ports of one's own."""
    return Settings(
        data=folder, lang=settings.lang, host=HostSection(port=free_port()), bank=BankSection(port=free_port())
    )


async def running_terminal(settings: Settings, model: str, stack: AsyncExitStack) -> Terminal:
    """Demo data, and bank, host and one terminal over them, until the stack is closed."""
    number = next(number for number, its_model, _ in OUR_TERMINALS if its_model == model)
    clock, chance = SystemClock(), SystemChance()
    await make_demo(settings, clock, chance, lambda step: None)
    await start_bank(settings, clock, chance, stack)
    host_port = await start_host(settings, clock, chance, stack)
    terminals = await start_terminals(settings, (number,), clock, chance, stack, host_port=host_port, complain=complain)
    return terminals[number]


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack)
        cashier = Cashier(terminal, teller_of(terminal, as_json=as_json))
        try:
            async with asyncio.timeout(TOUR_WITHIN_S):
                await cashier.work()
        except TimeoutError:
            raise Fault(
                f"the tour stopped at screen '{cashier.at}' and did not go on in {TOUR_WITHIN_S:.0f} s"
            ) from None


Teller = Callable[[str, Mapping[str, Any]], None]
"""Told of each happening: its kind (`screen`, `press`, `card`, `slip`, `way`, `badge`, `act`, `end`) and its data."""


def teller_of(terminal: Terminal, *, as_json: bool) -> Teller:
    """Who writes it on standard output: events as JSON, a line each, or screens and slips as people see them."""
    return _json_teller() if as_json else _text_teller(terminal)


class Cashier:
    """Looks at the screen and does the next thing."""

    def __init__(self, terminal: Terminal, tell: Teller) -> None:
        self._terminal = terminal
        self._tell = tell
        self._screens: asyncio.Queue[ScreenView] = asyncio.Queue()
        self._sold = False
        self._slips: list[str] = []
        self.at = ""

    async def work(self) -> None:
        """From the self-check to the operator's sign-out."""
        unwatch = self._terminal.watch(self._screens.put_nowait)
        self._screens.put_nowait(self._terminal.view())
        try:
            while self.at != "signed_out":
                view = await self._screens.get()
                self._show_slips(view)
                if view.id == self.at:
                    continue
                self.at = view.id
                self._tell("screen", {"screen": view})
                self._act(view)
        finally:
            unwatch()
        self._tell("end", {"slips": self._slips})

    def _act(self, view: ScreenView) -> None:
        match view.id:
            case "sign_in_number":
                self._press(*OPERATOR)
            case "sign_in_password":
                self._press(*PASSWORD, "enter")
            case "confirm" | "signed_in" | "tear_off":
                self._press("enter")
            case "standby":
                self._press("sign_out" if self._sold else "sale")
            case "amount":
                self._press(*AMOUNT_DIGITS, "enter")
            case "card":
                self._tell("card", {"card": CARD, "way": "insert"})
                self._terminal.show_card(CARD, "insert")
            case "pin":
                self._press(*PIN, "enter")
            case "sign_here":
                self._tell("sign", {})
                self._terminal.sign(SIGNATURE)
            case "printing":
                self._sold = True
            case "sign_out":
                self._press("enter")
            case _ if view.tone == "bad":
                raise Fault(f"the tour met a refusal at screen '{view.id}' ({view.code}): {view.title}")

    def _press(self, *keys: str) -> None:
        self._tell(
            "press",
            {"keys": ["•" if self.at in ("sign_in_password", "pin") and key.isdigit() else key for key in keys]},
        )
        for key in keys:
            self._terminal.press(key, self.at)

    def _show_slips(self, view: ScreenView) -> None:
        for slip_id in view.slips:
            if slip_id not in self._slips:
                self._slips.append(slip_id)
                self._tell("slip", {"slip": self._terminal.slip(slip_id)})


def _text_teller(terminal: Terminal) -> Teller:
    profile = terminal.profile

    def tell(kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "screen" if profile.touch:
                text = screen_text(data["screen"])
            case "screen":
                text = display_text(keypad_lines(data["screen"], profile))
            case "press":
                text = "  ▸ " + " ".join(data["keys"])
            case "card":
                text = f"  ▸ ((card {data['card']}, {data['way']}))"
            case "sign":
                text = "  ▸ ((signature))"
            case "way":
                text = f"== {data['way']} =="
            case "badge":
                text = f"  ▸ ((badge {data['badge']}))"
            case "act":
                text = f"  $ ((console: {data['act']}))"
            case "end" if "records" in data:
                text = "\n".join(" ".join(str(value) for value in row.values()) for row in data["records"])
            case "slip":
                text = framed_slip(data["slip"], profile.paper_columns)
            case _:
                text = ""
        sys.stdout.write(text + "\n\n")
        sys.stdout.flush()

    return tell


def _json_teller() -> Teller:
    def tell(kind: str, data: Mapping[str, Any]) -> None:
        sys.stdout.write(msgspec.json.encode({"event": kind, **data}).decode() + "\n")
        sys.stdout.flush()

    return tell
