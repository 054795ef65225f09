"""What a host knows of open orders: who is rung, when, by which message, and what nobody was told in time."""

from typing import cast

from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Terminal, TerminalOrder
from zhanggui.basics.numbers import TerminalNo, TraceNo, UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import TERMINAL_HEADER, TERMINAL_TPDU, Envelope
from zhanggui.cup.messages.ring import is_ring
from zhanggui.edges.listener import FrameConnection
from zhanggui.host.orders import ALL_LOOKED_AT_EVERY_S, RUNG_AGAIN_S, OpenOrders, OrderWatch
from zhanggui.host.orders import Line as KnownLine

WHERE = MERCHANT, TERMINAL


def order(number: int, **said: object) -> TerminalOrder:
    row = TerminalOrder(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        order_no=number,
        kind="remote_sign_out",
        contents="",
        state="queued",
        from_ms=NOON,
        until_ms=UnixMs(NOON + HOUR_MS),
        given_by="console",
        given_ms=NOON,
        changed_ms=NOON,
    )
    return replace(row, **said)


class Watching:
    """A host in memory whose watch is turned by hand."""

    def __init__(self) -> None:
        self.house = MemoryHost()
        self.orders = OpenOrders(self.house.clock)
        self.watch = OrderWatch(
            self.house.store,
            self.house.door,
            self.house.keys,
            self.house.clock,
            self.orders,
        )

    def hear(self, trace: int = 1) -> Line:
        line = Line()
        row = self.house.store.rows[Terminal, MERCHANT, TERMINAL]
        assert isinstance(row, Terminal)
        envelope = Envelope(TERMINAL_TPDU, TERMINAL_HEADER, b"")
        connection = cast(FrameConnection, line)
        self.orders.heard_on(WHERE, KnownLine(connection, UNIONPAY, envelope, row.mac_key, TraceNo(f"{trace:06d}")))
        return line

    def pass_s(self, seconds: float) -> None:
        self.house.clock.at_s += seconds
        self.house.clock.at_ms += round(seconds * 1000)


async def test_a_terminal_on_a_line_is_rung_once_and_again_while_it_does_not_fetch() -> None:
    at = Watching()
    line = at.hear()
    await at.watch.look()
    assert line.sent == []
    at.house.store.put(order(7, changed_ms=UnixMs(NOON + 1)))
    at.pass_s(0.5)
    await at.watch.look()
    await at.watch.look()
    (ring,) = line.sent
    assert is_ring(ring, MERCHANT, TERMINAL)
    assert not is_ring(ring, MERCHANT, TerminalNo("10000002"))
    assert set(ring.fields) == {11, 41, 42, 60, 64}, "it says nothing but that it rings"
    at.pass_s(RUNG_AGAIN_S)
    await at.watch.look()
    assert len(line.sent) == 2


async def test_nobody_is_rung_for_an_order_that_was_told_or_is_not_due_or_on_a_line_that_is_closed() -> None:
    at = Watching()
    line = at.hear()
    at.house.store.put(order(7, state="told"), order(8, from_ms=UnixMs(NOON + 60_000)))
    await at.watch.look()
    assert (line.sent, at.orders.known(WHERE), at.orders.wait_for(WHERE)) == ([], (7, 8), False)
    at.pass_s(30)
    line.open = False
    at.house.store.put(order(9, changed_ms=UnixMs(at.house.clock.at_ms)))
    await at.watch.look()
    assert line.sent == []
    assert at.orders.wait_for(WHERE)


async def test_orders_for_later_hide_none_that_is_due() -> None:
    at = Watching()
    later = [order(number, from_ms=UnixMs(NOON + HOUR_MS), until_ms=UnixMs(NOON + 2 * HOUR_MS)) for number in range(40)]
    at.house.store.put(*later, order(40))
    await at.watch.look()
    assert at.orders.to_tell(WHERE, 0) == (40,)
    at.pass_s(HOUR_MS / 1000)
    assert at.orders.to_tell(WHERE, 40) == tuple(range(41)), "also those that were overtaken"


async def test_who_is_rung_finds_something_to_be_told() -> None:
    at = Watching()
    assert at.orders.to_tell(WHERE, 0) == ()
    for held in (0, 7, 8):
        for first in (order(7), order(7, from_ms=UnixMs(NOON + 1)), order(7, state="told")):
            at.orders.begin_anew()
            at.orders.put((first, order(8, state="told")))
            assert not at.orders.wait_for(WHERE) or 7 in at.orders.to_tell(WHERE, held)
    assert at.orders.to_tell(WHERE, 7) == (8,)
    assert at.orders.to_tell(WHERE, 8) == ()


async def test_a_heartbeat_that_is_sent_again_takes_no_line_whose_terminal_has_gone() -> None:
    at = Watching()
    at.hear(trace=5).open = False
    caught = at.hear(trace=5)
    at.house.store.put(order(7))
    await at.watch.look()
    assert caught.sent == []
    newer = at.hear(trace=6)
    await at.watch.look()
    assert len(newer.sent) == 1


async def test_a_heartbeat_that_is_sent_again_by_somebody_moves_no_line() -> None:
    at = Watching()
    line, caught = at.hear(trace=5), at.hear(trace=5)
    at.house.store.put(order(7))
    await at.watch.look()
    assert (len(line.sent), len(caught.sent)) == (1, 0)


async def test_what_was_never_told_expires_and_what_was_told_waits_for_its_terminal() -> None:
    at = Watching()
    at.house.store.put(order(7, until_ms=UnixMs(NOON + 1000)), order(8, until_ms=UnixMs(NOON + 1000), state="told"))
    await at.watch.look()
    at.pass_s(ALL_LOOKED_AT_EVERY_S)
    await at.watch.look()
    rows = [at.house.store.rows[TerminalOrder, MERCHANT, TERMINAL, number] for number in (7, 8)]
    assert [(row.state, row.answer) for row in rows if isinstance(row, TerminalOrder)] == [
        ("expired", "never_told"),
        ("told", ""),
    ]
    assert at.orders.known(WHERE) == (8,)


async def test_an_order_that_was_answered_at_another_host_is_forgotten_with_the_next_look_at_all() -> None:
    at = Watching()
    at.house.store.put(order(7))
    await at.watch.look()
    at.house.store.put(order(7, state="done"))
    at.pass_s(ALL_LOOKED_AT_EVERY_S)
    await at.watch.look()
    assert at.orders.known(WHERE) == ()
