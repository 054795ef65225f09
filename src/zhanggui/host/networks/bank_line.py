"""The line to the bank: sales that wait for an answer, their time-out, and reversals that are told until they are heard.

A sale is asked once. When its answer does not come in time the payment is closed as timed out and reversed; the late
answer is ignored. A reversal is never given up: it is sent again, more and more slowly, also after a restart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...acquirer.rows.decision import AskBank, Effect, JoinPending, ReleaseWaiting, ReverseAtBank
from ...acquirer.rows.records import Payment, PaymentKey
from ...basics.clock import Clock
from ...basics.errors import ProtocolError, ZhangguiError
from ...basics.numbers import Rrn
from ...cup.dialect import INTERBANK
from ...cup.messages.head import host_time
from ...cup.messages.interbank import BankAnswer, BankReversal, bank_payment, read_bank_answer
from ...cup.messages.sealing import covered_bytes, seal
from ...cup.response_codes import REVERSAL_DONE
from ...edges.link import FrameLink
from ...edges.watched import LongTask, guarded, keep_running
from ...vault.errors import PinBlockError
from ..queue import WorkQueue
from ..wire.payment_work import SYSTEM_ERROR, BankOutcome, BankReversalOutcome, SaleWork
from ..work import Desk, Work, log

SWEEP_EVERY_S = 0.25
"""How often time-outs are looked for; a time-out is late by at most this."""
REVERSAL_TIMEOUT_S = 10.0
REVERSAL_RETRY_FIRST_S = 1.0
REVERSAL_RETRY_MAX_S = 60.0
UNWRITTEN_RETRY_S = 5.0
"""An outcome that the store could not take is closed after this time, and again until the store takes it."""
BANK_NOT_REACHABLE = "91"
PIN_FORMAT_WRONG = "99"


@dataclass(slots=True)
class _Asked:
    """A sale that was asked, until its outcome is written: repeats that come before that wait with it."""

    key: PaymentKey
    deadline_s: float
    waiting: list[SaleWork] = field(default_factory=list)


@dataclass(slots=True)
class _Undoing:
    """A reversal that the bank has not answered yet."""

    payment: Payment
    next_s: float
    retry_s: float = REVERSAL_RETRY_FIRST_S
    deadline_s: float | None = None


class BankLine:
    """Performs the effects of decisions: it asks the bank, waits, and reverses."""

    def __init__(self, queue: WorkQueue, desk: Desk, clock: Clock, host: str, port: int, timeout_s: float) -> None:
        self.link = FrameLink(host, port, self._on_frame)
        self._queue = queue
        self._desk = desk
        self._clock = clock
        self._timeout_s = timeout_s
        self._asked: dict[str, _Asked] = {}
        self._by_key: dict[PaymentKey, _Asked] = {}
        self._undoing: dict[str, _Undoing] = {}
        self._unwritten: dict[PaymentKey, float] = {}
        self._task: LongTask | None = None

    def start(self) -> None:
        """Connect and begin to watch the time."""
        self.link.start()
        self._task = keep_running("bank line", self._sweep, every_s=SWEEP_EVERY_S, at_once=False)

    async def stop(self) -> None:
        """Close the line. Whatever is pending is resolved at the next start."""
        if self._task is not None:
            await self._task.stop()
        await self.link.stop()

    def perform(self, effect: Effect, work: Work) -> None:
        """Perform one effect, after the commit of its decision."""
        match effect:
            case AskBank(payment=payment, pin_key=pin_key):
                assert isinstance(work, SaleWork)
                self._ask(payment, pin_key, work)
            case JoinPending(payment_key=key):
                assert isinstance(work, SaleWork)
                asked = self._by_key.get(key)
                if asked is None:
                    # Pending in the database but not at this line: another host asked.
                    work.fail(self._desk, self._clock.now())
                else:
                    asked.waiting.append(work)
            case ReverseAtBank(payment=payment):
                self.reverse((payment,))
            case ReleaseWaiting(payment_key=key, answer=answer):
                asked = self._by_key.get(key)
                if asked is not None:
                    for waiting in asked.waiting:
                        waiting.answer_sale(self._desk, answer, "reversed_while_pending")
                    asked.waiting.clear()

    def reverse(self, payments: Sequence[Payment]) -> None:
        """Tell the bank, from now on until it answers, that these payments are undone."""
        now_s = self._clock.elapsed_s()

        def begin(payment: Payment) -> None:
            if payment.rrn not in self._undoing:
                undoing = self._undoing[payment.rrn] = _Undoing(payment, next_s=now_s)
                self._try_reversal(undoing, now_s)

        # A row that no message can be built from (a damaged page, a code that is none) must not hold up the others.
        guarded("reversal", payments, begin)

    def _ask(self, payment: Payment, pin_key: str, work: SaleWork) -> None:
        asked = _Asked(work.key, self._clock.elapsed_s() + self._timeout_s, [work])
        self._by_key[work.key] = asked
        try:
            body = self._bank_request(payment, pin_key, work)
        except PinBlockError:
            code = PIN_FORMAT_WRONG
        except ZhangguiError as error:
            log.error("bank_not_asked", rrn=payment.rrn, error=type(error).__name__, reason=str(error))
            code = SYSTEM_ERROR
        else:
            if self.link.send(body):
                self._asked[payment.rrn] = asked
                return
            code = BANK_NOT_REACHABLE
        # The bank was never asked: the payment is decided by an answer of our own.
        self._settle(asked, BankAnswer(acquirer_code="", rrn=payment.rrn, response_code=code))

    def _bank_request(self, payment: Payment, pin_key: str, work: SaleWork) -> bytes:
        pin_block = self._desk.keys.bank_pin_block(work.request, pin_key)
        time = host_time(self._clock.now())
        request = bank_payment(work.request, payment.rrn, self._desk.acquirer_code, time, pin_block)
        return seal(INTERBANK.codec, request.message(), self._desk.keys.zone_mac)

    def _settle(self, asked: _Asked, answer: BankAnswer | None) -> None:
        """Have the outcome written. Until it is, repeats still find the sale here and wait with it."""

        def settled(written: bool) -> None:
            self._by_key.pop(asked.key, None)
            if not written:
                self._unwritten[asked.key] = self._clock.elapsed_s() + UNWRITTEN_RETRY_S

        self._queue.submit(BankOutcome(asked.key, answer, asked.waiting, settled))

    def _on_frame(self, payload: bytes) -> None:
        try:
            message = INTERBANK.codec.decode(payload)
            covered, mac = covered_bytes(payload, message)
            if not self._desk.keys.zone_mac_fits(covered, mac):
                log.warning("bank_answer_refused", reason="wrong_mac")
                return
            answer = read_bank_answer(message)
        except ProtocolError as error:
            log.warning("bank_answer_refused", reason=str(error))
            return
        if message.mti == "0410":
            self._on_reversal_answer(answer)
            return
        asked = self._asked.pop(answer.rrn, None)
        if asked is None:
            log.info("bank_answer_ignored", rrn=answer.rrn, reason="nobody_waits")
            return
        self._settle(asked, answer)

    def _on_reversal_answer(self, answer: BankAnswer) -> None:
        undoing = self._undoing.get(answer.rrn)
        if undoing is None:
            return
        if answer.response_code in REVERSAL_DONE:
            del self._undoing[answer.rrn]
            self._queue.submit(BankReversalOutcome(undoing.payment, done=True))
            return
        log.warning("bank_reversal_refused", rrn=answer.rrn, response_code=answer.response_code)
        undoing.deadline_s = None

    async def _sweep(self) -> None:
        now_s = self._clock.elapsed_s()
        self._time_out_sales(now_s)
        self._close_unwritten(now_s)
        guarded("reversal", tuple(self._undoing.values()), lambda undoing: self._watch_reversal(undoing, now_s))

    def _time_out_sales(self, now_s: float) -> None:
        # All sales have the same time-out, so the oldest stand first.
        while self._asked:
            rrn, asked = next(iter(self._asked.items()))
            if asked.deadline_s > now_s:
                return
            del self._asked[rrn]
            self._settle(asked, None)

    def _close_unwritten(self, now_s: float) -> None:
        """Outcomes that could not be written were answered 96: the sale is closed as unanswered, and reversed."""
        for key, next_s in tuple(self._unwritten.items()):
            if now_s >= next_s:
                del self._unwritten[key]
                self._settle(_Asked(key, now_s), None)

    def _watch_reversal(self, undoing: _Undoing, now_s: float) -> None:
        if undoing.deadline_s is not None and now_s >= undoing.deadline_s:
            undoing.deadline_s = None
            self._queue.submit(BankReversalOutcome(undoing.payment, done=False))
        if undoing.deadline_s is None and now_s >= undoing.next_s:
            self._try_reversal(undoing, now_s)

    def _try_reversal(self, undoing: _Undoing, now_s: float) -> None:
        if not self.link.up.is_set():
            # Nothing can leave, so nothing is to be slowed down: it goes with the first sweep after the line is up.
            return
        # First of all: one that can't be built is slowed down as well.
        undoing.next_s = now_s + undoing.retry_s
        undoing.retry_s = min(undoing.retry_s * 2, REVERSAL_RETRY_MAX_S)
        payment = undoing.payment
        request = BankReversal(
            kind=payment.kind,
            acquirer_code=self._desk.acquirer_code,
            rrn=Rrn(payment.rrn),
            trace_no=payment.trace_no,
            merchant_no=payment.merchant_no,
            terminal_no=payment.terminal_no,
            amount_fen=payment.amount_fen,
            reason=payment.reversal_reason,
        )
        body = seal(INTERBANK.codec, request.message(), self._desk.keys.zone_mac)
        if self.link.send(body):
            undoing.deadline_s = now_s + REVERSAL_TIMEOUT_S
            undoing.next_s += REVERSAL_TIMEOUT_S
