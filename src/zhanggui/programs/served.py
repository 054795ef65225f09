"""Pages as parts of a program: started, waited for until they are served, stopped with the program."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, nullcontext

from ..basics.errors import Misuse
from ..edges.watched import end_program, run_long, short_task
from .ports import Section, naming_the_options

Ready = Callable[[str], None]
"""Hears the address once connections are accepted."""


async def start_serving(
    name: str, section: Section | None, serve: Callable[[Ready], Coroutine[object, object, None]], stack: AsyncExitStack
) -> str:
    """Serve pages until the stack is closed; the answer is their address. Misuse where the port can't be had, with the options of this
    section; None: any free port does, and no option chooses it."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def died(task: str, error: BaseException | None) -> None:
        # Before it is served, whoever waits for it says what is wrong; only later is its end the program's.
        if ready.done():
            end_program(task, error)

    serving = run_long(name, serve(ready.set_result), died)
    stack.push_async_callback(serving.stop)
    ended = short_task(serving.ended())
    try:
        await asyncio.wait((ended, ready), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            with naming_the_options(section) if section is not None else nullcontext():
                await ended
            raise Misuse(f"the {name} ended before it was ready")
    finally:
        ended.cancel()
    return ready.result()
