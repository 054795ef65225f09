"""The bank's line: a listener whose frames are decided in batches. The batch is the transaction.

All frames of one tick of the event loop are decided together and committed once; the answers leave after the commit.
A bank that is alone with one frame has a batch of one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import structlog

from ..basics.clock import Clock
from ..basics.errors import Misuse, RemoteProtocolError
from ..basics.numbers import UnixMs, request_of
from ..basics.secret import Pan
from ..basics.spans import DAY_MS
from ..cup.messages.bank_statement import StatementAsked, statement_answer
from ..cup.messages.interbank import BankAnswer
from ..edges.listener import FrameConnection, FrameListener
from ..edges.logs import REQUEST, note
from ..edges.open_files import open_files
from ..edges.sqlite import DatabaseError
from ..edges.watched import LongTask, keep_running
from ..iso8583.message import Message
from ..vault.hsm import Hsm
from . import store
from .accounts import Payment
from .checks import VaultChecks
from .ledger import APPROVED, Decision, PaymentOrder, apply, decide, let_lapse
from .queries import balance_of, latest_payments, standing_payments
from .schema import open_bank_file
from .setup import load_bank_keys
from .wire import Request, Wire, answer_to

DEFAULT_PORT = 8590
SLOW_ANSWER_S = 8.0
"""How late a slow card is answered: long enough to be noticed, within the minute that a terminal waits."""
BATCH_MAX = 1_024
"""Frames in one transaction; what waits longer goes into the next, so that no answer waits for thousands of others."""
QUEUE_MAX = 16_384
"""Frames that wait; beyond, they are answered 96 at once and change nothing."""

HOLD_DAYS = 30
"""What a pre-authorisation holds is free again after so many days (domain reference §4.2)."""
HOLDS_LOOKED_AT_EVERY_S = 3_600.0
HOLDS_AT_ONCE = 500

WRONG_MAC = "A0"
FILES_SHARE = 1 / 16
"""Of all files that the process may open, those that lines to this bank may be: hosts come here, and they are few."""

Later = Callable[[float, Callable[[], None]], object]
"""Calls something after so many seconds; a running event loop's `call_later` fits."""

_Waiting = tuple[FrameConnection, Message, Request]
_log = structlog.get_logger(__name__)


class Bank:
    """One bank over its file in `data_dir`. `later` waits before slow answers; tests and simulation give their own."""

    def __init__(
        self,
        data_dir: Path,
        hsm: Hsm,
        clock: Clock,
        *,
        slow_answer_s: float = SLOW_ANSWER_S,
        later: Later | None = None,
    ) -> None:
        self._connection = open_bank_file(data_dir)
        try:
            keys = load_bank_keys(self._connection, hsm)
        except Misuse:
            self._connection.close()
            raise
        self._clock = clock
        self._slow_answer_s = slow_answer_s
        self._later = later
        self._checks = VaultChecks(hsm, keys)
        self._wire = Wire(hsm, keys, self._checks)
        self._lapsing: LongTask | None = None
        self._listener = FrameListener(self.on_frame, files_share=FILES_SHARE)
        self._queue: list[_Waiting] = []
        self._flush_due = False
        self._open = True
        self.decided: Counter[str] = Counter()
        """Requests that were decided since the start: approved, refused."""

    @property
    def connections(self) -> int:
        """Lines of hosts that are open."""
        return self._listener.connections

    @property
    def is_open(self) -> bool:
        """Whether it takes requests."""
        return self._open

    async def start(self, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> int:
        """Begin to serve; the answer is the port (useful with port 0). Misuse when the port is taken."""
        port = await self._listener.start(host, port)
        self._lapsing = keep_running("holds lapse", self.let_holds_lapse, every_s=HOLDS_LOOKED_AT_EVERY_S)
        most = self._listener.connections_max
        _log.info("bank_ready", address=f"{host}:{port}", connections_max=most, open_files=open_files())
        return port

    async def stop(self) -> None:
        """Answer what waits, close the line and the file. Answers still owed to slow cards are lost, as in a power cut."""
        if not self._open:
            return
        if self._lapsing is not None:
            await self._lapsing.stop()
        while self._queue:
            self._flush()
        self._open = False
        await self._listener.stop()
        self._connection.close()

    async def let_holds_lapse(self) -> None:
        """Set free what is held for longer than HOLD_DAYS, a page in a transaction, beside the requests that come meanwhile."""
        until = UnixMs(self._clock.now() - HOLD_DAYS * DAY_MS)
        found = HOLDS_AT_ONCE
        while found == HOLDS_AT_ONCE and self._open:
            store.begin(self._connection)
            try:
                books = store.load_held(self._connection, until, HOLDS_AT_ONCE)
                found = len(books.payments)
                let_lapse(books)
                store.write(self._connection, books)
                store.commit(self._connection)
            except BaseException:
                store.rollback(self._connection)
                raise
            if found:
                _log.info("bank_holds_lapsed", payments=found, days=HOLD_DAYS)
            await asyncio.sleep(0)

    def balance(self, pan: str) -> int:
        """What a card's account holds, in fen. Misuse when the bank has no such card."""
        return balance_of(self._connection, self._checks.card_id(Pan(pan)))

    def payments(self, limit: int = 100) -> list[Payment]:
        """The latest payments, newest first."""
        return latest_payments(self._connection, limit)

    def on_frame(self, connection: FrameConnection, body: bytes) -> None:
        """Take a frame of a host; it is decided with the others of this turn of the loop, and answered after their commit."""
        try:
            message, request = self._wire.read(body)
        except RemoteProtocolError as error:
            _log.warning("bank_frame_dropped", peer=connection.peer, reason=str(error))
            return
        if connection.standing != "proven" and not (
            isinstance(request, BankAnswer) and request.response_code == WRONG_MAC
        ):
            # Everything else had a right MAC. A host that holds the zone's key may ask as much as it likes.
            connection.proved()
        if request is None:
            connection.send(self._wire.echo(message))
        elif isinstance(request, BankAnswer):
            _log.warning(
                "bank_refused",
                peer=connection.peer,
                rrn=request.rrn,
                code=request.response_code,
                reason="refused unread",
            )
            connection.send(self._wire.seal(request.message(message)))
        elif isinstance(request, StatementAsked):
            self._state(connection, message, request)
        elif len(self._queue) >= QUEUE_MAX or not self._open:
            _log.warning("bank_refused", peer=connection.peer, code="96", reason="too many wait", bound=QUEUE_MAX)
            self._answer(connection, message, request, "96")
        else:
            self._queue.append((connection, message, request))
            self._flush_soon()

    def _state(self, connection: FrameConnection, message: Message, asked: StatementAsked) -> None:
        """Answer a page of a statement from what is committed."""
        try:
            code, page = APPROVED, standing_payments(self._connection, asked) if self._open else ()
        except DatabaseError as error:
            _log.error("bank_statement_failed", terminal_no=asked.terminal_no, reason=type(error).__name__)
            code, page = "96", ()
        connection.send_soon(self._wire.seal(statement_answer(message, code, page)))

    def _flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
        if self._queue:
            self._flush_soon()
        if batch and self._open:
            self._settle(batch)

    def _settle(self, batch: list[_Waiting]) -> None:
        """Decide a batch, commit it, answer it."""
        try:
            decisions = self._decide(batch)
        except DatabaseError as error:
            self._give_up(batch, error)
            return
        except Exception as error:
            # A defect in the handling of one frame must not take the others of its tick along.
            store.rollback(self._connection)
            if len(batch) == 1:
                self._give_up(batch, error)
                return
            for waiting in batch:
                self._settle([waiting])
            return
        try:
            store.commit(self._connection)
        except DatabaseError as error:
            # Whether it is on the disk nobody knows, so nobody is told: the host reverses what stays unanswered.
            _log.error("bank_commit_failed", frames=len(batch), reason=type(error).__name__)
            store.rollback(self._connection)
            return
        for waiting, decision in zip(batch, decisions, strict=True):
            self._deliver(*waiting, decision)

    def _decide(self, batch: list[_Waiting]) -> list[Decision]:
        now = self._clock.now()
        checks = self._checks
        store.begin(self._connection)
        books = store.load(self._connection, [request for _, _, request in batch])
        decisions = []
        for _, _, request in batch:
            decision = decide(books, request, now, checks)
            apply(books, decision)
            decisions.append(decision)
        store.write(self._connection, books)
        return decisions

    def _give_up(self, batch: list[_Waiting], error: Exception) -> None:
        """Nothing of the batch was posted; say so."""
        store.rollback(self._connection)
        _log.error("bank_batch_failed", frames=len(batch), reason=type(error).__name__)
        for connection, message, request in batch:
            self._answer(connection, message, request, "96")

    def _deliver(self, connection: FrameConnection, message: Message, request: Request, decision: Decision) -> None:
        self.decided["approved" if decision.code in ("", APPROVED) else "refused"] += 1
        if decision.code not in ("", APPROVED):
            _log.info("bank_refused", reason=decision.reason, code=decision.code, **_seen(request))
        elif decision.stored:
            _log.info("bank_repeated", reason=decision.reason, code=decision.code, **_seen(request))
        else:
            asked = request.request
            named = request_of(asked.terminal_no, asked.trace_no)
            note("bank_answered", {REQUEST: named, "rrn": asked.rrn, "code": decision.code})
        match decision.delivery:
            case "normal":
                self._answer(connection, message, request, decision.code, decision.payment, decision.balance_fen)
            case "slow":
                later = self._later or asyncio.get_running_loop().call_later
                later(
                    self._slow_answer_s,
                    lambda: self._answer(
                        connection, message, request, decision.code, decision.payment, decision.balance_fen
                    ),
                )
            case "silent" | "silent_after_posting":
                _log.info("bank_silent", delivery=decision.delivery, **_seen(request))

    def _answer(
        self,
        connection: FrameConnection,
        message: Message,
        request: Request,
        code: str,
        payment: Payment | None = None,
        balance_fen: int | None = None,
    ) -> None:
        connection.send_soon(self._wire.seal(answer_to(request, code, payment, balance_fen).message(message)))


def _seen(request: Request) -> dict[str, str]:
    """What a log may hold of a request."""
    asked = request.request
    seen: dict[str, str] = {
        REQUEST: request_of(asked.terminal_no, asked.trace_no),
        "rrn": asked.rrn,
        "merchant_no": asked.merchant_no,
        "terminal_no": asked.terminal_no,
    }
    if isinstance(request, PaymentOrder) and request.request.pan is not None:
        seen["card"] = request.request.pan.mask()
    return seen
