"""Orders to terminals over TCP: on the line within two seconds, off it at the next word, each answered once."""

import asyncio
import time

from tests.conftest import Ports
from tests.worlds.house import House, Row
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import TerminalNo
from zhanggui.cli.console import Console
from zhanggui.cli.lists import lists_of
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.host.act_table import ORDER_ACTS, NewOrder
from zhanggui.views.terminals import TERMINALS, read_terminals

TERMINAL = "10000001"
ON_LINE_S = 2.0
RING = CATALOGUE["ring"]
STATUS = CATALOGUE["status"].network_code


async def give(house: House, kind: str, text: str = "", terminal: str = TERMINAL) -> None:
    """As somebody at the console does, beside the running host."""

    def act() -> None:
        Console(house.settings, "").do(ORDER_ACTS[kind], NewOrder(TerminalNo(terminal), text))

    await asyncio.to_thread(act)


def orders(house: House) -> list[Row]:
    return house.host_rows("terminal_orders")


async def answered(house: House, count: int = 1, within_s: float = 20.0) -> list[Row]:
    """Wait until so many orders have their answer."""
    limit = time.monotonic() + within_s
    while True:
        rows = await asyncio.to_thread(orders, house)
        if len([row for row in rows if row["answered_ms"] is not None]) >= count:
            return rows
        assert time.monotonic() < limit, f"they stand at {[(row['kind'], row['state']) for row in rows]}"
        await asyncio.sleep(0.02)


def state_of(house: House) -> tuple[str, bool]:
    """What `terminals list` shows of it."""
    with lists_of(house.settings) as queries:
        rows = [row for row in read_terminals(queries, None, SystemClock().now()) if row.terminal_no == TERMINAL]
    (cells,) = TERMINALS.cells(rows, "zh")
    return cells[3], rows[0].locked_from_afar is not None


def rings(at: AtTheCounter) -> list[Seen]:
    return [seen for seen in at.wire.frames if seen.mti == RING.mti and RING.network_code in seen.field_60]


async def test_a_terminal_on_the_line_signs_out_within_two_seconds_and_says_so_once(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await asyncio.to_thread(heartbeat_came, at)
        await give(house, "remote_sign_out")
        view = await at.screen("trouble")
        assert (view.code, view.title) == ("A206", "总部已将本机签退")
        (row,) = await answered(house)
        assert (row["state"], row["answer"], row["kind"]) == ("done", "", "remote_sign_out")
        assert row["answered_ms"] - row["given_ms"] <= ON_LINE_S * 1000
        assert rings(at), "the host rang on the line that the terminal keeps open"
        (session,) = house.host_rows("sessions")
        assert session["end_reason"] == "by_order:remote_sign_out"
        at.keys("enter")
        await at.sign_in()
        await give(house, "announcement", "今晚盘点")
        shown = await at.screen("announced")
        assert "今晚盘点" in words_of(shown)
        at.keys("enter")
        rows = await answered(house, 2)
        assert [(one["state"], one["answer"]) for one in rows] == [("done", ""), ("done", "read")]


def heartbeat_came(at: AtTheCounter) -> None:
    """A heartbeat went over the line that is kept open."""
    limit = time.monotonic() + 40
    while not any(CATALOGUE["status"].network_code in seen.field_60 for seen in at.wire.frames):
        assert time.monotonic() < limit
        time.sleep(0.05)


async def test_a_terminal_that_was_off_is_locked_at_its_next_word_stays_so_without_power_and_opens_by_itself(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        at.terminal.press_power()
        await at.screen("off")
        await give(house, "remote_lock", "盘点中")
        await asyncio.sleep(1)
        assert [row["state"] for row in orders(house)] == ["queued"]
        at.terminal.press_power()
        shut = await at.screen("shut", "self_check_result")
        if shut.id != "shut":
            at.keys("enter")
            shut = await at.screen("shut")
        assert "盘点中" in words_of(shut)
        await answered(house)
        assert await asyncio.to_thread(state_of, house) == ("总部锁定", True)
        at.terminal.press_power()
        await at.screen("off")
        at.terminal.press_power()
        await at.until(lambda view: view.id in ("shut", "self_check_result"))
        if at.terminal.view().id != "shut":
            at.keys("enter")
        await at.screen("shut")
        await give(house, "remote_unlock")
        await at.screen("sign_in_number")
        rows = await answered(house, 2)
        assert [(row["kind"], row["state"], row["answer"]) for row in rows] == [
            ("remote_lock", "done", ""),
            ("remote_unlock", "done", ""),
        ]
        assert await asyncio.to_thread(state_of, house) == ("正常", False)


async def test_a_ring_that_is_forged_or_lost_does_nothing_and_the_next_one_is_heard(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await asyncio.to_thread(heartbeat_came, at)
        forged: list[Seen] = []

        def with_a_wrong_mac(seen: Seen, payload: bytes) -> bytes:
            if seen.mti != RING.mti or RING.network_code not in seen.field_60 or len(forged) >= 1:
                return payload
            forged.append(seen)
            return payload[:-1] + bytes((payload[-1] ^ 1,))

        at.wire.rewrite = with_a_wrong_mac
        await give(house, "remote_sign_out")
        await at.wire.passes(lambda seen: seen.mti == RING.mti and RING.network_code in seen.field_60)
        place = at.wire.place
        await asyncio.sleep(2.5)
        heard = [seen for seen in at.wire.frames[place:] if STATUS in seen.field_60]
        assert heard == [], "who is no host makes no terminal ask"
        (row,) = await answered(house)
        assert (row["state"], len(rings(at))) == ("done", 2)


async def test_who_sells_is_not_interrupted_and_the_order_follows(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await asyncio.to_thread(heartbeat_came, at)
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"12850", "enter")
        await at.screen("card")
        await give(house, "remote_sign_out")
        await asyncio.sleep(1.5)
        assert at.terminal.view().id == "card"
        await at.card_and_pin()
        await at.screen("tear_off")
        at.keys("enter")
        await at.until(lambda view: view.code == "A206")
        (row,) = await answered(house)
        assert row["state"] == "done"
        (payment,) = house.host_rows("payments")
        assert payment["state"] == "approved"
