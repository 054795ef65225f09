"""The host of a data folder as a program: its lock, its vault, its store."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Fault, Misuse
from ..edges.lock import FolderLock
from ..edges.name_lookups import NameLookups
from ..edges.outside_calls import OutsideCalls
from ..edges.sqlite_backup import Told, tell_nobody
from ..edges.watched import LongTask, keep_running
from ..host.commit import Door
from ..host.jobs.checkpoint_file import CheckpointFile, read_checkpoint_file
from ..host.jobs.plain_codes import seal_plain_codes
from ..host.jobs.start_state import MarkFile, ahead_of, go_on_above, newest_of, reserved_in, set_aside
from ..host.keys import HostKeys, open_host_keys
from ..host.networks.wallet_port import WalletClient
from ..host.server import Host, HostSettings, OutboxParts
from ..host.work import log
from ..store.open import open_store
from ..store.plain_codes import shops_with_plain_codes
from ..vault.hsm import Hsm
from ..views.webhook_bodies import SAID
from ..wallets.setup import wallets_are_set_up
from .data_folder import Places, open_host_vault, require_data, store_target
from .export_files import ExportFiles
from .figures import start_figures
from .notices import start_notices
from .office import start_office
from .phones import start_phone_page
from .ports import naming_the_options
from .private_files import close_to_others
from .settings import Settings
from .terminal_door import start_terminal_door
from .window import answer_offices, open_window

MARKED_EVERY_S = 60.0
"""How often the mark beside the database follows it."""
BEHIND_SHOWN = 3
WAY_OUT = (
    "Nothing was changed. End everything and put the newest copy of the database back ('zhanggui db restore'). "
    "If there is none, start once with --accept-older: payments since then are only in the bank's books, and numbers go on above them."
)


class HostProgram:
    """A host over a data folder, with the lock that keeps a second one out."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        chance: Chance,
        told: Told = tell_nobody,
        *,
        accept_older: bool = False,
    ) -> None:
        """Take the folder's lock and open its store; `told` hears when old data are brought up to this version.

        A database that is older than what lies beside it is refused at the start, unless it is accepted.
        """
        places = Places(settings.data_path)
        require_data(places)
        close_to_others(settings.data_path)
        self._lock = FolderLock(places.host_lock, "a host").acquire()
        try:
            hsm = open_host_vault(settings, places, chance)
            self.keys: HostKeys = open_host_keys(hsm, places.host_keys)
            self._target = store_target(settings, places)
            if not (settings.host.store or places.host_database.exists() or accept_older):
                raise Misuse(f"the database {places.host_database} is gone. {WAY_OUT}")
            self.store = open_store(self._target, told)
            self._door = Door(self.store, clock, chance)
        except BaseException:
            self._lock.release()
            raise
        self._places, self.hsm, self._clock = places, hsm, clock
        self._mark = MarkFile(places.host_mark)
        self._accept_older = accept_older
        self._marking: LongTask | None = None
        self._lookups = NameLookups()
        self._files = ExportFiles(places.exports, self._target, chance)
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
                unknown_per_minute=section.unknown_per_minute,
            ),
            self.store,
            self.keys,
            clock,
            chance,
            CheckpointFile(places.host_checkpoints),
            _wallets(settings, hsm, self.keys, clock, chance),
            OutboxParts(SAID, OutsideCalls(self._lookups.resolve, inside_allowed=settings.webhooks.allow_private).post),
            self._files,
        )

    async def start(self) -> int:
        """Start the host; the answer is its port. Misuse when the database is older than what lies beside it."""
        await self._compare()
        shops = shops_with_plain_codes(self._target)
        if shops:
            await seal_plain_codes(self._door, self.keys, shops)
        self._files.sweep(self._clock.now())
        with naming_the_options("host"):
            port = await self.host.start()
        self._marking = keep_running("mark", self._note_mark, every_s=MARKED_EVERY_S, at_once=False)
        return port

    async def _compare(self) -> None:
        """The database against what only grows beside it."""
        kept = self._places.host_checkpoints
        newest = newest_of(read_checkpoint_file(kept) if kept.exists() else [])
        mark = self._mark.read()
        ahead = await ahead_of(self.store, newest, mark)
        found = ahead.differences
        if not found:
            return
        if not self._accept_older:
            shown = "; ".join(found[:BEHIND_SHOWN])
            raise Misuse(f"the database is older than what lies beside it ({shown}). {WAY_OUT}")
        await go_on_above(self._door, newest, mark)
        set_aside(ahead, kept, self._places.host_mark)
        self._mark.read()
        log.warning("older_database_accepted", differences=found[:BEHIND_SHOWN], count=len(found))

    async def _note_mark(self) -> None:
        try:
            self._mark.write(await reserved_in(self.store))
        except Fault as error:
            # The mark stays where it was, which is behind the database: nothing is refused for it.
            log.warning("mark_not_written", reason=str(error))

    async def stop(self) -> None:
        """Stop it and let the next one in."""
        try:
            if self._marking is not None:
                await self._marking.stop()
                self._marking = None
                await self._note_mark()
            await self.host.stop()
        finally:
            await self._files.stop()
            self._lookups.close()
            self._lock.release()


def _wallets(settings: Settings, hsm: Hsm, keys: HostKeys, clock: Clock, chance: Chance) -> WalletClient | None:
    """The way to the wallets; None where no wallets of this folder share a key with the host."""
    if keys.wallet_key is None or not wallets_are_set_up(settings.data_path):
        return None
    listen, port = settings.wallets.listen, settings.wallets.port
    address = f"http://[{listen}]:{port}" if ":" in listen else f"http://{listen}:{port}"
    return WalletClient(address, hsm, keys.wallet_key, clock, chance)


async def start_host(
    settings: Settings,
    clock: Clock,
    chance: Chance,
    stack: AsyncExitStack,
    told: Told = tell_nobody,
    *,
    accept_older: bool = False,
    page_told: Callable[[str], None] = lambda address: None,
    office_told: Callable[[str], None] | None = None,
) -> int:
    """Start the host of a data folder, and its page for phones where the settings have one; the answer is the host's port.

    `page_told` hears where phones find the page, `office_told` where the office is; without it there is no office.
    """
    program = HostProgram(settings, clock, chance, told, accept_older=accept_older)
    # Pushed first: a start that is broken off in the middle is ended as well.
    stack.push_async_callback(program.stop)
    port = await program.start()
    await start_figures(settings, program.host, stack)
    await start_notices(program.host, program.hsm, program.keys, settings.wallets.notices_listen, clock, stack)
    await start_terminal_door(settings, program.host, stack)
    page = await start_phone_page(settings, program.host, clock, chance, stack)
    if page:
        page_told(page)
    window = open_window(settings, program.host, program.keys, chance, stack)
    await answer_offices(settings, window, program.host, program.keys, chance, stack)
    if office_told is not None and (
        office := await start_office(settings, program.host, program.keys, window, clock, stack)
    ):
        office_told(office)
    return port
