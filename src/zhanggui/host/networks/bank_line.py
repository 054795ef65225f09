"""The line to the bank: codec and link around the machine of those who wait (`waiting.py`).

A payment is asked once. When its answer does not come in time the payment is closed as timed out and reversed; the late
answer is ignored. A reversal is never given up: it is sent again, more and more slowly, also after a restart.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from ...acquirer.rows.decision import AskBank, Effect, JoinPending, ReleaseWaiting, ReverseAtBank, TellIssuer
from ...acquirer.rows.records import Payment, PaymentScript
from ...basics.clock import Clock
from ...basics.errors import Defect, Fault, ProtocolError, ZhangguiError
from ...basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo, next_in_six_digits
from ...cup.dialect import INTERBANK
from ...cup.messages.bank_statement import (
    PAGE_MAX,
    StatedPayment,
    StatementAsked,
    answers,
    read_statement,
)
from ...cup.messages.head import host_time
from ...cup.messages.interbank import BankAnswer, BankReversal, bank_payment, differs_from, echo_of, read_bank_answer
from ...cup.messages.script_notice import BankScriptNotice
from ...cup.messages.sealing import covered_bytes, seal
from ...cup.response_codes import means_for_notice, means_for_reversal
from ...cup.transactions import CATALOGUE, REVERSAL_ANSWER_MTI, SCRIPT_ANSWER_MTI, STATEMENT_ANSWER_MTI
from ...edges.link import FrameLink
from ...edges.watched import LongTask, guarded, keep_running
from ...iso8583.message import Message
from ...vault.errors import PinBlockError
from ..queue import WorkQueue
from ..wire.payment_work import SYSTEM_ERROR, BankOutcome, BankReversalOutcome, PaymentWork, Waiter
from ..wire.script_work import IssuerTold
from ..work import Desk, Work, log, named
from .telling import Telling, Told
from .waiting import Asked, Waiting

STATEMENT_TIMEOUT_S = 10.0
"""A page of a statement; the job that asks for it tries again later, and until then nobody else asks."""
SWEEP_EVERY_S = 0.25
"""How often time-outs are looked for; a time-out is late by at most this."""
OK = "00"
BANK_NOT_REACHABLE = "91"
PIN_FORMAT_WRONG = "99"

N = TypeVar("N")
"""What is told."""


def _waiter(work: Work) -> Waiter:
    """Whose effect this is. Defect for a work that asks the bank and can't be answered: money would wait for nobody."""
    if not isinstance(work, PaymentWork):
        raise Defect(f"{type(work).__name__} has an effect at the bank, and no way to be told the outcome")
    return work


class BankSilent(Fault):
    """The bank did not answer what was asked of it; nothing depends on it now."""


class StatementRefused(Fault):
    """The bank answered, and told no statement of this terminal."""


class BankLine:
    """Performs the effects of decisions: it asks the bank, waits, and reverses."""

    def __init__(self, queue: WorkQueue, desk: Desk, clock: Clock, host: str, port: int, timeout_s: float) -> None:
        self.link = FrameLink(host, port, self.on_frame)
        self.waiting: Waiting[Waiter] = Waiting(timeout_s)
        self.undoing: Telling[Payment] = Telling()
        self.notices: Telling[PaymentScript] = Telling()
        self._codec = INTERBANK.codec
        self._queue = queue
        self._desk = desk
        self._clock = clock
        self._task: LongTask | None = None
        self._statement_no = TraceNo("000000")
        self._statements: dict[str, tuple[Message, asyncio.Future[tuple[StatedPayment, ...]]]] = {}
        """Pages that were asked for, by the number of the message."""

    def start(self) -> None:
        """Connect and begin to watch the time."""
        self.link.start()
        self._task = keep_running("bank line", self.look, every_s=SWEEP_EVERY_S, at_once=False)

    async def stop(self) -> None:
        """Close the line. Whatever is pending is resolved at the next start."""
        if self._task is not None:
            await self._task.stop()
        await self.link.stop()

    def perform(self, effect: Effect, work: Work) -> None:
        """Perform one effect, after the commit of its decision."""
        match effect:
            case AskBank():
                self._ask(effect, _waiter(work))
            case JoinPending(payment_key=key):
                waiter = _waiter(work)
                if not self.waiting.join(key, waiter):
                    # Pending in the database but not at this line: another host asked.
                    waiter.fail(self._desk, self._clock.now())
            case ReverseAtBank(payment=payment):
                self.reverse((payment,))
            case TellIssuer(script=script):
                self.tell((script,))
            case ReleaseWaiting(payment_key=key, answer=answer):
                for waiter in self.waiting.release(key):
                    waiter.answer_payment(self._desk, answer, "reversed_while_pending")

    def reverse(self, payments: Sequence[Payment]) -> None:
        """Tell the bank, from now on until it answers, that these payments are undone."""
        now_s = self._clock.elapsed_s()

        def begin(payment: Payment) -> None:
            undoing = self.undoing.begin(payment.rrn, payment, now_s)
            if undoing is not None:
                self._try(self.undoing, undoing, self._reversal(payment), now_s)

        # A row that no message can be built from (a damaged page, a code that is none) must not hold up the others.
        guarded("reversal", payments, begin)

    def tell(self, scripts: Sequence[PaymentScript]) -> None:
        """Tell the bank, from now on until it answers, what became of its scripts."""
        now_s = self._clock.elapsed_s()

        def begin(script: PaymentScript) -> None:
            notice = self.notices.begin(script.rrn, script, now_s)
            if notice is not None:
                self._try(self.notices, notice, self._notice(script), now_s)

        guarded("script notice", scripts, begin)

    async def look(self) -> None:
        """Do what time asks for: time-outs, outcomes that could not be written, reversals that are due."""
        now_s = self._clock.elapsed_s()
        for asked in self.waiting.unanswered(now_s):
            self._settle(asked, None)
        guarded("reversal", self.undoing.all(), lambda undoing: self._watch_reversal(undoing, now_s))
        guarded("script notice", self.notices.all(), lambda notice: self._watch_notice(notice, now_s))

    # ── statements ───────────────────────────────────────────────────────────

    async def statement(
        self, merchant_no: MerchantNo, terminal_no: TerminalNo, after: Rrn, upto: Rrn
    ) -> tuple[StatedPayment, ...]:
        """Which payments of a terminal stand at the bank, of these reference numbers. BankSilent when it does not answer."""
        told: list[StatedPayment] = []
        while True:
            asked = StatementAsked(self._desk.acquirer_code, merchant_no, terminal_no, after, upto)
            page = await self._page(asked)
            told += page
            if len(page) < PAGE_MAX:
                return tuple(told)
            after = page[-1].rrn

    async def _page(self, asked: StatementAsked) -> tuple[StatedPayment, ...]:
        number = self._statement_no = TraceNo(next_in_six_digits(self._statement_no))
        request = asked.message(number)
        came: asyncio.Future[tuple[StatedPayment, ...]] = asyncio.get_running_loop().create_future()
        self._statements[number] = (request, came)
        try:
            if self.link.send(seal(INTERBANK.codec, request, self._desk.keys.zone_mac)):
                async with asyncio.timeout(STATEMENT_TIMEOUT_S):
                    return await came
        except TimeoutError:
            pass
        finally:
            del self._statements[number]
        raise BankSilent("the bank told no statement; it is asked again later")

    def _on_statement(self, message: Message) -> None:
        number = message.fields.get(11)
        request, came = self._statements.get(str(number), (None, None))
        if request is None or came is None or came.done() or not answers(request, message):
            log.info("bank_answer_ignored", number=number, reason="nobody_waits")
            return
        if message.fields.get(39) == OK:
            came.set_result(read_statement(message))
        else:
            came.set_exception(StatementRefused(f"the bank refused a statement: {message.fields.get(39)!s}"))

    # ── payments ─────────────────────────────────────────────────────────────

    def _ask(self, effect: AskBank, work: Waiter) -> None:
        payment = effect.payment
        # Before anything is sent: the answer may be here before this function is left.
        asked = self.waiting.ask(work.key, payment.rrn, work, self._clock.elapsed_s())
        try:
            request = self._bank_request(effect, work)
            body = seal(self._codec, request, self._desk.keys.zone_mac)
        except PinBlockError:
            code = PIN_FORMAT_WRONG
        except ZhangguiError as error:
            log.error("bank_not_asked", **named(payment), error=type(error).__name__, reason=str(error))
            code = SYSTEM_ERROR
        else:
            asked.echo = echo_of(request)
            if self.link.send(body):
                return
            code = BANK_NOT_REACHABLE
        # The bank was never asked: the payment is decided by an answer of our own, and there is nothing to reverse.
        self._answered(BankAnswer(acquirer_code="", rrn=payment.rrn, response_code=code))

    def _bank_request(self, effect: AskBank, work: Waiter) -> Message:
        pin_block = self._desk.keys.bank_pin_block(work.request, effect.pin_key)
        time = host_time(self._clock.now())
        return bank_payment(
            work.request,
            effect.payment.rrn,
            self._desk.acquirer_code,
            time,
            pin_block,
            effect.original_rrn,
            effect.original_pay_voucher,
        ).message()

    def _answered(self, answer: BankAnswer) -> None:
        asked = self.waiting.answered(answer.rrn)
        if asked is None:
            # Late: its payment is closed and being reversed, or the answer came twice. An approval here must post nothing.
            log.info("bank_answer_ignored", rrn=answer.rrn, reason="nobody_waits")
            return
        self._settle(asked, answer)

    def _settle(self, asked: Asked[Waiter], answer: BankAnswer | None) -> None:
        """Have the outcome written. Until it is, repeats still find the payment here and wait with it."""

        def settled(written: bool) -> None:
            self.waiting.settled(asked, written=written, now_s=self._clock.elapsed_s())

        self._queue.submit(BankOutcome(asked.key, answer, asked.waiting, settled))

    # ── what the bank says ───────────────────────────────────────────────────

    def on_frame(self, payload: bytes) -> None:
        """Take a frame of the bank. What has a wrong MAC, or can't be read, says nothing."""
        try:
            message = self._codec.decode(payload)
            covered, mac = covered_bytes(payload, message)
            if not self._desk.keys.zone_mac_fits(covered, mac):
                log.warning("bank_answer_refused", reason="wrong_mac")
                return
            if message.mti == STATEMENT_ANSWER_MTI:
                self._on_statement(message)
                return
            answer = read_bank_answer(message)
        except ProtocolError as error:
            log.warning("bank_answer_refused", reason=str(error))
            return
        waits: Asked[Waiter] | Told[Payment] | Told[PaymentScript] | None
        if message.mti == REVERSAL_ANSWER_MTI:
            waits, take = self.undoing.of(answer.rrn), self._on_reversal_answer
        elif message.mti == SCRIPT_ANSWER_MTI:
            waits, take = self.notices.of(answer.rrn), self._on_notice_answer
        else:
            waits, take = self.waiting.asked(answer.rrn), self._answered
        if waits is not None:
            wrong = differs_from(waits.echo, message)
            if wrong:
                # It says nothing about what was asked: left to the time-out, which undoes it, or to the next telling.
                log.warning("bank_answer_refused", rrn=answer.rrn, reason=f"answer_of_another:{wrong}")
                return
        take(answer)

    def _on_reversal_answer(self, answer: BankAnswer) -> None:
        done = means_for_reversal(answer.response_code) == "stands"
        undoing = self.undoing.answered(answer.rrn, done=done)
        if undoing is None:
            return
        if done:
            self._queue.submit(BankReversalOutcome(undoing.about, done=True))
        else:
            log.warning("bank_reversal_refused", rrn=answer.rrn, response_code=answer.response_code)

    def _on_notice_answer(self, answer: BankAnswer) -> None:
        meaning = means_for_notice(answer.response_code)
        notice = self.notices.answered(answer.rrn, done=meaning != "unknown")
        if notice is None:
            return
        if meaning != "stands":
            log.warning("bank_notice_refused", rrn=answer.rrn, response_code=answer.response_code)
        if meaning != "unknown":
            self._queue.submit(IssuerTold(notice.about, answer.response_code))

    # ── what the bank is told until it takes it ──────────────────────────────

    def _watch_reversal(self, undoing: Told[Payment], now_s: float) -> None:
        if self.undoing.let_fall_silent(undoing, now_s):
            self._queue.submit(BankReversalOutcome(undoing.about, done=False))
        if self.undoing.is_due(undoing, now_s):
            self._try(self.undoing, undoing, self._reversal(undoing.about), now_s)

    def _watch_notice(self, notice: Told[PaymentScript], now_s: float) -> None:
        self.notices.let_fall_silent(notice, now_s)
        if self.notices.is_due(notice, now_s):
            self._try(self.notices, notice, self._notice(notice.about), now_s)

    def _try(self, telling: Telling[N], told: Told[N], build: Callable[[], Message], now_s: float) -> None:
        if not self.link.up.is_set():
            # Nothing can leave, so nothing is to be slowed down: it goes with the first look after the line is up.
            return
        # First of all: one that can't be built is slowed down as well.
        telling.tries(told, now_s)
        message = build()
        told.echo = echo_of(message)
        if self.link.send(seal(INTERBANK.codec, message, self._desk.keys.zone_mac)):
            telling.sent(told, now_s)

    def _reversal(self, payment: Payment) -> Callable[[], Message]:
        return BankReversal(
            kind=payment.kind,
            acquirer_code=self._desk.acquirer_code,
            rrn=Rrn(payment.rrn),
            trace_no=payment.trace_no,
            merchant_no=payment.merchant_no,
            terminal_no=payment.terminal_no,
            amount_fen=payment.amount_fen,
            reason=payment.reversal_reason,
        ).message

    def _notice(self, script: PaymentScript) -> Callable[[], Message]:
        return BankScriptNotice(
            acquirer_code=self._desk.acquirer_code,
            rrn=script.rrn,
            trace_no=script.notice_trace_no,
            merchant_no=script.merchant_no,
            terminal_no=script.terminal_no,
            processing_code=CATALOGUE[script.kind].processing_code,
            chip_data=script.chip_data,
        ).message
