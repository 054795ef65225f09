"""The acquirer's rules under requests in any order: what must always hold, holds after every step.

A1 postings sum to zero · A3 one key, at most one posting of a kind · A4 a repeat gets the first answer · A13 refunds within
what was captured · A14 a bad MAC changes nothing · A17 a payment has a session whose operator was there · A20 one operator,
one verified live session · and a state only ever moves along.
"""

from collections import Counter as Tally

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.worlds.acquirer_world import (
    BATCH,
    FOREIGN,
    LI,
    MERCHANT,
    OTHER,
    OURS,
    WANG,
    World,
    code_of,
    tags_of,
)

from zhanggui.acquirer.payments.answers import read_answer
from zhanggui.acquirer.payments.outcome import LATE, decide_bank_reversed, decide_interrupted
from zhanggui.acquirer.rows.decision import Decision, MacVerdict, PaymentReply, ReleaseWaiting
from zhanggui.acquirer.rows.records import Payment, Posting, Session, SignIn
from zhanggui.acquirer.rows.state import Insert
from zhanggui.basics.numbers import OperatorNo, TerminalNo, UnixMs
from zhanggui.cup.operator_tags import Tag

MOVES = {
    "pending": {"approved", "declined", "timed_out", "reversed"},
    "approved": {"reversed"},
    "declined": set(),
    "timed_out": set(),
    "reversed": set(),
    "barred": set(),
}
RECORD_MOVES = {
    "attempted": {"active", "refused"},
    "verified": {"active", "refused"},
    "active": {"ended"},
    "ended": set(),
    "refused": set(),
}
terminals = st.sampled_from([OURS, OTHER, FOREIGN])
our_terminals = st.sampled_from([OURS, OTHER])
operators = st.sampled_from([WANG, LI])
traces = st.sampled_from(["000001", "000002", "000003", "000004"])
amounts = st.sampled_from([100, 200])
macs = st.sampled_from(["right", "right", "right", "old", "bad"])


class AcquirerRules(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.world = World()
        self.first_answers: dict[tuple[object, ...], tuple[bytes, object]] = {}
        self.payment_states: dict[object, str] = {}
        self.record_states: dict[int, str] = {}
        self.verified: dict[tuple[TerminalNo, OperatorNo], str] = {}

    def verdict(self, number: TerminalNo, wish: str) -> MacVerdict:
        """What the keys would say: the newest that the terminal has, the ones before, or none that fit."""
        terminal = self.world.terminal(number)
        if not (terminal.mac_key or terminal.waiting):
            return "none"
        if wish == "bad":
            return "bad"
        if wish == "old":
            return "current" if terminal.mac_key else "bad"
        return "next" if terminal.waiting else "current"

    def unchanged_by_a_bad_mac(self, mac: MacVerdict, decision: Decision) -> None:
        if mac in ("bad", "none"):
            assert decision.changes == ()
            assert decision.effects == ()
            assert code_of(decision) not in ("", "00")

    # ------------------------------------------------------------------------------------------------------- requests

    @rule(number=terminals, operator_no=operators)
    def sign_on(self, number: TerminalNo, operator_no: OperatorNo) -> None:
        self.world.sign_on(number, operator_no)

    @rule(number=terminals)
    def sign_off(self, number: TerminalNo) -> None:
        self.world.sign_off(number)

    @rule(number=our_terminals, operator_no=operators, right=st.sampled_from([True, True, False]), wish=macs)
    def verify(self, number: TerminalNo, operator_no: OperatorNo, right: bool, wish: str) -> None:
        mac = self.verdict(number, wish)
        decision = self.world.verify(operator_no, number, right=right, mac=mac)
        self.unchanged_by_a_bad_mac(mac, decision)
        if code_of(decision) == "00":
            assert right
            self.verified[(number, operator_no)] = tags_of(decision)[Tag.RECORD_NO]

    @rule(number=our_terminals, operator_no=operators, wrong=st.sampled_from(["", "", "shop"]), wish=macs)
    def confirm(self, number: TerminalNo, operator_no: OperatorNo, wrong: str, wish: str) -> None:
        mac = self.verdict(number, wish)
        record_no = self.verified.get((number, operator_no), "999")
        self.unchanged_by_a_bad_mac(mac, self.world.confirm(record_no, operator_no, number, wrong=wrong, mac=mac))

    @rule(number=our_terminals, operator_no=operators)
    def sign_in(self, number: TerminalNo, operator_no: OperatorNo) -> None:
        """All steps in a row, so that sessions are frequent."""
        self.world.sign_on(number)
        verified = self.world.verify(operator_no, number, mac="next")
        if code_of(verified) == "00":
            self.world.confirm(tags_of(verified)[Tag.RECORD_NO], operator_no, number)

    @rule(number=our_terminals, operator_no=operators, wish=macs)
    def sign_out(self, number: TerminalNo, operator_no: OperatorNo, wish: str) -> None:
        mac = self.verdict(number, wish)
        self.unchanged_by_a_bad_mac(mac, self.world.sign_out(operator_no, number, mac=mac))

    @rule(number=terminals, operator_no=operators, trace=traces, amount_fen=amounts, wish=macs)
    def sale(self, number: TerminalNo, operator_no: OperatorNo, trace: str, amount_fen: int, wish: str) -> None:
        mac = self.verdict(number, wish)
        live = self.world.live(number)
        before = self.world.payment(trace, number)
        decision = self.world.sale(trace, number=number, operator_no=operator_no, amount_fen=amount_fen, mac=mac)
        self.unchanged_by_a_bad_mac(mac, decision)
        for change in decision.changes:
            if isinstance(change, Insert) and isinstance(change.record, Payment):
                assert before is None
                if change.record.session_no is None:
                    assert (change.record.state, bool(change.record.reason)) == ("declined", True)
                    continue
                now_live = {session.session_no for session in (*live, *self.world.live(number))}
                assert change.record.session_no in now_live
        listed = self.world.payment(trace, number)
        if before is None and listed is not None and listed.reason is not None:
            self.first_answers[self.world.key(trace, number)] = (listed.fingerprint, read_answer(listed.answer))
        if before is not None and isinstance(decision.reply, PaymentReply) and decision.reason == "repeat":
            fingerprint, first = self.first_answers[self.world.key(trace, number)]
            assert (before.fingerprint, decision.reply.answer) == (fingerprint, first)

    @rule(number=terminals, trace=traces, code=st.sampled_from(["00", "00", "51", None]))
    def bank(self, number: TerminalNo, trace: str, code: str | None) -> None:
        decision = self.world.bank(code, trace, number)
        payment = self.world.payment(trace, number)
        if isinstance(decision.reply, PaymentReply) and decision.reason != LATE:
            assert payment is not None
            key = self.world.key(trace, number)
            assert key not in self.first_answers, "a payment is decided once"
            self.first_answers[key] = (payment.fingerprint, decision.reply.answer)
        else:
            assert decision.changes == ()

    @rule(number=terminals, trace=traces, amount_fen=amounts, wish=macs)
    def reverse(self, number: TerminalNo, trace: str, amount_fen: int, wish: str) -> None:
        mac = self.verdict(number, wish)
        before = self.world.payment(trace, number)
        decision = self.world.reverse(trace, number=number, amount_fen=amount_fen, mac=mac)
        self.unchanged_by_a_bad_mac(mac, decision)
        after = self.world.payment(trace, number)
        if code_of(decision) in ("00", "25"):
            assert after is not None
            assert after.state in ("reversed", "barred", "declined", "timed_out")
        released = any(isinstance(effect, ReleaseWaiting) for effect in decision.effects)
        assert released == (before is not None and before.state == "pending" and code_of(decision) == "00")

    @rule(number=terminals, trace=traces, done=st.booleans())
    def bank_heard_the_reversal(self, number: TerminalNo, trace: str, done: bool) -> None:
        payment = self.world.payment(trace, number)
        if payment is not None:
            self.world.took(decide_bank_reversed(self.world.state, payment, done))

    @rule()
    def crash(self) -> None:
        for payment in self.world.rows(Payment):
            if payment.state == "pending":
                decision = self.world.took(decide_interrupted(self.world.state, payment, "08888888", self.world.now))
                key = self.world.key(payment.trace_no, payment.terminal_no)
                closed = self.world.payment(payment.trace_no, payment.terminal_no)
                assert closed is not None
                assert decision.effects
                repeated = self.world.sale(
                    payment.trace_no,
                    number=payment.terminal_no,
                    operator_no=OperatorNo(payment.operator_no),
                    amount_fen=payment.amount_fen,
                    mac=self.verdict(payment.terminal_no, "right"),
                )
                if isinstance(repeated.reply, PaymentReply) and repeated.reason == "repeat":
                    assert code_of(repeated) == "98"
                    self.first_answers[key] = (payment.fingerprint, repeated.reply.answer)
                else:
                    self.first_answers[key] = (payment.fingerprint, read_answer(closed.answer))

    @rule(minutes=st.sampled_from([1, 11, 31]))
    def time_passes(self, minutes: int) -> None:
        self.world.now = UnixMs(self.world.now + minutes * 60_000)

    # ----------------------------------------------------------------------------------------------------- invariants

    @invariant()
    def postings_sum_to_zero_and_stand_once(self) -> None:
        postings: list[Posting] = self.world.rows(Posting)
        sums: Tally[tuple[str, ...]] = Tally()
        lines: Tally[tuple[str, ...]] = Tally()
        for line in postings:
            key = (line.terminal_no, line.trace_no, line.kind)
            sums[key] += line.amount_fen
            lines[key] += 1
        assert not any(sums.values())
        assert set(lines.values()) <= {2}

    @invariant()
    def the_ledger_says_what_the_payments_say(self) -> None:
        for payment in self.world.rows(Payment):
            sold = self.world.postings(payment.trace_no, "sale", payment.terminal_no)
            undone = self.world.postings(payment.trace_no, "reversal", payment.terminal_no)
            captured = sum(line.amount_fen for line in sold if line.account == "issuer_clearing")
            returned = -sum(line.amount_fen for line in undone if line.account == "issuer_clearing")
            assert 0 <= returned <= captured
            match payment.state:
                case "approved":
                    assert (captured, returned) == (payment.amount_fen, 0)
                case "reversed":
                    assert captured == returned
                case _:
                    assert (sold, undone) == ([], [])

    @invariant()
    def a_payment_in_doubt_is_reversed_at_the_bank(self) -> None:
        for payment in self.world.rows(Payment):
            told = payment.bank_state in ("reversal_due", "reversal_done")
            assert told == (payment.state in ("timed_out", "reversed"))

    @invariant()
    def a_state_only_moves_along(self) -> None:
        for payment in self.world.rows(Payment):
            key = (payment.terminal_no, payment.trace_no)
            before = self.payment_states.get(key, payment.state)
            assert payment.state == before or payment.state in MOVES[before], f"{before} became {payment.state}"
            self.payment_states[key] = payment.state
        for record in self.world.rows(SignIn):
            earlier = self.record_states.get(record.record_no, record.state)
            assert record.state == earlier or record.state in RECORD_MOVES[earlier], f"{earlier} became {record.state}"
            self.record_states[record.record_no] = record.state

    @invariant()
    def one_session_on_a_terminal_and_one_verified_for_an_operator(self) -> None:
        live: list[Session] = [session for session in self.world.rows(Session) if session.ended_ms is None]
        assert max(Tally(session.terminal_no for session in live).values(), default=0) <= 1
        verified = Tally(session.operator_no for session in live if session.kind == "verified")
        assert max(verified.values(), default=0) <= 1
        numbers = [session.session_no for session in self.world.rows(Session)]
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def an_active_record_has_a_live_session_and_the_other_way_round(self) -> None:
        live = {session.record_no for session in self.world.rows(Session) if session.ended_ms is None}
        active = {record.record_no for record in self.world.rows(SignIn) if record.state == "active"}
        assert live == active

    @invariant()
    def a_payment_has_the_session_of_its_terminal(self) -> None:
        sessions = {session.session_no: session for session in self.world.rows(Session)}
        for payment in self.world.rows(Payment):
            if payment.reason is not None and payment.session_no is None:
                assert payment.state == "declined", "nobody was signed in, so nothing came of it"
            elif payment.state != "barred":
                assert payment.session_no is not None
                session = sessions[payment.session_no]
                assert (payment.merchant_no, payment.batch_no) == (MERCHANT, BATCH)
                assert session.terminal_no == payment.terminal_no
                assert session.opened_ms <= payment.created_ms
                assert session.kind == "unverified" or session.operator_no == payment.operator_no


TestAcquirerRules = AcquirerRules.TestCase
TestAcquirerRules.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
