"""An order at a running terminal with its true journal: the program ends before or after each of its records, and it is done once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.worlds.running_terminal import Desk, remembered
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import TERMINAL

from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.order import read_answers
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import Record
from zhanggui.terminal.flow.core.noted.orders import read_box
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered
from zhanggui.terminal.runtime import _Tick

NUMBER = 28_000_007
RECORDS_OF_AN_ORDER = 2
"""That it is here, and that it has ended."""


class Ended(Exception):
    """The program is gone; what starts again knows what the journal holds."""


class CutJournal(SqliteJournal):
    """Ends the program beside one of the records of orders."""

    left = 0
    is_before = False

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> Record:
        is_order = isinstance(effect, fx.RememberNote) and effect.name == "orders"
        self.left -= is_order
        ends = is_order and self.left == 0
        if ends and self.is_before:
            raise Ended
        what = super().remember(effect, sealed_card)
        if ends:
            raise Ended
        return what


@pytest.fixture
async def host() -> AsyncIterator[ScriptedHost]:
    made = ScriptedHost()
    await made.start()
    yield made
    await made.stop()


async def ticking(desk: Desk) -> None:
    """Seconds, faster than they are."""
    while True:
        desk.terminal._inputs.put_nowait(_Tick())
        await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


def answers(host: ScriptedHost) -> set[tuple[int, str, str]]:
    """What heartbeats said of orders so far."""
    beats = [heard.message for heard, name in zip(host.heard, host.names(), strict=True) if name == "status"]
    tags = [read_operator_request(beat).tags for beat in beats]
    return {
        (answer.number, answer.state, answer.word)
        for one in tags
        for answer in read_answers(one.get(Tag.ORDER_ANSWERS, ""))
    }


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize("record", range(1, RECORDS_OF_AN_ORDER + 1))
async def test_an_order_is_done_once_wherever_the_program_ends(
    tmp_path: Path, host: ScriptedHost, record: int, is_before: bool
) -> None:
    desk = Desk(tmp_path, host)
    journal = CutJournal(tmp_path / "terminals" / TERMINAL / "journal.db", desk.clock)
    journal.left, journal.is_before = record, is_before
    await desk.power_on(journal=journal)
    await desk.sign_in()
    good_until = write_clock(UnixMs(host.now + 3_600_000))
    host.tags["status"] = {Tag.ORDER: f"{NUMBER},remote_lock,{good_until},0,盘点"}
    seconds = asyncio.ensure_future(ticking(desk))
    try:
        await desk.screen("shut")
        await until(lambda: bool(answers(host)))
        # The host says again what it said, as one does that has not heard the answer; then it has.
        host.tags["status"] = {Tag.ORDERS_TAKEN: str(NUMBER)}
        await until(lambda: not read_box(remembered(desk).orders).orders)
    finally:
        seconds.cancel()
    assert answers(host) == {(NUMBER, "done", "")}
    box = read_box(remembered(desk).orders)
    assert (box.gone, box.shut) == ((NUMBER,), "盘点")
    assert desk.terminal.view().id == "shut"
    await desk.terminal.stop()
