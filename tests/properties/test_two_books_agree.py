"""Every kind of payment at two terminals, its messages lost, late or doubled, 0400s in any order, batches closing: host and bank agree.

The acquirer's rules and the bank's own, message by message (`two_books`). After every step: the books of the host say what its payments
say; of a payment no more is given back than it took; of an authorisation one completion stands at most, within the allowed share; what an
original says of later payments is what they are. Whenever the line falls quiet: each payment stands at both ends or at neither, the
account holds what the postings say, no reversal at the bank is told for ever, and no terminal doubts for ever, nor was told a lie.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.worlds.seeded import share_of
from tests.worlds.two_books import A, B, Paid, TwoBooks, stands

from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.originals import kept_original, payment_key, undoing_key
from zhanggui.acquirer.payments.uses import SHARE_MOST_PERCENT
from zhanggui.acquirer.rows.records import Payment, PaymentKey, Posting, key_of
from zhanggui.basics.numbers import TerminalNo
from zhanggui.cup.transactions import PAYMENTS

SHARES = 3
ABOUT: Mapping[str, tuple[str, ...]] = {
    "sale": (),
    "balance": (),
    "preauth": (),
    "void": ("sale",),
    "refund": ("sale", "completion", "completion_notice"),
    "preauth_cancel": ("preauth",),
    "completion": ("preauth",),
    "completion_notice": ("preauth",),
    "completion_void": ("completion",),
    "preauth_increment": ("preauth",),
    "qr_sale": (),
    "qr_void": ("qr_sale",),
    "qr_refund": ("qr_sale",),
}
"""Each kind, and of which kinds its original is."""
AT_HOME = frozenset({"void", "completion_void", "qr_void"})
"""What only the terminal of the original asks for."""
ORIGINALS = frozenset(name for about in ABOUT.values() for name in about)
PERCENTS = (100, 100, 100, 100, 30, 70, 115, 116, 900)
"""An amount, as a share of what stands of its original."""
ENDS = frozenset({"00", "12", "25"})
"""The codes that end a doubt at a terminal."""
Fate = Literal["answered", "on its way", "answer lost", "request lost", "request late"]

terminals = st.sampled_from([A, B])
some = st.integers(0, 11)
last = st.integers(0, 3)
"""One of the things that there are then; the last ones, counted from the newest."""
percents = st.sampled_from(PERCENTS)
fates: st.SearchStrategy[Fate] = st.sampled_from(
    [
        "answered",
        "answered",
        "answered",
        "answered",
        "on its way",
        "on its way",
        "answer lost",
        "request lost",
        "request late",
    ]
)


@dataclass
class Till:
    """What a terminal holds: the payment that it waits for, and the one that it doubts. It has one of both at most."""

    waits: Paid | None = None
    doubts: Paid | None = None


class TwoBooksAgree(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.world = TwoBooks()
        self.tills = {A: Till(), B: Till()}
        self.payments: list[Paid] = []
        self.late: list[Paid] = []
        self.reversals: list[Paid] = []
        self.printed: set[PaymentKey] = set()
        self.claimed: set[PaymentKey] = set()
        """Payments of which a 0400 was sent by a copy of their terminal that should not be."""
        self.not_charged: set[PaymentKey] = set()

    # ── what terminals do ────────────────────────────────────────────────────

    @rule(at=terminals, kind=st.sampled_from(["sale", "sale", "qr_sale", "preauth", "preauth", "balance"]), fate=fates)
    def a_first_payment(self, at: TerminalNo, kind: str, fate: Fate) -> None:
        self.pay(at, kind, None, 100, fate)

    def a_later_one(self, at: TerminalNo, which: int, kind: int, percent: int, fate: Fate) -> None:
        """A payment about one of the last that may be an original; mostly about one that was approved."""
        originals = [paid for paid in self.payments if paid.request.kind in ORIGINALS]
        if kind:
            # A corrected one too: approved in the books, and no original any more.
            rows = ((paid, self.world.row(paid)) for paid in originals)
            originals = [paid for paid, row in rows if row is not None and row.state == "approved"]
        if not originals:
            return
        original = originals[-1 - which % len(originals)]
        kinds = [name for name, about in ABOUT.items() if original.request.kind in about]
        name = kinds[kind % len(kinds)]
        self.pay(original.request.terminal_no if name in AT_HOME else at, name, original, percent, fate)

    @rule(at=terminals, which=last, kind=some, percent=percents, fate=fates)
    def a_later_payment(self, at: TerminalNo, which: int, kind: int, percent: int, fate: Fate) -> None:
        self.a_later_one(at, which, kind, percent, fate)

    @rule(
        at=terminals,
        what=st.sampled_from(["sale", "qr_sale", "preauth"]),
        later=st.lists(st.tuples(terminals, last, st.integers(1, 11), percents), min_size=1, max_size=4),
        is_closed=st.booleans(),
        doubted=st.lists(last, max_size=2),
    )
    def payments_are_answered_and_doubted(
        self,
        at: TerminalNo,
        what: str,
        later: list[tuple[TerminalNo, int, int, int]],
        is_closed: bool,
        doubted: list[int],
    ) -> None:
        self.a_first_payment(at, what, "answered")
        for where, which, kind, percent in later:
            self.a_later_one(where, which, kind, percent, "answered")
        if is_closed:
            self.world.close_batch(at)
        for which in doubted:
            self.an_old_copy_doubts_a_payment(which)

    def pay(self, at: TerminalNo, kind: str, original: Paid | None, percent: int, fate: Fate) -> None:
        till = self.tills[at]
        if till.waits is not None:
            self.bank_answers(till.waits)
            self.gives_up(at)
        if not self.is_free(at):
            return
        paid = self.world.begin(at, kind, self.amount(kind, original, percent), original)
        self.payments.append(paid)
        till.waits = paid
        if fate == "request lost":
            self.gives_up(at)
        elif fate == "request late":
            self.late.append(paid)
            self.gives_up(at)
        else:
            self.told(paid, self.world.arrive(paid))
            if fate != "on its way":
                if fate == "answer lost":
                    self.gives_up(at)
                self.bank_answers(paid)

    def amount(self, kind: str, original: Paid | None, percent: int) -> int:
        if kind == "balance":
            return 0
        row = self.world.row(original) if original is not None else None
        return row.standing_fen * percent // 100 if row is not None else 100_00

    def bank_answers(self, paid: Paid) -> None:
        row = self.world.row(paid)
        if row is not None and row.state == "pending" and row.rrn in self.world.orders:
            self.world.bank_takes(row.rrn)
            self.told(paid, self.world.host_hears(paid))

    def told(self, paid: Paid, code: str) -> None:
        """The host sent an answer to a payment; the terminal hears it if it still waits for it."""
        till = self.tills[paid.request.terminal_no]
        if till.waits != paid or not code:
            return
        till.waits = None
        if code == "00":
            self.printed.add(paid.key)

    @precondition(lambda self: any(till.waits is not None for till in self.tills.values()))
    @rule(at=terminals)
    def gives_up(self, at: TerminalNo) -> None:
        """The terminal's time is up, or its power is. One that waits for nothing doubts what it doubted before."""
        till = self.tills[at]
        if till.waits is not None:
            till.waits, till.doubts = None, till.waits

    def is_free(self, at: TerminalNo) -> bool:
        """Whether the terminal may begin a payment: whatever it doubts is undone first, or asked for again."""
        till = self.tills[at]
        if till.doubts is None:
            return True
        paid = till.doubts
        if not PAYMENTS[paid.request.kind].reversible:
            # Ours asks again until it knows; another maker's lets it be.
            again = bool(paid.request.epoch) and bool(KINDS[paid.request.kind].postings)
            code = self.world.arrive(paid) if again else "05"
            if code == "00":
                self.printed.add(paid.key)
        else:
            code = self.reverse(paid)
        if code in ENDS or (code and not PAYMENTS[paid.request.kind].reversible):
            till.doubts = None
        return till.doubts is None

    def reverse(self, paid: Paid) -> str:
        self.reversals.append(paid)
        code, reason = self.world.reverse(paid)
        if code in ("00", "25") and PAYMENTS[paid.request.kind].total == "debit":
            self.not_charged.add(paid.key)
        assert code in ENDS or code == "22", (code, reason)
        return code

    @precondition(lambda self: any(till.doubts is not None for till in self.tills.values()))
    @rule(at=terminals)
    def undoes_what_it_doubts(self, at: TerminalNo) -> None:
        self.is_free(at)

    @precondition(lambda self: self.reversals)
    @rule(which=last)
    def a_reversal_comes_again(self, which: int) -> None:
        self.world.reverse(self.reversals[-1 - which % len(self.reversals)])

    @precondition(lambda self: self.payments)
    @rule(which=last)
    def an_old_copy_doubts_a_payment(self, which: int) -> None:
        stand = [
            paid
            for paid in self.payments
            if PAYMENTS[paid.request.kind].reversible and (row := self.world.row(paid)) is not None and stands(row)
        ]
        if stand:
            paid = stand[-1 - which % len(stand)]
            self.claimed.add(paid.key)
            self.world.reverse(paid)

    @precondition(lambda self: self.payments)
    @rule(which=last)
    def a_payment_comes_again(self, which: int) -> None:
        paid = self.payments[-1 - which % len(self.payments)]
        if self.world.row(paid) is not None:
            self.told(paid, self.world.arrive(paid))

    @precondition(lambda self: self.late)
    @rule(which=some)
    def a_late_payment_comes(self, which: int) -> None:
        paid = self.late.pop(which % len(self.late))
        self.told(paid, self.world.arrive(paid))

    @rule(at=terminals)
    def a_batch_is_closed(self, at: TerminalNo) -> None:
        self.world.close_batch(at)

    # ── what the line and the bank do ────────────────────────────────────────

    @precondition(lambda self: self.world.orders)
    @rule(which=some)
    def the_bank_takes_an_order(self, which: int) -> None:
        orders = list(self.world.orders)
        self.world.bank_takes(orders[which % len(orders)])

    @precondition(lambda self: self.pending())
    @rule(which=some, silent=st.booleans())
    def the_host_hears_or_does_not(self, which: int, silent: bool) -> None:
        pending = self.pending()
        row = pending[which % len(pending)]
        paid = next(paid for paid in self.payments if paid.key == payment_key(row))
        if silent or row.rrn in self.world.answers:
            self.told(paid, self.world.host_hears(paid, silent=silent))

    @precondition(lambda self: self.world.due())
    @rule(which=some)
    def the_bank_hears_of_a_reversal(self, which: int) -> None:
        due = self.world.due()
        self.world.bank_undoes(due[which % len(due)])

    @rule()
    def the_line_falls_quiet(self) -> None:
        """What is under way arrives; then nothing is in doubt, and all agree."""
        world = self.world
        for paid in self.payments:
            self.bank_answers(paid)
        assert world.settle_with_bank() == [], "a reversal that the bank never takes"
        for at, till in self.tills.items():
            if till.waits is not None:
                self.gives_up(at)
            self.is_free(at)
        # One that was asked for again was at the bank for the first time.
        assert world.settle_with_bank() == []
        for at, till in self.tills.items():
            assert self.is_free(at), f"{at} doubts {till.doubts} for ever"
        assert world.settle_with_bank() == []
        assert world.differences() == []
        rows = {payment_key(row): row for row in world.rows(Payment)}
        for key in self.printed - self.claimed:
            assert stands(rows[key]), f"{key} has a slip and does not stand"
        for key in self.not_charged & rows.keys():
            assert self.net_fen(rows[key]) == 0, f"{key} was called not charged"

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.the_line_falls_quiet()

    # ── always ───────────────────────────────────────────────────────────────

    def pending(self) -> list[Payment]:
        return [row for row in self.world.rows(Payment) if row.state == "pending"]

    def later(self, row: Payment) -> list[Payment]:
        """The payments about this one."""
        return [one for one in self.world.rows(Payment) if kept_original(one) == payment_key(row)]

    def net_fen(self, row: Payment) -> int:
        """What a payment took and those about it have left of it, in the host's books."""
        return self.world.owed_fen(payment_key(row), *map(payment_key, self.later(row)))

    @invariant()
    def the_books_say_what_the_payments_say(self) -> None:
        rows = sorted(self.world.rows(Payment), key=key_of), sorted(self.world.rows(Posting), key=key_of)
        assert [found.text() for found in book_differences(*rows)] == []

    @invariant()
    def no_more_is_given_back_than_was_taken(self) -> None:
        for row in self.world.rows(Payment):
            if PAYMENTS[row.kind].total == "debit":
                assert self.net_fen(row) >= 0, f"{key_of(row)} was given back twice"

    @invariant()
    def of_an_authorisation_no_more_is_taken_than_its_share(self) -> None:
        for row in self.world.rows(Payment):
            if row.kind != "preauth":
                continue
            later = self.later(row)
            taken = [one for one in later if PAYMENTS[one.kind].total == "debit" and self.net_fen(one)]
            more_fen = sum(one.amount_fen for one in later if one.kind == "preauth_increment" and stands(one))
            assert len(taken) <= 1, f"{key_of(row)} was completed twice"
            for one in taken:
                assert stands(row), f"{key_of(row)} does not stand, and its completion does"
                assert one.amount_fen * 100 <= (row.amount_fen + more_fen) * SHARE_MOST_PERCENT

    @invariant()
    def an_original_says_what_later_payments_are(self) -> None:
        for row in self.world.rows(Payment):
            adjusted_fen, pending, undoing = 0, 0, []
            for one in self.later(row):
                kind = KINDS[one.kind]
                pending += bool(kind.adjusts) and one.state == "pending"
                if stands(one) or (one.state == "pending" and kind.adjusts == -1):
                    adjusted_fen += kind.adjusts * one.amount_fen
                if kind.undoes_original and (stands(one) or one.state == "pending"):
                    over = next(
                        (two for two in self.later(one) if stands(two) and KINDS[two.kind].undoes_original), None
                    )
                    undoing += [payment_key(one)] if over is None else []
            assert (row.adjusted_fen or 0, row.pending_parts or 0) == (adjusted_fen, pending), key_of(row)
            assert undoing == ([by] if (by := undoing_key(row)) is not None else []), key_of(row)


def test_every_kind_takes_part() -> None:
    # A code that the shop shows is a wallet's, in whose books the bank has no part: `test_our_code_at_the_counter.py`.
    assert ABOUT.keys() == {name for name, kind in KINDS.items() if not kind.row.is_at_wallet}


@pytest.mark.parametrize("share", range(SHARES))
def test_two_books_agree(share: int) -> None:
    """A third of the examples, so that a busy machine has time for each, and workers divide them."""
    run_state_machine_as_test(
        share_of(TwoBooksAgree, share), settings=settings(max_examples=50, stateful_step_count=50, deadline=None)
    )
