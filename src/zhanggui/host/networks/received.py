"""Payments by the codes on counters, as wallets tell of them: their notices, and their bills where no notice came.

    notice, signed ─▶ the notice's own page (`programs/notices.py`) ─▶ ReceivedWork ─▶ one commit ─▶ answered
    each few seconds, at each brand by itself ─▶ the bill of each shop that has such a code, since it was read last
                                             ─▶ ReceivedWork, a line each
    its terminal has not taken it ─▶ the order's own due time (`wallet_line.py`) ─▶ TellAgain

All three end in one rule (`acquirer/payments/roads/received.py`), which hears of a payment once.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from ...acquirer.payments.roads.received import (
    ARRIVED,
    Received,
    decide_received,
    decide_tell_again,
    received_needs,
    sheet_of,
    telling_needs,
)
from ...acquirer.rows.decision import Decision
from ...acquirer.rows.records import CounterCode, CounterCodeKey, WalletOrder, WalletOrderKey, key_of
from ...acquirer.rows.state import Needs, State, Update
from ...basics.clock import Clock
from ...basics.errors import Fault
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...basics.spans import HOUR_MS, MINUTE_MS
from ...cup.brands import BRANDS, BrandName
from ...cup.wallets.messages import BillLine, BrokenLine, NoticeHeard
from ...store.port import Store
from ..commit import Door, Sheet
from ..queue import WorkQueue
from ..work import Desk, log
from .wallet_bill import read_bill
from .wallet_port import WalletPort, WalletSilent

BILLS_READ_EVERY_S = 5.0
"""How long a payment of which nobody told may take to be found."""
BILLS_A_LOOK = 32
"""Shops whose bills are read at a brand with one look, those first that were read longest ago."""
CODES_AT_ONCE = 1_000
OVERLAP_MS = 10 * MINUTE_MS
"""A bill is read from so long before the last time again: clocks differ, and a payment may be on its way while a page is made."""
NOTED_EVERY_MS = HOUR_MS
"""How often the row says up to when bills were read; a host that starts reads at most so much again."""
TRIES_MAX = 5

BillKey = tuple[MerchantNo, BrandName]
HEARD_BY_REASON: dict[str, NoticeHeard] = {
    "": "taken",
    "repeat": "taken",
    "received_refused": "refused",
    "unknown_merchant": "refused",
    "received_number_unfit": "refused",
    "unknown_counter_code": "refused",
    "counter_code_withdrawn": "refused",
    "received_other_contents": "contradicted",
}


class ReceivedWork:
    """One payment that a wallet tells of. The future hears what the host makes of it, once that is durable."""

    __slots__ = ("_said", "_told")

    def __init__(self, said: Received, told: "asyncio.Future[NoticeHeard]") -> None:
        self._said, self._told = said, told

    def add_needs(self, needs: Needs) -> None:
        received_needs(self._said, needs)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """The first rows are all."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_received(state, self._said, desk.host_id, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        said, heard = self._said, HEARD_BY_REASON[decision.reason]
        if decision.changes or decision.reason == "unknown_merchant":
            # Once: what changes nothing was logged before, or it was heard already.
            log.info(
                "received" if heard == "taken" else "received_refused",
                terminal_no=said.terminal_no,
                brand=said.brand,
                voucher=said.voucher,
                amount_fen=said.amount_fen,
                reason=decision.reason,
            )
        if not self._told.done():
            self._told.set_result(heard)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        # Nobody is told anything: the wallet tells it again, and it stands in its bill.
        if not self._told.done():
            self._told.set_exception(Fault("a payment that came could not be written"))


class TellAgain:
    """A payment that came waits for its terminal still."""

    __slots__ = ("_key", "_watch_at")

    def __init__(self, key: WalletOrderKey, watch_at: Callable[[WalletOrderKey, UnixMs], None]) -> None:
        self._key, self._watch_at = key, watch_at

    def add_needs(self, needs: Needs) -> None:
        needs.add(WalletOrder, self._key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        order = state.get(WalletOrder, *self._key)
        if order is not None:
            telling_needs(order, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        order = state.get(WalletOrder, *self._key)
        is_told = order is not None and desk.orders.is_open(
            (order.merchant_no, order.terminal_no), ARRIVED, sheet_of(order).write()
        )
        return decide_tell_again(state, self._key, is_told=is_told, now=now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        """Its effect says when it is looked at next."""

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self._watch_at(self._key, UnixMs(now + MINUTE_MS))


class ReceivedQueue:
    """Where payments that wallets tell of go into the engine's queue."""

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue

    async def hear(self, said: Received) -> NoticeHeard:
        """What the host makes of it; durable. Fault when it could not be written."""
        told: asyncio.Future[NoticeHeard] = asyncio.get_running_loop().create_future()
        self._queue.submit(ReceivedWork(said, told))
        return await told


class BillWatch:
    """Reads wallets' bills for payments by the codes on counters that nobody told of. Each brand is looked at by itself: no other waits for
    one that says nothing."""

    def __init__(self, queue: ReceivedQueue, store: Store, door: Door, clock: Clock, port: WalletPort) -> None:
        self._queue, self._store, self._door, self._clock, self._port = queue, store, door, clock, port
        self._read_ms: dict[BillKey, UnixMs] = {}
        """Up to when each bill was read in this run."""
        self._broken: dict[BillKey, tuple[int, ...]] = {}
        """Numbers of the lines that were none when a bill was read last."""
        self._looked: dict[BillKey, int] = {}
        """In which turn each bill was looked at; the clock, which may go back, has no say in it."""
        self._turns = itertools.count(1)
        self.notices_at = ""
        """Where wallets tell of payments; empty while nowhere."""

    async def look(self, brand: BrandName) -> None:
        """Read the bills of the shops that were looked at longest ago. A brand that says nothing is left until the next look."""
        shops: dict[MerchantNo, list[CounterCode]] = {}
        for code in await self._codes():
            shops.setdefault(code.merchant_no, []).append(code)
        by_turn = sorted(shops, key=lambda shop: (self._looked.get((shop, brand), 0), shop))
        for merchant_no in by_turn[:BILLS_A_LOOK]:
            self._looked[merchant_no, brand] = next(self._turns)
            try:
                await self._read_on(brand, merchant_no, shops[merchant_no])
            except Fault as error:
                # What was not read is read with the next look, from the same instant on.
                log.info("wallet_bill_not_read", brand=brand, merchant_no=merchant_no, reason=str(error))
                if isinstance(error, WalletSilent):
                    return
            else:
                await self._note_if_due(merchant_no, shops[merchant_no])

    async def _codes(self) -> list[CounterCode]:
        found: list[CounterCode] = []
        after: CounterCodeKey = (MerchantNo(""), TerminalNo(""))
        while page := await self._store.counter_codes(after, CODES_AT_ONCE):
            found += page
            after = page[-1].merchant_no, page[-1].terminal_no
            if len(page) < CODES_AT_ONCE:
                break
        return found

    async def _read_on(self, brand: BrandName, merchant_no: MerchantNo, codes: Iterable[CounterCode]) -> None:
        key, now = (merchant_no, brand), self._clock.now()
        # A clock that was ahead and is mended has left instants of the future. They are put right before anybody is asked: while the
        # wallet says nothing they must not move on with the clock.
        since = self._read_ms[key] = min(self._read_ms.get(key, _noted_ms(codes, now)), now)
        await self._read(brand, merchant_no, UnixMs(since - OVERLAP_MS), UnixMs(now + OVERLAP_MS))
        self._read_ms[key] = now

    async def _read(self, brand: BrandName, merchant_no: MerchantNo, since: UnixMs, until: UnixMs) -> None:
        lines: list[BillLine] = []
        broken: list[BrokenLine] = []
        async for page in read_bill(self._port, brand, merchant_no, since, until, notices_to=self.notices_at):
            broken += (line for line in page if isinstance(line, BrokenLine))
            lines += (line for line in page if isinstance(line, BillLine) and line.counter)
        self._log_broken((merchant_no, brand), broken)
        # Whether that money stands nobody can say: a line that is none may be its going back.
        doubted = {line.wallet_no for line in broken}
        for said in received_in([line for line in lines if line.wallet_no not in doubted], brand, merchant_no):
            await self._queue.hear(said)

    def _log_broken(self, key: BillKey, broken: Sequence[BrokenLine]) -> None:
        """Once, however often the bill is read."""
        numbers = tuple(line.line_no for line in broken)
        if numbers and numbers != self._broken.get(key):
            log.warning(
                "wallet_bill_lines_skipped",
                brand=key[1],
                merchant_no=key[0],
                count=len(numbers),
                first_line_no=numbers[0],
            )
        self._broken[key] = numbers

    async def _note_if_due(self, merchant_no: MerchantNo, codes: Sequence[CounterCode]) -> None:
        now = self._clock.now()
        noted_ms = _noted_ms(codes, now)
        read_ms = min(self._read_ms.get((merchant_no, brand), noted_ms) for brand in BRANDS)
        is_ahead = any(code.billed_ms > now for code in codes)
        if is_ahead or read_ms - noted_ms >= NOTED_EVERY_MS:
            await self._note(codes, min(read_ms, now))

    async def _note(self, codes: Iterable[CounterCode], read_ms: UnixMs) -> None:
        keys = [key_of(code) for code in codes]

        def decide(sheet: Sheet) -> None:
            rows = [row for key in keys if (row := sheet.state.get(CounterCode, *key)) is not None]
            stale = [row for row in rows if row.billed_ms < read_ms or row.billed_ms > sheet.now]
            sheet.take(tuple(Update(replace(row, billed_ms=read_ms)) for row in stale))

        await self._door.commit(Needs({CounterCode: keys}), decide, tries_max=TRIES_MAX)


def _noted_ms(codes: Iterable[CounterCode], now: UnixMs) -> UnixMs:
    """Up to when a shop's bills were read, as its rows say. One that a clock wrote that was ahead says nothing of it."""
    return min(min(code.billed_ms, now) for code in codes)


def received_in(lines: Sequence[BillLine], brand: BrandName, merchant_no: MerchantNo) -> list[Received]:
    """The payments by codes on counters that a bill tells, all its pages together. What came and went back whole is none: nothing of it
    is there to be taken. Of one that went back in part the whole is heard, as its notice says it: the part is a refund of its own."""
    stands_fen: Counter[str] = Counter()
    for line in lines:
        stands_fen[line.wallet_no] += line.amount_fen
    return [
        Received(
            merchant_no=merchant_no,
            terminal_no=TerminalNo(line.counter),
            brand=brand,
            voucher=line.wallet_no,
            amount_fen=line.amount_fen,
            paid_ms=UnixMs(line.at_ms),
        )
        for line in lines
        if line.counter and line.amount_fen > 0 and not line.refund_no and stands_fen[line.wallet_no] > 0
    ]
