"""Host, bank and wallets of a data folder in one process, by a clock that is moved by hand.

They are the programs' own parts over their own files. Only what is between them is not there: no port is opened, and no disk is waited for.
"""

import asyncio
from collections.abc import Sequence
from typing import TypeVar, cast

from ...acquirer.rows.decision import Decision
from ...acquirer.rows.records import Checkpoint
from ...bank.server import Bank
from ...bank.setup import open_vault
from ...basics.chance import Chance
from ...basics.errors import Fault
from ...basics.numbers import MerchantNo
from ...edges.listener import FrameConnection
from ...host.acts import Act, ActRow, SecretMaker, submit
from ...host.commit import Door
from ...host.jobs.checkpoint_file import CheckpointFile
from ...host.server import Host, HostSettings
from ...programs.data_folder import Places, store_target
from ...programs.demo import DemoBegun
from ...store.open import open_store
from ...wallets.api import handles_of
from ...wallets.store import WalletsFile, create_wallets_file
from .clock import PastClock
from .lines import BankWire, InnerLine, WalletWire

A = TypeVar("A")
TOKEN_BYTES = 16
PASSWORD_TAKES_MS = 8_000
"""How long a customer needs to type a password into the phone, and how long until the host asks again."""
TURNS_MAX = 64
"""Turns of the loop in which an answer comes, where one comes at all: host, bank and host again take some ten."""


class KeptCheckpoints(CheckpointFile):
    """Keeps the checkpoints back, and writes all of them at the end: the file waits for the disk each time."""

    def __init__(self, file: CheckpointFile) -> None:
        super().__init__(file.path)
        self._kept: list[Checkpoint] = []

    def append(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._kept += checkpoints

    def write(self) -> None:
        """Write all of them."""
        if self._kept:
            super().append(self._kept)


class Floor:
    """Where the shops' messages are answered. `await open()`, and `await close()` at the end."""

    def __init__(self, begun: DemoBegun, clock: PastClock, chance: Chance) -> None:
        self._settings, self.keys, self.clock, self.chance = begun.settings, begun.keys, clock, chance
        self.bank_vault = open_vault(begun.settings.data_path, begun.passphrase, chance)

    async def open(self) -> None:
        """Begin to answer. The folder need not be complete."""
        settings, clock, chance = self._settings, self.clock, self.chance
        places = Places(settings.data_path)
        self._bank = Bank(settings.data_path, self.bank_vault, clock)
        create_wallets_file(settings.data_path)
        self.wallets_file = WalletsFile(settings.data_path)
        handles = handles_of(lambda: chance.take_secret(TOKEN_BYTES).hex())
        self._checkpoints = KeptCheckpoints(CheckpointFile(places.host_checkpoints))
        section = settings.host
        store = open_store(store_target(settings, places))
        self.door = Door(store, clock, chance)
        self._wallets = WalletWire(
            self.wallets_file, handles, clock, f"http://{settings.wallets.listen}:{settings.wallets.port}"
        )
        self.host = Host(
            HostSettings(
                dialect=section.dialect, acquirer_code=section.acquirer_code, acquirer_name=section.acquirer_name
            ),
            store,
            self.keys,
            clock,
            chance,
            self._checkpoints,
            self._wallets,
        )
        at_bank = InnerLine(lambda payload: self.host.bank.on_frame(payload))
        self.wire = BankWire(lambda payload: self._bank.on_frame(cast(FrameConnection, at_bank), payload))
        self.host.bank.link = self.wire  # type: ignore[assignment]  # the part of a link that the line uses
        self._secrets = SecretMaker(lambda: self.keys, chance)
        await self.host.wake()

    async def close(self) -> None:
        """Finish what waits, sign the chains, and let go of the files."""
        await self.host.stop()
        await self._bank.stop()
        self.wallets_file.close()
        self._checkpoints.write()

    async def look_after(self) -> None:
        """What host and bank do by themselves now and then."""
        await self.host.look_after()
        await self._all_is_said()
        await self._bank.let_holds_lapse()

    async def look_at_orders(self) -> None:
        """Ask wallets about the orders that are due."""
        if self.host.wallets.waiting:
            await self.host.wallets.look()
            await self._all_is_said()

    async def _all_is_said(self) -> None:
        """Whatever was asked of bank and wallets is answered and written."""
        for _ in range(TURNS_MAX):
            await self.host.wallets.until_answered()
            await self.host.queue.until_idle()
            await asyncio.sleep(0)
            if not self.host.wallets.under_way and not self.host.bank.undoing.all():
                break

    async def ask(self, line: "TillLine", payload: bytes) -> bytes | None:
        """What a till is answered; None where the bank, or a wallet, keeps silent and the host still waits for it."""
        line.forget()
        self.host.reception.on_frame(cast(FrameConnection, line), payload)
        return await self._answer(line)

    async def wait_for_answer(self, line: "TillLine", seconds: float) -> bytes:
        """The answer that comes once the host has waited so long."""
        self.clock.pass_ms(PASSWORD_TAKES_MS)
        if self._wallets.type_passwords():
            self.clock.pass_ms(PASSWORD_TAKES_MS)
            await self.host.wallets.look()
            if (answer := await self._answer(line)) is not None:
                return answer
        self.clock.pass_ms(round(seconds * 1000) - PASSWORD_TAKES_MS)
        await self.host.bank.look()
        await self.host.wallets.look()
        answer = await self._answer(line)
        if answer is None:
            raise Fault("the host of the past gave no answer in its time")
        return answer

    async def _answer(self, line: "TillLine") -> bytes | None:
        for _ in range(TURNS_MAX):
            await self.host.queue.until_idle()
            answer = line.answer
            if answer is not None:
                return answer
            await asyncio.sleep(0)
        return None

    async def act(self, row: ActRow[A], asked: A, merchant_no: MerchantNo) -> Decision:
        """An act of management by the console."""
        return await submit(Act(row, asked, merchant_no, self._secrets), self.host.queue)


class TillLine(InnerLine):
    """The connection of a till, from the host's side."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.answer: bytes | None = None

    def forget(self) -> None:
        """Nothing was answered yet."""
        self.answer = None

    def _take(self, payload: bytes) -> None:
        self.answer = payload
