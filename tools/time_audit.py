"""How long `zhanggui audit verify` takes: python tools/time_audit.py [RECORDS], by default 100,000 sign-ins of three links each.

Prints the cost of a link at the host, and the time of an audit of the database and of an export without it. Nothing is asserted.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from zhanggui.acquirer.proof.chain import append_links, chain_needs
from zhanggui.acquirer.rows.records import SignIn
from zhanggui.acquirer.rows.state import Change, Insert, Needs, Update
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo, RecordNo, TerminalNo, UnixMs
from zhanggui.cli import audit
from zhanggui.host.commit import Door
from zhanggui.host.jobs.checkpoint_file import CheckpointFile
from zhanggui.host.jobs.checkpoints import ChainKeeper, LongChains
from zhanggui.host.keys import create_host_keys
from zhanggui.programs.data_folder import Places, make_host_vault, passphrase_of
from zhanggui.programs.settings import Settings
from zhanggui.store.open import open_store
from zhanggui.store.port import ChainedStore

SHOP = MerchantNo("102100058120001")
BATCH = 500


def life(number: int) -> list[Change]:
    """A sign-in: verified, confirmed, signed out."""
    began = UnixMs(1_795_000_000_000 + number * 500)
    verified = SignIn(
        merchant_no=SHOP,
        record_no=RecordNo(number),
        terminal_no=TerminalNo(f"1{number % 300:07d}"),
        operator_no=f"{number % 90 + 1:02d}",
        operator_name="王芳",
        state="verified",
        began_ms=began,
        verified_ms=began,
        elapsed_ms=5_300,
        terminal_clock_ms=began,
        drift_s=0,
        self_check="power:ok,network:ok,keypad:ok,display:ok,card_reader:ok,scanner:ok,printer:ok,clock:ok",
        versions="zhanggui 0.1.0",
    )
    active = msgspec.structs.replace(verified, state="active", confirmed_ms=began, session_no=number)
    ended = msgspec.structs.replace(active, state="ended", ended_ms=UnixMs(began + 9), reason="signed_out:asked")
    return [Insert(verified), Update(active), Update(ended)]


async def fill(store: ChainedStore, keeper: ChainKeeper, records: int, *, with_links: bool) -> float:
    """Write the records, each step of a life in a transaction of its own; the answer is the CPU time in seconds."""
    began_s = time.process_time()
    for first in range(1, records + 1, BATCH):
        lives = [life(number) for number in range(first, min(first + BATCH, records + 1))]
        for step in range(3):
            changes: list[Change] = [one[step] for one in lives]
            async with store.unit() as unit:
                keys = [(SHOP, RecordNo(number)) for number in range(first, first + BATCH)] if step else []
                state = await unit.load(Needs({SignIn: keys}))
                if with_links:
                    needs = chain_needs(changes)
                    assert needs is not None
                    state.join(await unit.load(needs))
                    changes += append_links(state, changes, SystemChance(), SystemClock().now())
                await unit.save(changes)
        if with_links:
            await keeper.sign_all()
    return time.process_time() - began_s


def main(records: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-audit-") as name:
        settings = Settings(data=name, lang="en", passphrase="for measuring only")  # noqa: S106  # a folder that goes
        places = Places(Path(name))
        chance = SystemChance()
        keys = create_host_keys(make_host_vault(places, passphrase_of(settings, places), chance), places.host_keys)
        places.complete.write_text("measuring\n", encoding="utf-8")
        seconds: dict[bool, float] = {}
        for with_links in (False, True):
            path = places.host_database if with_links else places.data / "plain.db"
            store = open_store(str(path))
            file = CheckpointFile(places.host_checkpoints)
            door, long_chains = Door(store, SystemClock(), chance), LongChains()
            keeper = ChainKeeper(store, door, keys.sign, SystemClock(), long_chains, file)
            seconds[with_links] = asyncio.run(fill(store, keeper, records, with_links=with_links))
            asyncio.run(store.close())
        cost_us = (seconds[True] - seconds[False]) / (3 * records) * 1e6
        links = 3 * records
        sys.stdout.write(f"{records:,} records, {links:,} links: {cost_us:.1f} us of CPU a link with its rows\n")
        export = Path(name) / "export.jsonl"
        steps: dict[str, Callable[[], None]] = {
            "audit of the database": partial(audit.verify, settings, export=None, anchor=None, as_json=False),
            "making an export": partial(audit.export_records, settings, export),
            "audit of the export": partial(audit.verify, settings, export=export, anchor=None, as_json=False),
        }
        for what, run in steps.items():
            began_s = time.perf_counter()
            run()
            sys.stdout.write(f"{what}: {time.perf_counter() - began_s:.2f} s\n")
        sys.stdout.write(f"the export has {export.stat().st_size / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
