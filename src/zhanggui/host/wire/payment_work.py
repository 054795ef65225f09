"""Work on payments of every kind: a terminal's request and its reversal, and what the bank says to both."""

from collections.abc import Callable
from typing import Protocol

from ...acquirer.payments.answers import refusal_answer
from ...acquirer.payments.originals import (
    kept_original,
    looked_up,
    named_original,
    need_original,
    original_by_key,
    payment_key,
)
from ...acquirer.payments.outcome import LATE, decide_bank_answer, decide_bank_reversed
from ...acquirer.payments.payment import PaymentAsked, decide_payment
from ...acquirer.payments.permitted import need_operators
from ...acquirer.payments.repeats import SALT_NO_BYTES, need_clashes, salt_key, salt_no_of
from ...acquirer.payments.reversal import ReversalAsked, decide_reversal, need_for_reversal
from ...acquirer.payments.roads.received import taking_needs
from ...acquirer.payments.roads.road import order_key
from ...acquirer.rows.decision import AskBank, AskWallet, Decision, PaymentReply, PlainReply, reply_of
from ...acquirer.rows.records import Approval, Payment, PaymentKey, Salt, Terminal, WalletOrder
from ...acquirer.rows.state import Needs, State
from ...acquirer.terminals.session_rows import need_beginning
from ...basics.numbers import UnixMs, request_of
from ...cup.messages.head import host_time
from ...cup.messages.interbank import BankAnswer
from ...cup.messages.payment import PaymentAnswer, PaymentRequest, read_payment, read_reversal, reversal_answer
from ...cup.response_codes import means
from ..work import Arrival, Desk, TerminalWork, log, named

SYSTEM_ERROR = "96"
ASKED_ANEW = frozenset({AskBank, AskWallet})
"""Effects of a payment that was never asked for before."""


class Waiter(Protocol):
    """A work that waits for the bank: it can be told the outcome, or that there is none to be had."""

    key: PaymentKey
    request: PaymentRequest

    def answer_payment(self, desk: Desk, answer: PaymentAnswer, reason: str = "") -> None:
        """Answer with the outcome."""
        ...

    def fail(self, desk: Desk, now: UnixMs) -> None:
        """Answer 96."""
        ...


class PaymentWork(TerminalWork):
    """A payment. It is answered at once (refusals, repeats) or when the bank's outcome is durable."""

    __slots__ = ("_came_ms", "key", "request")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self._came_ms = arrival.came_ms
        self.request = read_payment(arrival.message, arrival.transaction)
        self.key = payment_key(self.request)

    def add_needs(self, needs: Needs) -> None:
        needs.add(Terminal, self.terminal_key)
        needs.add(Payment, self.key)
        original = named_original(self.request)
        if original is not None:
            needs.add(Payment, original)
        if self.request.approval_no is not None:
            needs.add(Approval, (self.request.merchant_no, self.request.approval_no))
        if self.request.received:
            taking_needs(self.request, needs)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        # A payment ends and begins no session, unless its MAC is the first under keys that wait.
        terminal = state.get(Terminal, *self.terminal_key)
        need_beginning(state, terminal, more)
        need_operators(state, terminal, self.request, more)
        first = state.get(Payment, *self.key)
        if first is not None:
            more.add(Salt, salt_key(salt_no_of(first)))
            need_clashes(self.key, more, "other_payment")
            if first.wallet is not None:
                more.add(WalletOrder, order_key(first))
            original = kept_original(first)
            if original is not None:
                more.add(Payment, original)
        if self.request.original is not None:
            self._need_original(desk, state, more)

    def _need_original(self, desk: Desk, state: State, more: Needs) -> None:
        """The original that the whole shop is searched for: only where its terminal's own number does not name it."""
        request = self.request
        if original_by_key(state, request) is not None:
            return
        card_hash = desk.keys.card_hash(request.pan) if request.pan is not None else b""
        lookup = looked_up(request, card_hash, self._came_ms)
        if lookup is not None:
            more.lookups[lookup] = None

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        request = self.request
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        first = state.get(Payment, *self.key)
        salt_no, salt = desk.repeat_salt
        if first is not None and (then := salt_no_of(first)) != salt_no:
            # Its number is taken: what came is compared under the salt of then. Once that is forgotten, nothing is a repeat.
            kept = state.get(Salt, *salt_key(then))
            salt_no, salt = then, kept.salt if kept is not None else b""
        asked = PaymentAsked(
            request=request,
            mac=verdict,
            fitting=self.fitting,
            fingerprint=salt_no.to_bytes(SALT_NO_BYTES, "big") + desk.keys.message_hash(salt, self.mac_key, self.body),
            card_hash=desk.keys.card_hash(request.pan) if request.pan is not None else b"",
            rrn=desk.rrn.take(),
            acquirer_code=desk.acquirer_code,
            host_id=desk.host_id,
            is_behind=self.is_behind,
            has_wallets=desk.has_wallets,
            offers_open=desk.offers.count(self.terminal_key, now) if request.brand else 0,
            acquirer=desk.acquirer_name,
        )
        decision = decide_payment(state, asked, now)
        if request.brand:
            # At once: others of this batch are decided before any of it is written.
            for effect in decision.effects:
                if isinstance(effect, AskWallet):
                    desk.offers.put(effect.order)
        return decision

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if isinstance(decision.reply, PaymentReply):
            self.answer_payment(desk, decision.reply.answer, decision.reason)
        elif decision.effects and type(decision.effects[0]) in ASKED_ANEW:
            self.connection.bind(self.terminal_key)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.answer_payment(
            desk, refusal_answer(SYSTEM_ERROR, desk.rrn.take_if_reserved(), desk.acquirer_code, now), "system_error"
        )

    def answer_payment(self, desk: Desk, answer: PaymentAnswer, reason: str = "") -> None:
        """Send the answer: with a MAC when approved, and always to a terminal of ours that has keys."""
        self.note_payment(answer.response_code, reason, answer.rrn)
        self.answer(
            desk,
            answer.message(self.request.kind, self.message, self.request.pan),
            with_mac=self.macs_refusals or means(answer.response_code) == "stands",
        )


class Resting:
    """A payment whose answer may take a minute and more: of its work no more is kept than the answer needs, the message as it came."""

    __slots__ = ("_connection", "_dialect", "_envelope", "_mac_key", "_macs_refusals", "_transaction", "_verdict")

    def __init__(self, work: PaymentWork) -> None:
        self._connection, self._dialect, self._envelope = work.connection, work.dialect, work.envelope
        self._transaction, self._verdict = work.transaction, work.verdict
        self._mac_key, self._macs_refusals = work.mac_key, work.macs_refusals

    def answer_payment(self, desk: Desk, answer: PaymentAnswer, reason: str = "") -> None:
        """Send the answer."""
        message = self._dialect.codec.decode(self._envelope.body)
        work = PaymentWork(Arrival(self._connection, self._dialect, self._envelope, message, self._transaction))
        work.mac_key, work.macs_refusals, work.verdict = self._mac_key, self._macs_refusals, self._verdict
        work.answer_payment(desk, answer, reason)


class ReversalWork(TerminalWork):
    """0400."""

    __slots__ = ("key", "request", "rrn")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.request = read_reversal(arrival.message)
        self.key = payment_key(self.request)
        self.rrn = ""

    def add_needs(self, needs: Needs) -> None:
        needs.add(Terminal, self.terminal_key)
        needs.add(Payment, self.key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        need_beginning(state, state.get(Terminal, *self.terminal_key), more)
        need_for_reversal(state, self.request, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        rrn = desk.rrn.take()
        self.rrn = rrn
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        pan = self.request.pan
        asked = ReversalAsked(
            request=self.request,
            mac=verdict,
            fitting=self.fitting,
            rrn=rrn,
            acquirer_code=desk.acquirer_code,
            card_hash=desk.keys.card_hash(pan) if pan is not None else b"",
        )
        return decide_reversal(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        code = reply_of(decision, PlainReply).response_code
        self.note_payment(code, decision.reason, self.rrn)
        self._send(desk, code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        message = reversal_answer(
            self.message, host_time(now), self.rrn or desk.rrn.take_if_reserved(), code, desk.acquirer_code
        )
        self.answer(desk, message, with_mac=self.macs_refusals or means(code) == "stands")


class BankOutcome:
    """The bank answered a payment, or its time is up (`answer` is None). Whoever waits for it is answered after the commit.

    `settled` is told once whether the outcome could be written; from then on nobody joins those who wait.
    """

    __slots__ = ("answer", "key", "settled", "waiting")

    def __init__(
        self,
        key: PaymentKey,
        answer: BankAnswer | None,
        waiting: list[Waiter],
        settled: Callable[[bool], None],
    ) -> None:
        self.key = key
        self.answer = answer
        self.waiting = waiting
        self.settled = settled

    def add_needs(self, needs: Needs) -> None:
        needs.add(Payment, self.key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        need_original(state, self.key, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_bank_answer(state, self.key, self.answer, desk.acquirer_code, desk.acquirer_name, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        self.settled(True)
        if decision.reason == LATE:
            # Undone here, or closed by another host that took this one for silent: the bank's word comes too late for both.
            log.info("bank_answer_ignored", request=request_of(self.key[1], self.key[3]), reason=decision.reason)
        for work in self.waiting:
            if isinstance(decision.reply, PaymentReply):
                work.answer_payment(desk, decision.reply.answer, decision.reason)
            else:
                work.fail(desk, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.settled(False)
        for work in self.waiting:
            work.fail(desk, now)


class BankReversalOutcome:
    """The bank answered a reversal, or did not in time."""

    __slots__ = ("done", "payment")

    def __init__(self, payment: Payment, done: bool) -> None:
        self.payment = payment
        self.done = done

    def add_needs(self, needs: Needs) -> None:
        payment = self.payment
        needs.add(
            Payment,
            payment_key(payment),
        )

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """The payment is all."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_bank_reversed(state, self.payment, self.done)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if decision.reason:
            log.warning("bank_reversal", **named(self.payment), reason=decision.reason)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        log.error("bank_reversal_not_written", **named(self.payment))
