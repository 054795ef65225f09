"""What wallets' bills tell of codes on counters: over the wallets' own rules and a host's engine, in leaping time."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import structlog
from msgspec.structs import replace
from tests.unit.host.test_wallet_line import WalletHost
from tests.worlds.memory_host import StoppedClock
from tests.worlds.memory_store import MemoryStore
from tests.worlds.wallet_house import MERCHANT, WalletBooks

from zhanggui.acquirer.rows.records import (
    CounterCode,
    Merchant,
    SupportCase,
    Terminal,
    TerminalOrder,
    WalletOrder,
)
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs
from zhanggui.basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.cup.qr.merchant_code import MerchantCode
from zhanggui.cup.wallets.messages import BILL_PAGE_MAX, BillLine, Operation, WalletAnswer, WalletRequest
from zhanggui.host.commit import Door
from zhanggui.host.networks.received import BillWatch, ReceivedQueue, received_in
from zhanggui.host.networks.wallet_bill import read_bill
from zhanggui.host.networks.wallet_payments import WalletPayments
from zhanggui.host.networks.wallet_port import WalletSilent
from zhanggui.wallets.undoing import tell_bill

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


def written(line: dict[str, object]) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(line).encode())


class House(WalletHost):
    """A host whose port is the wallets' rules themselves; notices never reach it."""

    def __init__(self, folder: Path, store: MemoryStore, books: WalletBooks) -> None:
        clock = StoppedClock()
        super().__init__(folder, store, clock, WalletPayments())
        self.books = books
        self.ahead_ms = 0
        """How far this host's clock is ahead of the wallets'."""
        self.silent: set[BrandName] = set()
        self.hangs: set[BrandName] = set()
        """Brands that keep the line open and never say anything."""
        self.bills_asked: list[tuple[BrandName, str]] = []
        self.lines_besides: list[dict[str, object]] = []
        """What stands at the end of the bill, as JSON has it."""
        self.wallet.ask = self.ask  # type: ignore[method-assign]  # the port of this test
        self.received = ReceivedQueue(self.queue)
        self.begin()

    def begin(self) -> None:
        """A host that is started knows of bills what its rows say."""
        door = Door(self.store, self.clock, SeededChance(2))
        self.bills = BillWatch(self.received, self.store, door, self.clock, self.wallet)

    async def look(self) -> None:
        for brand in BRANDS:
            await self.bills.look(brand)

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        self.books.now = UnixMs(self.clock.now() - self.ahead_ms)
        if operation == "bill":
            self.bills_asked.append((brand, request.merchant_no))
        if brand in self.hangs:
            await asyncio.Event().wait()
        if brand in self.silent:
            raise WalletSilent("the test says nothing")
        if brand != self.books.brand or request.merchant_no != MERCHANT:
            return WalletAnswer(code={"alipay": "10000", "unionpay": "00"}.get(brand, "SUCCESS"))
        if operation == "bill":
            with self.books.file.writing() as rows:
                told = tell_bill(rows, brand, request, self.books.now).answer
            return replace(told, lines=told.lines + tuple(map(written, self.lines_besides)))
        return self.books.ask(operation, request.order_no, request.amount_fen, refund_no=request.refund_no)

    def pays(self, fen: int) -> None:
        self.books.now = UnixMs(self.clock.now() - self.ahead_ms)
        assert self.books.reads(CODE.write(), fen).outcome == "paid"

    def rows(self, kind: type[WalletOrder] | type[SupportCase]) -> list[WalletOrder | SupportCase]:
        return [row for row in self.store.rows.values() if isinstance(row, kind)]

    def the_order(self) -> WalletOrder:
        (row,) = self.rows(WalletOrder)
        assert isinstance(row, WalletOrder)
        return row

    def code(self) -> CounterCode:
        row = self.store.rows[CounterCode, MERCHANT, COUNTER]
        assert isinstance(row, CounterCode)
        return row

    def heard_fen(self) -> list[int]:
        return sorted(row.amount_fen for row in self.rows(WalletOrder) if isinstance(row, WalletOrder))

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
            await house.look()
    assert (house.books.balance_fen, house.the_order().step) == (OPENING_FEN - 700, "give_back")
    assert [line["reason"] for line in logs if line["event"] == "received_refused"] == ["counter_code_withdrawn"]
    for _ in range(10):
        await house.later(60)
        await house.look()
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
    await house.look()
    assert house.rows(WalletOrder) == []
    assert house.cases() == []


# ── a clock that was ahead ───────────────────────────────────────────────────


@pytest.mark.parametrize("is_begun_anew", [False, True], ids=["goes on", "begins anew"])
async def test_after_a_clock_that_was_ahead_is_mended_a_lost_notice_is_found_and_the_row_is_put_right(
    house: House, is_begun_anew: bool
) -> None:
    house.ahead_ms = DAY_MS
    house.clock.at_ms += DAY_MS
    await house.look()
    assert house.code().billed_ms == house.clock.now(), "noted, as the clock said"
    house.clock.at_ms -= DAY_MS
    house.ahead_ms = 0
    if is_begun_anew:
        house.begin()
    house.silent = set(BRANDS)
    await house.look()
    house.pays(700)
    # While its wallet says nothing time goes on, and what was paid meanwhile is still asked for.
    house.clock.at_ms += HOUR_MS
    await house.look()
    house.silent = set()
    await house.look()
    assert house.heard_fen() == [700]
    assert house.code().billed_ms <= house.clock.now()
    house.pays(900)
    await house.look()
    assert house.heard_fen() == [700, 900]


async def test_shops_are_looked_at_in_turn_whatever_the_clock_does(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhanggui.host.networks.received.BILLS_A_LOOK", 1)
    more_shops(house, 2)
    for _ in range(6):
        house.clock.at_ms -= MINUTE_MS
        await house.bills.look("wechat")
    assert set(Counter(shop for _, shop in house.bills_asked).values()) == {2}


# ── a brand that says nothing ────────────────────────────────────────────────


def more_shops(house: House, count: int) -> None:
    for number in range(count):
        shop = MerchantNo(f"{number:015d}")
        house.store.put(replace(house.code(), merchant_no=shop, state="active"))


async def test_a_silent_brand_is_left_for_the_rest_of_a_look_and_the_next_one_begins_with_the_other_shops(
    house: House,
) -> None:
    more_shops(house, 2)
    house.silent = {"wechat"}
    for _ in range(3):
        await house.bills.look("wechat")
    assert len(house.bills_asked) == 3, "once a look"
    assert len({shop for _, shop in house.bills_asked}) == 3
    house.bills_asked.clear()
    await house.bills.look("alipay")
    assert len(house.bills_asked) == 3


async def test_no_brand_waits_for_one_that_keeps_its_line_open(house: House) -> None:
    house.hangs = {"alipay", "unionpay"}
    hanging = [asyncio.create_task(house.bills.look(brand)) for brand in BRANDS if brand in house.hangs]
    await asyncio.sleep(0)
    house.pays(700)
    await house.bills.look("wechat")
    assert house.heard_fen() == [700]
    for task in hanging:
        assert not task.done()
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


# ── a line that is none ──────────────────────────────────────────────────────


def raw_line(number: int, **other: object) -> dict[str, object]:
    """A line as it stands in an answer, of 100 fen that came by the code on the counter."""
    at_ms = 1_795_406_400_000
    first = {"line_no": number, "order_no": f"W{number}", "wallet_no": f"W{number}", "amount_fen": 100, "at_ms": at_ms}
    return {**first, "counter": COUNTER, **other}


@pytest.mark.parametrize(
    "wrong",
    [
        {"wallet_no": "收据7"},
        {"wallet_no": ""},
        {"wallet_no": "W" * 33},
        {"wallet_no": 7},
        {"amount_fen": 10**12},
        {"amount_fen": 10**30},
        {"amount_fen": 1.5},
        {"at_ms": -1},
        {"at_ms": 10**15},
        {"counter": "1"},
        {"refund_no": "an order"},
        {"line_no": None},
        {"line_no": 10**40},
        {"what": "else"},
    ],
    ids=str,
)
async def test_a_line_that_is_none_is_logged_once_and_all_others_are_heard(
    house: House, wrong: dict[str, object]
) -> None:
    house.lines_besides = [raw_line(1_001), raw_line(1_002, **wrong), raw_line(1_003, amount_fen=300)]
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await house.look()
    assert house.heard_fen() == [100, 300]
    (skipped,) = [line for line in logs if line["event"] == "wallet_bill_lines_skipped"]
    assert (skipped["brand"], skipped["count"]) == ("wechat", 1)
    assert set(skipped) == {"event", "log_level", "brand", "merchant_no", "count", "first_line_no"}, "nothing of it"
    assert not [line for line in logs if line["event"] == "wallet_bill_not_read"]
    house.lines_besides.append(raw_line(1_004, amount_fen=400))
    await house.look()
    assert house.heard_fen() == [100, 300, 400]


async def test_a_payment_of_which_a_broken_line_speaks_is_not_heard(house: House) -> None:
    gone = raw_line(1_002, wallet_no="W1001", amount_fen=-100, at_ms=-1)
    house.lines_besides = [raw_line(1_001), gone, raw_line(1_003, amount_fen=300)]
    await house.look()
    assert house.heard_fen() == [300]


async def test_reading_goes_on_behind_a_page_that_ends_with_a_line_that_is_none() -> None:
    class Pages:
        async def ask(
            self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
        ) -> WalletAnswer:
            numbers = range(request.after + 1, request.after + BILL_PAGE_MAX + 1) if request.after < 300 else ()
            lines = [raw_line(number, **({"line_no": "?"} if number == BILL_PAGE_MAX else {})) for number in numbers]
            return WalletAnswer(code="SUCCESS", lines=tuple(map(written, lines)))

        async def close(self) -> None:
            """Nothing."""

    pages = [page async for page in read_bill(Pages(), "wechat", MERCHANT, UnixMs(0), UnixMs(2))]
    assert [line.line_no for page in pages for line in page] == [*range(1, 200), 0, 0, *range(201, 400)]


async def test_a_bill_that_numbers_nothing_is_not_followed(house: House) -> None:
    house.lines_besides = [raw_line(1, line_no=None) for _ in range(BILL_PAGE_MAX)]
    with structlog.testing.capture_logs() as logs:
        await house.bills.look("wechat")
    assert [line["event"] for line in logs] == ["wallet_bill_not_read"]


async def test_what_no_terminal_takes_goes_back_and_calls_people_once(house: House) -> None:
    house.store.put(replace(house.code(), state="active"))
    voucher = "4200001234202611230000000017"
    house.lines_besides = [raw_line(1_001, order_no=voucher, wallet_no=voucher)]
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await house.look()
    order = house.the_order()
    assert (order.state, order.step, order.told) == ("unknown", "give_back", "failed")
    assert [line["reason"] for line in logs if line["event"] == "received_refused"] == ["received_number_unfit"]
    assert house.cases() == ["received_unfit"]
    assert not [row for row in house.store.rows.values() if isinstance(row, TerminalOrder)]
