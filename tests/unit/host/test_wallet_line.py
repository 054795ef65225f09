"""The line to wallets over a store in memory and a scripted wallet, in leaping time: what is asked, when, and after a restart."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import NOON, StoppedClock
from tests.worlds.memory_store import MemoryStore

from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.numbering import RrnSource
from zhanggui.acquirer.rows.records import HostLease, Merchant, WalletOrder
from zhanggui.acquirer.rows.state import Change, Insert, Needs, State
from zhanggui.acquirer.terminals.leases import Leases
from zhanggui.acquirer.wallets.deciding import decide_give_up, decide_order
from zhanggui.acquirer.wallets.order import OrderAsked
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import PayCode
from zhanggui.cup.brands import BrandName
from zhanggui.cup.wallets.messages import Operation, WalletAnswer, WalletRequest
from zhanggui.host.commit import Door
from zhanggui.host.engine import Engine
from zhanggui.host.keys import create_host_keys
from zhanggui.host.networks.bank_line import BankLine
from zhanggui.host.networks.effects import Networks
from zhanggui.host.networks.wallet_line import (
    ASKED_A_BUSY_LOOK,
    ASKED_A_LOOK,
    BUSY,
    NobodyFollows,
    OrderFollower,
    WalletLine,
)
from zhanggui.host.networks.wallet_payments import WalletPayments
from zhanggui.host.networks.wallet_places import ASKED_AT_ONCE
from zhanggui.host.networks.wallet_port import WalletSilent
from zhanggui.host.open_offers import COUNTED_MS
from zhanggui.host.orders import OpenOrders
from zhanggui.host.queue import WorkQueue
from zhanggui.host.strangers import Strangers
from zhanggui.host.work import Desk
from zhanggui.vault.software import SoftwareHsm

SHOP = MerchantNo("102100058120001")
CODE = PayCode("134567890123456789")
BYTES_MAX = 2_048
"""What one waiting order may take."""
Answers = Callable[[Operation, WalletRequest], WalletAnswer | None]


class ScriptedWallet:
    """A port whose answers the test gives; None is silence."""

    def __init__(self) -> None:
        self.asked: list[tuple[Operation, str]] = []
        self.shops: list[str] = []
        self.answers: Answers = lambda operation, request: None
        self.under_way = self.most = 0
        self.silent: set[str] = set()
        """Brands that keep each line open and say nothing."""
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        self.asked.append((operation, request.order_no))
        self.shops.append(request.shop)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.may_answer.wait()
            if brand in self.silent:
                await asyncio.Event().wait()
            answer = self.answers(operation, request)
        finally:
            self.under_way -= 1
        if answer is None:
            raise WalletSilent("the test says nothing")
        return answer

    async def close(self) -> None:
        """There is nothing to close."""

    @property
    def operations(self) -> list[Operation]:
        return [operation for operation, _ in self.asked]


class Beginning:
    """A unit of work that begins an order, as a payment by code would."""

    def __init__(
        self, number: str, *, host_id: str | None = None, brand: BrandName = "wechat", masked_code: str = CODE.mask()
    ) -> None:
        self.asked = OrderAsked(
            merchant_no=SHOP,
            order_no=number,
            brand=brand,
            amount_fen=100,
            terminal_no=TerminalNo("10000001"),
            batch_no=BatchNo("000001"),
            trace_no=TraceNo("000001"),
            masked_code=masked_code,
            host_id=host_id,
        )
        self.reason: str | None = None

    def add_needs(self, needs: Needs) -> None:
        needs.add(WalletOrder, (SHOP, self.asked.order_no))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """All is here."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_order(state, self.asked, now, code=CODE if self.asked.masked_code else None, shop="掌柜示范店")

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        self.reason = decision.reason

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.reason = "system_error"


class GivingUp(Beginning):
    """A unit of work that gives an order up, as a reversal would."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_give_up(state, (SHOP, self.asked.order_no), now)


class WalletHost:
    """Engine and line over one store; a second one over the same store is the host after a restart."""

    def __init__(
        self,
        folder: Path,
        store: MemoryStore,
        clock: StoppedClock,
        follower: OrderFollower | None = None,
        host_id: str | None = None,
    ) -> None:
        chance = SeededChance(1)
        hsm = SoftwareHsm(chance.take(32), chance)
        self.wallet, self.clock, self.store = ScriptedWallet(), clock, store
        self.desk = Desk(
            keys=create_host_keys(hsm, folder / f"keys-{id(self)}.json"),
            rrn=RrnSource(),
            leases=Leases(clock.elapsed_s),
            acquirer_code="08888888",
            acquirer_name="掌柜收单",
            strangers=Strangers(clock, 60),
            orders=OpenOrders(clock),
            host_id=host_id,
        )
        self.queue = WorkQueue(self.desk, clock)
        self.line = WalletLine(self.queue, self.desk, store, clock, chance, self.wallet, follower)
        bank = BankLine(self.queue, self.desk, clock, "127.0.0.1", 1, 45.0)
        self.engine = Engine(
            self.queue, Door(store, clock, chance), self.desk, Networks(self.desk, bank, self.line, WalletPayments())
        )

    async def start(self) -> None:
        self.engine.start()
        await self.line.start()

    async def stop(self) -> None:
        await self.line.stop()
        await self.engine.stop()

    async def submit(self, work: Beginning) -> Beginning:
        self.queue.submit(work)
        await self.settled()
        return work

    async def settled(self) -> None:
        """Everything that is asked is answered, and written."""
        for _ in range(50):
            await asyncio.sleep(0)
        await self.queue.until_idle()

    async def later(self, seconds: float, looks: int = ASKED_AT_ONCE // ASKED_A_LOOK) -> None:
        self.clock.at_ms += int(seconds * 1000)
        self.clock.at_s += seconds
        for _ in range(looks):
            await self.line.look()
        await self.settled()

    async def later_at_a_busy_host(self, seconds: float) -> None:
        self.clock.at_ms += int(seconds * 1000)
        self.clock.at_s += seconds
        await self.line.look()

    def order(self, number: str = "A1") -> WalletOrder:
        row = self.store.rows[(WalletOrder, SHOP, number)]
        assert isinstance(row, WalletOrder)
        return row


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.put(Merchant(merchant_no=SHOP, name="掌柜示范店", created_ms=NOON))
    return made


@pytest.fixture
async def host(tmp_path: Path, store: MemoryStore) -> AsyncIterator[WalletHost]:
    made = WalletHost(tmp_path, store, StoppedClock())
    await made.start()
    yield made
    await made.stop()


def says(state: str) -> Answers:
    return lambda operation, request: WalletAnswer(code="SUCCESS", state=state, amount_fen=100, wallet_no="W1")


async def test_an_order_is_durable_before_the_wallet_hears_of_it(host: WalletHost) -> None:
    seen: list[str] = []

    def look(operation: Operation, request: WalletRequest) -> WalletAnswer:
        seen.append(host.order().state)
        return WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=100, wallet_no="W1")

    host.wallet.answers = look
    await host.submit(Beginning("A1"))
    order = host.order()
    assert seen == ["asked"]
    assert (order.state, order.next_ms, order.wallet_no, order.wallet_code) == ("paid", None, "W1", "SUCCESS")
    assert host.line.waiting == 0
    assert CODE.reveal() not in str(host.store.rows)


async def test_an_answer_that_was_lost_is_asked_for(host: WalletHost) -> None:
    await host.submit(Beginning("A1"))
    assert (host.order().state, host.order().step) == ("unknown", "query")
    host.wallet.answers = says("SUCCESS")
    await host.later(4.9)
    assert host.wallet.operations == ["pay"]
    await host.later(0.2)
    assert (host.wallet.operations, host.order().state) == (["pay", "query"], "paid")


async def test_an_order_that_stays_unclear_is_cancelled_and_looked_at_once_more(host: WalletHost) -> None:
    host.wallet.answers = says("USERPAYING")
    await host.submit(Beginning("A1"))
    for _ in range(44):
        await host.later(1)
    assert host.order().state == "waiting"
    host.wallet.answers = says("REVOKED")
    while "cancel" not in host.wallet.operations and host.order().state != "cancelled":
        await host.later(1)
    assert host.order().state == "cancelled"
    await host.later(60)
    assert (host.wallet.operations[-1], host.order().next_ms, host.line.waiting) == ("query", None, 0)


async def test_an_order_that_is_given_up_is_cancelled_no_earlier_than_after_15_s(host: WalletHost) -> None:
    host.wallet.answers = says("USERPAYING")
    await host.submit(Beginning("A1"))
    await host.submit(GivingUp("A1"))
    await host.later(14)
    assert "cancel" not in host.wallet.operations
    host.wallet.answers = says("REVOKED")
    await host.later(1)
    assert (host.wallet.operations[-1], host.order().state) == ("cancel", "cancelled")


async def test_an_order_that_is_given_up_while_it_waits_for_a_place_asks_no_customer(host: WalletHost) -> None:
    host.wallet.may_answer.clear()
    for number in range(ASKED_AT_ONCE):
        await host.submit(Beginning(f"W{number}"))
    await host.submit(Beginning("A1"))
    await host.submit(GivingUp("A1"))
    host.wallet.answers = says("ORDERNOTEXIST")
    host.wallet.may_answer.set()
    for _ in range(8):
        await host.later(5)
    assert [operation for operation, number in host.wallet.asked if number == "A1"] == ["cancel"]
    assert host.order().state == "cancelled"


async def test_a_host_that_was_killed_before_it_heard_goes_on_by_the_row(tmp_path: Path, store: MemoryStore) -> None:
    clock = StoppedClock()
    first = WalletHost(tmp_path, store, clock)
    await first.start()
    first.wallet.may_answer.clear()
    await first.submit(Beginning("A1"))
    assert first.order().state == "asked"
    await first.stop()
    second = WalletHost(tmp_path, store, clock)
    second.wallet.answers = says("SUCCESS")
    await second.start()
    assert second.line.waiting == 1
    await second.later(15)
    assert (second.wallet.operations, second.order().state) == (["query"], "paid")
    await second.stop()


async def test_an_answer_that_could_not_be_written_is_asked_for_again(host: WalletHost) -> None:
    def full(changes: object) -> None:
        raise Fault("the disk is full")

    host.wallet.may_answer.clear()
    await host.submit(Beginning("A1"))
    host.store.before_save = full
    host.wallet.answers = says("SUCCESS")
    host.wallet.may_answer.set()
    await host.settled()
    assert host.order().state == "asked"
    host.store.before_save = lambda changes: None
    await host.later(5)
    await host.later(10)
    assert host.order().state == "paid"


async def test_an_answer_about_another_amount_decides_nothing(host: WalletHost) -> None:
    host.wallet.answers = lambda operation, request: WalletAnswer(code="SUCCESS", state="SUCCESS", amount_fen=99)
    await host.submit(Beginning("A1"))
    assert host.order().state == "unknown"


async def test_a_host_that_is_busy_asks_again_less_often_and_never_stops(host: WalletHost) -> None:
    host.wallet.answers = says("USERPAYING")
    for number in range(ASKED_A_LOOK):
        await host.submit(Beginning(f"A{number}"))
    host.wallet.may_answer.clear()
    await host.engine.stop()
    for number in range(BUSY):
        host.queue.submit(Beginning(f"B{number}"))
    await host.later_at_a_busy_host(6)
    assert host.line.under_way == ASKED_A_BUSY_LOOK
    host.engine.start()
    host.wallet.may_answer.set()
    await host.settled()
    assert host.queue.in_hand == 0
    await host.later(0)
    assert {operation for operation, number in host.wallet.asked if number.startswith("A")} == {"pay", "query"}
    assert all(("query", f"A{number}") in host.wallet.asked for number in range(ASKED_A_LOOK))


async def test_no_more_are_asked_at_once_than_there_is_room_for_and_a_customer_goes_first(host: WalletHost) -> None:
    host.wallet.answers = says("USERPAYING")
    for number in range(ASKED_AT_ONCE + 10):
        await host.submit(Beginning(f"A{number}"))
    host.wallet.may_answer.clear()
    await host.later(6, looks=1)
    assert host.wallet.under_way == ASKED_A_LOOK
    await host.later(1)
    assert host.wallet.under_way == ASKED_AT_ONCE
    await host.submit(Beginning("B1"))
    assert ("pay", "B1") not in host.wallet.asked
    host.wallet.may_answer.set()
    await host.settled()
    await host.later(0)
    after = host.wallet.asked[2 * ASKED_AT_ONCE + 10 :]
    assert after[0] == ("pay", "B1")
    assert len(after) == 11
    assert host.wallet.most == ASKED_AT_ONCE


async def test_a_brand_that_says_nothing_takes_no_place_of_another(host: WalletHost) -> None:
    host.wallet.silent.add("wechat")
    for number in range(2 * ASKED_AT_ONCE):
        await host.submit(Beginning(f"W{number}"))
    assert host.wallet.under_way == ASKED_AT_ONCE
    host.wallet.answers = lambda operation, request: WalletAnswer(code="10000", state="WAIT_BUYER_PAY", amount_fen=100)
    await host.submit(Beginning("B1", brand="alipay"))
    for _ in range(8):
        await host.later(1)
    of_another = [operation for operation, number in host.wallet.asked if number == "B1"]
    assert of_another[:3] == ["pay", "query", "query"]
    assert host.wallet.under_way == ASKED_AT_ONCE


async def test_a_code_of_ours_that_nobody_heard_is_asked_for_with_the_shops_name_again(host: WalletHost) -> None:
    await host.submit(Beginning("A1", masked_code=""))
    await host.later(20)
    assert (host.wallet.operations, host.wallet.shops) == (["offer", "offer"], ["掌柜示范店", "掌柜示范店"])


async def test_a_code_of_ours_that_is_given_up_is_closed_at_once(host: WalletHost) -> None:
    host.wallet.answers = says("NOTPAY")
    await host.submit(Beginning("A1", masked_code=""))
    host.wallet.answers = says("CLOSED")
    await host.submit(GivingUp("A1"))
    await host.later(0.3)
    assert (host.wallet.operations[-1], host.order().state) == ("cancel", "cancelled")


async def test_the_open_codes_of_a_terminal_are_counted_until_they_are_over(host: WalletHost) -> None:
    terminal = (SHOP, TerminalNo("10000001"))
    host.wallet.answers = says("NOTPAY")
    for number in ("A1", "A2"):
        await host.submit(Beginning(number, masked_code=""))
    await host.submit(Beginning("B1"))
    assert host.desk.offers.count(terminal, host.clock.now()) == 2
    host.wallet.answers = says("CLOSED")
    await host.submit(GivingUp("A1"))
    await host.later(0.3)
    assert host.desk.offers.count(terminal, host.clock.now()) == 1
    assert host.desk.offers.count(terminal, UnixMs(host.clock.now() + COUNTED_MS)) == 0


async def test_twenty_thousand_waiting_orders_are_places_in_a_heap(tmp_path: Path, store: MemoryStore) -> None:
    host, count = WalletHost(tmp_path, store, StoppedClock()), 20_000
    work = Beginning("A")
    order = decide_order(State(), work.asked, NOON).changes[0].record
    assert isinstance(order, WalletOrder)
    far = UnixMs(NOON + 3_600_000)
    orders = [replace(order, order_no=f"A{number:031d}", next_ms=UnixMs(far + number)) for number in range(count)]
    tasks = len(asyncio.all_tasks())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for one in orders:
        # A key of its own, as it comes out of a database.
        host.line.watch(replace(one, order_no="".join(one.order_no)))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert host.line.waiting == count
    assert grown / count <= BYTES_MAX
    assert len(asyncio.all_tasks()) == tasks


async def test_what_follows_from_a_move_is_in_its_own_commit(tmp_path: Path, store: MemoryStore) -> None:
    saved: list[set[str]] = []

    class Follower(NobodyFollows):
        def __init__(self) -> None:
            self.told_of: list[str] = []

        def follow(self, desk: Desk, order: WalletOrder, state: State, now: UnixMs) -> Decision:
            shop = Merchant(merchant_no=MerchantNo("102100058120009"), name=order.state, created_ms=now)
            return Decision(changes=(Insert(shop),)) if order.state == "paid" else Decision()

        def told(self, desk: Desk, order: WalletOrder, decision: Decision, now: UnixMs) -> None:
            assert any(type(row) is Merchant and row.name == "paid" for row in store.rows.values())
            self.told_of.append(order.state)

    def note(changes: object) -> None:
        assert isinstance(changes, list)
        saved.append({type(change.record).__name__ for change in changes if isinstance(change, Change)})

    follower = Follower()
    host = WalletHost(tmp_path, store, StoppedClock(), follower)
    await host.start()
    store.before_save = note
    host.wallet.answers = says("SUCCESS")
    await host.submit(Beginning("A1"))
    assert follower.told_of == ["paid"]
    assert {"WalletOrder", "Merchant"} in saved
    await host.stop()


@pytest.mark.parametrize("lives", [True, False])
async def test_orders_of_a_host_that_is_gone_are_taken_over_and_others_are_left(
    tmp_path: Path, store: MemoryStore, lives: bool
) -> None:
    clock = StoppedClock()
    store.is_shared = True
    first = WalletHost(tmp_path, store, clock, host_id="one")
    await first.start()
    await first.submit(Beginning("A1", host_id="one"))
    await first.stop()
    second = WalletHost(tmp_path, store, clock, host_id="two")
    second.wallet.answers = says("SUCCESS")
    if lives:
        store.put(HostLease(merchant_no="*", host_id="one", seen_ms=NOON))
    await second.start()
    await second.later(6)
    assert second.wallet.operations == ([] if lives else ["query"])
    assert (second.order().state, second.order().host_id) == (("unknown", "one") if lives else ("paid", "two"))
    await second.stop()
