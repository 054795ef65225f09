"""What pages read is read in threads beside the host's loop: a long list keeps no sale waiting."""

import asyncio
import threading
import time
from pathlib import Path

from zhanggui.programs.office import Reader
from zhanggui.store.queries import Queries
from zhanggui.store.schema import prepare

LONG_S, TICK_S, TICKS_LEAST = 0.4, 0.01, 8


async def test_the_loop_goes_on_while_a_long_list_is_read(tmp_path: Path) -> None:
    target = str(tmp_path / "host.db")
    prepare(target)
    reader = Reader(target)

    def long(queries: Queries) -> tuple[int, str]:
        time.sleep(LONG_S)
        return queries.count_payments(), threading.current_thread().name

    async def tick(until_s: float) -> int:
        ticks = 0
        while time.monotonic() < until_s:
            await asyncio.sleep(TICK_S)
            ticks += 1
        return ticks

    try:
        (count, thread), ticks = await asyncio.gather(reader.read(long), tick(time.monotonic() + LONG_S))
    finally:
        reader.close()
    assert count == 0
    assert thread.startswith("office-reader")
    assert ticks >= TICKS_LEAST, "the loop stood still while a list was read"
