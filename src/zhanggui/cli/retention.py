"""Taking personal data or old records out of the host's database, while the host is ended. Each page is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ..acquirer.proof.retention import decide_erasure, decide_pruning, retention_needs
from ..acquirer.rows.records import SignIn
from ..acquirer.rows.state import Change, State
from ..basics.chance import Chance, SystemChance
from ..basics.clock import SystemClock
from ..basics.numbers import MerchantNo, UnixMs
from ..edges.lock import FolderLock
from ..host.act_table import ANNOUNCE_ERASURE, ANNOUNCE_PRUNING, RecordsToGo
from ..host.acts import Act, SecretMaker, perform
from ..host.commit import Door, Sheet, forget
from ..host.jobs.checkpoint_file import CheckpointFile
from ..host.jobs.checkpoints import ChainKeeper, LongChains
from ..host.keys import open_host_keys
from ..programs.data_folder import Places, open_host_vault, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_store

RECORDS_AT_ONCE = 500
"""Records in one transaction: about 20 ms of a database that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Take this person out of these sign-in records."""

    merchant_no: MerchantNo
    numbers: Sequence[int]
    operator_no: str
    badge_nos: Sequence[str] = ()
    """The badges that this person ever had."""
    act = ANNOUNCE_ERASURE

    def decide(self, state: State, page: Sequence[int], chance: Chance, now: UnixMs) -> tuple[Change, ...]:
        """The changes of one page."""
        return decide_erasure(state, self.merchant_no, page, self.operator_no, chance, now, badge_nos=self.badge_nos)


@dataclass(frozen=True, slots=True)
class Pruning:
    """Drop those of these sign-in records that began before this instant."""

    merchant_no: MerchantNo
    numbers: Sequence[int]
    before: UnixMs
    operator_no: str = ""
    act = ANNOUNCE_PRUNING

    def decide(self, state: State, page: Sequence[int], chance: Chance, now: UnixMs) -> tuple[Change, ...]:
        """The changes of one page."""
        return decide_pruning(state, self.merchant_no, page, self.before, chance, now)


async def change_records(settings: Settings, tasks: Sequence[Erasure | Pruning]) -> list[int]:
    """Leave a note of each task, do it, sign the chains, and leave no trace in the file; the answer is how many records each task changed.

    Misuse while a host runs on this folder. Stored answers to operator messages go too: they hold names, and no terminal
    asks for them again once the host was ended.
    """
    places = Places(settings.data_path)
    require_data(places)
    lock = FolderLock(places.host_lock, "a host").acquire()
    try:
        chance, clock = SystemChance(), SystemClock()
        keys = open_host_keys(open_host_vault(settings, places, chance), places.host_keys)
        target = store_target(settings, places)
        store = open_store(target)
        try:
            long_chains = LongChains()
            door = Door(store, clock, chance, long_chains.committed)
            keeper = ChainKeeper(store, door, keys.sign, clock, long_chains, CheckpointFile(places.host_checkpoints))
            counts: list[int] = []
            for task in tasks:
                changed = 0
                if task.numbers:
                    asked = RecordsToGo(len(task.numbers))
                    await perform(Act(task.act, asked, task.merchant_no, SecretMaker(lambda: keys, chance)), door)
                for place in range(0, len(task.numbers), RECORDS_AT_ONCE):
                    page = task.numbers[place : place + RECORDS_AT_ONCE]
                    needs = retention_needs(task.merchant_no, page, task.operator_no)
                    changed += await door.commit(needs, partial(_change_page, task, page, chance))
                counts.append(changed)
            await keeper.sign_all()
        finally:
            await store.close()
        if any(counts):
            forget(target)
        return counts
    finally:
        lock.release()


def _change_page(task: Erasure | Pruning, page: Sequence[int], chance: Chance, sheet: Sheet) -> int:
    """One page, in one transaction; the answer is how many records it changes."""
    changes = task.decide(sheet.state, page, chance, sheet.now)
    sheet.take_with_links(changes)
    return sum(1 for change in changes if type(change.record) is SignIn)
