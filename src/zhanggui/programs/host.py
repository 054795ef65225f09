"""The host of a data folder as a program: its lock, its vault, its store."""

from contextlib import AsyncExitStack

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..edges.lock import FolderLock
from ..edges.sqlite_backup import Told, tell_nobody
from ..host.commit import Door
from ..host.jobs.checkpoint_file import CheckpointFile
from ..host.jobs.plain_codes import seal_plain_codes
from ..host.keys import HostKeys, open_host_keys
from ..host.server import Host, HostSettings
from ..store.open import open_store
from ..store.plain_codes import shops_with_plain_codes
from .data_folder import Places, open_host_vault, require_data, store_target
from .private_files import close_to_others
from .settings import Settings


class HostProgram:
    """A host over a data folder, with the lock that keeps a second one out."""

    def __init__(self, settings: Settings, clock: Clock, chance: Chance, told: Told = tell_nobody) -> None:
        """Take the folder's lock and open its store; `told` hears when old data are brought up to this version."""
        places = Places(settings.data_path)
        require_data(places)
        close_to_others(settings.data_path)
        self._lock = FolderLock(places.host_lock, "a host").acquire()
        try:
            hsm = open_host_vault(settings, places, chance)
            self.keys: HostKeys = open_host_keys(hsm, places.host_keys)
            self._target = store_target(settings, places)
            self.store = open_store(self._target, told)
            self._door = Door(self.store, clock, chance)
        except BaseException:
            self._lock.release()
            raise
        section = settings.host
        self.host = Host(
            HostSettings(
                listen=section.listen,
                port=section.port,
                bank_host=settings.bank.listen,
                bank_port=settings.bank.port,
                bank_timeout_s=section.bank_timeout_s,
                dialect=section.dialect,
                acquirer_code=section.acquirer_code,
                acquirer_name=section.acquirer_name,
            ),
            self.store,
            self.keys,
            clock,
            chance,
            CheckpointFile(places.host_checkpoints),
        )

    async def start(self) -> int:
        """Start the host; the answer is its port."""
        shops = shops_with_plain_codes(self._target)
        if shops:
            await seal_plain_codes(self._door, self.keys, shops)
        return await self.host.start()

    async def stop(self) -> None:
        """Stop it and let the next one in."""
        try:
            await self.host.stop()
        finally:
            self._lock.release()


async def start_host(
    settings: Settings, clock: Clock, chance: Chance, stack: AsyncExitStack, told: Told = tell_nobody
) -> int:
    """Start the host of a data folder; the answer is its port."""
    program = HostProgram(settings, clock, chance, told)
    stack.push_async_callback(program.stop)
    return await program.start()
