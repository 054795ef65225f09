"""The host in memory, which may be killed and started again over the same rows, and the line between it and the bank.

Reception, engine, rules, keys and the line to the bank are the host's own; its store is in memory and its connections are calls.
"""

import asyncio
import itertools
from collections import deque
from functools import partial
from typing import Literal, cast

from tests.worlds.floor import OPERATORS
from tests.worlds.line_face import QuietLine
from tests.worlds.memory_store import MemoryStore
from tests.worlds.one_room import MERCHANT, room_keys
from tests.worlds.shop_bank import ShopBank
from tests.worlds.shop_counter import CounterCodes
from tests.worlds.shop_wallets import ShopWallets

from zhanggui.acquirer.rows.numbering import RrnSource
from zhanggui.acquirer.rows.records import Merchant, Operator, Terminal
from zhanggui.acquirer.terminals.leases import Leases
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import Clock
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import OperatorNo, TerminalNo
from zhanggui.basics.secret import Secret
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.dialect import INTERBANK, UNIONPAY
from zhanggui.edges.listener import FrameConnection
from zhanggui.edges.watched import LongTask, keep_running
from zhanggui.host.commit import Door
from zhanggui.host.engine import Engine
from zhanggui.host.jobs.recovery import RECOVERY_PAGE, recover
from zhanggui.host.jobs.repeat_salts import renew_repeat_salt
from zhanggui.host.networks.bank_line import BankLine
from zhanggui.host.networks.effects import Networks
from zhanggui.host.networks.received import BillWatch, ReceivedQueue
from zhanggui.host.networks.wallet_line import WalletLine
from zhanggui.host.networks.wallet_payments import WalletPayments
from zhanggui.host.orders import OpenOrders, OrderWatch
from zhanggui.host.queue import WorkQueue
from zhanggui.host.strangers import Strangers
from zhanggui.host.wire.reception import Reception
from zhanggui.host.work import Desk
from zhanggui.vault.pinblock import PasswordAccount

BANK_TIMEOUT_S = 3.0
LOOK_EVERY_S = 1.0
DUE_EVERY_S = 20.0
ORDERS_EVERY_S, BILLS_EVERY_S = 5.0, 30.0
"""More slowly than a host does, which is also rung for: nobody here waits for it, and each look costs as much as there."""
ACQUIRER_CODE = "08888888"
How = Literal["cut before", "cut after", "fails"]
BankFate = Literal["answered", "request lost", "answer lost", "answer late", "twice", "host dies", "host dies after"]
"""What becomes of a frame to the bank. `host dies`: before the bank has it; `host dies after`: before its answer arrives."""


class Call(QuietLine):
    """A terminal's connection, from the host's side: what was sent on it waits to be read. None: the host hung up."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.open = True

    def send(self, payload: bytes) -> None:
        self.sent.put_nowait(payload)

    def close(self) -> None:
        self.open = False
        self.sent.put_nowait(None)


class BankWire:
    """Stands where the host's link to the bank stands. `fates` says what becomes of the next frames; the rest is answered."""

    def __init__(self, host: "ShopHost", bank: ShopBank) -> None:
        self.up = asyncio.Event()
        self.up.set()
        self.fates: deque[BankFate] = deque()
        self.frames = 0
        """Payments that were sent to the bank."""
        self._host = host
        self._bank = bank

    def send(self, payload: bytes) -> bool:
        if not self._host.is_up:
            return False
        loop = asyncio.get_running_loop()
        is_payment = INTERBANK.codec.decode(payload).mti in ("0100", "0200", "0220")
        self.frames += is_payment
        fate: BankFate = self.fates.popleft() if self.fates and is_payment else "answered"
        match fate:
            case "answered" | "twice":
                for _ in range(2 if fate == "twice" else 1):
                    loop.call_soon(self._hear, self._bank.answer(payload))
            case "answer late":
                loop.call_later(BANK_TIMEOUT_S + 2 * LOOK_EVERY_S, self._hear, self._bank.answer(payload))
            case "answer lost" | "host dies after":
                self._bank.answer(payload)
        if fate in ("host dies", "host dies after"):
            self._host.dies()
        return True

    def _hear(self, body: bytes) -> None:
        self._host.hear_bank(self, body)


class ShopHost:
    """One host, its rows and its bank. `connect` answers None while it is down."""

    def __init__(self, clock: Clock, terminals: tuple[tuple[TerminalNo, str], ...], *, policy: str = "") -> None:
        self.clock = clock
        self.store = MemoryStore()
        self.bank = ShopBank(clock)
        self.wallets = ShopWallets(clock, self.dies)
        self.counters = CounterCodes(self, ACQUIRER_CODE)
        self.keys, self.master, _, _ = room_keys()
        self.died, self.up = asyncio.Event(), asyncio.Event()
        self._chance = SeededChance(4)
        self._calls: list[Call] = []
        self._jobs: list[LongTask] = []
        self.is_up = False
        self._open_shop(terminals, policy)

    def _open_shop(self, terminals: tuple[tuple[TerminalNo, str], ...], policy: str) -> None:
        now, keys = self.clock.now(), self.keys
        self.store.put(
            Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=now, policy_overrides=policy),
            *(
                Terminal(
                    merchant_no=MERCHANT,
                    terminal_no=number,
                    model=model,
                    place="前台",
                    dialect="unionpay",
                    operator_check="host",
                    master_key=self.master.text,
                    created_ms=now,
                )
                for number, model in terminals
            ),
        )
        for digits, name, role, password in OPERATORS:
            operator_no, salt = OperatorNo(digits), self._chance.take(16)
            account = PasswordAccount(MERCHANT, operator_no)
            self.store.put(
                Operator(
                    merchant_no=MERCHANT,
                    operator_no=operator_no,
                    name=name,
                    role=role,  # type: ignore[arg-type]  # a known role
                    salt=salt,
                    verifier=keys.hsm.make_verifier(keys.verifier_key, salt, account, Secret(password)),
                    password_set_ms=now,
                )
            )

    # ── life ─────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """As a host starts: what a crash left at the bank is closed before anybody may call."""
        self.desk = Desk(
            self.keys,
            RrnSource(),
            Leases(self.clock.elapsed_s),
            ACQUIRER_CODE,
            "掌柜收单",
            Strangers(self.clock, 0),
            OpenOrders(self.clock),
            has_wallets=True,
        )
        self.door = Door(self.store, self.clock, self._chance)
        self.queue = WorkQueue(self.desk, self.clock)
        self.line = BankLine(self.queue, self.desk, self.clock, "127.0.0.1", 1, BANK_TIMEOUT_S)
        self.wire = BankWire(self, self.bank)
        self.line.link = self.wire  # type: ignore[assignment]  # the part of a link that the line uses
        payments = WalletPayments()
        self.orders = WalletLine(
            self.queue,
            self.desk,
            self.store,
            self.clock,
            self._chance,
            self.wallets,
            payments,
            look_every_s=LOOK_EVERY_S,
        )
        networks = Networks(self.desk, self.line, self.orders, payments)
        self.engine = Engine(self.queue, self.door, self.desk, networks)
        self.received = ReceivedQueue(self.queue)
        bills = BillWatch(self.received, self.store, self.door, self.clock, self.wallets)
        orders = OrderWatch(self.store, self.door, self.keys, self.clock, self.desk.orders)
        self._reception = Reception(self.desk, UNIONPAY, self.queue.submit, self.clock.now)
        self.store.may_save.set()
        await recover(self.store, self.door, self.desk)
        await renew_repeat_salt(self.door, self.desk, self._chance)
        self.engine.start()
        await self.orders.start()
        self._jobs = [
            keep_running("bank line", self.line.look, every_s=LOOK_EVERY_S, at_once=False),
            keep_running("reversals due", self._tell_bank_what_is_due, every_s=DUE_EVERY_S),
            keep_running("orders", orders.look, every_s=ORDERS_EVERY_S),
            *(keep_running(f"bills of {brand}", partial(bills.look, brand), every_s=BILLS_EVERY_S) for brand in BRANDS),
        ]
        self.is_up = True
        self.died.clear()
        self.up.set()

    async def _tell_bank_what_is_due(self) -> None:
        self.line.reverse(await self.store.reversals_due(RECOVERY_PAGE))
        self.line.tell(await self.store.scripts_due(RECOVERY_PAGE))

    def dies(self) -> None:
        """Killed: every call is cut, what was not committed never was. `bury` takes its tasks away."""
        self.is_up = False
        self.up.clear()
        self.died.set()
        self.store.may_save.clear()
        for call in self._calls:
            call.close()
        self._calls.clear()

    async def bury(self) -> None:
        """After it died, or instead of it: end its tasks where they stand."""
        self.dies()
        engine = self.engine._task  # killed, not stopped: `stop` would finish what is queued
        for job in (*self._jobs, *((engine,) if engine is not None else ())):
            await job.stop()
        self._jobs.clear()
        await self.orders.stop()

    async def restart(self) -> None:
        """Power off and on again."""
        await self.bury()
        await self.start()

    # ── lines ────────────────────────────────────────────────────────────────

    def connect(self) -> Call | None:
        """A call, if somebody takes it."""
        if not self.is_up:
            return None
        call = Call()
        self._calls.append(call)
        return call

    def hang_up(self, call: Call) -> None:
        """The terminal is done with a call."""
        call.open = False
        if call in self._calls:
            self._calls.remove(call)

    def receive(self, call: Call, payload: bytes) -> None:
        """A frame of a terminal."""
        if self.is_up:
            self._reception.on_frame(cast(FrameConnection, call), payload)

    def hear_bank(self, wire: BankWire, body: bytes) -> None:
        """A frame of the bank; one for a host that is gone is lost."""
        if self.is_up and wire is self.wire:
            self.line.on_frame(body)

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self.wire.fates.clear()
        self.wallets.mend()
        self.counters.fates.clear()
        self.store.before_save = lambda changes: None

    def plan(self, how: How, left: int) -> None:
        """The commit after so many others goes wrong: the host is killed before it or after it, or the disk refuses it."""
        commits = itertools.count()

        def go_wrong(changes: object) -> None:
            if next(commits) < left:
                return
            self.store.before_save = lambda changes: None
            if how == "fails":
                raise Fault("the disk is full")
            self.dies()
            if how == "cut before":
                raise asyncio.CancelledError("the host is killed")

        self.store.before_save = go_wrong
