"""The simulated wallets in memory: their own rules, customers and codes; no file, no HTTP. What becomes of a request is the test's to say."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import Clock
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.cup.brands import BrandName
from zhanggui.cup.wallets.messages import BillLine, Operation, WalletAnswer, WalletRequest
from zhanggui.host.networks.wallet_port import WalletSilent
from zhanggui.wallets.api import CODE_PATH
from zhanggui.wallets.books import Behaviour, Customer, GivenBack, Notice, Order, PayCodeRow, Way
from zhanggui.wallets.brands import new_code
from zhanggui.wallets.customers import PASSWORD, all_customers
from zhanggui.wallets.paying import Done, offer, pay_by_code, query, show_code
from zhanggui.wallets.phone_acts import confirm, pay_shop
from zhanggui.wallets.undoing import cancel, give_back, tell_bill

WalletFate = Literal["answered", "request lost", "answer lost", "request late", "twice", "host dies", "host dies after"]
"""What becomes of a request to a wallet. `host dies`: before the wallet has it; `host dies after`: before its answer arrives."""
LINK_BYTES = 16
OWNER, TYPES_AFTER_S, LATE_S, SLOW_S = "chen", 2.0, 20.0, 8.0


class WalletRows:
    """The rows in memory (`wallets/books.py`)."""

    def __init__(self) -> None:
        self.customers = {(one.brand, one.customer_no): one for one in all_customers()}
        self.codes: dict[bytes, PayCodeRow] = {}
        self.orders: dict[tuple[str, str, str], Order] = {}
        self.given: dict[tuple[str, str, str], GivenBack] = {}
        self.notices: dict[str, Notice] = {}
        self.lines: list[tuple[str, str, BillLine]] = []
        self._last = 0

    def customer(self, brand: BrandName, customer_no: str) -> Customer | None:
        return self.customers.get((brand, customer_no))

    def pay_code(self, code_hash: bytes) -> PayCodeRow | None:
        return self.codes.get(code_hash)

    def order(self, brand: BrandName, merchant_no: str, order_no: str) -> Order | None:
        return self.orders.get((brand, merchant_no, order_no))

    def order_of_link(self, link: str) -> Order | None:
        return next((order for order in self.orders.values() if order.link == link), None)

    def given_back(self, brand: BrandName, merchant_no: str, refund_no: str) -> GivenBack | None:
        return self.given.get((brand, merchant_no, refund_no))

    def paid_since(self, brand: BrandName, customer_no: str, since: UnixMs, ways: tuple[Way, ...]) -> int:
        return 0

    def bill(
        self, brand: BrandName, merchant_no: str, begin: UnixMs, end: UnixMs, after: int, limit: int
    ) -> tuple[BillLine, ...]:
        lines = [line for of, shop, line in self.lines if (of, shop) == (brand, merchant_no)]
        return tuple(line for line in lines if begin <= line.at_ms < end and line.line_no > after)[:limit]

    def notices_due(self, now: UnixMs, limit: int) -> list[Notice]:
        return [one for one in self.notices.values() if one.next_ms is not None and one.next_ms <= now][:limit]

    def notice(self, wallet_no: str) -> Notice | None:
        return self.notices.get(wallet_no)

    def next_number(self) -> int:
        self._last += 1
        return self._last

    def put(self, row: Customer | PayCodeRow | Order | GivenBack | Notice) -> None:
        match row:
            case Customer():
                self.customers[row.brand, row.customer_no] = row
            case PayCodeRow():
                self.codes[row.code_hash] = row
            case Order():
                self.orders[row.brand, row.merchant_no, row.order_no] = row
            case GivenBack():
                self.given[row.brand, row.merchant_no, row.refund_no] = row
            case Notice():
                self.notices[row.wallet_no] = row

    def note_line(self, order: Order, amount_fen: int, refund_no: str, now: UnixMs) -> None:
        line = BillLine(
            line_no=len(self.lines) + 1,
            order_no=order.order_no,
            refund_no=refund_no,
            wallet_no=order.wallet_no,
            amount_fen=amount_fen,
            at_ms=now,
            counter=order.counter,
        )
        self.lines.append((order.brand, order.merchant_no, line))


class ShopWallets:
    """All wallets of one shop's customers; stands where the host's port stands."""

    def __init__(self, clock: Clock, host_dies: Callable[[], None]) -> None:
        self.rows = WalletRows()
        self.fates: deque[WalletFate] = deque()
        self.asked = 0
        """How many requests came."""
        self.types_password = False
        """Whether the customer types the password a moment after it is asked for."""
        self._clock, self._host_dies = clock, host_dies
        self._chance = SeededChance(12)
        self._opening = {key: row.balance_fen for key, row in self.rows.customers.items()}

    # ── the phone ────────────────────────────────────────────────────────────

    def code(self, brand: BrandName) -> str:
        """A fresh code on the customer's phone."""
        code = new_code(brand, self._chance)
        show_code(self.rows, self.rows.customers[brand, OWNER], code, self._clock.now())
        return code

    def reads(self, text: str) -> None:
        """The phone of a customer of its brand reads what a till shows, and pays it."""
        order = self.rows.order_of_link(text.removeprefix(CODE_PATH))
        if order is not None:
            pay_shop(self.rows, self.rows.customers[order.brand, OWNER], text, 0, Secret(PASSWORD), self._clock.now())

    def pays(self, brand: BrandName, text: str, fen: int) -> str:
        """The phone of a customer of this brand reads the code on a counter, and pays so much; the answer is the wallet's number of it."""
        seen = pay_shop(self.rows, self.rows.customers[brand, OWNER], text, fen, Secret(PASSWORD), self._clock.now())
        assert seen.outcome == "paid", seen
        return list(self.rows.orders.values())[-1].order_no

    def behave(self, behaviour: Behaviour) -> None:
        """How every wallet behaves from now on."""
        for row in tuple(self.rows.customers.values()):
            self.rows.put(replace(row, behaviour=behaviour))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self.fates.clear()
        self.types_password = False
        self.behave("normal")

    def _type_password(self, brand: BrandName, request: WalletRequest) -> None:
        owner = self.rows.customers[brand, OWNER]
        confirm(self.rows, owner, request.merchant_no, request.order_no, Secret(PASSWORD), self._clock.now())

    # ── the port ─────────────────────────────────────────────────────────────

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        if operation == "bill":
            # Whatever of it is lost is read with the next look; what is the test's to lose is a request that moves money.
            return tell_bill(self.rows, brand, request, self._clock.now()).answer
        fate = self.fates.popleft() if self.fates else "answered"
        self.asked += 1
        if fate == "host dies":
            self._host_dies()
        if fate in ("host dies", "request lost", "request late"):
            if fate == "request late":
                asyncio.get_running_loop().call_later(LATE_S, self._handle, brand, operation, request)
            await asyncio.sleep(timeout_s)
            raise WalletSilent("the test lost the request")
        done = self._handle(brand, operation, request)
        if fate == "twice":
            done = self._handle(brand, operation, request)
        if operation == "pay" and self.types_password:
            asyncio.get_running_loop().call_later(TYPES_AFTER_S, self._type_password, brand, request)
        if fate == "host dies after":
            self._host_dies()
        waits_s = {"normal": 0.0, "slow": SLOW_S, "silent": timeout_s}[done.delivery]
        if fate in ("host dies after", "answer lost") or waits_s >= timeout_s:
            await asyncio.sleep(timeout_s)
            raise WalletSilent("the test lost the answer")
        await asyncio.sleep(waits_s)
        return done.answer

    async def close(self) -> None:
        """The wallets outlive the host."""

    def _handle(self, brand: BrandName, operation: Operation, request: WalletRequest) -> Done:
        now = self._clock.now()
        match operation:
            case "pay":
                return pay_by_code(self.rows, brand, request, now)
            case "offer":
                done = offer(self.rows, brand, request, self._chance.take(LINK_BYTES).hex(), now)
                link = done.answer.link
                return replace(done, answer=replace(done.answer, link=CODE_PATH + link)) if link else done
            case "query":
                return query(self.rows, brand, request, now)
            case "cancel":
                return cancel(self.rows, brand, request, now)
            case "refund":
                return give_back(self.rows, brand, request, now)
            case _:
                raise AssertionError(f"nobody asks for {operation} here")

    # ── the books ────────────────────────────────────────────────────────────

    @property
    def moved_fen(self) -> int:
        """How much less the customers have than in the beginning."""
        return sum(fen - self.rows.customers[key].balance_fen for key, fen in self._opening.items())

    def net_fen(self, brand: BrandName, merchant_no: str, order_no: str) -> int:
        """What of an order the customer has paid and not got back."""
        order = self.rows.order(brand, merchant_no, order_no)
        if order is None or order.paid_ms is None:
            return 0
        return order.amount_fen - order.returned_fen
