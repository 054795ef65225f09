"""The codes on the counters of a shop in memory (台牌): put up and withdrawn, paid by customers' phones, told of by their wallets.

What becomes of a notice is the test's to say. What nobody is told of stands in the wallet's bill, which the host reads by itself.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from tests.worlds.one_room import MERCHANT

from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import CounterCode, Merchant
from zhanggui.acquirer.wallets.counter_codes import code_needs, decide_put_code, decide_withdraw_code, text_of_code
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import TerminalNo
from zhanggui.cup.brands import BrandName
from zhanggui.cup.wallets.messages import NoticeHeard
from zhanggui.host.commit import Sheet
from zhanggui.notices.server import received_of
from zhanggui.wallets.books import Notice
from zhanggui.wallets.noticing import heard, message_of

if TYPE_CHECKING:
    from tests.worlds.shop_host import ShopHost

NoticeFate = Literal["told", "lost", "answer lost", "twice", "host dies", "host dies after"]
"""What becomes of a notice. `host dies`: before it has it; `host dies after`: before its answer arrives."""
LOOKED_EVERY_S, NOTICE_WITHIN_S = 2.0, 5.0
AT_ONCE_MAX = 16
CATEGORY, CITY = "5411", "上海"


class CounterCodes:
    """All codes of one shop, and its customers' wallets as far as they tell of what was paid by them."""

    def __init__(self, host: "ShopHost", acquirer_code: str) -> None:
        self.fates: deque[NoticeFate] = deque()
        self.told = 0
        """How many notices there were."""
        self.must_arrive: set[str] = set()
        """The wallet's numbers of what was paid while the code stood there."""
        self.must_go_back: dict[str, TerminalNo] = {}
        """Of what was paid after it was withdrawn, and where."""
        self.wrong: list[str] = []
        self._host, self._acquirer_code = host, acquirer_code

    # ── the code ─────────────────────────────────────────────────────────────

    async def put(self, number: TerminalNo) -> None:
        """The code stands on this counter from now on, if it does not yet."""
        await self._act(
            number,
            lambda sheet: decide_put_code(sheet.state, MERCHANT, number, (CATEGORY, CITY), CONSOLE, sheet.now),
        )

    async def withdraw(self, number: TerminalNo) -> None:
        """It does not any more. Of what was paid while none stood, and was not heard yet, the host knows no better than the last time."""
        await self._act(number, lambda sheet: decide_withdraw_code(sheet.state, MERCHANT, number, CONSOLE, sheet.now))
        self.must_go_back = {paid: counter for paid, counter in self.must_go_back.items() if counter != number}

    async def _act(self, number: TerminalNo, decide: Callable[[Sheet], Decision]) -> None:
        await self._host.up.wait()
        await self._host.door.commit(code_needs(MERCHANT, number), lambda sheet: sheet.take(decide(sheet).changes))

    # ── the customer ─────────────────────────────────────────────────────────

    def pays(self, brand: BrandName, number: TerminalNo, fen: int) -> None:
        """A customer's phone reads the code that stands, or stood, on this counter, and the customer types the amount."""
        rows = self._host.store.rows
        shop, code = rows[Merchant, MERCHANT], rows[CounterCode, MERCHANT, number]
        assert isinstance(shop, Merchant)
        assert isinstance(code, CounterCode)
        paid = self._host.wallets.pays(brand, text_of_code(shop, code, self._acquirer_code), fen)
        if code.state == "active":
            self.must_arrive.add(paid)
        else:
            self.must_go_back[paid] = number

    # ── the notices ──────────────────────────────────────────────────────────

    async def tell(self) -> None:
        """Tell of what is due, again and again."""
        host = self._host
        while True:
            await asyncio.sleep(LOOKED_EVERY_S)
            for notice in host.wallets.rows.notices_due(host.clock.now(), AT_ONCE_MAX):
                await self._tell(notice)

    async def _tell(self, notice: Notice) -> None:
        host, fate = self._host, self.fates.popleft() if self.fates else "told"
        self.told += 1
        if fate == "host dies":
            host.dies()
        said: NoticeHeard | None = None
        if fate != "lost":
            answers = await asyncio.gather(*(self._asked(notice) for _ in range(2 if fate == "twice" else 1)))
            said = answers[0]
            if len(set(answers)) > 1:
                self.wrong.append(f"A4: the notice of {notice.wallet_no} was answered {answers}")
        if fate == "host dies after":
            host.dies()
        if fate in ("answer lost", "host dies after"):
            said = None
        heard(host.wallets.rows, notice.wallet_no, said, host.clock.now())

    async def _asked(self, notice: Notice) -> NoticeHeard | None:
        """What the host says of it; None where it is down, could not write it, or died over it."""
        if not self._host.is_up:
            return None
        try:
            async with asyncio.timeout(NOTICE_WITHIN_S):
                return await self._host.received.hear(received_of(notice.brand, message_of(notice)))
        except (TimeoutError, Fault):
            return None
