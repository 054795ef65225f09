"""A large batch at its end, from our terminal over TCP: agreed at once, or every payment told, with many messages in flight on a line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.conftest import Ports
from tests.scenarios.test_settlement import batch_of, change_host, cut_at, differences
from tests.worlds.house import House
from tests.worlds.large_batch import FIRST_COPY, grow_batch
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.terminal.flow.core.policy import DETAILS_PAGE
from zhanggui.terminal.flow.screens.views import ScreenView

TERMINAL = "10000001"
LARGEST = 10_000
"""As many as the host keeps details of."""
WRONG = f"{FIRST_COPY + 5:06d}"
PATIENCE_S = 180.0
"""The machine may be busy; how long it takes on a quiet one stands in docs/concepts/figures.md."""


@asynccontextmanager
async def grown(house: House, ports: Ports, payments: int, way: str, *, differs: bool) -> AsyncIterator[House]:
    """One true sale and a batch of copies of it, in three books that agree; or one row of the host's is changed."""
    async with at_the_counter(house, ports.take(), TERMINAL) as at:
        await at.sell("12345")
    house.stop()
    grow_batch(house.folder, TERMINAL, payments, way=way)
    again = House(house.folder).start()
    try:
        assert again.bank_differences() == []
        if differs:
            change_host(again, WRONG, 99)
        yield again
    finally:
        again.stop()


async def result(at: AtTheCounter) -> str:
    """Wait long for the result."""
    for _ in range(int(PATIENCE_S / 20)):
        try:
            return words_of(await at.until(lambda view: view.id == "settled" and "结算单已出" in words_of(view)))
        except AssertionError:
            continue
    raise AssertionError(words_of(at.terminal.view()))


@pytest.mark.parametrize(
    ("way", "differs", "frames_at_least"),
    [("insert", False, 4), ("insert", True, 2 * LARGEST), ("swipe", True, 2 * LARGEST // 8)],
    ids=["agreed", "each chip payment alone", "stripes by eight"],
)
async def test_ten_thousand_payments_are_agreed_at_once_or_told_one_by_one_with_progress(
    house: House, ports: Ports, way: str, differs: bool, frames_at_least: int
) -> None:
    shown: list[int] = []

    def look(view: ScreenView) -> None:
        if view.id == "settling" and view.progress:
            told, _, count = view.progress[0].removeprefix("已上送 ").partition(" / ")
            assert int(count) == LARGEST
            shown.append(int(told))

    async with grown(house, ports, LARGEST, way, differs=differs) as large:
        async with at_the_counter(large, ports.take(), TERMINAL) as at:
            at.keys("settle")
            await at.screen("settle")
            at.terminal.watch(look)
            at.keys("enter")
            words = await result(at)
            frames = [seen for seen in at.wire.frames if seen.mti in ("0500", "0510", "0320", "0330")]
        assert ("不平" in words) is differs
        assert len(frames) >= frames_at_least
        assert sorted(set(shown)) == (list(range(0, LARGEST, DETAILS_PAGE)) if differs else [])
        assert differences(large) == ({WRONG: ("amount_differs", 99, 12345)} if differs else {})
        batch = batch_of(large)
        assert (batch["state"], batch["outcome"]) == ("closed", "differs" if differs else "agreed")
        assert batch["details_count"] == (LARGEST if differs else 0)


THREE_PAGES = 2 * DETAILS_PAGE + 60


@pytest.mark.parametrize("place", [3, 70, 2 * DETAILS_PAGE, 3 * DETAILS_PAGE, 4 * DETAILS_PAGE + 90])
async def test_power_that_goes_with_many_in_flight_changes_nothing_of_the_end(
    house: House, ports: Ports, place: int
) -> None:
    async with grown(house, ports, THREE_PAGES, "insert", differs=True) as large:
        async with at_the_counter(large, ports.take(), TERMINAL) as at, cut_at(at, place) as cut:
            at.keys("settle")
            await at.screen("settle")
            at.keys("enter")
            await asyncio.wait_for(cut.wait(), PATIENCE_S)
        async with at_the_counter(large, ports.take(), TERMINAL, signs_in=False) as at:
            view = await at.screen("self_check_result", "settling", "settled")
            if view.id == "self_check_result":
                at.keys("enter")
            assert "不平" in await result(at)
        assert differences(large) == {WRONG: ("amount_differs", 99, 12345)}
        assert (batch_of(large)["state"], batch_of(large)["details_count"]) == ("closed", THREE_PAGES)
