"""The host as one thing to start and stop."""

from collections.abc import Sequence
from functools import partial

import msgspec

from ..acquirer.rows.numbering import RrnSource
from ..acquirer.rows.state import Change, Needs
from ..acquirer.terminals.leases import Leases
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Fault
from ..cup.brands import BRANDS
from ..cup.dialect import dialect_named
from ..edges.listener import FrameListener
from ..edges.open_files import open_files
from ..edges.watched import LongTask, keep_running
from ..store.port import ChainedStore
from .commit import Door
from .engine import Engine
from .jobs.checkpoint_file import CheckpointFile
from .jobs.checkpoints import ChainKeeper, LongChains
from .jobs.durable import LOOKED_EVERY_S, DurableJobs
from .jobs.export_job import Files
from .jobs.host_leases import SAID_EVERY_S, say_that_we_live
from .jobs.job_kinds import job_kinds
from .jobs.recovery import RECOVERY_PAGE, recover
from .jobs.repeat_salts import RENEWED_EVERY_S, renew_repeat_salt
from .keys import HostKeys
from .networks.bank_line import BankLine
from .networks.effects import Networks
from .networks.received import BILLS_READ_EVERY_S, BillWatch, ReceivedQueue
from .networks.wallet_line import WalletLine
from .networks.wallet_payments import WalletPayments
from .networks.wallet_port import NoWallets, WalletPort
from .orders import LOOKED_EVERY_S as ORDERS_LOOKED_EVERY_S
from .orders import OpenOrders, OrderWatch
from .outbox.announcing import Announcer, Said
from .outbox.listeners import Listeners
from .outbox.sender import OutboxSender, Post
from .phones import PhoneQueue
from .queue import WorkQueue
from .slip_pages import SlipPages
from .strangers import Strangers
from .terminal_door.work import TerminalDoorQueue
from .wire.reception import Reception
from .work import Desk, log

HOST_ID_BYTES = 8
HEARD_TOLD_EVERY_S = 10.0
"""How often hosts that share a database tell each other whom they heard: with a heartbeat each 30 s, well within a lease of 90 s."""
HEARD_AT_ONCE = 1_000
"""Terminals told in one transaction: some 15 ms."""
REVERSALS_LOOKED_FOR_EVERY_S = 60.0
"""The line keeps what it was given; this look finds what another page, or another host that is gone, has left."""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a host needs to know. Times in seconds."""

    listen: str = "127.0.0.1"
    port: int = 8583
    bank_host: str = "127.0.0.1"
    bank_port: int = 8590
    bank_timeout_s: float = 45.0
    """Shorter than the terminal's 60 s, so that the host's answer 98 comes before the terminal gives up (domain §9)."""
    dialect: str = "unionpay"
    acquirer_code: str = "08888888"
    """Field 32. A made-up code of the demo; a real acquirer has its own."""
    acquirer_name: str = "掌柜收单"
    unknown_per_minute: int = 60
    """Unproven messages about unknown shops and terminals that one address may send; 0 is no bound."""


class OutboxParts(msgspec.Struct, frozen=True):
    """What a host needs to tell programs of others: what is said of a row, and the way out."""

    said: Said
    post: Post


class Host:
    """Listener, engine and line to the bank over one store."""

    def __init__(
        self,
        settings: HostSettings,
        store: ChainedStore,
        keys: HostKeys,
        clock: Clock,
        chance: Chance,
        checkpoint_file: CheckpointFile | None = None,
        wallets: WalletPort | None = None,
        outbox: OutboxParts | None = None,
        files: Files | None = None,
    ) -> None:
        """Without `outbox` nobody is told anything, without `files` no list becomes a file here."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._chance = chance
        self._desk = Desk(
            keys,
            RrnSource(),
            Leases(clock.elapsed_s, shared=store.is_shared),
            settings.acquirer_code,
            settings.acquirer_name,
            Strangers(clock, settings.unknown_per_minute),
            OpenOrders(clock),
            chance.take(HOST_ID_BYTES).hex() if store.is_shared else None,
            has_wallets=wallets is not None,
        )
        long_chains = LongChains()
        self._listeners = Listeners(store, clock)
        announcer = Announcer(self._listeners, outbox.said) if outbox is not None else None
        self._door = Door(store, clock, chance, self._committed, announcer)
        self._long_chains = long_chains
        self.chains = ChainKeeper(store, self._door, keys.sign, clock, long_chains, checkpoint_file)
        self.queue = WorkQueue(self._desk, clock)
        self.outbox = (
            OutboxSender(store, self._door, self.queue, keys, clock, chance, self._listeners, outbox.post)
            if outbox is not None
            else None
        )
        """Sends what others are told; None where nobody is told anything."""
        self.phones = PhoneQueue(self.queue, keys)
        """Where the page for phones asks."""
        self.terminal_door = TerminalDoorQueue(self.queue, self._desk)
        """Where the terminals' HTTP door asks."""
        self.slip_pages = SlipPages(self.queue, keys, self._door)
        """Where the page of slips asks."""
        self.bank = BankLine(
            self.queue, self._desk, clock, settings.bank_host, settings.bank_port, settings.bank_timeout_s
        )
        payments = WalletPayments()
        self.wallets = WalletLine(self.queue, self._desk, store, clock, chance, wallets or NoWallets(), payments)
        self.received = ReceivedQueue(self.queue)
        """Where wallets' notices go."""
        self._bills = BillWatch(self.received, store, self._door, clock, wallets) if wallets is not None else None
        self.files = files
        """Where lists become files."""
        kinds = job_kinds(self.bank.statement, files)
        self.durable_jobs = DurableJobs(kinds, store, self._door, clock, self._desk.host_id or "")
        self.engine = Engine(
            self.queue, self._door, self._desk, Networks(self._desk, self.bank, self.wallets, payments)
        )
        self.reception = Reception(self._desk, dialect_named(settings.dialect), self.queue.submit, clock.now)
        self._listener = FrameListener(self.reception.on_frame)
        self._orders = OrderWatch(store, self._door, keys, clock, self._desk.orders)
        self._jobs: list[LongTask] = []

    async def wake(self) -> None:
        """Resolve what a crash left open, and begin to decide. No line is there yet: nobody listens, and neither bank nor wallet is called.

        Whoever goes on without `start` has a line of its own to each (`reception`, `bank.link`), and calls `look_after` as time goes by.
        """
        if self._desk.host_id is not None:
            await say_that_we_live(self._door, self._desk.host_id)
        await recover(self._store, self._door, self._desk)
        await self._renew_repeat_salt()
        await self.chains.start()
        if self.outbox is not None:
            # Before the first request: from then on its shop's events are written for each webhook.
            await self._listeners.look()
        self.engine.start()

    async def start(self) -> int:
        """Wake, then connect to the bank, then listen. The answer is the port."""
        await self.wake()
        self.bank.start()
        await self.wallets.start()
        port = await self._listener.start(self._settings.listen, self._settings.port)
        due = self._tell_bank_what_is_due
        self._jobs.append(keep_running("reversals due", due, every_s=REVERSALS_LOOKED_FOR_EVERY_S))
        self._jobs.append(keep_running("repeat salts", self._renew_repeat_salt, every_s=RENEWED_EVERY_S))
        self._jobs.append(keep_running("orders", self._orders.look, every_s=ORDERS_LOOKED_EVERY_S))
        self._jobs.append(keep_running("durable jobs", self.durable_jobs.look, every_s=LOOKED_EVERY_S))
        if self._bills is not None:
            for brand in BRANDS:
                read = partial(self._bills.look, brand)
                self._jobs.append(keep_running(f"bills of {brand}", read, every_s=BILLS_READ_EVERY_S))
        for one in self.durable_jobs.asked:
            ask = partial(self.durable_jobs.look_at, one)
            self._jobs.append(keep_running(f"jobs that ask the {one.name}", ask, every_s=one.every_s))
        if self.outbox is not None:
            self._jobs.append(keep_running("outbox", self.outbox.turn))
        if self._store.is_shared:
            heard = self.tell_whom_we_heard
            self._jobs.append(keep_running("heard told", heard, every_s=HEARD_TOLD_EVERY_S))
            self._jobs.append(keep_running("lease", self._live_on, every_s=SAID_EVERY_S))
        most = self._listener.connections_max
        log.info("host_ready", address=self._settings.listen, port=port, connections_max=most, open_files=open_files())
        return port

    async def look_after(self) -> None:
        """Once, what a host that was started does by itself now and then: whatever is due by the clock is done."""
        await self._renew_repeat_salt()
        await self.bank.look()
        await self.wallets.look()
        await self._tell_bank_what_is_due()
        await self._orders.look()
        await self.durable_jobs.look()
        for one in self.durable_jobs.asked:
            await self.durable_jobs.look_at(one)
        await self.chains.sign_all()

    async def stop(self) -> None:
        """Take no new connections, answer what is queued, hang up, close the line and the store."""
        for job in self._jobs:
            await job.stop()
        self._listener.close_door()
        await self.wallets.stop()
        if self.outbox is not None:
            await self.outbox.stop()
        await self.engine.stop()
        await self._listener.stop()
        await self.bank.stop()
        await self.chains.stop()
        if self._desk.host_id is not None:
            await self._give_up_lease(self._desk.host_id)
        await self._door.close()

    @property
    def changes(self) -> int:
        """How many times it has written since its start."""
        return self._door.changes

    @property
    def phones_found_at(self) -> str:
        """Where phones find the page, whose address terminals show; empty while it is not served."""
        return self._desk.phone_page

    @phones_found_at.setter
    def phones_found_at(self, address: str) -> None:
        self._desk.phone_page = address

    @property
    def has_wallets(self) -> bool:
        """Whether it has a line to QR wallets."""
        return self._desk.has_wallets

    @property
    def notices_at(self) -> str:
        """Where wallets tell of payments that nobody asked for; empty while nowhere."""
        return self._bills.notices_at if self._bills is not None else ""

    @notices_at.setter
    def notices_at(self, address: str) -> None:
        if self._bills is not None:
            self._bills.notices_at = address

    @property
    def connections(self) -> int:
        """Terminals connected now."""
        return self._listener.connections

    @property
    def commits(self) -> int:
        """Transactions that were written since the start."""
        return self._door.changes

    async def store_answers(self) -> bool:
        """Whether the database takes a unit now: one that changes nothing."""
        try:
            async with self._store.unit() as unit:
                await unit.load(Needs())
        except Fault as error:
            log.warning("store_does_not_answer", reason=str(error))
            return False
        return True

    def _committed(self, changes: Sequence[Change]) -> None:
        """All of these changes are durable now."""
        self._long_chains.committed(changes)
        if self.outbox is not None:
            self._listeners.committed(changes)
            if self._listeners.listens:
                self.outbox.committed(changes)

    async def _tell_bank_what_is_due(self) -> None:
        """Hand the reversals, and the notices of scripts, that the bank has not taken yet to the line, oldest first, while there are any."""
        self.bank.reverse(await self._store.reversals_due(RECOVERY_PAGE))
        self.bank.tell(await self._store.scripts_due(RECOVERY_PAGE))

    async def _renew_repeat_salt(self) -> None:
        await renew_repeat_salt(self._door, self._desk, self._chance)

    async def _live_on(self) -> None:
        """Say that this host lives, and close what one that does not has left at the bank."""
        if self._desk.host_id is not None:
            await say_that_we_live(self._door, self._desk.host_id)
            await recover(self._store, self._door, self._desk)

    async def _give_up_lease(self, host_id: str) -> None:
        try:
            await say_that_we_live(self._door, host_id, ends=True)
        except Fault as error:
            # It runs out by itself.
            log.warning("lease_not_given_up", reason=str(error))

    async def tell_whom_we_heard(self) -> None:
        """Note for the other hosts which terminals spoke to this one."""
        heard = self._desk.leases.take_untold()
        for place in range(0, len(heard), HEARD_AT_ONCE):
            await self._door.hear(heard[place : place + HEARD_AT_ONCE])
