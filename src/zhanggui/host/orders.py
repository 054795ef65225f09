"""Orders to terminals at the host: which are open, on which line each terminal can be rung, and the ring itself.

    each half second ─▶ what changed among open orders ─▶ terminals with one that is due, on a line of this host ─▶ ring
    each minute      ─▶ all open orders anew; those that were never told and whose time is over expire

What is kept here is a hint and decides nothing: a heartbeat loads the rows that it may be about and decides by them. So whoever gave an
order, by this host, by another one or at a console beside it, it is found by the same look, and the host that has the line rings. A sale
asks one dictionary whether an order waits for its terminal; where none does, neither it nor a heartbeat loads a row more.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

import msgspec

from ..acquirer.orders.telling import expired
from ..acquirer.rows.records import OrderPlace, Terminal, TerminalKey, TerminalOrder, key_of
from ..acquirer.rows.state import Change, Needs, Update
from ..acquirer.terminals.waiting_keys import need_waiting, waiting_keys
from ..basics.clock import Clock
from ..basics.numbers import MerchantNo, TerminalNo, TraceNo, UnixMs, is_ahead, next_in_six_digits
from ..cup.dialect import Dialect
from ..cup.envelope import Envelope
from ..cup.messages.ring import ring_message
from ..cup.messages.sealing import seal
from ..edges.listener import FrameConnection
from ..store.port import Store
from .commit import Door, Sheet
from .keys import HostKeys

LOOKED_EVERY_S = 0.5
"""How late an order may be seen: with a ring, a heartbeat and its answer behind it, within two seconds at the terminal."""
ALL_LOOKED_AT_EVERY_S = 60.0
OVERLAP_MS = 10_000
"""Changes of so long ago are looked at again: hosts' clocks differ a little, and a commit may be later than its instant."""
ORDERS_AT_ONCE = 1_000
ORDERS_MAX = 200_000
"""Open orders that one host keeps in mind, some 50 MB; those beyond are found when others are answered."""
RUNG_AGAIN_S = 5.0
"""How soon a terminal is rung again that did not fetch what waits for it."""
TRIES_MAX = 5
FIRST_PLACE: OrderPlace = (UnixMs(-1), MerchantNo(""), TerminalNo(""), 0)


class Line(msgspec.Struct, frozen=True):
    """Where a terminal was heard last that keeps its line open."""

    connection: FrameConnection
    dialect: Dialect
    envelope: Envelope
    """What stands around its messages; without a body."""
    mac_key: str
    """Of the heartbeat that came on it."""
    trace_no: TraceNo
    """Number of the heartbeat that came on it."""


class OpenOrders:
    """What this host knows of open orders, and the lines of terminals."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[TerminalKey, dict[int, TerminalOrder]] = {}
        self._count = 0
        self._lines: dict[TerminalKey, Line] = {}
        self._rung_s: dict[TerminalKey, float] = {}

    def known(self, terminal: TerminalKey) -> tuple[int, ...]:
        """Numbers of a terminal's open orders, in order."""
        orders = self._open.get(terminal)
        return tuple(sorted(orders)) if orders else ()

    def to_tell(self, terminal: TerminalKey, held: int) -> tuple[int, ...]:
        """Numbers of the orders that a heartbeat may be told, in order: due, and not waiting at the terminal up to number `held`.

        Whoever is rung must find something here: what `wait_for` counts is among them.
        """
        orders = self._open.get(terminal)
        if orders is None:
            return ()
        now = self._clock.now()
        return tuple(
            number
            for number, order in sorted(orders.items())
            if order.from_ms <= now and (order.state == "queued" or number > held)
        )

    def wait_for(self, terminal: TerminalKey) -> bool:
        """Whether an order is due that the terminal was not told yet."""
        orders = self._open.get(terminal)
        if orders is None:
            return False
        now = self._clock.now()
        return any(order.state == "queued" and order.from_ms <= now for order in orders.values())

    def is_open(self, terminal: TerminalKey, kind: str, contents: str) -> bool:
        """Whether an order of this kind and with these contents has no answer yet, as far as this host knows."""
        orders = self._open.get(terminal)
        return orders is not None and any((order.kind, order.contents) == (kind, contents) for order in orders.values())

    def put(self, orders: Iterable[TerminalOrder]) -> None:
        """Take over rows as they are committed; what has its answer is forgotten."""
        for order in orders:
            terminal = order.merchant_no, order.terminal_no
            known = self._open.get(terminal)
            if order.state in ("queued", "told"):
                if self._count >= ORDERS_MAX:
                    continue
                known = self._open.setdefault(terminal, {})
                self._count += order.order_no not in known
                known[order.order_no] = order
            elif known is not None and known.pop(order.order_no, None) is not None:
                self._count -= 1
                if not known:
                    del self._open[terminal]

    def begin_anew(self) -> None:
        """Forget the orders, before all of them are read again; and lines that are closed."""
        self._open, self._count = {}, 0
        self._lines = {terminal: line for terminal, line in self._lines.items() if line.connection.open}
        self._rung_s = {terminal: at_s for terminal, at_s in self._rung_s.items() if terminal in self._lines}

    def over(self) -> list[TerminalOrder]:
        """Orders that were never told and whose time is over."""
        now = self._clock.now()
        rows = (row for orders in self._open.values() for row in orders.values())
        return [row for row in rows if row.state == "queued" and row.until_ms <= now][:ORDERS_AT_ONCE]

    def heard_on(self, terminal: TerminalKey, line: Line) -> None:
        """A heartbeat came on this line. One that was caught and sent again moves no line, be it open or not."""
        known = self._lines.get(terminal)
        if known is None or known.mac_key != line.mac_key or is_ahead(line.trace_no, known.trace_no):
            self._lines[terminal] = line

    def to_ring(self) -> list[tuple[TerminalKey, Line]]:
        """Terminals that are on a line here, for which an order waits, and that were not rung just now."""
        now_s, found = self._clock.elapsed_s(), []
        for terminal in self._open:
            line = self._lines.get(terminal)
            if line is None or not line.connection.open or not self.wait_for(terminal):
                continue
            if now_s - self._rung_s.get(terminal, -RUNG_AGAIN_S) >= RUNG_AGAIN_S:
                self._rung_s[terminal] = now_s
                found.append((terminal, line))
        return found


class OrderWatch:
    """Looks for open orders, rings, and lets go of what nobody was told in time."""

    def __init__(self, store: Store, door: Door, keys: HostKeys, clock: Clock, orders: OpenOrders) -> None:
        self._store = store
        self._door = door
        self._keys = keys
        self._clock = clock
        self._orders = orders
        self._all_looked_at_s: float | None = None
        self._seen: OrderPlace = FIRST_PLACE
        self._number = TraceNo("000000")

    async def look(self) -> None:
        """One look, and the rings that it leads to."""
        now_s = self._clock.elapsed_s()
        if self._all_looked_at_s is None or now_s - self._all_looked_at_s >= ALL_LOOKED_AT_EVERY_S:
            self._orders.begin_anew()
            await self._read(FIRST_PLACE)
            self._all_looked_at_s = now_s
            await self._let_go()
        else:
            await self._read((UnixMs(self._seen[0] - OVERLAP_MS), *FIRST_PLACE[1:]))
        if rung := self._orders.to_ring():
            keys = await self._keys_of([terminal for terminal, _ in rung])
            for terminal, line in rung:
                self._ring(terminal, line, keys.get(terminal, ()))

    async def _read(self, place: OrderPlace) -> None:
        while rows := await self._store.orders_open(place, ORDERS_AT_ONCE):
            self._orders.put(rows)
            last = rows[-1]
            place = (last.changed_ms, last.merchant_no, last.terminal_no, last.order_no)
            self._seen = max(self._seen, place)
            if len(rows) < ORDERS_AT_ONCE:
                break

    async def _keys_of(self, terminals: Sequence[TerminalKey]) -> Mapping[TerminalKey, tuple[str, ...]]:
        """The MAC key of each, and the youngest that waits for its first use: since the heartbeat on its line a terminal may have
        fetched new ones, from this host or from another, and a ring under those before says nothing to it."""
        async with self._store.unit() as unit:
            state, more = await unit.load(Needs({Terminal: terminals})), Needs()
            rows = {key: row for key in terminals if (row := state.get(Terminal, *key)) is not None}
            for row in rows.values():
                need_waiting(row, more)
            state = await unit.load(more)
            return {
                key: tuple(filter(None, (row.mac_key, *(one.mac_key for one in islice(waiting_keys(state, row), 1)))))
                for key, row in rows.items()
            }

    def _ring(self, terminal: TerminalKey, line: Line, mac_keys: Sequence[str]) -> None:
        self._number = TraceNo(next_in_six_digits(self._number))
        message = ring_message(*terminal, self._number)
        for mac_key in mac_keys:
            body = seal(line.dialect.codec, message, partial(self._keys.mac, mac_key, line.dialect))
            line.connection.send(line.envelope.answer(line.dialect, body))

    async def _let_go(self) -> None:
        """Expire what was never told in time. Another host may be first: then there is nothing left to do."""
        over = self._orders.over()
        if not over:
            return

        def decide(sheet: Sheet) -> list[TerminalOrder]:
            ended = []
            for row in over:
                order = sheet.state.get(TerminalOrder, *key_of(row))
                if order is not None and order.state == "queued" and order.until_ms <= sheet.now:
                    ended.append(expired(order, sheet.now))
            sheet.take(tuple(Update(order) for order in ended))
            return ended

        needs = Needs({TerminalOrder: [key_of(row) for row in over]})
        self._orders.put(await self._door.commit(needs, decide, tries_max=TRIES_MAX))


def orders_in(changes: Sequence[Change]) -> list[TerminalOrder]:
    """The orders that these changes are about."""
    return [row for change in changes if type(row := change.record) is TerminalOrder]
