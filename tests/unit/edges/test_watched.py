"""Long tasks: a turn or an item that fails costs itself alone, and a task that dies is never silent."""

import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from zhanggui.basics.errors import Defect, Fault
from zhanggui.edges import watched
from zhanggui.edges.watched import (
    end_program,
    guarded,
    guarded_each,
    keep_running,
    listening_for_deaths,
    run_long,
    short_task,
)
from zhanggui.programs import run
from zhanggui.programs.run import run_until_stopped


@pytest.mark.parametrize(
    "error", [Fault("a full disk"), Defect("odd"), KeyError("x"), AssertionError(), RecursionError()]
)
async def test_a_turn_that_fails_is_counted_and_logged_and_the_next_one_comes(error: Exception) -> None:
    turns: list[int] = []
    done = asyncio.Event()

    async def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 2:
            raise error
        if len(turns) == 3:
            done.set()

    before = watched.failures["look"]
    with capture_logs() as logs:
        task = keep_running("look", turn, every_s=0.001)
        await asyncio.wait_for(done.wait(), 10)
        await task.stop()
    assert watched.failures["look"] == before + 1
    told = [line for line in logs if line["event"] == "turn_failed"]
    assert [(line["task"], line["error"]) for line in told] == [("look", type(error).__name__)]
    assert not [line for line in logs if line["event"] == "task_died"]


async def test_a_turn_that_always_fails_keeps_the_processor_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "AFTER_FAILURE_S", 3600.0)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        turns += 1
        raise Fault("always")

    task = keep_running("always", turn)
    for _ in range(100):
        await asyncio.sleep(0)
    assert turns == 1
    await task.stop()


def test_an_item_that_fails_does_not_take_the_others_along() -> None:
    done: list[int] = []

    def do(number: int) -> None:
        if number == 2:
            raise ValueError("this one can't be built")
        done.append(number)

    with capture_logs() as logs:
        guarded("reversals", (1, 2, 3), do)
    assert done == [1, 3]
    assert [(line["event"], line["task"], line["error"]) for line in logs] == [
        ("item_failed", "reversals", "ValueError")
    ]
    assert "can't be built" not in str(logs), "a text of a library may hold a value"


@pytest.mark.parametrize("how", ["returns", "raises", "is cancelled"])
async def test_a_long_task_that_ends_without_being_asked_is_told(how: str) -> None:
    async def body() -> None:
        if how == "raises":
            raise Defect("broke")
        if how == "is cancelled":
            raise asyncio.CancelledError

    heard: list[str] = []
    with capture_logs() as logs, listening_for_deaths(lambda name, error: heard.append(name)):
        task = run_long("engine", body())
        await asyncio.sleep(0.01)
        assert not task.running
        await task.stop()
    assert heard == ["engine"]
    assert [line["task"] for line in logs if line["event"] == "task_died"] == ["engine"]


async def test_a_long_task_that_is_stopped_is_no_death() -> None:
    heard: list[str] = []
    with capture_logs() as logs, listening_for_deaths(lambda name, error: heard.append(name)):
        task = run_long("engine", asyncio.sleep(3600))
        await asyncio.sleep(0)
        await task.stop()
        await task.stop()
    assert not heard
    assert not logs


async def test_a_short_task_that_nobody_awaits_reaches_the_loops_handler() -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(str(context["exception"])))

    async def fail() -> None:
        raise Fault("nobody looks")

    task = short_task(fail())
    await asyncio.wait((task,))
    del task
    import gc

    gc.collect()
    assert told == ["nobody looks"]


# ------------------------------------------------------------------------------------------------------------- programs


async def test_a_program_whose_long_task_dies_ends_by_itself_with_a_fault_and_stops_the_rest() -> None:
    stopped: list[str] = []

    async def start(stack: object) -> None:
        stack.callback(stopped.append, "store")  # type: ignore[attr-defined]
        run_long("bank line", fail())

    async def fail() -> None:
        raise ValueError("odd row")

    with pytest.raises(Fault, match="'bank line' broke"):
        await asyncio.wait_for(run_until_stopped(start), 10)
    assert stopped == ["store"]


async def test_a_part_that_watches_its_own_can_end_the_program_too() -> None:
    async def start(stack: object) -> None:
        asyncio.get_running_loop().call_later(0.01, end_program, "terminal 10000001")

    with pytest.raises(Fault, match="terminal 10000001"):
        await asyncio.wait_for(run_until_stopped(start), 10)


async def test_a_program_that_does_not_stop_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STOP_WITHIN_S", 0.05)

    async def start(stack: object) -> None:
        stack.push_async_callback(asyncio.sleep, 3600)  # type: ignore[attr-defined]
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGTERM)

    with pytest.raises(Fault, match="cut off"):
        await asyncio.wait_for(run_until_stopped(start), 10)


async def test_an_awaited_item_that_fails_does_not_take_the_others_along() -> None:
    done: list[int] = []

    async def do(item: int) -> None:
        await asyncio.sleep(0)
        if item == 2:
            raise Fault("the second")
        done.append(item)

    before = watched.failures["awaited"]
    with capture_logs() as logs:
        await guarded_each("awaited", (1, 2, 3), do)
    assert done == [1, 3]
    assert watched.failures["awaited"] == before + 1
    assert [(line["event"], line["task"]) for line in logs] == [("item_failed", "awaited")]
