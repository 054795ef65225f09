"""A running terminal in a test: a data folder with two cards, a scripted host, and waiting for screens instead of sleeping."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import CARD, MERCHANT, TERMINAL, StillClock

from zhanggui.basics.chance import SeededChance
from zhanggui.terminal.assembly import build_devices, build_terminal
from zhanggui.terminal.devices.machine import Devices
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.flow.core.events import Memory
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Journal
from zhanggui.terminal.link.host_line import HostLine
from zhanggui.terminal.models.profiles import ModelName
from zhanggui.terminal.runtime import Terminal
from zhanggui.terminal.settings import TerminalSettings, write_settings

PATIENCE_S = 20.0
"""A screen that is not there by then will not come."""
CHIP_KEY = "154F349D8585CB7F6B0798E9839B10C1"
PIN = "739164"


def write_cards(folder: Path) -> None:
    """A chip card and a card with a stripe alone, as the bank writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    chip = {
        "aid": "A000000333010101",
        "label": "UnionPay Debit",
        "key": CHIP_KEY,
        "atc_start": 1,
        "profile": "7C00",
        "application_data": "07010103A00000",
    }
    for number, (card_id, pan, service_code, application) in enumerate(
        (("chip", CARD, "220", chip), ("stripe", "6217000000000000020", "120", None)), 1
    ):
        card = {
            "id": card_id,
            "label_zh": "测试卡",
            "label_en": "Test card",
            "hint_zh": "密码 739164",
            "hint_en": "PIN 739164",
            "pan": pan,
            "expiry_yymm": "4912",
            "track2": f"{pan}=4912{service_code}0000000",
            "service_code": service_code,
            "sequence": "001",
            "chip": application,
        }
        (folder / f"{number:02d}-{card_id}.json").write_text(json.dumps(card))


class Desk:
    """One terminal on a counter, and the folder it lives in."""

    def __init__(self, data: Path, host: ScriptedHost, model: ModelName = "smart", *, new: bool = True) -> None:
        """`new` makes the terminal in its folder and loads its master key; otherwise it is already there."""
        self.data = data
        self.host = host
        self.clock = StillClock()
        self.settings = TerminalSettings(
            number=TERMINAL, model=model, merchant_no=MERCHANT, port=host.port, timeout_s=0.5, lang="zh"
        )
        self.screens: list[ScreenView] = []
        if new:
            write_settings(data, self.settings)
            write_cards(data / "cards")
            pin_pad = self.devices().pin_pad
            assert isinstance(pin_pad, VirtualPinPad)
            host.room.enrol(pin_pad)

    def devices(self) -> Devices:
        """The machine's parts, as a fresh process would find them."""
        return build_devices(self.data, self.settings, clock=self.clock, chance=SeededChance(3))

    async def power_on(
        self, devices: Devices | None = None, journal: Journal | None = None, line: HostLine | None = None
    ) -> Terminal:
        """Build the terminal from its folder, with these parts in place of its own, and start it."""
        self.terminal = build_terminal(
            self.data,
            self.settings,
            clock=self.clock,
            chance=SeededChance(5),
            software="zhanggui 0.1.0",
            devices=devices or self.devices(),
            journal=journal,
            line=line,
        )
        self.terminal.watch(self.screens.append)
        await self.terminal.start()
        return self.terminal

    async def screen(self, *wanted: str) -> ScreenView:
        """Wait until one of these screens is shown."""
        return await self.until(lambda view: view.id in wanted)

    async def until(self, right: object) -> ScreenView:
        """Wait until the screen fulfils a condition."""
        assert callable(right)
        came = asyncio.get_running_loop().create_future()

        def look(view: ScreenView) -> None:
            if right(view) and not came.done():
                came.set_result(view)

        unwatch = self.terminal.watch(look)
        look(self.terminal.view())
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await came
        except TimeoutError:
            seen = [view.id for view in self.screens]
            raise AssertionError(f"the screen did not come; seen: {seen}") from None
        finally:
            unwatch()
        assert isinstance(found, ScreenView)
        return found

    def keys(self, *keys: str) -> None:
        """Press keys of the screen that is shown now."""
        for key in keys:
            self.terminal.press(key, self.terminal.view().id)

    async def sign_in(self) -> ScreenView:
        """From power-on to standby as operator 01 with 0000."""
        await self.screen("sign_in_number")
        self.keys("0", "1")
        await self.screen("sign_in_password")
        self.keys("0", "0", "0", "0", "enter")
        await self.screen("confirm")
        self.keys("enter")
        await self.screen("signed_in")
        self.keys("enter")
        return await self.screen("standby")

    async def pay(self, digits: str = "1250", card: str = "chip", pin: Sequence[str] = PIN) -> None:
        """Amount first, insert the card, type the PIN."""
        self.keys("sale")
        await self.screen("amount")
        self.keys(*digits, "enter")
        await self.screen("card")
        self.terminal.show_card(card, "insert" if card == "chip" else "swipe")
        await self.screen("pin")
        self.keys(*pin, "enter")


def journal_of(terminal: Terminal) -> SqliteJournal:
    journal = terminal._journal
    assert isinstance(journal, SqliteJournal)
    return journal


def remembered(desk: Desk) -> Memory:
    """What a new process would find."""
    journal = SqliteJournal(desk.data / "terminals" / TERMINAL / "journal.db", desk.clock)
    try:
        return journal.memory()
    finally:
        journal.close()
