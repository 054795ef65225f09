"""Long tasks are watched: one way to run them, so that none dies without anybody noticing.

    keep_running(name, turn)     a turn again and again; a turn that fails is counted, logged, and the next one comes
    run_long(name, body)         a body that goes on by itself until it is cancelled; that it ends is a fault
    guarded(what, items, do)     something for each item; one that fails is counted, logged, and the others are done
    guarded_each(what, items, do)     the same for what is awaited, one after the other
    short_task(coroutine)        a task that ends soon and that somebody awaits; a failure that nobody saw is logged

A long task that ends without having been asked to is the program's end: `run_until_stopped` hears of it, stops everything and
leaves with an exit code that is not 0. Nobody else makes tasks (tests/architecture/test_long_tasks.py).
"""

import asyncio
import contextlib
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

import structlog

from .logs import told

AFTER_FAILURE_S = 0.1
"""Pause after a turn that failed, so that one that always fails does not keep the processor busy."""

T = TypeVar("T")
Died = Callable[[str, BaseException | None], None]
"""Hears the name of a long task that ended without having been asked to, and what ended it."""

_log = structlog.get_logger("zhanggui")
_listening: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Died]" = weakref.WeakKeyDictionary()

_short: set[asyncio.Task[Any]] = set()

failures: Counter[str] = Counter()
"""Failed turns and items of this process by name."""


class LongTask:
    """A long task that runs; `stop` is the only good end of it."""

    def __init__(self, name: str, body: Coroutine[Any, Any, None], died: Died | None = None) -> None:
        self.name = name
        self._died = died
        self._stopping = False
        self._task = asyncio.get_running_loop().create_task(body, name=name)
        self._task.add_done_callback(self._ended)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return not self._task.done()

    def cancel(self) -> None:
        """Ask it to end."""
        self._stopping = True
        self._task.cancel()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has. Does nothing the second time."""
        self.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def ended(self) -> None:
        """Wait until it has ended, and raise what ended it."""
        await asyncio.shield(self._task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if self._stopping:
            if error is not None:
                _log.error("task_failed_at_end", task=self.name, **told(error))
            return
        _log.error("task_died", task=self.name, **(told(error) if error is not None else {"reason": "it just ended"}))
        died = self._died or _listening.get(task.get_loop())
        if died is not None:
            died(self.name, error)


def run_long(name: str, body: Coroutine[Any, Any, None], died: Died | None = None) -> LongTask:
    """Start a body that goes on until it is stopped. `died` hears of any other end in the place of the program."""
    return LongTask(name, body, died)


def keep_running(
    name: str, turn: Callable[[], Awaitable[None]], *, every_s: float | None = None, at_once: bool = True
) -> LongTask:
    """Start doing a turn again and again, so many seconds after each; without a pause when the turn waits by itself.

    With `at_once` False the first turn comes after a pause too.
    """

    async def turns() -> None:
        if not at_once and every_s is not None:
            await asyncio.sleep(every_s)
        while True:
            pause_s = every_s
            try:
                await turn()
            except Exception as error:
                _failed("turn_failed", name, error)
                pause_s = AFTER_FAILURE_S if every_s is None else every_s
            if pause_s is not None:
                await asyncio.sleep(pause_s)

    return LongTask(name, turns())


def guarded(what: str, items: Iterable[T], do: Callable[[T], None]) -> None:
    """Do something for each item; one that fails is counted and logged, and the others are done."""
    for item in items:
        try:
            do(item)
        except Exception as error:
            _failed("item_failed", what, error)


async def guarded_each(what: str, items: Iterable[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Do something for each item, one after the other; one that fails is counted and logged, and the others are done."""
    for item in items:
        try:
            await do(item)
        except Exception as error:
            _failed("item_failed", what, error)


def short_task(body: Coroutine[Any, Any, T], name: str | None = None) -> asyncio.Task[T]:
    """A task that ends soon, and that whoever made it awaits. What nobody awaits and fails reaches the loop's handler, which logs."""
    task = asyncio.get_running_loop().create_task(body, name=name)
    # The loop itself holds tasks weakly.
    _short.add(task)
    task.add_done_callback(_short.discard)
    return task


def log_loop_errors(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A loop's exception handler: what breaks in callbacks and in tasks that nobody awaits is logged, by kind and place."""
    error = context.get("exception")
    _log.error("loop_error", said=context.get("message", ""), **(told(error) if error is not None else {}))


def _failed(event: str, name: str, error: Exception) -> None:
    failures[name] += 1
    _log.error(event, task=name, count=failures[name], **told(error))


def end_program(name: str, error: BaseException | None = None) -> None:
    """Have the program end as if a long task had died: for a part that watches its own."""
    died = _listening.get(asyncio.get_running_loop())
    if died is not None:
        died(name, error)


@contextlib.contextmanager
def listening_for_deaths(died: Died) -> Iterator[None]:
    """Within this, `died` hears of each long task of the running loop that ends without having been asked to."""
    loop = asyncio.get_running_loop()
    _listening[loop] = died
    try:
        yield
    finally:
        _listening.pop(loop, None)
