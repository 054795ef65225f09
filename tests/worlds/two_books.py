"""The acquirer's rules and the test bank's own, with a line between them that a test moves message by message. No keys, no loop.

Rows are loaded as the host loads them: what a rule was not given, it does not see.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec
from tests.worlds.bank_books import CARD, RIGHT, Told, reversal, sale
from tests.worlds.memory_store import MemoryStore

from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.originals import looked_up, named_original, original_by_key, payment_key
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.payments.reversal import ReversalAsked, decide_reversal, need_for_reversal
from zhanggui.acquirer.rows.decision import AskBank, Decision, PaymentReply, PlainReply
from zhanggui.acquirer.rows.records import (
    Merchant,
    Payment,
    PaymentKey,
    Posting,
    Session,
    SupportCase,
    Terminal,
    key_of,
)
from zhanggui.acquirer.rows.state import Needs, State
from zhanggui.bank import accounts as bank
from zhanggui.bank.ledger import Decision as BankDecision
from zhanggui.bank.ledger import PaymentOrder, apply, decide
from zhanggui.bank.originals import held_fen
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
    next_in_six_digits,
)
from zhanggui.basics.secret import PayCode
from zhanggui.cup.messages.interbank import BankAnswer
from zhanggui.cup.messages.payment import Original, PaymentRequest, ReversalRequest
from zhanggui.cup.response_codes import means_for_reversal
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.host.wire.payment_work import BankOutcome, BankReversalOutcome

MERCHANT, FIRST_BATCH = MerchantNo("102100058120001"), BatchNo("000001")
A, B = TerminalNo("20000001"), TerminalNo("20000002")
EPOCHS = {A: "00000001", B: ""}
"""The one terminal names its sign-on, the other is another maker's."""
NOON = UnixMs(1_795_406_400_000)
ACQUIRER_CODE = "48021000"
OPENING_FEN = 1_000_000_00
UNKNOWN = "000000"
PHONE = "00001"
"""The one that shows codes for the one card."""
R = TypeVar("R")


def at_once(waiting: Coroutine[Any, Any, R]) -> R:
    """What a coroutine answers that waits for nothing."""
    while True:
        try:
            waiting.send(None)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the coroutine answers


@dataclass(frozen=True)
class Paid:
    """One payment as its terminal knows it."""

    request: PaymentRequest

    @property
    def key(self) -> PaymentKey:
        return payment_key(self.request)

    def reversal(self, reason: str = "98") -> ReversalRequest:
        asked = self.request
        return ReversalRequest(
            kind=asked.kind,
            merchant_no=asked.merchant_no,
            terminal_no=asked.terminal_no,
            batch_no=asked.batch_no,
            trace_no=asked.trace_no,
            amount_fen=asked.amount_fen,
            entry_mode=asked.entry_mode,
            reason=reason,
            epoch=asked.epoch,
        )


@dataclass
class TwoBooks:
    """Host and bank. `orders` left for the bank, `answers` came from it and the host has not read them yet."""

    store: MemoryStore = field(default_factory=MemoryStore)
    orders: dict[Rrn, PaymentOrder] = field(default_factory=dict)
    answers: dict[Rrn, BankAnswer] = field(default_factory=dict)
    now: UnixMs = NOON
    given: int = 0
    traces: dict[TerminalNo, TraceNo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk: Any = SimpleNamespace(acquirer_code=ACQUIRER_CODE, acquirer_name="掌柜收单")
        self.books = bank.Books({CARD.card_id: CARD}, {CARD.account_no: OPENING_FEN}, {}, 1)
        self.books.phones[PHONE] = CARD.card_id
        self.store.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=NOON))
        for number, terminal_no in enumerate((A, B), 1):
            self.traces[terminal_no] = TraceNo("000000")
            self.store.put(
                Terminal(
                    merchant_no=MERCHANT,
                    terminal_no=terminal_no,
                    model="smart",
                    place="前台",
                    dialect="unionpay",
                    operator_check="terminal",
                    master_key="TMK",
                    mac_key="MAK",
                    batch_no=FIRST_BATCH,
                    created_ms=NOON,
                ),
                Session(
                    merchant_no=MERCHANT,
                    session_no=SessionNo(number),
                    terminal_no=terminal_no,
                    operator_no=OperatorNo("01"),
                    record_no=RecordNo(number),
                    kind="unverified",
                    opened_ms=NOON,
                ),
            )

    # ── the host ─────────────────────────────────────────────────────────────

    def terminal(self, terminal_no: TerminalNo) -> Terminal:
        found = self.store.rows[(Terminal, MERCHANT, terminal_no)]
        assert isinstance(found, Terminal)
        return found

    def row(self, paid: Paid) -> Payment | None:
        found = self.store.rows.get((Payment, *paid.key))
        return found if isinstance(found, Payment) else None

    def rows(self, kind: type[R]) -> list[R]:
        return [row for row in self.store.rows.values() if type(row) is kind]

    def commit(
        self, needs: Needs, more_needs: Callable[[State, Needs], None], rule: Callable[[State], Decision]
    ) -> Decision:
        """One unit, as the door to the store has it: three loads at most, then the rule, then its changes are rows."""
        return at_once(self._unit(needs, more_needs, rule))

    async def _unit(
        self, needs: Needs, more_needs: Callable[[State, Needs], None], rule: Callable[[State], Decision]
    ) -> Decision:
        async with self.store.unit() as unit:
            state = await unit.load(needs)
            more, last = Needs(), Needs()
            more_needs(state, more)
            state.join(await unit.load(more))
            if more.leads_on:
                more_needs(state, last)
                state.join(await unit.load(last))
            decision = rule(state)
            state.apply(decision.changes)
            await unit.save(decision.changes)
        return decision

    def begin(
        self, at: TerminalNo, kind: str, amount_fen: int = 100_00, of: Paid | None = None, *, by: str = "trace"
    ) -> Paid:
        """A payment as it leaves its terminal; what it is about is named by batch and trace, or as another terminal's slip has it."""
        self.traces[at] = TraceNo(next_in_six_digits(self.traces[at]))
        original = None
        if of is not None:
            row = self.row(of)
            rrn = row.rrn if row is not None else ""
            here = by == "trace" and of.request.terminal_no == at
            batch_no, trace_no = (of.request.batch_no, of.request.trace_no) if here else (UNKNOWN, UNKNOWN)
            original = Original(batch_no=BatchNo(batch_no), trace_no=TraceNo(trace_no), rrn=rrn)
        return Paid(
            PaymentRequest(
                kind=kind,
                merchant_no=MERCHANT,
                terminal_no=at,
                batch_no=self.terminal(at).batch_no,
                trace_no=self.traces[at],
                amount_fen=amount_fen,
                entry_mode="032" if PAYMENTS[kind].is_by_code else "021",
                operator_no=OperatorNo("01"),
                pan=None,
                code=PayCode(f"62{at}{self.traces[at]}000") if kind == "qr_sale" else None,
                original=original,
                epoch=EPOCHS[at],
            )
        )

    def arrive(self, paid: Paid) -> str:
        """The host reads a payment: the code of its answer, empty while the bank is asked."""
        request = paid.request
        needs = Needs({Terminal: [(MERCHANT, request.terminal_no)], Payment: [paid.key]})
        named = named_original(request)
        if named is not None:
            needs.add(Payment, named)

        def more_needs(state: State, more: Needs) -> None:
            lookup = looked_up(request, b"", self.now)
            if lookup is not None and original_by_key(state, request) is None:
                more.lookups[lookup] = None

        self.given += 1
        asked = PaymentAsked(
            request=request,
            mac="current",
            fingerprint=repr(paid.key).encode(),
            card_hash=b"",
            rrn=Rrn(f"{self.given:012d}"),
            acquirer_code=ACQUIRER_CODE,
        )
        decision = self.commit(needs, more_needs, lambda state: decide_payment(state, asked, self.now))
        for effect in decision.effects:
            if isinstance(effect, AskBank):
                self.orders[effect.payment.rrn] = self._order(effect)
        return code_of(decision)

    def _order(self, effect: AskBank) -> PaymentOrder:
        payment, about = effect.payment, effect.original_rrn
        without_card: dict[str, Any] = {"pan": None, "track2": None, "pin_block": None, "expiry_yymm": ""}
        by_code = PAYMENTS[payment.kind].is_by_code
        shown: dict[str, Any] = {"pin_block": RIGHT}
        if about or by_code:
            shown = {**without_card, "original_pay_voucher": effect.original_pay_voucher}
        if by_code:
            shown |= {"entry_mode": "032", "code": None if about else PayCode(f"62{payment.rrn}00000")}
        order = sale(
            int(payment.rrn),
            payment.amount_fen,
            kind=payment.kind,
            terminal_no=payment.terminal_no,
            trace_no=payment.trace_no,
            acquirer_code=ACQUIRER_CODE,
            original_rrn=about,
            **shown,
        )
        original = bank.identity_of(ACQUIRER_CODE, about) if about else ""
        if by_code and not about:
            return PaymentOrder(order.identity, "", order.request, original, code_id=payment.rrn, phone=PHONE)
        return PaymentOrder(order.identity, "" if about else CARD.card_id, order.request, original)

    def reverse(self, paid: Paid) -> tuple[str, str]:
        """The host reads a 0400: code and reason of its answer."""
        request = paid.reversal()
        self.given += 1
        asked = ReversalAsked(
            request=request, mac="current", rrn=Rrn(f"{self.given:012d}"), acquirer_code=ACQUIRER_CODE
        )
        needs = Needs({Terminal: [(MERCHANT, request.terminal_no)], Payment: [paid.key]})
        decision = self.commit(
            needs,
            lambda state, more: need_for_reversal(state, request, more),
            lambda state: decide_reversal(state, asked, self.now),
        )
        return code_of(decision), decision.reason

    def close_batch(self, at: TerminalNo) -> bool:
        """Whether it is closed: not while a payment of it is at the bank."""
        terminal = self.terminal(at)
        inside = [row for row in self.rows(Payment) if key_of(row)[1:3] == (at, terminal.batch_no)]
        if any(row.state == "pending" for row in inside):
            return False
        self.store.put(msgspec.structs.replace(terminal, batch_no=BatchNo(next_in_six_digits(terminal.batch_no))))
        return True

    # ── the line, and the bank behind it ─────────────────────────────────────

    def bank_takes(self, rrn: Rrn) -> BankDecision:
        """The bank decides an order that is under way."""
        order = self.orders.pop(rrn)
        decision = decide(self.books, order, self.now, Told())
        apply(self.books, decision)
        paid = decision.payment
        auth_code = paid.auth_code if paid is not None else ""
        self.answers[rrn] = BankAnswer(
            acquirer_code=ACQUIRER_CODE,
            rrn=rrn,
            response_code=decision.code,
            auth_code=auth_code,
            settlement_date="1123",
            pay_voucher=paid.pay_voucher if paid is not None and paid.code_id and decision.code == "00" else "",
        )
        return decision

    def host_hears(self, paid: Paid, *, silent: bool = False) -> str:
        """The bank's answer reaches the host, or (`silent`) its time is up: the code that the terminal is sent."""
        row = self.row(paid)
        assert row is not None
        answer = None if silent else self.answers.pop(row.rrn)
        outcome = BankOutcome(paid.key, answer, [], lambda written: None)
        return code_of(self._work(outcome))

    def bank_undoes(self, rrn: Rrn) -> bool:
        """One try to tell the bank of a reversal that is due: whether it is over."""
        (row,) = (row for row in self.rows(Payment) if row.rrn == rrn)
        told = reversal(
            sale(
                int(rrn),
                row.amount_fen,
                kind=row.kind,
                terminal_no=row.terminal_no,
                trace_no=row.trace_no,
                acquirer_code=ACQUIRER_CODE,
            )
        )
        decision = decide(self.books, told, self.now, Told())
        apply(self.books, decision)
        done = means_for_reversal(decision.code) == "stands"
        self._work(BankReversalOutcome(row, done))
        return done

    def due(self) -> list[Rrn]:
        return [row.rrn for row in self.rows(Payment) if row.bank_state == "reversal_due"]

    def _work(self, work: BankOutcome | BankReversalOutcome) -> Decision:
        needs = Needs()
        work.add_needs(needs)
        return self.commit(
            needs,
            lambda state, more: work.more_needs(self.desk, state, more),
            lambda state: work.decide(self.desk, state, self.now),
        )

    def pay(self, at: TerminalNo, kind: str, amount_fen: int = 100_00, of: Paid | None = None) -> Paid:
        """A payment to its end, approved."""
        paid = self.ask(at, kind, amount_fen, of)
        row = self.row(paid)
        assert row is not None
        self.bank_takes(row.rrn)
        assert self.host_hears(paid) == "00"
        return paid

    def ask(self, at: TerminalNo, kind: str, amount_fen: int = 100_00, of: Paid | None = None) -> Paid:
        """A payment that is on its way to the bank."""
        paid = self.begin(at, kind, amount_fen, of)
        assert self.arrive(paid) == ""
        return paid

    def settle_with_bank(self) -> list[Rrn]:
        """All that is under way arrives, and reversals are told as long as one ends: those that never would."""
        for rrn in list(self.orders):
            self.bank_takes(rrn)
        for row in self.rows(Payment):
            if row.state == "pending":
                self.host_hears(paid_of(row), silent=row.rrn not in self.answers)
        while [rrn for rrn in self.due() if self.bank_undoes(rrn)]:
            pass
        return self.due()

    # ── what both say ────────────────────────────────────────────────────────

    def owed_fen(self, *keys: PaymentKey) -> int:
        """What issuers owe the acquirer, of these payments or of all."""
        lines = [row for row in self.rows(Posting) if row.account == "issuer_clearing"]
        return sum(row.amount_fen for row in lines if not keys or key_of(row)[:4] in keys)

    def cases(self) -> list[str]:
        return [row.what for row in self.rows(SupportCase)]

    def differences(self) -> list[str]:
        """Everything on which host and bank do not agree once nothing is under way; empty when all is well."""
        wrong = [
            found.text()
            for found in book_differences(
                sorted(self.rows(Payment), key=key_of), sorted(self.rows(Posting), key=key_of)
            )
        ]
        identities = {}
        for row in self.rows(Payment):
            identity = bank.identity_of(ACQUIRER_CODE, row.rrn)
            known = identities[identity] = self.books.payments.get(identity)
            state = known.state if known is not None else "unknown"
            if not KINDS[row.kind].is_money_at_bank:
                # It moved nothing, so nobody undoes one of which no answer came.
                continue
            if stands(row) != (state == "approved"):
                wrong.append(f"{row.kind} {key_of(row)[1:]}: {row.state} {row.bank_state} here, {state} at the bank")
            elif known is not None and stands(row):
                here = (row.adjusted_fen or 0, bool(row.undone_by_trace_no))
                if here != (known.adjusted_fen, bool(known.undone_by)):
                    there = (known.adjusted_fen, known.undone_by)
                    wrong.append(f"{row.kind} {key_of(row)[1:]}: adjusted, undone {here} here, {there} at the bank")
            if row.pending_parts:
                wrong.append(f"{row.kind} {key_of(row)[1:]}: {row.pending_parts} at the bank, and nothing is")
        wrong += [f"{identity} is unknown here" for identity in self.books.payments if identity not in identities]
        taken = OPENING_FEN - self.books.balances[CARD.account_no]
        if taken != self.owed_fen():
            wrong.append(f"{taken} fen left the account, {self.owed_fen()} fen are owed here")
        held = sum(held_fen(payment) for payment in self.books.payments.values())
        if held != self.books.held.get(CARD.account_no, 0):
            wrong.append("what is held on the account is not what the bank's payments hold")
        return wrong


def stands(row: Payment) -> bool:
    """Whether a payment is approved and nothing has taken it back."""
    return row.state == "approved" and not row.is_corrected


def paid_of(row: Payment) -> Paid:
    """A payment of the host's rows as its terminal would name it."""
    return Paid(
        PaymentRequest(
            kind=row.kind,
            merchant_no=row.merchant_no,
            terminal_no=row.terminal_no,
            batch_no=row.batch_no,
            trace_no=row.trace_no,
            amount_fen=row.amount_fen,
            entry_mode=row.entry_mode,
            operator_no=OperatorNo("01"),
            pan=None,
            epoch=row.epoch or "",
        )
    )


def code_of(decision: Decision) -> str:
    """The code that goes out; empty when nothing does yet."""
    match decision.reply:
        case PaymentReply(answer=answer):
            return answer.response_code
        case PlainReply(response_code=code):
            return code
        case _:
            return ""
