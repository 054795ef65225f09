"""The simulated QR wallets of a data folder as a program."""

from contextlib import AsyncExitStack

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..edges.lock import FolderLock
from ..host.keys import shared_wallet_key
from ..vault.software import SoftwareHsm
from ..wallets.setup import accept_host_key, open_vault, wallets_are_set_up
from .data_folder import Places, open_host_vault, passphrase_of, require_data
from .private_files import close_to_others
from .served import start_serving
from .settings import Settings

TRANSPORT_KEY_BYTES = 32


def set_up_wallets(settings: Settings, chance: Chance) -> SoftwareHsm:
    """The wallets' vault; wallets that are not there yet are made, and share a key with the host from now on.

    A folder from before there were wallets gets both; a host that runs then knows the key from its next start on.
    """
    places = Places(settings.data_path)
    require_data(places)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), chance)
    if not wallets_are_set_up(settings.data_path):
        hsm = open_host_vault(settings, places, chance)
        key = shared_wallet_key(hsm, places.host_keys)
        transport_key = chance.take_secret(TRANSPORT_KEY_BYTES)
        accept_host_key(settings.data_path, vault, hsm.export_block(key, transport_key), transport_key)
    return vault


async def start_wallets(settings: Settings, clock: Clock, chance: Chance, stack: AsyncExitStack) -> str:
    """Start the wallets of a data folder; the answer is the address of their page."""
    # The web framework takes a third of a second to import, and only pages need it.
    from ..wallets.server import serve_wallets

    section, places = settings.wallets, Places(settings.data_path)
    close_to_others(settings.data_path)
    vault = set_up_wallets(settings, chance)
    lock = FolderLock(places.wallets_lock, "a set of wallets").acquire()
    stack.callback(lock.release)
    return await start_serving(
        "wallets",
        "wallets",
        lambda ready: serve_wallets(
            settings.data_path,
            vault,
            clock,
            chance,
            section.listen,
            section.port,
            slow_answer_s=section.slow_answer_s,
            silent_s=section.silent_s,
            ready=ready,
        ),
        stack,
    )
