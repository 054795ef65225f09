"""Is the database the one that this host wrote last? Compared at each start, before anything is answered.

Two things lie beside the database and only ever grow: the signed checkpoints, and the mark of how far reference numbers were
reserved. A database that ends before either of them is empty, or an older copy, or has lost its log: on it numbers would come
again that people hold in their hands. Whoever wants it all the same says so, and then its numbers go on far above all lost ones.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...acquirer.rows.records import WHOLE_HOST, ChainHead, Checkpoint, Counter
from ...acquirer.rows.state import Change, Insert, Needs, Update
from ...basics.bad_json import BAD_JSON
from ...basics.clock import format_time
from ...basics.errors import Fault
from ...basics.numbers import MerchantNo
from ...store.port import Store
from ..commit import Door, Sheet
from .checkpoint_file import CheckpointFile, read_checkpoint_file

RRN = (WHOLE_HOST, "rrn")
NUMBERS = ("session", "sign_in", "approval", "case", "note")
"""A shop's numbers, each of which at most one link of its chain has used up."""
NUMBERS_SKIPPED = 10_000
"""Added to what the checkpoints show: more than a shop uses up between two of them."""
SHOPS_AT_ONCE = 500


class Mark(msgspec.Struct, frozen=True):
    """How far reference numbers were reserved, durably."""

    rrn: int


class MarkFile:
    """The mark beside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = 0

    def read(self) -> int:
        """The mark; 0 when there is none that can be read: then only the checkpoints tell."""
        try:
            self._kept = msgspec.json.decode(self.path.read_bytes(), type=Mark).rrn
        except (OSError, *BAD_JSON):
            self._kept = 0
        return self._kept

    def write(self, rrn: int) -> None:
        """Put a mark in place of the last one, whole or not at all. Fault when the disk refuses."""
        if rrn <= self._kept:
            return
        draft = self.path.with_name(self.path.name + ".new")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, msgspec.json.encode(Mark(rrn)))
                os.fsync(handle)
            finally:
                os.close(handle)
            draft.replace(self.path)
        except OSError as error:
            raise Fault(f"can't write {self.path} ({error.strerror}). Look at the disk.") from None
        self._kept = rrn


async def reserved_in(store: Store) -> int:
    """How far reference numbers are reserved in the database."""
    async with store.unit() as unit:
        counter = (await unit.load(Needs({Counter: [RRN]}))).get(Counter, *RRN)
    return counter.value if counter is not None else 0


def newest_of(checkpoints: Sequence[Checkpoint]) -> dict[MerchantNo, Checkpoint]:
    """The last checkpoint of each shop."""
    newest: dict[MerchantNo, Checkpoint] = {}
    for one in checkpoints:
        known = newest.get(one.merchant_no)
        if known is None or known.link_no < one.link_no:
            newest[one.merchant_no] = one
    return newest


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies beside the database and ends behind it: the mark, or the checkpoints of some shops. Only this is ever set aside."""

    differences: tuple[str, ...]
    """Each in words."""
    mark: bool
    ends: Mapping[MerchantNo, int]
    """Shops with checkpoints that are ahead, and the link with which the database ends."""


async def ahead_of(store: Store, newest: dict[MerchantNo, Checkpoint], mark: int) -> Ahead:
    """What shows that the database is older than what lies beside it; without differences when nothing does."""
    found: list[str] = []
    ahead: dict[MerchantNo, int] = {}
    reserved = await reserved_in(store)
    if reserved < mark:
        found.append(f"reference numbers were reserved up to {mark}, the database knows of {reserved}")
    shops = list(newest)
    for place in range(0, len(shops), SHOPS_AT_ONCE):
        page = shops[place : place + SHOPS_AT_ONCE]
        async with store.unit() as unit:
            state = await unit.load(Needs({ChainHead: [(merchant_no,) for merchant_no in page]}))
        for merchant_no in page:
            head = state.get(ChainHead, merchant_no)
            ends, signed = head.link_no if head is not None else 0, newest[merchant_no]
            if ends < signed.link_no:
                ahead[merchant_no] = ends
                found.append(
                    f"{merchant_no}: link {signed.link_no} was signed on {format_time(signed.made_ms)}, the database ends with {ends}"
                )
    return Ahead(tuple(found), reserved < mark, ahead)


async def go_on_above(door: Door, newest: dict[MerchantNo, Checkpoint], mark: int) -> None:
    """Raise the numbers of a database that was accepted although it is older, above all that may have been given."""

    def raise_all(sheet: Sheet) -> None:
        changes: list[Change] = []
        for (merchant_no, name), least in _least(sheet, newest, mark):
            counter = sheet.state.get(Counter, merchant_no, name)
            if counter is None or counter.value < least:
                row = Counter(merchant_no=merchant_no, name=name, value=least)
                changes.append(Insert(row) if counter is None else Update(row))
        sheet.take(changes)

    needs = Needs({ChainHead: [(one,) for one in newest], Counter: [RRN]})
    for merchant_no in newest:
        for name in NUMBERS:
            needs.add(Counter, (merchant_no, name))
    await door.commit(needs, raise_all, tries_max=3)


def _least(sheet: Sheet, newest: dict[MerchantNo, Checkpoint], mark: int) -> list[tuple[tuple[str, str], int]]:
    least: list[tuple[tuple[str, str], int]] = [(RRN, mark)] if mark else []
    for merchant_no, signed in newest.items():
        head = sheet.state.get(ChainHead, merchant_no)
        lost = signed.link_no - (head.link_no if head is not None else 0)
        if lost <= 0:
            continue
        for name in NUMBERS:
            counter = sheet.state.get(Counter, merchant_no, name)
            value = counter.value if counter is not None else 0
            least.append(((merchant_no, name), value + lost + NUMBERS_SKIPPED))
    return least


def set_aside(ahead: Ahead, checkpoints: Path, mark: Path) -> None:
    """Keep what told of a newer database under another name, so that it tells no more. What agrees with the database stays:
    without it `zhanggui audit verify` would miss checkpoints that nobody took away."""
    if ahead.mark:
        mark.rename(_free_name(mark))
    if ahead.ends:
        agree = [one for one in read_checkpoint_file(checkpoints) if not _is_ahead(one, ahead)]
        draft = checkpoints.with_name(checkpoints.name + ".new")
        draft.unlink(missing_ok=True)
        CheckpointFile(draft).append(agree)
        shutil.copy2(checkpoints, _free_name(checkpoints))
        draft.replace(checkpoints)


def _is_ahead(one: Checkpoint, ahead: Ahead) -> bool:
    ends = ahead.ends.get(one.merchant_no)
    return ends is not None and one.link_no > ends


def _free_name(path: Path) -> Path:
    number = 1
    while (free := path.with_name(f"{path.name}.newer-{number}")).exists():
        number += 1
    return free
