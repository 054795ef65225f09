"""What a host does again and again goes on after a fault."""

import asyncio

from zhanggui.basics.errors import Fault
from zhanggui.host.server import _repeat


async def test_a_job_that_fails_is_tried_again() -> None:
    turns: list[int] = []
    done = asyncio.Event()

    async def look() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise Fault("the line to the database broke")
        done.set()

    job = asyncio.create_task(_repeat(0.001, look))
    await asyncio.wait_for(done.wait(), 10)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert turns[:2] == [0, 1]
    assert job.cancelled()
