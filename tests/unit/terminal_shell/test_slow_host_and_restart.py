"""A running terminal measures that its host is slow; its restart keeps what is to be undone and what is to be printed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.worlds.running_terminal import Desk, remembered
from tests.worlds.scripted_host import ScriptedHost

from zhanggui.terminal import runtime
from zhanggui.terminal.flow.core.policy import SLOW_AFTER_S, SLOW_PAYMENTS

SECOND_S = 0.05
"""How long a second of the flow takes here."""
SLOW_S = 2 * SLOW_AFTER_S * SECOND_S


@pytest.fixture
async def desk(tmp_path: Path, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A terminal whose seconds pass quickly."""
    monkeypatch.setattr(runtime, "TICK_S", SECOND_S)
    made = Desk(tmp_path, host)
    await made.power_on()
    yield made
    await made.terminal.stop()


async def paid(desk: Desk) -> None:
    await desk.pay()
    await desk.screen("tear_off")
    desk.keys("enter")


async def test_three_slow_payments_are_said_and_quick_ones_are_not(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    for _ in range(SLOW_PAYMENTS):
        await paid(desk)
        await desk.screen("standby")
    host.slow_s["sale"] = SLOW_S
    for _ in range(SLOW_PAYMENTS - 1):
        await paid(desk)
        await desk.screen("standby")
    await paid(desk)
    assert (await desk.screen("trouble")).code == "N107"


async def test_the_restart_keeps_the_reversal_the_slip_and_the_doubt(desk: Desk, host: ScriptedHost) -> None:
    await desk.sign_in()
    host.slow_s["sale"] = SLOW_S
    await paid(desk)
    await desk.screen("standby")
    desk.terminal.set_device("printer", "no_paper")
    await desk.pay()
    await desk.screen("print_trouble")
    desk.keys("skip")
    await desk.screen("standby")
    desk.terminal.set_device("printer", "ok")
    host.silent |= {"sale", "reversal"}
    await desk.pay()
    await desk.screen("reversal_stuck")
    desk.keys("cancel")
    assert (await desk.screen("trouble")).code == "N107"

    before = remembered(desk)
    assert before.reversal is not None
    assert before.print_pending is not None
    desk.keys("restart")
    host.silent.clear()
    await desk.screen("tear_off")
    after = remembered(desk)
    assert (after.reversal, after.print_pending, after.today) == (
        before.reversal,
        before.print_pending,
        before.today,
    )
    assert after.trace_no >= before.trace_no, "no number comes twice"

    desk.keys("enter")
    sales = host.names().count("sale")
    undone = host.names().count("reversal")
    await desk.sign_in()
    while host.names().count("reversal") == undone:
        host.came.clear()
        await asyncio.wait_for(host.came.wait(), 5)
    await desk.until(lambda view: view.id == "standby" and remembered(desk).reversal is None)
    assert host.names().count("sale") == sales, "nothing is charged again"
    last = remembered(desk)
    assert last.print_pending is None
    assert [line.state for line in last.today] == ["reversed", "approved", "approved"]
    assert desk.terminal.slip(f"{before.print_pending.trace_no}-merchant-again").lines
