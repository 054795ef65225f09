"""`zhanggui host`, with one port wrapped so that the process is killed at a chosen point.

Usage: doomed_host.py POINT host --data DIR …

    store:STATE:begun    a payment is about to be written in this state, and the transaction is not begun
    store:STATE:kept     the payment is durable in this state, and nothing was done after the commit
    bank:sale:asked      the sale's frame to the bank is out
    bank:0210:answered   the bank's answer arrived and nobody has looked at it
    bank:0410:answered   the same for its answer to a reversal

STATE is a payment's state: pending, approved, declined, timed_out, reversed; or `told`: the bank took the reversal.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

from tests.crash.doom import die, doomed_arguments

from zhanggui.acquirer.decision import AskBank, Effect
from zhanggui.acquirer.records import Payment
from zhanggui.acquirer.state import Change, Needs, State
from zhanggui.cli import assembly
from zhanggui.cli.main import main
from zhanggui.host.bank_line import BankLine
from zhanggui.host.server import Host
from zhanggui.host.work import Work
from zhanggui.store.open import open_store
from zhanggui.store.port import Store, Unit

POINT = doomed_arguments()
PORT, WHAT, WHERE = POINT.split(":")


def is_meant(change: Change) -> bool:
    """Whether this change is the one of the kill point."""
    record = change.record
    if not isinstance(record, Payment):
        return False
    return record.bank_state == "reversal_done" if WHAT == "told" else record.state == WHAT


class DoomedUnit:
    """A transaction, killed before or after its commit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def load(self, needs: Needs) -> State:
        return await self._unit.load(needs)

    async def save(self, changes: Sequence[Change]) -> None:
        meant = any(map(is_meant, changes))
        if meant and WHERE == "begun":
            die()
        await self._unit.save(changes)
        if meant:
            die()


class DoomedStore:
    """The store; every transaction of it is watched."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[DoomedUnit]:
        async with self._store.unit() as unit:
            yield DoomedUnit(unit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class DoomedEffects:
    """The line to the bank, killed once a sale is out."""

    def __init__(self, line: BankLine) -> None:
        self._line = line

    def perform(self, effect: Effect, work: Work) -> None:
        self._line.perform(effect, work)
        if isinstance(effect, AskBank):
            die()


class DoomedHost(Host):
    """The host with its line to the bank wrapped."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if PORT != "bank":
            return
        if WHERE == "asked":
            self.engine.effects = DoomedEffects(self.bank)
            return
        take = self.bank.link.handler

        def take_or_die(payload: bytes) -> None:
            if payload[:2].hex() == WHAT:
                die()
            take(payload)

        self.bank.link.handler = take_or_die


def open_doomed(target: str) -> Any:
    """What `open_store` opens, watched when the kill point is in the store."""
    store = open_store(target)
    return DoomedStore(store) if PORT == "store" else store


if __name__ == "__main__":
    with mock.patch.object(assembly, "open_store", open_doomed), mock.patch.object(assembly, "Host", DoomedHost):
        main()
