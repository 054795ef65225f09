"""The line to wallets: asks about each order when its row says so, and writes what came back.

    row (step, next_ms) ─▶ heap ─▶ due ─▶ ask ─▶ hear (`acquirer/wallets/order.py`) ─▶ one commit ─▶ row, heap
                            ▲                                                              │
                            └──────────────────────────────────────────────────────────────┘

What waits is a place in a heap: an instant and a key, no task, no timer and no row. Only what is being asked is a task, and there are
at most ASKED_AT_ONCE of them at a brand (`wallet_places.py`: one that is silent takes no place of another); a customer at the counter
goes before what is asked again. The rows are the truth: a host that starts
reads them and goes on, and where it asked and was killed before it heard, the row's own next time asks again.

Who makes payments of orders follows them (`OrderFollower`): what a payment needs is in the same commit as the order's move.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from ...acquirer.rows.decision import AskWallet, Decision, WatchOrder
from ...acquirer.rows.records import HostLease, Merchant, WalletOrder, WalletOrderKey
from ...acquirer.rows.state import Needs, State, Update
from ...acquirer.wallets.order import AskedStep, Word, concerns_payment, hear, is_over
from ...acquirer.wallets.plans import PLANS, plan_of
from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Defect
from ...basics.numbers import UnixMs
from ...cup.wallets.codes import Said
from ...cup.wallets.messages import WalletAnswer, WalletRequest, says_of
from ...edges.logs import told
from ...edges.watched import LongTask, keep_running
from ...store.port import Store
from ..jobs.host_leases import is_gone, lease_key
from ..queue import WorkQueue
from ..work import Desk, log
from .received import TellAgain
from .wallet_places import Places, key_of
from .wallet_port import WalletPort, WalletSilent
from .wallet_requests import operation_of, pay_request, request_of

ASKED_A_LOOK, LOOKED_EVERY_S = 8, 1 / 16
"""What is asked again with one look at most, of all brands, and how often it is looked what is due: 128 a second, some 6 % of a
core. A few at a time, since all of a look are asked in one go, and customers with cards must not wait for those who look for
their phones (`bench host --waiting`)."""
BUSY, ASKED_A_BUSY_LOOK = 32, 2
"""From so many requests in hand on a host has no time left over, and only so many are asked with a look, 32 a second: whoever stands at
a counter with a card goes before what is only asked again. It never stops."""
UNWRITTEN_RETRY_MS = 5_000
"""When an order is asked about again whose answer could not be written."""
ORDERS_AT_ONCE = 1_000
"""Rows of one page at the start."""
TAKEN_OVER_EVERY_S = 30.0
"""How often a host looks for orders that one that is gone has left."""
DRAW_BYTES = 2


class OrderFollower(Protocol):
    """Makes of an order's moves what a payment needs. Pure but for `told`."""

    def more_needs(self, desk: Desk, order: WalletOrder, state: State, more: Needs) -> None:
        """Rows that are needed besides, now that the order is here. Asked only where what was heard concerns its payment."""
        ...

    def follow(self, desk: Desk, order: WalletOrder, state: State, now: UnixMs) -> Decision:
        """What changes with an order's move, in its own commit. The order itself, as it is now, is written by the line."""
        ...

    def told(self, desk: Desk, order: WalletOrder, decision: Decision, now: UnixMs) -> None:
        """It is durable: answer whoever waits."""
        ...


class NobodyFollows:
    """Orders alone."""

    def more_needs(self, desk: Desk, order: WalletOrder, state: State, more: Needs) -> None:
        """The order is all."""

    def follow(self, desk: Desk, order: WalletOrder, state: State, now: UnixMs) -> Decision:
        return Decision()

    def told(self, desk: Desk, order: WalletOrder, decision: Decision, now: UnixMs) -> None:
        """Nobody waits."""


def is_of_another(answer: WalletAnswer, request: WalletRequest, order: WalletOrder, says: Said) -> bool:
    """Whether an answer speaks of another order than was asked about, or of another sum."""
    if answer.order_no not in ("", request.order_no):
        return True
    if answer.given_back_fen not in (0, order.amount_fen):
        return True
    if order.original_order_no:
        return False
    if says == "paid" and answer.amount_fen != order.amount_fen:
        # That it is paid says nothing where it does not say how much.
        return True
    # Of an order that is paid a part may have gone back since; one that is closed gave back all of it.
    gone_back = (0, order.amount_fen) if says in ("closed", "returned") else range(order.amount_fen + 1)
    return answer.amount_fen not in (0, order.amount_fen) or answer.returned_fen not in gone_back


class WalletHeard:
    """A unit of work: what a wallet answered about an order, or that it did not."""

    __slots__ = ("_after", "_brand", "_draw", "_follower", "_key", "_line", "_word")

    def __init__(
        self, line: "WalletLine", follower: OrderFollower, order: WalletOrder, word: Word, draw: float
    ) -> None:
        self._line, self._follower, self._word, self._draw = line, follower, word, draw
        self._key, self._brand = key_of(order), order.brand
        self._after: WalletOrder | None = None

    def add_needs(self, needs: Needs) -> None:
        needs.add(WalletOrder, self._key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        order = state.get(WalletOrder, *self._key)
        if order is not None and concerns_payment(order, self._word):
            self._follower.more_needs(desk, order, state, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        before = state.get(WalletOrder, *self._key)
        if before is None:
            return Decision(reason="unknown_order")
        after = hear(before, self._word, plan_of(before.brand), now, self._draw)
        if is_over(after) and not is_over(before) and not concerns_payment(before, self._word):
            raise Defect("an order ends by a word that was not to concern its payment, which would be pending for ever")
        if desk.host_id is not None:
            # Also where it was begun by a host that is gone: from now on it is this one's.
            after = replace(after, host_id=desk.host_id)
        self._after = after
        followed = self._follower.follow(desk, after, state, now)
        return Decision(
            changes=(Update(after), *followed.changes),
            reply=followed.reply,
            effects=followed.effects,
            reason=followed.reason,
        )

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        order = self._after
        if order is None:
            log.error("wallet_order_unknown", order_no=self._key[1])
            return
        log.info(
            "wallet_order",
            order_no=order.order_no,
            brand=order.brand,
            asked=self._word.asked,
            says=self._word.says,
            code=self._word.code,
            state=order.state,
            step=order.step,
        )
        self._line.watch(order)
        self._follower.told(desk, order, decision, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        # The row is as it was; what was heard is asked for again.
        log.error("wallet_order_not_written", order_no=self._key[1])
        self._line.watch_at(self._brand, self._key, UnixMs(now + UNWRITTEN_RETRY_MS))


class WalletLine:
    """Asks wallets about orders by their due times."""

    def __init__(
        self,
        queue: WorkQueue,
        desk: Desk,
        store: Store,
        clock: Clock,
        chance: Chance,
        port: WalletPort,
        follower: OrderFollower | None = None,
        *,
        look_every_s: float = LOOKED_EVERY_S,
    ) -> None:
        self._look_every_s = look_every_s
        self._queue, self._desk, self._store, self._clock, self._chance = queue, desk, store, clock, chance
        self._port = port
        self._follower = follower or NobodyFollows()
        self._places = {brand: Places() for brand in PLANS}
        self._turn = 0
        """Which brand is looked at first: the next one with each look."""
        self._tasks: list[LongTask] = []

    @property
    def waiting(self) -> int:
        """Orders about which something will be asked."""
        return sum(places.waiting for places in self._places.values())

    @property
    def under_way(self) -> int:
        """Requests that are being asked, or wait for room."""
        return sum(places.under_way for places in self._places.values())

    async def until_answered(self) -> None:
        """Wait until all that is being asked now was answered, or was not in time."""
        await asyncio.gather(*self._asking(), return_exceptions=True)

    def _asking(self) -> list[asyncio.Task[None]]:
        return [task for places in self._places.values() for task in places.asking.values()]

    async def start(self) -> None:
        """Read which orders are open, and begin to ask about them."""
        await self._read_open()
        self._tasks.append(keep_running("wallet orders", self.look, every_s=self._look_every_s, at_once=False))
        if self._store.is_shared:
            take_over = self._read_open
            self._tasks.append(keep_running("wallet orders left", take_over, every_s=TAKEN_OVER_EVERY_S, at_once=False))

    async def stop(self) -> None:
        """Ask nothing more. What is under way is cut off; its rows ask again at the next start."""
        for task in self._tasks:
            await task.stop()
        for one in self._asking():
            one.cancel()
        await self.until_answered()
        await self._port.close()

    def perform(self, effect: AskWallet | WatchOrder) -> None:
        """Perform an effect, after the commit of its decision."""
        self.watch(effect.order)
        places = self._places_of(effect.order.brand)
        if isinstance(effect, AskWallet):
            places.put_fresh(effect)
            self._ask_fresh(places)
        elif effect.order.told == "failed":
            places.drop_fresh(key_of(effect.order))

    def watch(self, order: WalletOrder) -> None:
        """An order as it was written last: when it is asked about next, if at all."""
        self._desk.offers.put(order)
        if order.next_ms is None:
            self._places_of(order.brand).leave(key_of(order))
        else:
            self.watch_at(order.brand, key_of(order), order.next_ms)

    def watch_at(self, brand: str, key: WalletOrderKey, due: UnixMs) -> None:
        """Look at this order then."""
        self._places_of(brand).watch_at(key, due)

    def _places_of(self, brand: str) -> Places:
        plan_of(brand)
        return self._places[brand]

    async def look(self) -> None:
        """Ask about what is due, as far as there is room."""
        brands = list(self._places)
        self._turn = (self._turn + 1) % len(brands)
        left = ASKED_A_LOOK if self._queue.in_hand < BUSY else ASKED_A_BUSY_LOOK
        for brand in (*brands[self._turn :], *brands[: self._turn]):
            places = self._places[brand]
            self._ask_fresh(places)
            keys = places.take_due(self._clock.now(), min(left, places.room))
            left -= len(keys)
            if keys:
                await self._ask_due(places, keys)

    async def _ask_due(self, places: Places, keys: Sequence[WalletOrderKey]) -> None:
        try:
            orders = await self._load(keys)
        except Exception:
            for key in keys:
                places.watch_at(key, UnixMs(self._clock.now() + UNWRITTEN_RETRY_MS))
            raise
        for order in orders:
            if order.next_ms is None or not order.step:
                continue
            if order.next_ms > self._clock.now():
                self.watch(order)
            elif order.step == "tell":
                # The wallet has said all: its terminal is told.
                self._queue.submit(TellAgain(key_of(order), places.watch_at))
            else:
                places.begin(key_of(order), self._ask(order, order.step))

    async def _load(self, keys: Sequence[WalletOrderKey]) -> Iterable[WalletOrder]:
        """These orders as they are now, without those that another host has taken over."""
        async with self._store.unit() as unit:
            state = await unit.load(Needs({WalletOrder: keys}))
        found = (state.get(WalletOrder, *key) for key in keys)
        return await self._of_this_host([order for order in found if order is not None])

    def _ask_fresh(self, places: Places) -> None:
        while (effect := places.take_fresh()) is not None:
            order = effect.order
            if order.next_ms is not None and self._clock.now() >= order.next_ms:
                # It waited so long that its row asks by now, or was given up, here or at another host.
                continue
            gives_back = bool(order.original_order_no)
            places.begin(key_of(order), self._ask(order, "give_back") if gives_back else self._pay(effect))

    async def _pay(self, effect: AskWallet) -> None:
        await self._exchange(effect.order, "pay", pay_request(effect))

    async def _ask(self, order: WalletOrder, step: AskedStep) -> None:
        if step == "query" and order.is_ours and not order.shown:
            # Nobody heard what the code says; asked for it once more, the wallet says the same again, or how it stands by now.
            await self._exchange(order, "pay", pay_request(AskWallet(order, None, await self._shop_of(order))))
            return
        await self._exchange(order, step, request_of(order, step))

    async def _shop_of(self, order: WalletOrder) -> str:
        """The name that a customer reads; empty where it can't be read now."""
        try:
            async with self._store.unit() as unit:
                state = await unit.load(Needs({Merchant: [(order.merchant_no,)]}))
        except Exception as error:
            log.error("shop_not_read", order_no=order.order_no, **told(error))
            return ""
        merchant = state.get(Merchant, order.merchant_no)
        return merchant.name if merchant is not None else ""

    async def _exchange(self, order: WalletOrder, asked: AskedStep, request: WalletRequest) -> None:
        """Ask once, and have what came back written. Whatever goes wrong is silence: the row asks again."""
        brand = order.brand
        operation = operation_of(order, asked, request)
        word = Word(asked=asked, says="silent")
        try:
            answer = await self._port.ask(brand, operation, request, timeout_s=plan_of(order.brand).answer_s)
        except WalletSilent as error:
            log.info("wallet_silent", order_no=order.order_no, brand=brand, operation=operation, reason=str(error))
        except Exception as error:
            log.error("wallet_not_asked", order_no=order.order_no, brand=brand, operation=operation, **told(error))
        else:
            says = says_of(brand, operation, answer)
            if is_of_another(answer, request, order, says):
                # Nothing that it says counts.
                log.error("wallet_amount_differs", order_no=order.order_no, brand=brand, operation=operation)
            else:
                word = Word(asked=asked, says=says, code=answer.word, wallet_no=answer.wallet_no, shown=answer.link)
        draw = int.from_bytes(self._chance.take(DRAW_BYTES), "big") / (1 << 8 * DRAW_BYTES)
        self._queue.submit(WalletHeard(self, self._follower, order, word, draw))

    async def _read_open(self) -> None:
        """Read the open orders page by page: all where this host has the database for itself, else its own and those of hosts
        that are gone."""
        last: WalletOrder | None = None
        while page := await self._store.wallet_orders_to_ask(last, ORDERS_AT_ONCE):
            last = page[-1]
            for order in await self._of_this_host(page):
                if key_of(order) not in self._places_of(order.brand).asking:
                    self.watch(order)
            await asyncio.sleep(0)

    async def _of_this_host(self, page: Sequence[WalletOrder]) -> Iterable[WalletOrder]:
        if not self._store.is_shared:
            return page
        owners = dict.fromkeys(order.host_id for order in page if order.host_id not in (None, self._desk.host_id))
        async with self._store.unit() as unit:
            leases = await unit.load(Needs({HostLease: [lease_key(owner) for owner in owners if owner]}))
        now = self._clock.now()
        return [order for order in page if order.host_id == self._desk.host_id or is_gone(leases, order.host_id, now)]
