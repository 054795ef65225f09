"""The machine of those who wait for a network, driven without loop, line or clock by messages in any order."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from zhanggui.acquirer.rows.records import Payment
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.host.networks.telling import TELL_MOVES, TELL_RETRY_MAX_S, TELL_TIMEOUT_S, Telling, Told
from zhanggui.host.networks.waiting import (
    ASK_MOVES,
    UNWRITTEN_RETRY_S,
    Asked,
    Waiting,
)

TIMEOUT_S = 45.0
traces = st.integers(1, 6)


def payment(number: int) -> Payment:
    return Payment(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(f"{number:06d}"),
        kind="sale",
        state="pending",
        fingerprint=b"",
        amount_fen=100,
        rrn=Rrn(f"{number:012d}"),
        created_ms=UnixMs(1),
    )


def key_of(row: Payment) -> tuple[MerchantNo, TerminalNo, BatchNo, TraceNo]:
    return row.merchant_no, row.terminal_no, row.batch_no, row.trace_no


class WaitingMachine(RuleBasedStateMachine):
    """Plays network, store and people; keeps books of its own about each payment."""

    @initialize()
    def open(self) -> None:
        self.waiting: Waiting[str] = Waiting(TIMEOUT_S)
        self.telling: Telling[Payment] = Telling()
        self.now_s = 0.0
        self.number = 0
        self.pending: dict[int, set[str]] = {}
        """Payments that are asked: who waits for each."""
        self.asked_s: dict[int, float] = {}
        self.settling: list[tuple[int, Asked[str], bool]] = []
        """What is being written, and whether by an answer."""
        self.unwritten: dict[int, float] = {}
        self.written: set[int] = set()
        self.told: dict[str, int] = {}
        """Who was answered, and how often."""
        self.names = 0
        self.due: set[int] = set()
        self.done: set[int] = set()

    def somebody(self) -> str:
        self.names += 1
        return f"work {self.names}"

    # ── payments ─────────────────────────────────────────────────────────────

    @rule()
    def ask(self) -> None:
        self.number += 1
        row, who = payment(self.number), self.somebody()
        self.waiting.ask(key_of(row), row.rrn, who, self.now_s)
        self.pending[self.number] = {who}
        self.asked_s[self.number] = self.now_s

    @rule(data=st.data())
    def a_repeat_joins_while_the_outcome_is_not_written(self, data: st.DataObject) -> None:
        if self.number == 0:
            return
        number = data.draw(st.integers(1, self.number))
        who = self.somebody()
        joined = self.waiting.join(key_of(payment(number)), who)
        assert joined == (number in self.pending), "a repeat joins exactly while somebody waits for the outcome"
        if joined:
            self.pending[number].add(who)

    @rule(data=st.data())
    def the_network_answers_early_late_or_twice(self, data: st.DataObject) -> None:
        if self.number == 0:
            return
        number = data.draw(st.integers(1, self.number))
        asked = self.waiting.answered(payment(number).rrn)
        is_first = number in self.asked_s
        assert (asked is not None) == is_first, "an answer settles once; whatever comes after is late"
        if asked is not None:
            del self.asked_s[number]
            self.settling.append((number, asked, True))

    @rule(seconds=st.sampled_from([0.25, 1.0, 5.0, 44.9, 45.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        due = {number for number, began_s in self.asked_s.items() if began_s + TIMEOUT_S <= self.now_s}
        again = {number for number, again_s in self.unwritten.items() if again_s <= self.now_s}
        found = set()
        for asked in self.waiting.unanswered(self.now_s):
            number = int(asked.rrn)
            assert number not in found, "a payment is settled once"
            found.add(number)
            self.settling.append((number, asked, False))
        assert found == due | again, "each deadline counts, neither early nor never"
        for number in found:
            self.asked_s.pop(number, None)
            self.unwritten.pop(number, None)

    @rule(data=st.data(), written=st.sampled_from([True, True, False]))
    def the_store_takes_an_outcome_or_not(self, data: st.DataObject, written: bool) -> None:
        if not self.settling:
            return
        place = data.draw(st.integers(0, len(self.settling) - 1))
        number, asked, _ = self.settling.pop(place)
        waiting = list(asked.waiting)
        self.waiting.settled(asked, written=written, now_s=self.now_s)
        assert set(waiting) == self.pending.pop(number, set()), "all who joined get this outcome, nobody else does"
        for who in waiting:
            self.told[who] = self.told.get(who, 0) + 1
        if written:
            assert number not in self.written, "one outcome a payment"
            self.written.add(number)
        else:
            self.unwritten[number] = self.now_s + UNWRITTEN_RETRY_S

    @rule(data=st.data())
    def a_reversal_releases_who_waits(self, data: st.DataObject) -> None:
        if self.number == 0:
            return
        number = data.draw(st.integers(1, self.number))
        released = self.waiting.release(key_of(payment(number)))
        assert set(released) == self.pending.get(number, set())
        for who in released:
            self.told[who] = self.told.get(who, 0) + 1
        if number in self.pending:
            self.pending[number] = set()

    # ── reversals ────────────────────────────────────────────────────────────

    @rule(number=traces)
    def something_is_to_be_reversed(self, number: int) -> None:
        begun = self.telling.begin(payment(number).rrn, payment(number), self.now_s)
        assert (begun is not None) == (number not in self.due)
        self.due.add(number)

    @rule(leaves=st.booleans())
    def the_line_is_looked_at(self, leaves: bool) -> None:
        for undoing in self.telling.all():
            was_told = undoing.state == "told"
            assert self.telling.let_fall_silent(undoing, self.now_s) == (was_told and self.now_s >= undoing.deadline_s)
            if self.telling.is_due(undoing, self.now_s):
                self.telling.tries(undoing, self.now_s)
                if leaves:
                    self.telling.sent(undoing, self.now_s)

    @rule(number=traces, done=st.booleans())
    def the_network_answers_a_reversal(self, number: int, done: bool) -> None:
        undoing = self.telling.answered(payment(number).rrn, done=done)
        assert (undoing is not None) == (number in self.due)
        if done:
            self.due.discard(number)

    # ── what always holds ────────────────────────────────────────────────────

    @invariant()
    def nobody_is_answered_twice(self) -> None:
        assert all(times == 1 for times in self.told.values())

    @invariant()
    def every_payment_is_asked_settling_unwritten_or_written_and_in_one_of_them(self) -> None:
        settling = {number for number, _, _ in self.settling}
        places = [set(self.asked_s), settling, set(self.unwritten), self.written]
        assert sum(map(len, places)) == self.number == len(set().union(*places))

    @invariant()
    def a_reversal_is_never_dropped_and_never_waits_for_ever(self) -> None:
        there = {int(undoing.rrn): undoing for undoing in self.telling.all()}
        assert there.keys() == self.due
        for undoing in there.values():
            limit_s = self.now_s + TELL_RETRY_MAX_S + TELL_TIMEOUT_S
            assert undoing.next_s <= limit_s
            assert undoing.state == "due" or undoing.deadline_s <= self.now_s + TELL_TIMEOUT_S


TestWaiting = WaitingMachine.TestCase
TestWaiting.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


def test_the_tables_name_what_the_machine_knows() -> None:
    assert {state for move in ASK_MOVES for state in move} == {"nothing", "asked", "settling", "unwritten", "over"}
    assert {state for move in TELL_MOVES for state in move} == {"nothing", "due", "told", "over"}


def test_a_reversal_is_told_more_and_more_slowly() -> None:
    telling: Telling[Payment] = Telling()
    undoing = telling.begin(payment(1).rrn, payment(1), 0.0)
    assert isinstance(undoing, Told)
    told_s: list[float] = []
    for tenth in range(40_000):
        now_s = tenth / 10
        telling.let_fall_silent(undoing, now_s)
        if telling.is_due(undoing, now_s):
            told_s.append(now_s)
            telling.tries(undoing, now_s)
            telling.sent(undoing, now_s)
    pauses = [later - earlier for earlier, later in pairwise(told_s)]
    assert pauses == sorted(pauses)
    assert pauses[0] == TELL_TIMEOUT_S + 1
    assert pauses[-1] == TELL_TIMEOUT_S + TELL_RETRY_MAX_S


def _join_anything(waiting: Waiting[str], key: object, who: str) -> bool:
    return True


def _never_silent(telling: Telling[Payment], undoing: Told[Payment], now_s: float) -> bool:
    return False


def _nobody_times_out(waiting: Waiting[str], now_s: float) -> Iterator[Asked[str]]:
    return iter(())


def _drops_what_was_refused(telling: Telling[Payment], rrn: str, *, done: bool) -> Told[Payment] | None:
    return telling._told.pop(rrn, None)


def _answers_again(waiting: Waiting[str], rrn: str) -> Asked[str] | None:
    return waiting._by_rrn.get(rrn)


PLANTED = {
    "join": (Waiting, "join", _join_anything),
    "let_fall_silent": (Telling, "let_fall_silent", _never_silent),
    "unanswered": (Waiting, "unanswered", _nobody_times_out),
    "reversal_answered": (Telling, "answered", _drops_what_was_refused),
    "answered": (Waiting, "answered", _answers_again),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_machine_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(*PLANTED[name])
    quick = settings(max_examples=200, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
    with pytest.raises((AssertionError, Defect)):
        run_state_machine_as_test(WaitingMachine, settings=quick)
