"""Threads that read lists for the office: programs have their share, and whoever sits before a page does not wait behind them."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from zhanggui.basics.errors import Fault
from zhanggui.programs import office
from zhanggui.programs.office import PROGRAMS_WAIT_MAX, READERS_OF_PROGRAMS, Reader


class NoQueries:
    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(office, "open_queries", lambda target: NoQueries())
    reader = Reader("nowhere")
    yield reader
    reader.close()


async def test_a_page_is_read_while_programs_ask_for_more_than_there_is(reader: Reader) -> None:
    go_on, at_once, most = threading.Event(), 0, 0

    def slow(queries: Any) -> str:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        go_on.wait(20)
        at_once -= 1
        return "list"

    programs = [asyncio.ensure_future(reader.read_for_program(slow)) for _ in range(8)]
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(reader.read(lambda queries: "page"), 5) == "page"
    # One whose program hung up has its thread all the same until it is done.
    programs[0].cancel()
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(reader.read(lambda queries: "page"), 5) == "page"
    go_on.set()
    assert await asyncio.gather(*programs[1:]) == ["list"] * 7
    assert most == READERS_OF_PROGRAMS


async def test_a_share_that_failed_is_there_again(reader: Reader) -> None:
    def fails(queries: Any) -> str:
        raise Fault("no database")

    for _ in range(3):
        with pytest.raises(Fault, match="no database"):
            await reader.read_for_program(fails)
    assert await asyncio.wait_for(reader.read_for_program(lambda queries: "list"), 5) == "list"


async def test_no_more_programs_wait_than_may(reader: Reader) -> None:
    go_on = threading.Event()
    programs = [
        asyncio.ensure_future(reader.read_for_program(lambda queries: go_on.wait(20)))
        for _ in range(PROGRAMS_WAIT_MAX + READERS_OF_PROGRAMS)
    ]
    await asyncio.sleep(0.05)
    with pytest.raises(Fault, match="as many programs wait"):
        await reader.read_for_program(lambda queries: True)
    go_on.set()
    assert all(await asyncio.gather(*programs))
