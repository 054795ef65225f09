"""Orders of the host at simulated wallets, over HTTP and on two databases of their own, in leaping time: both books agree in the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.worlds.memory_host import StoppedClock
from tests.worlds.wallet_house import MERCHANT, ServedWallets

from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.numbering import RrnSource
from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.acquirer.rows.state import Needs, State
from zhanggui.acquirer.terminals.leases import Leases
from zhanggui.acquirer.wallets.deciding import decide_give_up, decide_order
from zhanggui.acquirer.wallets.order import OrderAsked
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import BatchNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import PayCode, Secret
from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.host.commit import Door
from zhanggui.host.engine import Engine
from zhanggui.host.keys import create_host_keys
from zhanggui.host.networks.bank_line import BankLine
from zhanggui.host.networks.effects import Networks
from zhanggui.host.networks.wallet_line import WalletLine
from zhanggui.host.networks.wallet_payments import WalletPayments
from zhanggui.host.orders import OpenOrders
from zhanggui.host.queue import WorkQueue
from zhanggui.host.strangers import Strangers
from zhanggui.host.work import Desk
from zhanggui.store.open import open_store
from zhanggui.vault.software import SoftwareHsm
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.phone_acts import confirm
from zhanggui.wallets.store import WalletsFile

OPENING_FEN = 500_000
AMOUNT_FEN = 100
ORDER_NO = "10000001000001000012261130183504"
KEY = (MERCHANT, ORDER_NO)


class Begin:
    """Begins the order, as a payment by code would."""

    def __init__(self, brand: BrandName, code: str) -> None:
        self.code = PayCode(code)
        self.asked = OrderAsked(
            merchant_no=MERCHANT,
            order_no=ORDER_NO,
            brand=brand,
            amount_fen=AMOUNT_FEN,
            terminal_no=TerminalNo("10000001"),
            batch_no=BatchNo("000001"),
            trace_no=TraceNo("000012"),
            masked_code=self.code.mask(),
        )

    def add_needs(self, needs: Needs) -> None:
        needs.add(WalletOrder, KEY)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """All is here."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_order(state, self.asked, now, code=self.code, shop="掌柜示范店")

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        """Nobody waits."""

    def fail(self, desk: Desk, now: UnixMs) -> None:
        raise AssertionError("the order could not be written")


class GiveUp(Begin):
    """Gives it up, as a reversal would."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_give_up(state, KEY, now)


class Host:
    """The host's rooms over a true SQLite file, with a clock that leaps."""

    def __init__(self, folder: Path, wallets: ServedWallets, clock: StoppedClock) -> None:
        self.clock, self.wallets = clock, wallets
        chance = SeededChance(5)
        self.store = open_store(str(folder / "host.db"))
        path = folder / "keys.json"
        path.unlink(missing_ok=True)
        desk = Desk(
            keys=create_host_keys(SoftwareHsm(bytes(range(32)), chance), path),
            rrn=RrnSource(),
            leases=Leases(clock.elapsed_s),
            acquirer_code="08888888",
            acquirer_name="掌柜收单",
            strangers=Strangers(clock, 60),
            orders=OpenOrders(clock),
        )
        self.queue = WorkQueue(desk, clock)
        self.line = WalletLine(self.queue, desk, self.store, clock, chance, wallets.client())
        bank = BankLine(self.queue, desk, clock, "127.0.0.1", 1, 45.0)
        self.engine = Engine(
            self.queue, Door(self.store, clock, chance), desk, Networks(desk, bank, self.line, WalletPayments())
        )

    async def settled(self) -> None:
        while self.line.under_way:
            await self.line.until_answered()
        await self.queue.until_idle()

    async def submit(self, work: Begin) -> None:
        self.queue.submit(work)
        await self.queue.until_idle()
        await self.settled()

    async def later(self, seconds: float) -> None:
        self.clock.at_ms += int(seconds * 1000)
        self.clock.at_s += seconds
        await self.line.look()
        await self.settled()

    async def order(self) -> WalletOrder:
        async with self.store.unit() as unit:
            order = (await unit.load(Needs({WalletOrder: [KEY]}))).get(WalletOrder, *KEY)
        assert order is not None
        return order

    async def until_over(self) -> WalletOrder:
        """Go on until nothing is to be asked any more."""
        for _ in range(400):
            order = await self.order()
            if order.next_ms is None:
                return order
            await self.later(max(0.0, (order.next_ms - self.clock.at_ms) / 1000))
        raise AssertionError(f"it is never over: {order.state} {order.step}")


@asynccontextmanager
async def hosting(folder: Path, wallets: ServedWallets, clock: StoppedClock) -> AsyncIterator[Host]:
    host = Host(folder, wallets, clock)
    host.engine.start()
    await host.line.start()
    try:
        yield host
    finally:
        await host.line.stop()
        await host.engine.stop()
        await host.store.close()


@pytest.fixture
def wallets(tmp_path: Path, free_port: int) -> ServedWallets:
    served = ServedWallets(tmp_path, free_port)
    served.clock = StoppedClock()
    return served


@pytest.fixture
async def host(tmp_path: Path, wallets: ServedWallets) -> AsyncIterator[Host]:
    assert isinstance(wallets.clock, StoppedClock)
    async with wallets.running(slow_answer_s=0.05, silent_s=0.05), hosting(tmp_path, wallets, wallets.clock) as made:
        yield made


def balance_fen(wallets: ServedWallets, brand: BrandName) -> int:
    file = WalletsFile(wallets.folder)
    try:
        owner = file.reading.customer(brand, "chen")
    finally:
        file.close()
    assert owner is not None
    return owner.balance_fen


def type_password(wallets: ServedWallets, brand: BrandName) -> str:
    """The customer types the password; the answer is what the phone shows."""
    file = WalletsFile(wallets.folder)
    try:
        with file.writing() as rows:
            owner = rows.customer(brand, "chen")
            assert owner is not None
            return confirm(rows, owner, MERCHANT, ORDER_NO, Secret(PASSWORD), wallets.clock.now()).outcome
    finally:
        file.close()


def agree(order: WalletOrder, wallets: ServedWallets, brand: BrandName) -> None:
    """Both books say the same: the customer's money is gone exactly where the order is paid."""
    gone = OPENING_FEN - balance_fen(wallets, brand)
    assert gone == (AMOUNT_FEN if order.state == "paid" else 0)


@pytest.mark.parametrize("brand", BRANDS)
async def test_a_customer_who_types_the_password_in_time_has_paid(
    host: Host, wallets: ServedWallets, brand: BrandName
) -> None:
    wallets.behave("password", brand)
    await host.submit(Begin(brand, wallets.show_code(brand)))
    assert (await host.order()).state == "waiting"
    await host.later(6)
    assert type_password(wallets, brand) == "paid"
    order = await host.until_over()
    assert (order.state, bool(order.wallet_no)) == ("paid", True)
    agree(order, wallets, brand)


@pytest.mark.parametrize("brand", BRANDS)
async def test_a_customer_who_never_does_pays_nothing_and_the_order_is_closed(
    host: Host, wallets: ServedWallets, brand: BrandName
) -> None:
    wallets.behave("password", brand)
    await host.submit(Begin(brand, wallets.show_code(brand)))
    order = await host.until_over()
    assert order.state == "cancelled"
    assert type_password(wallets, brand) == "over"
    agree(order, wallets, brand)


@pytest.mark.parametrize("given_up", [False, True], ids=["waits", "given up"])
@pytest.mark.parametrize(
    "behaviour", ["normal", "risk", "busy", "unclear", "slow", "silent", "silent_after", "race", "late_payment"]
)
@pytest.mark.parametrize("brand", BRANDS)
async def test_whatever_a_wallet_does_both_books_agree_in_the_end(
    host: Host, wallets: ServedWallets, brand: BrandName, behaviour: Behaviour, given_up: bool
) -> None:
    wallets.behave(behaviour, brand)
    code = wallets.show_code(brand)
    await host.submit(Begin(brand, code))
    if given_up:
        await host.submit(GiveUp(brand, code))
    await host.later(20)
    if behaviour == "silent_after":
        # Nobody hears it until it is mended.
        wallets.behave("normal", brand)
    order = await host.until_over()
    agree(order, wallets, brand)
    if given_up:
        assert order.state in ("cancelled", "refused")


async def test_a_wallet_that_is_down_for_a_while_and_a_host_that_starts_again_change_nothing(
    tmp_path: Path, wallets: ServedWallets
) -> None:
    clock = wallets.clock
    assert isinstance(clock, StoppedClock)
    async with wallets.running():
        wallets.behave("password")
        async with hosting(tmp_path, wallets, clock) as host:
            await host.submit(Begin("wechat", wallets.show_code()))
            assert (await host.order()).state == "waiting"
    async with hosting(tmp_path, wallets, clock) as host:
        for _ in range(5):
            await host.later(20)
        order = await host.order()
        assert (order.state, order.step) == ("unknown", "cancel")
    async with wallets.running(), hosting(tmp_path, wallets, clock) as host:
        order = await host.until_over()
    assert order.state == "cancelled"
    agree(order, wallets, "wechat")
