"""What wallets' bills tell of codes on counters: over the wallets' own rules and a host's engine, in leaping time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace
from tests.unit.host.test_wallet_line import WalletHost
from tests.worlds.memory_host import StoppedClock
from tests.worlds.memory_store import MemoryStore
from tests.worlds.wallet_house import MERCHANT, WalletBooks

from zhanggui.acquirer.rows.records import CounterCode, Merchant, SupportCase, Terminal, WalletOrder
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import TerminalNo, UnixMs
from zhanggui.cup.brands import BrandName
from zhanggui.cup.qr.merchant_code import MerchantCode
from zhanggui.cup.wallets.messages import BillLine, Operation, WalletAnswer, WalletRequest
from zhanggui.host.commit import Door
from zhanggui.host.networks.received import BillWatch, ReceivedQueue, received_in
from zhanggui.host.networks.wallet_payments import WalletPayments

COUNTER = TerminalNo("10000001")
CODE = MerchantCode(
    network="0888888808888888",
    merchant_no=MERCHANT,
    category="5411",
    name="掌柜示范店",
    city="上海",
    terminal_no=COUNTER,
)
OPENING_FEN = 500_000


class House(WalletHost):
    """A host whose port is the wallets' rules themselves; notices never reach it."""

    def __init__(self, folder: Path, store: MemoryStore, books: WalletBooks) -> None:
        clock = StoppedClock()
        super().__init__(folder, store, clock, WalletPayments())
        self.books = books
        self.wallet.ask = self.ask  # type: ignore[method-assign]  # the port of this test
        self.received = ReceivedQueue(self.queue)
        door = Door(store, clock, SeededChance(2))
        self.bills = BillWatch(self.received, store, door, clock, self.wallet)

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        self.books.now = self.clock.now()
        if brand != self.books.brand:
            return WalletAnswer(code={"alipay": "10000", "unionpay": "00"}.get(brand, "SUCCESS"))
        return self.books.ask(operation, request.order_no, request.amount_fen, refund_no=request.refund_no)

    def pays(self, fen: int) -> None:
        self.books.now = self.clock.now()
        assert self.books.reads(CODE.write(), fen).outcome == "paid"

    def rows(self, kind: type[WalletOrder] | type[SupportCase]) -> list[WalletOrder | SupportCase]:
        return [row for row in self.store.rows.values() if isinstance(row, kind)]

    def the_order(self) -> WalletOrder:
        (row,) = self.rows(WalletOrder)
        assert isinstance(row, WalletOrder)
        return row

    def cases(self) -> list[str]:
        return [row.what for row in self.rows(SupportCase) if isinstance(row, SupportCase)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store, clock = MemoryStore(), StoppedClock()
    now = UnixMs(clock.now())
    store.put(
        Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=now),
        Terminal(
            merchant_no=MERCHANT,
            terminal_no=COUNTER,
            model="smart",
            place="前台",
            dialect="unionpay",
            operator_check="host",
            master_key="TMK",
            created_ms=now,
        ),
        CounterCode(
            merchant_no=MERCHANT,
            terminal_no=COUNTER,
            category="5411",
            city="上海",
            state="withdrawn",
            made_ms=now,
            billed_ms=now,
        ),
    )
    books = WalletBooks(tmp_path)
    made = House(tmp_path, store, books)
    await made.start()
    yield made
    await made.stop()
    books.file.close()


async def test_what_only_a_bill_tells_of_a_withdrawn_code_goes_back_to_the_customer_and_calls_people_once(
    house: House,
) -> None:
    house.pays(700)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await house.bills.look()
    assert (house.books.balance_fen, house.the_order().step) == (OPENING_FEN - 700, "give_back")
    assert [line["reason"] for line in logs if line["event"] == "received_refused"] == ["counter_code_withdrawn"]
    for _ in range(10):
        await house.later(60)
        await house.bills.look()
    order = house.the_order()
    assert (order.state, order.step, order.next_ms) == ("cancelled", "", None)
    assert house.books.balance_fen == OPENING_FEN
    assert house.cases() == ["counter_code_refused"]


def line(number: int, fen: int, wallet_no: str = "W1", refund_no: str = "") -> BillLine:
    return BillLine(
        line_no=number,
        order_no=wallet_no,
        refund_no=refund_no,
        wallet_no=wallet_no,
        amount_fen=fen,
        at_ms=number,
        counter=COUNTER,
    )


@pytest.mark.parametrize(
    ("lines", "heard"),
    [
        ((line(1, 700), line(2, -700)), []),
        ((line(1, 700), line(2, -200, refund_no="R1"), line(3, -500)), []),
        ((line(1, 700), line(2, -200, refund_no="R1")), [("W1", 700)]),
        ((line(1, 700), line(2, 300, "W2"), line(3, -700)), [("W2", 300)]),
        ((line(2, -700),), []),
        ((replace(line(1, 700), counter=""),), []),
    ],
    ids=["came and went", "went back in parts", "a part is a refund", "each by its number", "went alone", "no counter"],
)
def test_of_what_came_and_went_back_whole_a_bill_tells_no_payment(
    lines: tuple[BillLine, ...], heard: list[tuple[str, int]]
) -> None:
    assert [(one.voucher, one.amount_fen) for one in received_in(lines, "wechat", MERCHANT)] == heard


async def test_what_the_wallet_gave_back_by_itself_before_the_bill_was_read_leaves_nothing_here(house: House) -> None:
    house.pays(700)
    (told,) = house.books.file.reading.bill("wechat", MERCHANT, UnixMs(0), UnixMs(house.clock.now() + 1), 0, 10)
    house.books.ask("cancel", told.order_no)
    await house.bills.look()
    assert house.rows(WalletOrder) == []
    assert house.cases() == []
