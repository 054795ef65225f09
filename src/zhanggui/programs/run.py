"""Running programs until somebody ends them: SIGINT (Ctrl-C) and SIGTERM both end with exit code 0 and nothing left behind.

When a long task of the program dies, the program ends by itself, with an error: half a program that looks alive is worse than
none, and whoever watches it starts it again.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import structlog

from ..basics.errors import Fault
from ..edges.core_dumps import no_core_dumps
from ..edges.logs import log_what_python_says
from ..edges.open_files import open_files_up
from ..edges.watched import listening_for_deaths, log_loop_errors, short_task

STOP_WITHIN_S = 30.0
"""How long a program may take to end in order: the last answers, the last checkpoints. Then it is cut off."""

Start = Callable[[AsyncExitStack], Awaitable[None]]
"""Starts programs and files, in the given stack, how each is stopped; the last started is stopped first."""

_log = structlog.get_logger("zhanggui")


async def run_until_stopped(start: Start, *, core_dumps: bool = False) -> None:
    """Start, wait for a signal, stop. A signal during the start ends the start. Fault when a long task died, or the end took too long.

    `core_dumps`: whether the system may write this program's memory to the disk when it breaks: its keys stand there.
    """
    log_what_python_says()
    if not core_dumps and not no_core_dumps():
        _log.warning("core_dumps_possible")
    open_files_up()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_errors)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    dead: list[str] = []

    def died(name: str, _error: BaseException | None) -> None:
        dead.append(name)
        stopping.set()

    with listening_for_deaths(died):
        stack = AsyncExitStack()
        try:
            await _run(start, stack, stopping)
        finally:
            await _end(stack)
    if dead:
        raise Fault(f"ended by itself: its part '{dead[0]}' broke. The log tells more; start it again.")


async def _run(start: Start, stack: AsyncExitStack, stopping: asyncio.Event) -> None:
    async def begin() -> None:
        await start(stack)

    starting, waiting = short_task(begin()), short_task(stopping.wait())
    try:
        await asyncio.wait((starting, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        starting.result()
        await waiting
    finally:
        waiting.cancel()


async def _end(stack: AsyncExitStack) -> None:
    """Stop everything; what does not stop in time is cut off, so that a broken program never has to be killed by hand."""
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await stack.aclose()
    except TimeoutError:
        _log.error("cut_off", within_s=STOP_WITHIN_S)
        raise Fault(f"did not end within {STOP_WITHIN_S:.0f} s and was cut off. The log tells more.") from None
