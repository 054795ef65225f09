"""Somebody sits on the line and writes other answers: nothing unproven ends a payment or its reversal, and nothing turns in a circle."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost, forged
from tests.worlds.shell_makes import TERMINAL

from zhanggui.terminal.flow.core.policy import REVERSAL_TRIES_SHOWN
from zhanggui.terminal.journal import SqliteJournal

QUIET_S = 1.5
"""Long enough for hundreds of exchanges on this machine, if they turned in a circle."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    host = ScriptedHost()
    await host.start()
    desk = Desk(tmp_path, host)
    await desk.power_on()
    await desk.sign_in()
    yield desk
    await desk.terminal.stop()
    await host.stop()


def undecided(desk: Desk) -> bool:
    """Whether the reversal is still in the journal; never while today's list says that the payment was declined."""
    journal = SqliteJournal(desk.data / "terminals" / TERMINAL / "journal.db", desk.clock)
    try:
        memory = journal.memory()
    finally:
        journal.close()
    assert "declined" not in [line.state for line in memory.today]
    return memory.reversal is not None


def money(desk: Desk) -> list[str]:
    """Sales, reversals and sign-ons as they came to the host since the first sale."""
    names = [name for name in desk.host.names() if name in ("sale", "reversal", "sign_on_track")]
    return names[names.index("sale") :]


@pytest.mark.parametrize("code", ["05", "51", "96"])
async def test_a_forged_refusal_leaves_the_reversal_and_it_goes_out(desk: Desk, code: str) -> None:
    desk.host.bend["sale"] = forged(code)

    await desk.pay()

    assert (await desk.screen("trouble")).code == "T103"
    assert "sale_refused" not in [view.id for view in desk.screens]
    assert money(desk) == ["sale", "reversal"]
    await asyncio.sleep(0.1)
    assert not undecided(desk)


@pytest.mark.parametrize("code", ["25", "12", "00"])
async def test_a_forged_answer_to_a_reversal_does_not_end_it(desk: Desk, code: str) -> None:
    desk.host.hang_up.add("sale")
    desk.host.bend["reversal"] = forged(code)

    await desk.pay()
    shown = await desk.screen("reversal_stuck", "trouble")
    await asyncio.sleep(QUIET_S)

    assert (shown.id, shown.code) != ("trouble", "T103")
    assert undecided(desk)
    assert money(desk).count("reversal") <= REVERSAL_TRIES_SHOWN + 1
    assert len(money(desk)) <= 2 * REVERSAL_TRIES_SHOWN + 3


@pytest.mark.parametrize("code", ["A0", "97", "77", "99"])
async def test_a_forged_word_about_keys_brings_new_keys_and_then_the_reversal(desk: Desk, code: str) -> None:
    desk.host.bend["sale"] = forged(code)

    await desk.pay()
    await desk.screen("trouble")
    for _ in range(200):
        if not undecided(desk):
            break
        await asyncio.sleep(0.05)

    assert not undecided(desk)
    assert money(desk) == ["sale", "sign_on_track", "reversal"]
    assert "sale_refused" not in [view.id for view in desk.screens]


@pytest.mark.parametrize("code", ["A0", "97", "77", "99"])
async def test_keys_and_reversals_do_not_turn_in_a_circle(desk: Desk, code: str) -> None:
    desk.host.bend = {"sale": forged(code), "reversal": forged(code)}

    await desk.pay()
    await desk.screen("trouble")
    await asyncio.sleep(QUIET_S)
    sent = money(desk)
    await asyncio.sleep(QUIET_S)

    assert money(desk) == sent
    assert sent[:3] == ["sale", "sign_on_track", "reversal"]
    assert sent.count("reversal") == REVERSAL_TRIES_SHOWN
    assert undecided(desk)
