"""The one door to the store: whatever is written to the acquirer's database is written here, and nowhere else.

    needs ─▶ load ─▶ more needs ─▶ second load (and a third, where those lead on) ─▶ decide ─▶ moves checked ─▶ links appended ─▶ saved ─▶ told

Engine, acts of management, recovery, jobs, demo data, fleets and retention all pass through it. That is what makes three
promises hold for each of them, and not only for those who think of them: no record moves as its machine does not allow
(`State.apply`), no provable record changes without its link in the chain, and whoever counts on a commit (the keeper of the
checkpoints) hears of each. A decision sees rows that nobody else changes until it is saved; it is saved whole or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from ..acquirer.proof.chain import PROVABLE, append_links, chain_needs, salt_key
from ..acquirer.rows.records import Heard, Link, Record, key_of
from ..acquirer.rows.state import Change, Delete, Needs, State
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Defect
from ..basics.numbers import UnixMs
from ..store.errors import Conflict
from ..store.forgetting import forget_deleted
from ..store.port import Store

R = TypeVar("R")


class Sheet:
    """What one transaction writes: its rows as they stand so far, and the changes in order. `now` is one instant for all."""

    __slots__ = ("changes", "linked", "now", "state")

    def __init__(self, state: State, now: UnixMs) -> None:
        self.state = state
        self.now = now
        self.changes: list[Change] = []
        self.linked: list[Change] = []
        """Changes that brought their links of the chain along."""

    def take(self, changes: Iterable[Change]) -> None:
        """Put down changes; rules that are asked after this see them. Defect when one is a move that no machine allows."""
        new = tuple(changes)
        if new:
            self.state.apply(new)
            self.changes.extend(new)

    def take_with_links(self, changes: Iterable[Change]) -> None:
        """Put down changes of provable records together with the links that say what happened to them.

        Erasing and dropping contents are told in words of their own (`acquirer/proof/retention.py`), which the door can't
        know from the rows. Defect when a provable record changes and no link among them is its own.
        """
        new = tuple(changes)
        told = {(row.merchant_no, row.record_kind, row.record_no) for row in _links_in(new)}
        for change in new:
            kind = PROVABLE.get(type(change.record))
            if kind is not None and salt_key(kind, change.record) not in told:
                raise Defect(f"a {type(change.record).__name__} changes without a link of its own")
        self.state.apply(new)
        self.linked.extend(new)


Moved = tuple[Record | None, Record]
"""A row before a change and after it; None: it was not there."""


class HearingSheet(Sheet):
    """A sheet that remembers how each row moved, for whoever tells others of it."""

    __slots__ = ("moved",)

    def __init__(self, state: State, now: UnixMs) -> None:
        super().__init__(state, now)
        self.moved: list[Moved] = []

    def take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            row = change.record
            before = self.state.get(type(row), *key_of(row))
            super().take((change,))
            if type(change) is not Delete:
                self.moved.append((before, row))


class Announces(Protocol):
    """Whoever tells others of what is written, in the same transaction (`outbox/announcing.py`)."""

    @property
    def listens(self) -> bool:
        """Whether anybody wants to hear anything; while nobody does, nothing else is asked."""
        ...

    def messages(self, moved: Sequence[Moved], now: UnixMs) -> tuple[Change, ...]:
        """What is written besides, about these moves."""
        ...


class _Silence:
    listens = False

    def messages(self, moved: Sequence[Moved], now: UnixMs) -> tuple[Change, ...]:
        return ()


Decide = Callable[[Sheet], R]
MoreNeeds = Callable[[State, Needs], None]


def _links_in(changes: Iterable[Change]) -> Iterator[Link]:
    return (change.record for change in changes if isinstance(change.record, Link))


def nothing_more(state: State, more: Needs) -> None:
    """The rows of the first load are enough."""


def nobody(changes: Sequence[Change]) -> None:
    """Nobody waits for commits."""


class Door:
    """Writes to one store. `told` hears of the changes of each commit, after it is durable; `announces` adds what others are told."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        chance: Chance,
        told: Callable[[Sequence[Change]], None] = nobody,
        announces: Announces | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._told = told
        self.changes = 0
        """How many transactions that changed something were written: whoever follows the rows looks again when it has grown."""
        self._announces = announces if announces is not None else _Silence()

    async def commit(
        self, needs: Needs, decide: Decide[R], more_needs: MoreNeeds = nothing_more, *, tries_max: int = 1
    ) -> R:
        """Load, decide, write; the answer is what `decide` answered, and all that it put down is durable.

        `decide` may be called again, with rows loaded anew, when another host was first (`tries_max`): it must do nothing that
        can't be done twice. Nothing is written if this raises: Conflict, Fault, Defect, or whatever `decide` raised.
        """
        for _ in range(tries_max - 1):
            try:
                return await self._commit(needs, decide, more_needs)
            except Conflict:
                continue
        return await self._commit(needs, decide, more_needs)

    async def _commit(self, needs: Needs, decide: Decide[R], more_needs: MoreNeeds) -> R:
        async with self._store.unit() as unit:
            state = await unit.load(needs)
            # Which rows a rule needs besides is often known only from the first ones: a session names its record.
            more = Needs()
            more_needs(state, more)
            if more and (left := more.beyond(needs)):
                state.join(await unit.load(left))
                if more.leads_on:
                    last = Needs()
                    more_needs(state, last)
                    if left := last.beyond(needs).beyond(more):
                        state.join(await unit.load(left))
            heard = HearingSheet(state, self._clock.now()) if self._announces.listens else None
            sheet = heard if heard is not None else Sheet(state, self._clock.now())
            decided = decide(sheet)
            if heard is not None:
                heard.take(self._announces.messages(heard.moved, heard.now))
            changes = sheet.changes
            if changes or sheet.linked:
                # The heads of the chains are loaded last, so that hosts that share a database lock them in one order.
                links = chain_needs(changes)
                if links is not None:
                    state.join(await unit.load(links))
                    changes.extend(append_links(state, changes, self._chance, sheet.now))
                changes.extend(sheet.linked)
                await unit.save(changes)
                self.changes += 1
        self._told(changes)
        return decided

    async def hear(self, heard: Sequence[Heard]) -> None:
        """Write when terminals were last heard of. It is no decision: an instant that is there only grows, whoever is first."""
        await self._store.note_heard(heard)

    async def close(self) -> None:
        """Let go of the database."""
        await self._store.close()


def forget(target: str) -> None:
    """Leave no trace of what was deleted (`store/forgetting.py`); the store must be closed, and no host may run."""
    forget_deleted(target)
