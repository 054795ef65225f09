"""`zhanggui bench ways`: keys and machine time of each way in, on a true terminal with host and bank over real TCP.

The hand costs nothing here: keys come at once, so what is measured is the machine, from the first key (or the beep of the badge) to the
screen on which work begins. The operator has a password of the own, or the facts would have something to say of the factory's and wait
for a key.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from ..acquirer.findings.quantiles import quantile
from ..basics.errors import Fault
from ..basics.numbers import OperatorNo
from ..basics.secret import Secret
from ..edges.logs import configure_logs
from ..host.act_table import ISSUE_BADGE, RENAME_OPERATOR, SET_RULE, OneOperator, OtherNames, RuleValue
from ..programs.settings import Settings
from ..terminal.flow.screens.views import ScreenView
from ..terminal.runtime import Terminal
from .console import Console
from .figures import Figure, print_figures
from .tour import private_settings, running_terminal

MODEL = "smart"
OPERATOR, FACTORY, PASSWORD, USER_NAME = OperatorNo("01"), "0000", "7392", "wang.fang"
STEP_WITHIN_S = 10.0
"""A screen that is later has failed."""
READY_AIM_MS = 2_000
"""Issue of the ways in: a badge alone, from beep to ready."""
SIGNED_IN: tuple[str, ...] = ("signed_in", "standby")
"""A number or name is told that it is signed in, and standby follows by itself."""
AT_WORK: tuple[str, ...] = ("standby",)
"""Who shows a badge alone is at work at once."""
LEAVING = frozenset({"sign_out", "notes", "signed_out", "sign_in_number"})


def bench_ways(sign_ins: int, *, as_json: bool) -> None:
    """Measure and print."""
    configure_logs(level="error")
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        figures = asyncio.run(_bench(private_settings(Settings(), folder), sign_ins))
    print_figures(figures, as_json=as_json)


async def _bench(settings: Settings, sign_ins: int) -> dict[str, Figure]:
    async with AsyncExitStack() as stack:
        hand = Hand(await running_terminal(settings, MODEL, stack))
        stack.callback(hand.leave)
        console = Console(settings, "")
        badge = (await asyncio.to_thread(console.do, ISSUE_BADGE, OneOperator(OPERATOR))).secret
        await asyncio.to_thread(console.do, RENAME_OPERATOR, OtherNames(OPERATOR, user_name=USER_NAME))
        await hand.take_own_password()
        figures: dict[str, Figure] = {}
        for way, rule, begin, ready in (
            ("number", "password", lambda: hand.press(*OPERATOR), SIGNED_IN),
            ("user_name", "password", lambda: hand.press("user_name"), SIGNED_IN),
            ("badge_and_password", "password", lambda: hand.show(badge), SIGNED_IN),
            ("badge_alone", "alone", lambda: hand.show(badge), AT_WORK),
        ):
            await asyncio.to_thread(console.do, SET_RULE, RuleValue("badge", rule))
            # The terminal hears of the rule with the answer to a sign-in; this one is not counted.
            await hand.come(lambda: hand.press(*OPERATOR))
            taken = [await hand.come(begin, ready) for _ in range(sign_ins)]
            figures |= _figures(way, taken)
        return figures


def _figures(way: str, taken: list[tuple[int, float]]) -> dict[str, Figure]:
    ready = [ms for _, ms in taken]
    p95 = quantile(ready, 0.95)
    return {
        f"{way}_keys": Figure(max(keys for keys, _ in taken), "keys"),
        f"{way}_ready_p50": Figure(quantile(ready, 0.5), "ms"),
        f"{way}_ready_p95": Figure(
            p95, "ms", f"the aim of {READY_AIM_MS}", p95 / READY_AIM_MS, note=f"{len(taken)} sign-ins"
        ),
    }


class Hand:
    """Presses what the screen asks for, at once, and counts."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._screens: asyncio.Queue[ScreenView] = asyncio.Queue()
        self._at = ""
        self._keys = 0
        self.leave = terminal.watch(self._screens.put_nowait)
        self._screens.put_nowait(terminal.view())

    async def take_own_password(self) -> None:
        """The first sign-in, with the factory's password, which is changed on the page of the facts."""
        await self._until("sign_in_number")
        self.press(*OPERATOR)
        await self._until("sign_in_password")
        self.press(*FACTORY, "enter")
        await self._until("confirm")
        self.press("change")
        while (at := await self._until("new_password", "repeat_password", "confirm", *SIGNED_IN)) not in SIGNED_IN:
            self.press(*(() if at == "confirm" else PASSWORD), "enter")
        await self._go()

    async def come(self, begin: Callable[[], None], ready: tuple[str, ...] = SIGNED_IN) -> tuple[int, float]:
        """From the start screen to work, and out again: keys, and milliseconds of the machine."""
        self._keys = 0
        began = time.perf_counter()
        begin()
        while (at := await self._until("sign_in_name", "sign_in_password", "confirm", *SIGNED_IN)) not in ready:
            match at:
                case "sign_in_name":
                    self.press(*USER_NAME, "enter")
                case "sign_in_password":
                    self.press(*PASSWORD, "enter")
                case _:
                    self.press("enter")
        took_ms, keys = (time.perf_counter() - began) * 1000, self._keys
        await self._go()
        return keys, took_ms

    async def _go(self) -> None:
        if self._at == "signed_in":
            self.press("enter")
            await self._until("standby")
        self.press("sign_out")
        while await self._until(*LEAVING) != "sign_in_number":
            self.press("enter")

    def press(self, *keys: str) -> None:
        """Keys of the screen that stands there."""
        self._keys += len(keys)
        for key in keys:
            self._terminal.press(key, self._at)

    def show(self, badge: Secret) -> None:
        """Hold it to the machine: no key."""
        self._terminal.show_badge(badge)

    async def _until(self, *ids: str) -> str:
        """The next screen of these that is another one than now."""
        try:
            async with asyncio.timeout(STEP_WITHIN_S):
                while True:
                    view = await self._screens.get()
                    if view.id == self._at:
                        continue
                    self._at = view.id
                    if view.id in ids:
                        return view.id
                    if view.tone == "bad":
                        raise Fault(f"the bench met a refusal at screen '{view.id}' ({view.code}): {view.title}")
        except TimeoutError:
            raise Fault(f"the bench stopped at screen '{self._at}'; none of {', '.join(ids)} came") from None
