"""`zhanggui tour`: the whole job, from power-on to two slips, by a made-up cashier on the true programs.

A private bank, host and terminal start in a temporary folder on free ports; everything between them is real TCP, real keys
and real records. The cashier only does what a person can do: press keys of the screen that stands there, show a card, sign.
"""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from ..basics.chance import SystemChance
from ..basics.clock import Clock, SystemClock
from ..edges.logs import configure_logs
from ..programs.bank import start_bank
from ..programs.demo import OUR_TERMINALS, make_demo
from ..programs.free_port import free_port
from ..programs.host import start_host
from ..programs.settings import BankSection, HostSection, Settings, TerminalSection
from ..programs.terminals import start_terminals
from ..programs.wallets import start_wallets
from ..terminal.flow.screens.views import ScreenView
from ..terminal.runtime import Terminal
from .tour_hands import Hands
from .tour_telling import teller_of
from .words import complain

TOUR_WITHIN_S = 30.0
"""A tour that takes longer has failed; it takes two or three seconds."""
OPERATOR, PASSWORD = "01", "0000"
AMOUNT_DIGITS = "12850"
CARD, PIN = "main", "123456"


def tour(settings: Settings, model: str, *, as_json: bool) -> None:
    """Show the main job on one model; Fault when it does not come to its end."""
    run_story(settings, lambda private: _run(private, model, as_json=as_json))


def run_story(
    settings: Settings,
    story: Callable[[Settings], Coroutine[Any, Any, None]],
    *,
    answer_within_s: float = TerminalSection().timeout_s,
    slow_answer_s: float = BankSection().slow_answer_s,
) -> None:
    """Run a story in a folder and on ports of its own, with a terminal that waits so long and a bank whose slow card takes so long."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-tour-") as folder:
        configure_logs(level="error")
        private = private_settings(settings, folder, answer_within_s=answer_within_s, slow_answer_s=slow_answer_s)
        asyncio.run(story(private))


def private_settings(
    settings: Settings,
    folder: str,
    *,
    answer_within_s: float = TerminalSection().timeout_s,
    slow_answer_s: float = BankSection().slow_answer_s,
) -> Settings:
    """A folder and ports of one's own."""
    return Settings(
        data=folder,
        lang=settings.lang,
        host=HostSection(port=free_port()),
        bank=BankSection(port=free_port(), slow_answer_s=slow_answer_s),
        terminal=TerminalSection(timeout_s=answer_within_s),
    )


async def running_terminal(
    settings: Settings, model: str, stack: AsyncExitStack, *, wallets_clock: Clock | None = None
) -> Terminal:
    """Demo data, and bank, host and one terminal over them, until the stack is closed; the wallets too, where they have a clock."""
    number = next(number for number, its_model, _ in OUR_TERMINALS if its_model == model)
    clock, chance = SystemClock(), SystemChance()
    await make_demo(settings, clock, chance, lambda step: None)
    await start_bank(settings, clock, chance, stack)
    if wallets_clock is not None:
        await start_wallets(settings, wallets_clock, chance, stack)
    host_port = await start_host(settings, clock, chance, stack)
    terminals = await start_terminals(settings, (number,), clock, chance, stack, host_port=host_port, complain=complain)
    return terminals[number]


async def _run(settings: Settings, model: str, *, as_json: bool) -> None:
    async with AsyncExitStack() as stack:
        terminal = await running_terminal(settings, model, stack)
        hands = stack.enter_context(Hands(terminal, teller_of(terminal, settings.lang, as_json=as_json)))
        await hands.bounded(Cashier(hands).work(), TOUR_WITHIN_S)


class Cashier:
    """Looks at the screen and does the next thing."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._sold = False

    async def work(self) -> None:
        """From the self-check to the operator's sign-out."""
        while self._hands.at != "signed_out":
            self._act(await self._hands.next())
        self._hands.tell("end", {"slips": self._hands.slips})

    def _act(self, view: ScreenView) -> None:
        hands = self._hands
        match view.id:
            case "sign_in_number":
                hands.press(*OPERATOR)
            case "sign_in_password":
                hands.press(*PASSWORD, "enter")
            case "confirm" | "signed_in" | "tear_off" | "sign_out":
                hands.press("enter")
            case "standby":
                hands.press("sign_out" if self._sold else "sale")
            case "amount":
                hands.press(*AMOUNT_DIGITS, "enter")
            case "card":
                hands.show_card(CARD)
            case "pin":
                hands.press(*PIN, "enter")
            case "sign_here":
                hands.sign()
            case "printing":
                self._sold = True
            case _:
                hands.dislike(view)
