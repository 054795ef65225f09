"""Who waits at one brand's wallet, and for whom there is room: each brand has places of its own, so that none takes another's."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from heapq import heappop, heappush
from typing import Any

from ...acquirer.rows.decision import AskWallet
from ...acquirer.rows.records import WalletOrder, WalletOrderKey
from ...basics.numbers import UnixMs
from ...edges.http_calls import CONNECTIONS_MAX
from ...edges.watched import short_task

ASKED_AT_ONCE = CONNECTIONS_MAX
"""Requests under way at one brand: as many as its client keeps connections. A wallet that is silent holds each for its `answer_s`."""


class Places:
    """Orders of one brand: those that wait for their time, customers at the counter, and what is being asked."""

    def __init__(self) -> None:
        self._heap: list[tuple[UnixMs, WalletOrderKey]] = []
        """May hold places that are over; `_due` says which one counts."""
        self._due: dict[WalletOrderKey, UnixMs] = {}
        self._fresh: deque[AskWallet] = deque()
        """Customers at the counter, for whom there was no room yet."""
        self.asking: dict[WalletOrderKey, asyncio.Task[None]] = {}

    @property
    def waiting(self) -> int:
        """Orders about which something will be asked."""
        return len(self._due)

    @property
    def under_way(self) -> int:
        """Requests that are being asked, or wait for room."""
        return len(self.asking) + len(self._fresh)

    @property
    def room(self) -> int:
        """How many more may be asked now."""
        return ASKED_AT_ONCE - len(self.asking)

    def watch_at(self, key: WalletOrderKey, due: UnixMs) -> None:
        """Look at this order then."""
        if self._due.get(key) != due:
            self._due[key] = due
            heappush(self._heap, (due, key))

    def leave(self, key: WalletOrderKey) -> None:
        """Nothing is to be asked about this order any more."""
        self._due.pop(key, None)

    def take_due(self, now: UnixMs, room: int) -> list[WalletOrderKey]:
        """The keys that are due, oldest first; what is being asked already comes again with the next look."""
        keys: list[WalletOrderKey] = []
        busy: list[tuple[UnixMs, WalletOrderKey]] = []
        while self._heap and self._heap[0][0] <= now and len(keys) < room:
            due, key = heappop(self._heap)
            if self._due.get(key) != due:
                continue
            if key in self.asking:
                busy.append((due, key))
                continue
            del self._due[key]
            keys.append(key)
        for place in busy:
            heappush(self._heap, place)
        return keys

    def put_fresh(self, effect: AskWallet) -> None:
        """A customer at the counter."""
        self._fresh.append(effect)

    def drop_fresh(self, key: WalletOrderKey) -> None:
        """Given up while it waited for a place: whoever is told that nothing was paid is asked for nothing after it."""
        if self._fresh:
            self._fresh = deque(one for one in self._fresh if key_of(one.order) != key)

    def take_fresh(self) -> AskWallet | None:
        """The customer who waited longest, where there is room; None for nobody."""
        return self._fresh.popleft() if self._fresh and self.room > 0 else None

    def begin(self, key: WalletOrderKey, body: Coroutine[Any, Any, None]) -> None:
        """Ask; its place is free again once it is over."""
        self.asking[key] = task = short_task(body, "wallet order")
        task.add_done_callback(lambda _: self.asking.pop(key, None))


def key_of(order: WalletOrder) -> WalletOrderKey:
    """The key of an order."""
    return order.merchant_no, order.order_no
