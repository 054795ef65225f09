"""No task and no thread is made outside the ways that watch them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"

WATCHED = frozenset({"edges/watched.py"})
THREADS = frozenset(
    {
        "edges/log_sink.py",
        "edges/name_lookups.py",
        "host/password_pool.py",
        "programs/export_files.py",
        "programs/office.py",
        "programs/side_process.py",
        "store/sqlite_commit.py",
    }
)
"""A log must not block its program. A commit waits for the disk beside the loop, and whoever asked hears how it ended (decision 0008).
A name that others chose may never resolve, and its look-up can't be cut off: not in the threads by which bank and wallets are found.
A password of the office is hashed for a tenth of a second, awaited by whoever signs in.
A page of the office is read beside the loop, awaited by whoever asked for it; so is a file that somebody takes.
A process beside the host ends when its input does, which nothing else of it may wait for."""
LENT = frozenset({"to_thread"})
"""A thread for one call that is awaited: of commands, which have nobody else to keep waiting."""
TASKS = frozenset(
    {"create_task", "ensure_future", "TaskGroup", "run_coroutine_threadsafe", "create_eager_task_factory"}
)
STARTS = frozenset(
    {
        "Thread",
        "start_new_thread",
        "Timer",
        "Process",
        "fork",
        "ThreadPoolExecutor",
        "ProcessPoolExecutor",
        "run_in_executor",
    }
)


def called(source: str, names: frozenset[str]) -> Iterator[int]:
    """Lines that name one of these, called or handed on: also under another name of the import."""
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in names:
                yield node.lineno
            case ast.ImportFrom(names=imported):
                if names & {alias.name for alias in imported}:
                    yield node.lineno
            case _:
                pass


def offences(names: frozenset[str], allowed: frozenset[str]) -> list[str]:
    return [
        f"{place}:{line}"
        for path in sorted(HOUSE.rglob("*.py"))
        if (place := path.relative_to(HOUSE).as_posix()) not in allowed
        for line in called(path.read_text(encoding="utf-8"), names)
    ]


def test_every_task_is_made_where_its_end_is_seen() -> None:
    assert not offences(TASKS, WATCHED), "use keep_running, run_long or short_task of edges/watched.py"


def test_every_thread_is_made_where_its_end_is_seen() -> None:
    assert not offences(STARTS, THREADS)


def test_only_commands_lend_a_thread() -> None:
    assert [one for one in offences(LENT, frozenset()) if not one.startswith("cli/")] == []


@pytest.mark.parametrize(
    "source",
    [
        "asyncio.create_task(f())",
        "asyncio.get_running_loop().create_task(f())",
        "loop.create_task(f())",
        "from asyncio import ensure_future as soon",
        "make = asyncio.ensure_future",
        "async def f():\n    async with asyncio.TaskGroup() as group:\n        pass",
    ],
)
def test_the_check_sees_every_way_to_a_task(source: str) -> None:
    assert list(called(source, TASKS))


def test_the_check_lets_the_watched_ways_pass() -> None:
    assert not list(called("keep_running('look', turn)\nshort_task(f())\nawait asyncio.gather(f(), g())", TASKS))
