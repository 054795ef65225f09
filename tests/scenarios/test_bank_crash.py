"""A bank killed under load: nothing that it acknowledged is lost, nothing is posted twice, and what is in doubt can be reversed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.worlds.bank_client import BankClient, HostKeys, bank_vault, set_up

from zhanggui.bank import queries
from zhanggui.bank.cards import TEST_CARDS
from zhanggui.cup.messages.interbank import BankAnswer, BankPayment

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("bank_process.py")
IN_FLIGHT = 64
MAIN = TEST_CARDS[0]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A bank process that ends with SIGKILL, whatever happens."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), str(folder), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    try:
        yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        # The pipe is read to its end, so that its transport closes before the loop does.
        await process.stdout.read()


async def load_until_killed(
    client: BankClient, process: asyncio.subprocess.Process, kill_after: int
) -> tuple[dict[str, BankAnswer], dict[str, BankPayment]]:
    """Sell with many sales in flight; after so many answers the bank is killed. Gives answers and all sales by number."""
    answers: dict[str, BankAnswer] = {}
    asked: dict[str, BankPayment] = {}
    dead = asyncio.create_task(process.wait())

    async def sell() -> None:
        while not dead.done():
            sale = client.sale(amount_fen=1 + len(asked) % 7)
            asked[sale.rrn] = sale
            answer = client.send(sale)
            await asyncio.wait((answer, dead), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                answers[sale.rrn] = answer.result()
            if len(answers) == kill_after and not dead.done():
                process.send_signal(signal.SIGKILL)

    await asyncio.gather(*(sell() for _ in range(IN_FLIGHT)))
    return answers, asked


@pytest.mark.processes
@pytest.mark.parametrize("kill_after", [1, 40, 333, 1_000])
async def test_a_bank_killed_under_load_keeps_what_it_acknowledged(tmp_path: Path, kill_after: int) -> None:
    keys: HostKeys = set_up(tmp_path)
    client = BankClient(keys)
    async with serving(tmp_path) as (process, port):
        await client.connect(port)
        answers, asked = await load_until_killed(client, process, kill_after)
        await client.close()

    assert queries.differences(tmp_path) == []
    posted = {payment.rrn for payment in queries.payments(tmp_path, limit=1_000)}
    assert len(answers) >= kill_after
    held = queries.balance(tmp_path, bank_vault(), MAIN.pan)
    if len(asked) <= 1_000:
        assert answers.keys() <= posted <= asked.keys()
        assert held == MAIN.balance_fen - sum(asked[rrn].amount_fen for rrn in posted)

    async with serving(tmp_path) as (_, port):
        await client.connect(port)
        for rrn, answer in answers.items():
            assert await client.ask(asked[rrn]) == answer
        for rrn in asked.keys() - answers.keys():
            undone = await client.ask(client.reversal(asked[rrn]))
            assert undone.response_code in ("00", "25")
            assert (await client.ask(asked[rrn])).response_code == "12"
        await client.close()

    acknowledged_fen = sum(asked[rrn].amount_fen for rrn in answers)
    assert queries.balance(tmp_path, bank_vault(), MAIN.pan) == MAIN.balance_fen - acknowledged_fen
    assert queries.differences(tmp_path) == []
