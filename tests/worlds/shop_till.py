"""A terminal of ours in a shop in memory: its true flow, shell, journal, PIN pad and messages; no socket, no disk that lasts.

Every effect of it goes through `Mishaps`: what the journal keeps, what leaves on the line, what is printed. One of them may be cut
off by a power cut (before or after it), or fail. A till that is cut off does nothing any more until somebody switches it on again;
what it then knows is what its journal and its PIN pad kept.
"""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec
from pysqlite3 import dbapi2
from tests.worlds.one_room import MERCHANT
from tests.worlds.shop_host import Call, How, ShopHost

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import Clock
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import BatchNo, TerminalNo, UnixMs
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.values.slip import Slip
from zhanggui.iso8583.message import Message
from zhanggui.terminal.assembly import build_devices, build_terminal
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.devices.ports import Strokes
from zhanggui.terminal.devices.printer import VirtualPrinter
from zhanggui.terminal.flow.core.events import DayLine, PendingReversal
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered
from zhanggui.terminal.late_rows import all_late
from zhanggui.terminal.link.host_line import LineFailed
from zhanggui.terminal.models.profiles import ModelName
from zhanggui.terminal.runtime import Terminal
from zhanggui.terminal.settings import TerminalSettings, terminal_folder, write_settings
from zhanggui.vault.hsm import Hsm
from zhanggui.vault.keys import TerminalMasterKeyBlock

TIMEOUT_S = 8.0
"""Longer than the host waits for the bank, as everywhere."""
Fate = Literal["answered", "request lost", "answer lost", "request late", "twice", "old answer"]
"""What becomes of a request on the line."""
PAYMENT_MTIS = frozenset({"0100", "0200", "0220"})
LineKey = tuple[str, str]
"""Batch and trace number: what a payment is called at its terminal."""


class Mishaps:
    """Names the effects of a till in their order, and lets one of them go wrong."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.dead = False
        self.died = asyncio.Event()
        self._left: int | None = None
        self._how: How | None = None
        self._name = ""

    def plan(self, how: How, left: int, name: str = "") -> None:
        """The effect after so many others (of this name, where one is given) goes wrong in this way."""
        self._how, self._left, self._name = how, left, name

    def forget(self) -> None:
        """Nothing goes wrong any more."""
        self._how = self._left = None

    def next(self, name: str) -> How | None:
        """An effect begins: whether it goes wrong, and how. One that is cut off before does not return from here."""
        if self.dead:
            self.die()
        self.seen.append(name)
        if self._left is None or self._name not in ("", name):
            return None
        self._left -= 1
        if self._left >= 0:
            return None
        how, self._how, self._left = self._how, None, None
        if how == "cut before":
            self.die()
        return how

    def ended(self, how: How | None) -> None:
        """The effect is done."""
        if how == "cut after":
            self.die()

    def die(self) -> NoReturn:
        """The power is gone: whoever called this never goes on."""
        self.dead = True
        self.died.set()
        raise asyncio.CancelledError("the power is gone")


class LastingConnection:
    """A database in memory that outlives the journal that closes it."""

    def __init__(self) -> None:
        self._connection = dbapi2.connect(":memory:", isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """The next journal goes on with it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class TillJournal:
    """The journal, whose records may go wrong."""

    def __init__(self, journal: SqliteJournal, mishaps: Mishaps) -> None:
        self._journal = journal
        self._mishaps = mishaps

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> Any:
        name = type(effect).__name__
        how = self._mishaps.next(f"journal:{name}")
        if how == "fails":
            raise Fault(f"the disk refused {name}")
        kept = self._journal.remember(effect, sealed_card)
        self._mishaps.ended(how)
        return kept

    def __getattr__(self, name: str) -> Any:
        if self._mishaps.dead and name != "close":
            self._mishaps.die()
        return getattr(self._journal, name)


class TillPrinter(VirtualPrinter):
    """A printer whose paper is a list."""

    def __init__(self, mishaps: Mishaps, slips: list[Slip], printed: Callable[[Slip], None]) -> None:
        super(VirtualPrinter, self).__init__("printer")
        self._mishaps = mishaps
        self._slips = slips
        self._printed = printed
        self._signatures: dict[str, Strokes] = {}

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        how = self._mishaps.next(f"printer:{slip.copy}")
        if how == "fails":
            raise Fault("the printer does not answer")
        self._slips.append(slip)
        self._signatures[slip.id] = signature
        self._printed(slip)
        self._mishaps.ended(how)

    def find(self, slip_id: str) -> Slip:
        return next(slip for slip in reversed(self._slips) if slip.id == slip_id)

    def signature(self, slip_id: str) -> Strokes:
        return self._signatures[slip_id]


class TillLine:
    """The line to the host. `fates` says what becomes of the next payments and reversals; other messages arrive and are answered."""

    def __init__(self, till: "Till") -> None:
        self._till = till

    async def exchange(self, payload: bytes) -> bytes:
        async with aclosing(self.exchange_all((payload,), in_flight=1)) as answers:
            return await anext(answers)

    async def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        till = self._till
        call = till.host.connect()
        if call is None or till.line_is_down:
            raise LineFailed("unreachable")
        try:
            for payload in payloads:
                yield await self._one(call, payload)
        finally:
            till.host.hang_up(call)

    async def _one(self, call: Call, payload: bytes) -> bytes:
        till = self._till
        request = read_payload(payload)
        how = till.mishaps.next(f"line:{request.mti}")
        till.leaves(request)
        fate = till.fate_of(request)
        if fate == "request late":
            till.late.append(payload)
        if fate in ("request lost", "request late"):
            await asyncio.sleep(TIMEOUT_S)
            raise LineFailed("no_answer")
        till.host.receive(call, payload)
        if fate == "twice":
            till.host.receive(call, payload)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await call.sent.get()
                if answer is not None and fate == "twice":
                    till.answered_twice(answer, await call.sent.get())
        except TimeoutError:
            raise LineFailed("no_answer") from None
        till.mishaps.ended(how)
        if answer is None:
            raise LineFailed("no_answer")
        till.heard(request, payload, answer)
        if fate == "old answer":
            return till.old_answers.get(request.mti, answer)
        till.old_answers[request.mti] = answer
        if fate == "answer lost" or how == "fails":
            await asyncio.sleep(TIMEOUT_S)
            raise LineFailed("no_answer")
        return answer

    async def reachable(self, timeout_s: float) -> bool:
        return self._till.host.is_up and not self._till.line_is_down


class Watcher:
    """Hears what a till does, at the moment at which it does it."""

    def leaves(self, till: "Till", request: Message) -> None:
        """A request is about to leave."""

    def heard(self, till: "Till", request: Message, payload: bytes, answer: Message) -> None:
        """The host's answer arrived at the till's end of the line, whatever becomes of it there."""

    def twice(self, till: "Till", first: Message, second: Message) -> None:
        """A request came twice, and these are its answers."""

    def printed(self, till: "Till", slip: Slip) -> None:
        """A slip is out."""


class Till:
    """One terminal on a counter. `terminal` is there while it is switched on."""

    def __init__(
        self,
        data: Path,
        host: ShopHost,
        number: TerminalNo,
        model: ModelName,
        clock: Clock,
        watcher: Watcher,
    ) -> None:
        self.host = host
        self.number = number
        self.data = data
        self.settings = TerminalSettings(number=number, model=model, merchant_no=MERCHANT, timeout_s=TIMEOUT_S)
        self.mishaps = Mishaps()
        self.fates: list[Fate] = []
        self.late: list[bytes] = []
        """Requests that are still on their way, and that nobody waits for."""
        self.old_answers: dict[str, bytes] = {}
        self.slips: list[Slip] = []
        self.line_is_down = False
        self.terminal: Terminal | None = None
        self._watcher = watcher
        self._clock = clock
        self._database = LastingConnection()
        self._powered = 0
        write_settings(data, self.settings)

    @property
    def is_on(self) -> bool:
        return self.terminal is not None

    # ── power ────────────────────────────────────────────────────────────────

    async def switch_on(self) -> None:
        """As a new process does: everything that it knows is in its folder and in its journal."""
        assert self.terminal is None
        self._powered += 1
        mishaps = self.mishaps = Mishaps()
        chance = SeededChance(100 * int(self.number) + self._powered)
        devices = build_devices(self.data, self.settings, clock=self._clock, chance=chance)
        printer = TillPrinter(mishaps, self.slips, lambda slip: self._watcher.printed(self, slip))
        parts = tuple(printer if part is devices.printer else part for part in devices.parts)
        journal: Any = TillJournal(self.open_journal(), mishaps)
        terminal = build_terminal(
            self.data,
            self.settings,
            clock=self._clock,
            chance=chance,
            software="zhanggui 0.1.0",
            devices=dataclasses.replace(devices, printer=printer, parts=parts),
            journal=journal,
            line=TillLine(self),
        )
        self.terminal = terminal
        await terminal.start(lambda name, error: self._ended(error))

    def open_journal(self) -> SqliteJournal:
        """The journal as a new process opens it."""
        return SqliteJournal(Path("journal.db"), self._clock, open_file=lambda path: self._database)  # type: ignore[arg-type,return-value]  # stands where a connection stands

    def _ended(self, error: BaseException | None) -> None:
        if error is not None:
            self.broken = error
        self.mishaps.dead = True
        self.mishaps.died.set()

    broken: BaseException | None = None
    """What ended the terminal's task, where it was not a power cut."""

    async def switch_off(self) -> None:
        """Power off, at once."""
        self.mishaps.dead = True
        if self.terminal is not None:
            await self.terminal.stop()
            self.terminal = None
        assert self.broken is None, f"the terminal gave up: {self.broken!r}"

    # ── the line ─────────────────────────────────────────────────────────────

    def fate_of(self, request: Message) -> Fate:
        """What becomes of this request."""
        is_money = request.mti in PAYMENT_MTIS or request.mti == "0400"
        return self.fates.pop(0) if self.fates and is_money else "answered"

    def leaves(self, request: Message) -> None:
        self._watcher.leaves(self, request)

    def heard(self, request: Message, payload: bytes, answer: bytes) -> None:
        self._watcher.heard(self, request, payload, read_payload(answer))

    def answered_twice(self, first: bytes, second: bytes | None) -> None:
        if second is not None:
            self._watcher.twice(self, read_payload(first), read_payload(second))

    async def arrives_alone(self, payload: bytes) -> Message | None:
        """A request for whose answer nobody waits any more: what the host says to it, if it does."""
        call = self.host.connect()
        if call is None:
            return None
        self.host.receive(call, payload)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await call.sent.get()
        except TimeoutError:
            return None
        finally:
            self.host.hang_up(call)
        return read_payload(answer) if answer is not None else None

    # ── what it holds ────────────────────────────────────────────────────────

    def lines(self) -> dict[LineKey, DayLine]:
        """The journal's payments, as the list shows them."""
        rows = self._database.execute("SELECT batch_no, trace_no, line FROM payment ORDER BY number")
        return {(batch, trace): msgspec.json.decode(line, type=DayLine) for batch, trace, line in rows}

    def batch_sums(self, batch_no: BatchNo) -> tuple[int, int, int, int]:
        """What the journal's payments of a batch come to: debits and credits, how many and how much."""
        sums = self.open_journal().batch(batch_no).sums
        return sums.debit_count, sums.debit_fen, sums.credit_count, sums.credit_fen

    def put_aside(self) -> tuple[PendingReversal, ...]:
        """What goes back at a wallet that has not decided it."""
        return all_late(self._database)  # type: ignore[arg-type]  # stands where a connection stands

    def in_doubt(self) -> PendingReversal | None:
        """The payment that the journal still doubts."""
        row = self._database.execute("SELECT record FROM reversal").fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=PendingReversal)


def read_payload(payload: bytes) -> Message:
    """What a frame says."""
    return UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)


def give_keys(data: Path, number: TerminalNo, clock: Clock, hsm: Hsm, master: TerminalMasterKeyBlock) -> None:
    """A new PIN pad in the terminal's folder, with its master key."""
    pin_pad = VirtualPinPad(terminal_folder(data, number), clock, SeededChance(int(number)))
    pin_pad.inject_master_key(hsm.export_block(master, pin_pad.transport_key()))
