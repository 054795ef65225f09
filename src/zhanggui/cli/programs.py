"""`up`, `host`, `bank`, `terminal`, `demo-data`: the programs that run until they are ended."""

import asyncio
import gc
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from .. import __version__
from ..bank.server import Bank
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..edges.logs import configure_logs
from ..terminal.assembly import build_terminal
from ..terminal.runtime import Terminal
from ..terminal.settings import read_settings, terminals_in
from .assembly import HostProgram, Places, passphrase_of, require_data
from .demo import make_demo
from .run import run_until_stopped
from .settings import Settings
from .words import complain, say

LOG_FILE = "zhanggui.log"
GARBAGE_AFTER = (20_000, 20, 20)
"""When Python looks for rings of garbage in a host: rows and messages make none, so looking seldom saves a tenth of its time."""


async def start_bank(settings: Settings, stack: AsyncExitStack) -> int:
    """Start the bank of a data folder; the answer is its port."""
    places = Places(settings.data_path)
    require_data(places)
    chance = SystemChance()
    vault = open_vault(settings.data_path, passphrase_of(settings, places), chance)
    bank = Bank(settings.data_path, vault, SystemClock(), slow_answer_s=settings.bank.slow_answer_s)
    stack.push_async_callback(bank.stop)
    return await bank.start(settings.bank.listen, settings.bank.port)


async def start_host(settings: Settings, stack: AsyncExitStack) -> int:
    """Start the host of a data folder; the answer is its port."""
    program = HostProgram(settings, SystemClock(), SystemChance())
    stack.push_async_callback(program.stop)
    return await program.start()


async def start_terminals(
    settings: Settings, numbers: tuple[str, ...], stack: AsyncExitStack, *, host_port: int | None = None
) -> dict[str, Terminal]:
    """Start terminals of a data folder, without their page. `host_port` goes before what their settings say."""
    terminals: dict[str, Terminal] = {}
    for number in numbers or tuple(terminals_in(settings.data_path)):
        fixed = read_settings(settings.data_path, number)
        if host_port is not None:
            fixed = msgspec.structs.replace(fixed, host=settings.host.listen, port=host_port)
        terminal = build_terminal(
            settings.data_path,
            fixed,
            clock=SystemClock(),
            chance=SystemChance(),
            software=f"zhanggui {__version__}",
        )
        await terminal.start()
        stack.push_async_callback(terminal.stop)
        watching = asyncio.create_task(_tell_when_broken(terminal), name=f"watch {number}")
        stack.callback(watching.cancel)
        terminals[number] = terminal
    if not terminals:
        raise Misuse(f"there are no terminals in {settings.data_path}; make demo data with 'zhanggui demo-data'")
    return terminals


async def _tell_when_broken(terminal: Terminal) -> None:
    """A terminal that gave up after too many broken invariants is switched off for good; say so where it is seen."""
    try:
        await terminal.broken()
    except Exception as error:
        complain(f"terminal {terminal.number} stopped: {type(error).__name__}. Its log tells more; start it again.")


async def start_page(settings: Settings, terminals: dict[str, Terminal], stack: AsyncExitStack) -> str:
    """Serve the terminals' page; the answer is its address."""
    # The web framework takes a third of a second to import, and only the page needs it.
    from ..terminal.page.server import serve_page

    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve_page(terminals, settings.terminal.listen, settings.terminal.port, ready=address.set_result), name="page"
    )

    async def stop() -> None:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    stack.push_async_callback(stop)
    await asyncio.wait((serving, address), return_when=asyncio.FIRST_COMPLETED)
    if not address.done():
        serving.result()
        raise Misuse("the terminals' page ended before it was ready")
    return address.result()


def up(settings: Settings) -> None:
    """Start bank, host and terminals on one machine; make demo data first if the folder holds none."""
    places = Places(settings.data_path)
    fresh = not places.host_local_key.exists()

    async def start(stack: AsyncExitStack) -> None:
        if fresh:
            say(settings.lang, "making_demo", folder=str(settings.data_path))
            await make_demo(settings, SystemClock(), SystemChance(), lambda step: say(settings.lang, "step", step=step))
        bank_port = await start_bank(settings, stack)
        host_port = await start_host(settings, stack)
        terminals = await start_terminals(settings, (), stack, host_port=host_port)
        page = await start_page(settings, terminals, stack)
        say(
            settings.lang,
            "ready",
            page=page,
            first=f"{page.rstrip('/')}/t/{next(iter(terminals))}",
            host=f"{settings.host.listen}:{host_port}",
            bank=f"{settings.bank.listen}:{bank_port}",
            folder=str(settings.data_path),
            log=str(settings.data_path / LOG_FILE),
        )

    check_folder(settings.data_path)
    configure_logs(level=settings.log_level, file=settings.data_path / LOG_FILE)
    asyncio.run(run_until_stopped(start))
    say(settings.lang, "stopped")


def host(settings: Settings) -> None:
    """Run the acquirer's host alone."""

    async def start(stack: AsyncExitStack) -> None:
        port = await start_host(settings, stack)
        gc.freeze()
        gc.set_threshold(*GARBAGE_AFTER)
        say(settings.lang, "host_ready", address=f"{settings.host.listen}:{port}")

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start))


def bank(settings: Settings) -> None:
    """Run the bank simulator alone."""

    async def start(stack: AsyncExitStack) -> None:
        port = await start_bank(settings, stack)
        say(settings.lang, "bank_ready", address=f"{settings.bank.listen}:{port}")

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start))


def terminal(settings: Settings, numbers: tuple[str, ...], host_port: int | None) -> None:
    """Run terminals and their page alone."""

    async def start(stack: AsyncExitStack) -> None:
        terminals = await start_terminals(settings, numbers, stack, host_port=host_port)
        page = await start_page(settings, terminals, stack)
        say(settings.lang, "terminal_ready", page=page)

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start))


def demo_data(settings: Settings) -> None:
    """Make demo data in an empty folder, and end."""
    places = Places(settings.data_path)
    if places.host_local_key.exists():
        raise Misuse(
            f"there are data in {settings.data_path} already; they are not overwritten. Give an empty folder with --data DIR."
        )
    check_folder(settings.data_path)
    configure_logs(level="warning")
    asyncio.run(make_demo(settings, SystemClock(), SystemChance(), lambda step: say(settings.lang, "step", step=step)))
    say(settings.lang, "demo_made", folder=str(settings.data_path))


def check_folder(folder: Path) -> None:
    """Misuse when the data folder can't be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misuse(
            f"can't write to {folder}: {error.strerror or error}. Give a folder that you may write to, with --data DIR."
        ) from error
