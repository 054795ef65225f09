"""A power cut (SIGKILL of a real process) at every step of a sale: afterwards terminal and host always agree."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import TERMINAL

from zhanggui.terminal.journal import SqliteJournal

STEPS_MAX = 80
"""The story has about thirty steps; a bound so that a story that never ends is noticed."""
SALE_TRACE = "000004"


def states(desk: Desk) -> tuple[list[str], bool]:
    """States of today's payments in the journal, and whether anything is still owed."""
    journal = SqliteJournal(desk.data / "terminals" / TERMINAL / "journal.db", desk.clock)
    try:
        memory = journal.memory()
    finally:
        journal.close()
    return [line.state for line in memory.today], memory.reversal is not None or memory.print_pending is not None


async def recover(folder: Path, host: ScriptedHost) -> Desk:
    """Switch the terminal on again and sign in; slips that are owed come first."""
    desk = Desk(folder, host, new=False)
    await desk.power_on()
    if (await desk.screen("tear_off", "sign_in_number")).id == "tear_off":
        desk.keys("enter")
    await desk.sign_in()
    await desk.until(lambda view: view.id == "standby" and not states(desk)[1])
    return desk


async def test_whenever_the_power_fails_terminal_and_host_agree_afterwards(tmp_path: Path) -> None:
    host = ScriptedHost()
    await host.start()
    model = tmp_path / "model"
    Desk(model, host)
    for at in range(1, STEPS_MAX):
        shutil.copytree(model, tmp_path / str(at))
    doomed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.terminal_shell.doomed",
        *(str(tmp_path), str(host.port), "1", str(STEPS_MAX)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "src:."},
    )
    assert doomed.stdin is not None
    assert doomed.stdout is not None
    outcomes: list[tuple[bool, bool]] = []
    try:
        for at in range(1, STEPS_MAX):
            host.heard.clear()
            fate = (await asyncio.wait_for(doomed.stdout.readline(), 30)).decode().split()
            assert fate[0] == str(at)
            if fate[1] != "killed":
                assert fate[1:] == ["done", "0"]
                break
            outcomes.append(await agree_after_a_cut(tmp_path / str(at), host))
            doomed.stdin.write(b"\n")
    finally:
        doomed.kill()
        await doomed.wait()
        await host.stop()

    assert len(outcomes) >= 25, "records, exchanges and prints of one sale"
    assert {(False, False), (True, True), (True, False)} <= set(outcomes), "cut before, during and after the sale"


async def agree_after_a_cut(folder: Path, host: ScriptedHost) -> tuple[bool, bool]:
    """Recover and compare both sides; the answer is whether the sale reached the host and whether it was undone."""
    desk = await recover(folder, host)
    await desk.terminal.stop()
    sales = [heard for heard in host.heard if heard.transaction.name == "sale"]
    reversals = [heard for heard in host.heard if heard.transaction.name == "reversal"]
    lines, owed = states(desk)
    slips = sorted(path.name[16:] for path in (folder / "terminals" / TERMINAL / "slips").glob("*.json"))

    assert not owed
    assert len(sales) <= 1, "a sale is never sent twice"
    assert all(heard.mac_is_right for heard in (*sales, *reversals))
    assert {heard.message.fields[11] for heard in (*sales, *reversals)} <= {SALE_TRACE}
    if reversals:
        assert lines == ["reversed"]
        assert slips == [], "nothing was printed for a payment that was undone"
    elif sales:
        assert lines == ["approved"]
        for copy in ("merchant", "cardholder"):
            assert [name for name in slips if f"-{copy}" in name], f"the {copy} copy came out, before or after the cut"
    else:
        assert lines == []
        assert slips == []
    return bool(sales), bool(reversals)
