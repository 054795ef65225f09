"""Where a COMMIT runs: in the loop while the disk is quick, in a thread while it is slow."""

import asyncio
import threading

import pytest

from zhanggui.store.sqlite_commit import COMMITS_A_ROUND, SLOW_S, STALL_S, TRIED, Commits


class Disk:
    """A disk with a clock: each commit waits so long, works so long, and notes whether it ran in the loop's thread."""

    def __init__(self) -> None:
        self.wait_s, self.work_s = 0.0, 0.0
        self.now, self.worked = 0.0, 0.0
        self.in_loop: list[bool] = []
        self.error: Exception | None = None
        self.loop_thread = threading.get_ident()

    def cursor(self) -> "Disk":
        return self

    def execute(self, statement: str) -> None:
        assert statement == "COMMIT"
        self.in_loop.append(threading.get_ident() == self.loop_thread)
        self.now += self.wait_s + self.work_s
        self.worked += self.work_s
        if self.error is not None:
            raise self.error


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def commits(disk: Disk) -> Commits:
    return Commits(disk, lambda: disk.now, lambda: disk.worked)  # type: ignore[arg-type]  # what a commit needs of one


async def commit(commits: Commits, count: int) -> None:
    for _ in range(count):
        await commits.commit()


async def test_a_quick_disk_is_waited_for_in_the_loop_however_much_is_written(commits: Commits, disk: Disk) -> None:
    disk.wait_s, disk.work_s = SLOW_S / 10, SLOW_S * 20
    await commit(commits, 3 * COMMITS_A_ROUND)
    assert all(disk.in_loop)


async def test_a_slow_disk_is_tried_a_few_times_a_round_and_else_waited_for_beside(
    commits: Commits, disk: Disk
) -> None:
    disk.wait_s = SLOW_S * 7
    await commit(commits, 2 * COMMITS_A_ROUND)
    a_round = [True] * TRIED + [False] * (COMMITS_A_ROUND - TRIED)
    assert disk.in_loop == a_round * 2


async def test_one_quick_wait_among_those_tried_shows_that_the_disk_is_quick(commits: Commits, disk: Disk) -> None:
    disk.wait_s = SLOW_S * 7
    await commit(commits, TRIED - 1)
    disk.wait_s = SLOW_S / 10
    await commit(commits, COMMITS_A_ROUND - TRIED + 1)
    assert all(disk.in_loop)


async def test_each_round_judges_the_disk_anew(commits: Commits, disk: Disk) -> None:
    await commit(commits, COMMITS_A_ROUND)
    disk.wait_s = SLOW_S * 7
    await commit(commits, COMMITS_A_ROUND)
    disk.wait_s = 0.0
    await commit(commits, COMMITS_A_ROUND)
    of_rounds = [sum(disk.in_loop[first : first + COMMITS_A_ROUND]) for first in range(0, 192, COMMITS_A_ROUND)]
    assert of_rounds == [COMMITS_A_ROUND, TRIED, COMMITS_A_ROUND]


async def test_a_disk_that_hangs_holds_the_loop_once_in_a_round(commits: Commits, disk: Disk) -> None:
    await commit(commits, 20)
    disk.wait_s = STALL_S
    await commit(commits, COMMITS_A_ROUND - 20)
    assert sum(disk.in_loop) == 21


async def test_a_commit_that_fails_in_the_loop_is_told_and_the_next_one_is_tried(commits: Commits, disk: Disk) -> None:
    disk.error = OSError("full")
    with pytest.raises(OSError, match="full"):
        await commits.commit()
    disk.error = None
    await commits.commit()
    assert disk.in_loop == [True, True]


async def test_others_have_their_turn_while_somebody_commits_again_and_again(commits: Commits) -> None:
    committing = asyncio.create_task(commit(commits, 50))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not committing.done()
    await committing


async def test_who_is_cancelled_at_a_commit_in_the_loop_has_committed(commits: Commits, disk: Disk) -> None:
    committing = asyncio.create_task(commit(commits, 50))
    await asyncio.sleep(0)
    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing
    assert disk.in_loop == [True]
