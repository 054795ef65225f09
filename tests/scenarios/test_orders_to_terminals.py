"""Orders to terminals over TCP: on the line within two seconds, off it at the next word, each answered once."""

import asyncio
import time

from tests.conftest import Ports
from tests.worlds.house import House, Row
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.basics.numbers import TerminalNo
from zhanggui.cli.console import Console
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.host.act_table import ORDER_ACTS, NewOrder

TERMINAL = "10000001"
ON_LINE_S = 2.0
RING = CATALOGUE["ring"]


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
