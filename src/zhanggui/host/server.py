"""The host as one thing to start and stop."""

import msgspec

from ..acquirer.numbering import RrnSource
from ..acquirer.records import WHOLE_HOST
from ..acquirer.reversal import decide_interrupted
from ..acquirer.state import Change, Needs
from ..basics.clock import Clock
from ..cup.dialect import dialect_named
from ..edges.listener import FrameListener
from ..store.port import Store
from .bank_line import BankLine
from .engine import Engine
from .keys import HostKeys
from .reception import Reception
from .work import Desk, log

RECOVERY_PAGE = 1_000
"""Rows that recovery takes at a time."""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a host needs to know. Times in seconds."""

    listen: str = "127.0.0.1"
    port: int = 8583
    bank_host: str = "127.0.0.1"
    bank_port: int = 8590
    bank_timeout_s: float = 45.0
    """Shorter than the terminal's 60 s, so that the host's answer 98 comes before the terminal gives up (domain §9)."""
    dialect: str = "unionpay"
    acquirer_code: str = "08888888"
    """Field 32. A made-up code of the demo; a real acquirer has its own."""
    acquirer_name: str = "掌柜收单"


class Host:
    """Listener, engine and line to the bank over one store."""

    def __init__(self, settings: HostSettings, store: Store, keys: HostKeys, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._desk = Desk(keys, RrnSource(), settings.acquirer_code, settings.acquirer_name)
        self.engine = Engine(store, self._desk, clock)
        self.bank = BankLine(
            self.engine, self._desk, clock, settings.bank_host, settings.bank_port, settings.bank_timeout_s
        )
        self.engine.effects = self.bank
        reception = Reception(self._desk, dialect_named(settings.dialect), self.engine.submit, clock.now)
        self._listener = FrameListener(reception.on_frame)

    async def start(self) -> int:
        """Resolve what a crash left open, then connect to the bank, then listen. The answer is the port."""
        await self._recover()
        self.engine.start()
        self.bank.start()
        port = await self._listener.start(self._settings.listen, self._settings.port)
        self.bank.reverse(await self._store.reversals_due(RECOVERY_PAGE))
        log.info("host_ready", address=self._settings.listen, port=port)
        return port

    async def stop(self) -> None:
        """Stop listening, finish what is queued, close the line and the store."""
        await self._listener.stop()
        await self.engine.stop()
        await self.bank.stop()
        await self._store.close()

    @property
    def connections(self) -> int:
        """Terminals connected now."""
        return self._listener.connections

    async def _recover(self) -> None:
        """Close every sale that was pending when the host stopped: nobody waits for it, and the bank is told to undo it."""
        while pending := await self._store.payments_pending(RECOVERY_PAGE):
            now = self._clock.now()
            changes: list[Change] = []
            for payment in pending:
                changes += decide_interrupted(payment, self._desk.acquirer_code, now).changes
            async with self._store.unit() as unit:
                state = await unit.load(Needs(counters={(WHOLE_HOST, "rrn")}))
                changes += self._desk.rrn.reserve(state, now, 1)
                await unit.save(changes)
            log.warning("interrupted_sales_closed", count=len(pending))
