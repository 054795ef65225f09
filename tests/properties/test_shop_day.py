"""A shop's day at two tills: every kind of payment, hand-overs, settlements, and everything that goes wrong between; A1–A13, A17 and A20.

The terminals, the host and the bank are the product's own (`shop_day`); people, time, lines and the host's store are simulated. A step is
one errand of somebody, or one thing that happens. After every step each law of `shop_laws` holds, among them that whatever a screen or a
list calls not charged is nowhere held at the bank; whenever the line falls quiet, tills, host and bank agree to the fen.

Left to the tests of crashes, which kill real processes over real files: that what the journal and the host's store call durable outlives
a power cut of the machine (the other half of A9), and that numbers of a backup that was put back do not come again (the other half of A12;
`test_epochs_of_terminals`). The bank's own statement, and with it a case of a batch, is for `scenarios/test_check_with_the_bank.py`.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, ClassVar, TypeVar
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.worlds.leaping_loop import LeapingLoop
from tests.worlds.seeded import SEED, is_whole, seed_of_run, share_of
from tests.worlds.shop_day import HOST_AGAIN_S, ShopDay
from tests.worlds.shop_errands import Errand, What
from tests.worlds.shop_laws import TAKEN
from tests.worlds.shop_till import Till
from tests.worlds.shop_troubles import NONE, Trouble, counter_troubles, ends, telling, told, troubles, wallet_troubles

from zhanggui.bank.cards import TEST_CARDS
from zhanggui.basics.secret import mask_pan
from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core.events import DayLine, ShownWay

R = TypeVar("R")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
SHARES, SHARES_DRAWN, EXAMPLES, STEPS_MOST = 8, 3, 56, 60
"""Each share is a test of its own, so that workers divide them: all of them by `make sim`, those drawn by `make test`."""
STEPS_MIN = 2_500
"""Of one share: 20,000 in all of them. An example has some 50; few end before their time."""
WALKS_MOST, EXAMPLES_AGAIN = 13, 14
"""How often a share is walked, each time another way, until it has met all that it must have met; every time but the first is a short one."""
ABOUT = {
    "void": ("sale", "qr_sale", "qr_own", "qr_static"),
    "refund": ("sale", "qr_sale", "qr_own", "qr_static", "completion", "completion_notice"),
    "preauth_cancel": ("preauth",),
    "preauth_increment": ("preauth",),
    "completion": ("preauth",),
    "completion_notice": ("preauth",),
    "completion_void": ("completion",),
}
"""Each later kind, and of which kinds its original is."""
AT_HOME = frozenset({"void", "completion_void"})
"""What is found by the voucher number of the till itself."""
AFTER = {
    "sale": ("refund", "refund", "void"),
    "code": ("refund", "void", "refund"),
    "wallet": ("refund", "void", "refund"),
    "counter": ("void", "refund", "refund"),
    "preauth": ("preauth_increment", "preauth_cancel", "completion", "completion_notice", "refund"),
    "completion": ("completion_void", "refund", "completion_void", "preauth_increment", "preauth_cancel"),
}
"""What is done about a payment, and about what was done about it."""
NOTICED_S = 1.0
"""After a customer has paid: less than it takes to hear of it."""
PERCENTS = (100, 100, 40, 60, 60, 30, 115, 116, 900)
"""An amount, as a share of what stands of its original."""


MOVES_MONEY = {name for name, row in PAYMENTS.items() if row.has_amount}
places = st.integers(0, 1)
own = st.sampled_from([True, True, True, False])
"""Whether it is the one who usually works there."""
few = st.integers(0, 5)
WAYS: Mapping[str, ShownWay] = {
    "stripe": "swipe",
    "small-payment": "tap",
    "second": "scan",
    **dict.fromkeys(BRANDS, "scan"),
}
"""How a card is shown that is not inserted; of the second one, its holder shows a payment code."""
CARDS = {mask_pan(card.pan): card.id for card in TEST_CARDS}
WHEN_IT_COMES: tuple[What, ...] = ("receive", "receive", "receive", "settle", "sign_out", "pay")
"""What goes on at a till when a customer pays by the code on its counter."""
every_brand = st.sampled_from(sorted(BRANDS))
wallets = st.sampled_from([brand.name for brand in BRANDS.values() if brand.road == "wallet"])
cards = st.sampled_from(["main", "main", "main", "second", "no-funds", "stripe", "small-payment", "worn-chip"])
firsts = st.sampled_from(["sale", "sale", "preauth", "preauth", "balance"])
laters = st.tuples(st.sampled_from(sorted(ABOUT)), few, st.sampled_from(PERCENTS))


def operator_at(place: int, is_own: bool = True) -> str:
    """Who works at this till, or the other one."""
    return ("01", "02")[place if is_own else 1 - place]


class Counted:
    """How many steps were taken, which kinds were approved, and with which cards."""

    steps = 0
    kinds: ClassVar[set[str]] = set()
    cards: ClassVar[set[str]] = set()

    @classmethod
    def never_met(cls) -> set[str]:
        """Kinds, and a chip whose stripe was taken because it could not be read (降级), that were never approved."""
        return (MOVES_MONEY - cls.kinds) | ({"worn-chip"} - cls.cards)


class Shop(RuleBasedStateMachine):
    @initialize()
    def morning(self) -> None:
        self.runner = asyncio.Runner(loop_factory=LeapingLoop)
        self.day = ShopDay()
        self.run(self.day.open())
        Counted.steps -= 1  # the laws are asked once before the first step, too

    def run(self, doing: Coroutine[Any, Any, R]) -> R:
        return self.runner.run(doing)

    @staticmethod
    def nothing_of(wrong: list[str]) -> None:
        assert not wrong, "\n".join(wrong)

    def teardown(self) -> None:
        if not hasattr(self, "day"):
            return
        try:
            self.nothing_of(self.run(self.day.falls_quiet()))
            taken = [line for till in self.day.tills for line in till.lines().values() if line.state in TAKEN]
            Counted.kinds |= {line.kind for line in taken}
            Counted.cards |= {CARDS[line.masked_pan] for line in taken if line.masked_pan in CARDS}
            self.run(self.day.close())
        finally:
            self.runner.close()

    def till(self, place: int) -> Till:
        return self.day.tills[place]

    def do(self, place: int, errand: Errand, trouble: Trouble = NONE) -> Errand:
        """Somebody does an errand, and this goes wrong meanwhile."""
        till, wire = self.till(place), self.day.host.wire
        if not till.is_on:
            self.run(till.switch_on())
        till.fates, till.line_is_down = list(trouble.line), trouble.is_down
        wire.fates.extend(trouble.bank)
        wallets = self.day.host.wallets
        wallets.fates.extend(trouble.wallet)
        wallets.types_password = trouble.types
        wallets.behave(trouble.phone)
        self.day.host.counters.fates.extend(trouble.notice)
        if trouble.mishap is not None:
            till.mishaps.plan(*trouble.mishap)
        if trouble.commit is not None:
            self.day.host.plan(*trouble.commit)
        try:
            return self.run(self.day.do(till, errand))
        finally:
            till.fates, till.line_is_down = [], False
            till.mishaps.forget()
            self.day.host.mend()

    # ── payments ─────────────────────────────────────────────────────────────

    @rule(place=places, is_own=own, kind=firsts, fen=st.sampled_from([1, 5000, 12850]), card=cards, trouble=troubles)
    def a_payment(self, place: int, is_own: bool, kind: str, fen: int, card: str, trouble: Trouble) -> None:
        errand = Errand("pay", operator_at(place, is_own), kind=kind, fen=fen, card=card, way=WAYS.get(card, "insert"))
        self.do(place, errand, trouble)

    @rule(place=places, is_own=own, fen=st.sampled_from([1, 5000, 12850]), brand=every_brand, trouble=wallet_troubles)
    def a_payment_by_a_code_of_ours(self, place: int, is_own: bool, fen: int, brand: str, trouble: Trouble) -> None:
        self.do(place, Errand("pay", operator_at(place, is_own), kind="qr_own", fen=fen, card=brand), trouble)

    @rule(place=places, is_own=own, fen=st.sampled_from([1, 5000, 12850]), brand=wallets, trouble=wallet_troubles)
    def a_payment_by_a_wallets_code(self, place: int, is_own: bool, fen: int, brand: str, trouble: Trouble) -> None:
        errand = Errand("pay", operator_at(place, is_own), kind="sale", fen=fen, card=brand, way="scan")
        self.do(place, errand, trouble)

    @rule(
        place=places,
        is_own=own,
        is_on=own,
        fen=st.sampled_from([1, 5000, 12850]),
        brand=every_brand,
        what=st.sampled_from(WHEN_IT_COMES),
        trouble=counter_troubles,
    )
    def a_payment_by_the_code_on_the_counter(
        self, place: int, is_own: bool, is_on: bool, fen: int, brand: BrandName, what: What, trouble: Trouble
    ) -> None:
        self.run(self.day.host.counters.put(self.till(place).number))
        if not is_on:
            self.run(self.till(place).switch_off())
        operator = operator_at(place, is_own)
        if is_on and what == "receive":
            self.do(place, Errand("receive", operator, fen=fen, card=brand), trouble)
            return
        self.pays_at_the_counter(place, brand, fen, trouble)
        if is_on:
            self.do(place, Errand(what, operator, kind="sale", fen=5000), trouble)

    @rule(
        place=places,
        is_before=st.booleans(),
        comes_again=st.booleans(),
        fen=st.sampled_from([1, 5000]),
        brand=every_brand,
        trouble=st.builds(Trouble, notice=told, phone=telling),
    )
    def the_code_on_the_counter_is_withdrawn(
        self, place: int, is_before: bool, comes_again: bool, fen: int, brand: BrandName, trouble: Trouble
    ) -> None:
        """A customer pays by it just before, or after it."""
        number, counters = self.till(place).number, self.day.host.counters
        self.run(counters.put(number))
        if is_before:
            self.pays_at_the_counter(place, brand, fen, trouble)
        self.run(counters.withdraw(number))
        if not is_before:
            self.pays_at_the_counter(place, brand, fen, trouble)
        if comes_again:
            self.run(counters.put(number))

    def pays_at_the_counter(self, place: int, brand: BrandName, fen: int, trouble: Trouble) -> None:
        """A customer pays while nobody looks at the till."""
        host = self.day.host
        host.wallets.behave(trouble.phone)
        host.counters.fates.extend(trouble.notice)
        host.counters.pays(brand, self.till(place).number, fen)
        host.wallets.behave("normal")
        self.run(self.day.pass_s(NOTICED_S))

    @rule(
        place=places,
        later=st.tuples(st.sampled_from(["void", "refund"]), few, st.sampled_from(PERCENTS)),
        trouble=wallet_troubles,
    )
    def money_back_from_a_wallet(self, place: int, later: tuple[str, int, int], trouble: Trouble) -> None:
        self.pay_later(place, True, later, trouble, only_by_code=True)

    @rule(place=places, is_own=own, later=laters, trouble=troubles)
    def a_later_payment(self, place: int, is_own: bool, later: tuple[str, int, int], trouble: Trouble) -> None:
        self.pay_later(place, is_own, later, trouble)

    @rule(place=places, later=laters, trouble=troubles)
    def another_later_payment(self, place: int, later: tuple[str, int, int], trouble: Trouble) -> None:
        self.pay_later(place, True, later, trouble)

    @rule(
        place=places,
        kind=st.sampled_from(sorted(AFTER)),
        later=st.lists(st.tuples(places, few, st.sampled_from(PERCENTS)), min_size=1, max_size=4),
    )
    def a_payment_and_what_is_done_about_it(self, place: int, kind: str, later: list[tuple[int, int, int]]) -> None:
        """All goes well: only the laws of what may be done about what are asked."""
        first = "sale" if kind in ("sale", "code", "wallet") else "preauth"
        card = {"code": "second", "wallet": "alipay", "counter": "wechat"}.get(kind, "main")
        if kind == "counter":
            self.run(self.day.host.counters.put(self.till(place).number))
            errand = Errand("receive", operator_at(place), fen=10000, card=card)
        else:
            way = WAYS.get(card, "insert")
            errand = Errand("pay", operator_at(place), kind=first, fen=10000, card=card, way=way)
        self.do(place, errand)
        if kind == "completion":
            self.pay_later(place, True, (kind, 0, 100), NONE)
        kinds = AFTER[kind]
        for where, which, percent in later:
            self.pay_later(where, True, (kinds[which % len(kinds)], 0, percent), NONE)

    def pay_later(
        self,
        place: int,
        is_own: bool,
        later: tuple[str, int, int],
        trouble: Trouble,
        *,
        only_by_code: bool = False,
    ) -> None:
        """A payment about one of the last that may be its original; of its own batch where the kind asks for that."""
        kind, which, percent = later
        tills = [self.till(place)] if kind in AT_HOME else self.day.tills
        known = [line for till in tills for line in till.lines().values()]
        kinds = [
            one for one in ABOUT[kind] if PAYMENTS[one].is_by_code or PAYMENTS[one].is_at_wallet or not only_by_code
        ]
        originals = [line for line in known if line.kind in kinds and line.state in TAKEN and line.rrn]
        if not originals:
            return
        original = originals[-1 - which % len(originals)]
        fen = max(1, original.standing_fen * percent // 100)
        card = CARDS.get(original.masked_pan, "main")  # what was paid by a code asks for no card
        errand = Errand(
            "pay",
            operator_at(place, is_own),
            kind=kind,
            fen=fen,
            card=card,
            way=WAYS.get(card, "insert"),
            original=number_of(kind, original),
            day=original.date,
        )
        self.do(place, errand, trouble)

    # ── people ───────────────────────────────────────────────────────────────

    @rule(
        what=st.sampled_from(["sign_in", "hand_over", "sign_out", "lock"]),
        place=places,
        is_own=own,
        takes_over=st.booleans(),
        trouble=troubles,
    )
    def somebody_comes_or_goes(self, what: What, place: int, is_own: bool, takes_over: bool, trouble: Trouble) -> None:
        self.do(place, Errand(what, operator_at(place, is_own), takes_over=takes_over), trouble)

    @rule(place=places, trouble=st.one_of(troubles, st.builds(Trouble, mishap=ends)))
    def settles(self, place: int, trouble: Trouble) -> None:
        self.do(place, Errand("settle", operator_at(place)), trouble)

    # ── what happens ─────────────────────────────────────────────────────────

    @rule(what=st.sampled_from(["power", "host", "time", "long time"]), place=places)
    def something_happens(self, what: str, place: int) -> None:
        match what:
            case "power":
                self.run(self.till(place).switch_off())
            case "host":
                self.day.host.dies()
                self.run(self.day.pass_s(HOST_AGAIN_S + 1))
            case "time":
                self.run(self.day.pass_s(15.0))
            case _:
                self.run(self.day.pass_s(150.0))

    @precondition(lambda self: self.day.answered)
    @rule(which=few)
    def an_earlier_request_comes(self, which: int) -> None:
        """One that was given up and is still on its way, if there is one; else one that was answered."""
        late = [till for till in self.day.tills if till.late]
        if late:
            self.run(self.day.late_one_arrives(late[0], which))
        else:
            self.run(self.day.old_one_arrives(which))

    @rule()
    def the_line_falls_quiet(self) -> None:
        self.nothing_of(self.run(self.day.falls_quiet()))

    # ── always ───────────────────────────────────────────────────────────────

    @invariant()
    def all_laws_hold(self) -> None:
        if hasattr(self, "day"):
            Counted.steps += 1
            self.nothing_of(self.day.broken())


def number_of(kind: str, original: DayLine) -> str:
    """The number of its slip that this kind asks for."""
    if kind in ("void", "completion_void"):
        return original.trace_no
    return original.rrn if kind == "refund" else original.auth_code


@pytest.mark.timeout(600)  # some 20 s where nothing else runs
@pytest.mark.parametrize("share", range(SHARES if is_whole() else SHARES_DRAWN))
def test_a_shop_lives_on_it(share: int) -> None:
    print(f"{SEED}={seed_of_run()} walks the same way again")
    Counted.steps = 0
    Counted.kinds, Counted.cards = set(), set()
    for walk in range(WALKS_MOST):
        with mock.patch("os.fsync"):
            run_state_machine_as_test(
                share_of(Shop, share + SHARES * walk),
                settings=settings(
                    max_examples=EXAMPLES_AGAIN if walk else EXAMPLES,
                    stateful_step_count=STEPS_MOST,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    phases=PHASES,
                ),
            )
        if not Counted.never_met():
            break
    assert Counted.steps >= STEPS_MIN, f"{Counted.steps} steps are too few"
    assert not Counted.never_met(), f"never approved: {Counted.never_met()}"
