"""`zhanggui host`, with one port wrapped so that the process is killed at a chosen point.

    store:STATE:begun    a payment is about to be written in this state, and nothing is written yet
    store:STATE:kept     the payment is durable in this state, and nothing was done after the commit
    bank:0200:asked      a sale is out to the bank; 0400: a reversal is
    bank:0210:answered   the bank's answer arrived and nobody has looked at it; 0410: its answer to a reversal

STATE is a payment's state: pending, approved, declined, timed_out, reversed; or `told`: the bank took the reversal.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

from tests.crash.doom import Point, die

from zhanggui.acquirer.rows.records import Payment
from zhanggui.acquirer.rows.state import Change, Needs, State
from zhanggui.cli.main import main
from zhanggui.edges.link import FrameLink
from zhanggui.host.networks import bank_line
from zhanggui.programs import host as assembly
from zhanggui.store.open import open_store
from zhanggui.store.port import Store, Unit

MTI_PLACE = slice(0, 2)
"""In a payload to or from the bank, which has neither TPDU nor header."""


class DoomedUnit:
    """A transaction, killed before or after its commit."""

    def __init__(self, unit: Unit, point: Point) -> None:
        self._unit = unit
        self._point = point

    async def load(self, needs: Needs) -> State:
        return await self._unit.load(needs)

    async def save(self, changes: Sequence[Change]) -> None:
        meant = any(map(self._is_meant, changes))
        if meant and self._point.where == "begun":
            die()
        await self._unit.save(changes)
        if meant:
            die()

    def _is_meant(self, change: Change) -> bool:
        record = change.record
        if not isinstance(record, Payment):
            return False
        told = record.bank_state == "reversal_done"
        return told if self._point.what == "told" else record.state == self._point.what and not told


class DoomedStore:
    """The store; every transaction of it is watched."""

    def __init__(self, store: Store, point: Point) -> None:
        self._store = store
        self._point = point

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[DoomedUnit]:
        async with self._store.unit() as unit:
            yield DoomedUnit(unit, self._point)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def run(doom: str) -> None:
    """Be `zhanggui host` until the point is reached; the command line is the real program's."""
    point = Point.parse(doom)

    def open_doomed(target: str, *told: Any) -> Any:
        store = open_store(target, *told)
        return DoomedStore(store, point) if point.port == "store" else store

    class DoomedLink(FrameLink):
        """The line to the bank, killed at one message type, out or in."""

        def __init__(self, host: str, port: int, handler: Any) -> None:
            def take_or_die(payload: bytes) -> None:
                if self._is_meant(payload, "answered"):
                    die()
                handler(payload)

            super().__init__(host, port, take_or_die)

        def send(self, payload: bytes) -> bool:
            sent = super().send(payload)
            if sent and self._is_meant(payload, "asked"):
                # The line writes at the end of the loop's turn; the point is when the bytes are out.
                self.flush()
                die()
            return sent

        @staticmethod
        def _is_meant(payload: bytes, where: str) -> bool:
            return point.port == "bank" and point.where == where and payload[MTI_PLACE].hex() == point.what

    with mock.patch.object(assembly, "open_store", open_doomed), mock.patch.object(bank_line, "FrameLink", DoomedLink):
        main()
