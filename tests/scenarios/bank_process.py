"""A bank in a process of its own, to be killed: prints its port and serves until then. Usage: bank_process.py FOLDER"""

import asyncio
import sys
from pathlib import Path

from tests.worlds.bank_client import bank_vault

from zhanggui.bank.server import Bank
from zhanggui.basics.clock import SystemClock
from zhanggui.edges.logs import configure_logs


async def serve(folder: Path) -> None:
    bank = Bank(folder, bank_vault(), SystemClock())
    print(await bank.start(port=0), flush=True)
    await asyncio.Event().wait()


configure_logs(level="error")
asyncio.run(serve(Path(sys.argv[1])))
