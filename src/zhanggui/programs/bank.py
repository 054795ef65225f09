"""The simulated bank of a data folder as a program."""

from contextlib import AsyncExitStack

from ..bank.server import Bank
from ..bank.setup import open_vault
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..edges.lock import FolderLock
from .bank_figures import figure_rows, read_figures, read_readiness
from .data_folder import Places, passphrase_of, require_data
from .figures import serve_figures
from .ports import naming_the_options
from .private_files import close_to_others
from .settings import Settings


async def start_bank(settings: Settings, clock: Clock, chance: Chance, stack: AsyncExitStack) -> int:
    """Start the bank of a data folder; the answer is its port."""
    places = Places(settings.data_path)
    require_data(places)
    close_to_others(settings.data_path)
    lock = FolderLock(places.bank_lock, "a bank").acquire()
    stack.callback(lock.release)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), chance)
    bank = Bank(settings.data_path, vault, clock, slow_answer_s=settings.bank.slow_answer_s)
    stack.push_async_callback(bank.stop)
    with naming_the_options("bank"):
        port = await bank.start(settings.bank.listen, settings.bank.port)
    await serve_figures(
        settings,
        settings.metrics.bank_port,
        figure_rows(),
        lambda: read_figures(bank),
        lambda: read_readiness(bank),
        stack,
    )
    return port
