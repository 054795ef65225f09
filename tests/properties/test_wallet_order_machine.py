"""An order and a wallet that loses requests and answers, with customers who pay whenever they like: no money is left hanging."""

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

from zhanggui.acquirer.rows.moves import WALLET_ORDER
from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.acquirer.wallets.order import AskedStep, Heard, OrderAsked, Word, begin, give_up, hear, is_over, tell_paid
from zhanggui.acquirer.wallets.plans import PLANS, Plan
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs

T0 = 1_800_000_000_000


class Wallet:
    """What is true at the wallet of one order."""

    def __init__(self, *, by_customers_code: bool) -> None:
        self.by_customers_code = by_customers_code
        """A code of the shop's own may be closed at any time: nobody's is on its way."""
        self.state = "absent"
        self.gone_back = False
        self.cancelled_early = False
        self.was_looked_at = False
        """Whether the last look has been here: what a wallet takes behind it, against its own word, only its bill tells."""

    @property
    def holds_money(self) -> bool:
        return self.state == "paid"

    def take(self, step: AskedStep, age_s: float) -> Heard:
        """Do what is asked, and say so."""
        match step:
            case "pay":
                if self.state == "absent":
                    self.state = "waiting"
            case "cancel":
                if self.by_customers_code and age_s < 15:
                    self.cancelled_early = True
                    return "later"
                self.gone_back |= self.state == "paid"
                self.state = "closed" if self.state != "refused" else "refused"
            case "give_back":
                self.gone_back |= self.state == "paid"
                self.state = "closed" if self.state in ("paid", "closed") else self.state
            case "query":
                pass
            case "look":
                self.was_looked_at = True
        if self.state == "closed" and self.gone_back:
            return "returned"
        return self.state  # type: ignore[return-value]  # the states are words


class OrderMachine(RuleBasedStateMachine):
    """Plays the driver, the line, the wallet, the customer and the cashier."""

    @initialize(brand=st.sampled_from(sorted(PLANS)), masked_code=st.sampled_from(["130000********0017", ""]))
    def open(self, brand: str, masked_code: str) -> None:
        self.plan: Plan = PLANS[brand]
        self.wallet = Wallet(by_customers_code=bool(masked_code))
        self.now = UnixMs(T0)
        asked = OrderAsked(
            merchant_no=MerchantNo("102100058120001"),
            order_no="1",
            brand=brand,
            amount_fen=100,
            terminal_no=TerminalNo("10000001"),
            batch_no=BatchNo("000001"),
            trace_no=TraceNo("000001"),
            masked_code=masked_code,
        )
        self.order: WalletOrder = begin(asked, self.plan, self.now)
        self.late: list[Word] = []
        """Answers under way."""
        self.requests: list[AskedStep] = ["pay"]
        """Requests under way."""

    @property
    def until_s(self) -> int:
        return self.plan.offer_until_s if self.order.is_ours else self.plan.until_s

    @property
    def age_s(self) -> float:
        return (self.now - T0) / 1000

    def become(self, after: WalletOrder) -> None:
        assert (self.order.state, after.state) in WALLET_ORDER.moves
        self.order = after

    def hear(self, word: Word, draw: float = 0.5) -> None:
        self.become(hear(self.order, word, self.plan, self.now, draw))

    # ── the line ─────────────────────────────────────────────────────────────

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), fate=st.sampled_from(["answered", "answered", "answer late", "answer lost", "request lost"]))
    def request_arrives(self, data: st.DataObject, fate: str) -> None:
        step = self.requests.pop(data.draw(st.integers(0, len(self.requests) - 1)))
        if fate != "request lost":
            said = self.wallet.take(step, self.age_s)
            if fate == "answered":
                self.hear(Word(asked=step, says=said), data.draw(st.floats(0, 0.999)))
                return
            if fate == "answer late":
                self.late.append(Word(asked=step, says=said))
                return
        self.hear(Word(asked=step, says="silent"))

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def late_answer_comes(self, data: st.DataObject) -> None:
        self.hear(self.late.pop(data.draw(st.integers(0, len(self.late) - 1))))

    @precondition(lambda self: self.order.next_ms is not None)
    @rule(says=st.sampled_from(["unclear", "later"]))
    def wallet_has_a_fault(self, says: Heard) -> None:
        self.ask(lambda step: self.hear(Word(asked=step, says=says)))

    @precondition(lambda self: self.order.next_ms is not None)
    @rule()
    def what_is_due_is_asked(self) -> None:
        self.ask(self.requests.append)

    def ask(self, do) -> None:  # type: ignore[no-untyped-def]
        """Wait until the step is due, and do something with it."""
        order = self.order
        assert order.next_ms is not None
        self.now = UnixMs(max(self.now, order.next_ms))
        if order.step == "query":
            # Planned so; a driver that was down asks once more before it cancels.
            assert order.next_ms <= T0 + self.until_s * 1000 or order.state == "asked"
            assert order.is_ours or order.queries < self.plan.queries_max
        do(order.step)

    # ── people ───────────────────────────────────────────────────────────────

    @precondition(lambda self: self.wallet.state == "waiting")
    @rule()
    def customer_pays(self) -> None:
        self.wallet.state = "paid"

    @precondition(
        lambda self: self.wallet.state == "closed" and self.order.step == "look" and not self.wallet.was_looked_at
    )
    @rule()
    def customer_pays_although_it_was_closed(self) -> None:
        """A fault of the wallet's; the last look finds it."""
        self.wallet.state, self.wallet.gone_back = "paid", False

    @precondition(lambda self: self.wallet.state == "waiting")
    @rule()
    def wallet_refuses(self) -> None:
        self.wallet.state = "refused"

    @rule()
    def cashier_gives_up(self) -> None:
        self.become(give_up(self.order, self.plan, self.now))

    @precondition(lambda self: self.order.state == "paid")
    @rule()
    def terminal_is_told(self) -> None:
        self.become(tell_paid(self.order))

    @rule(seconds=st.sampled_from([0.1, 1, 4, 17]))
    def time_passes(self, seconds: float) -> None:
        self.now = UnixMs(self.now + int(seconds * 1000))

    # ── what always holds ────────────────────────────────────────────────────

    @invariant()
    def what_is_not_over_has_a_next_time(self) -> None:
        assert is_over(self.order) or self.order.next_ms is not None
        assert (self.order.next_ms is None) == (self.order.step == "")

    @invariant()
    def nothing_is_cancelled_too_early(self) -> None:
        assert not self.wallet.cancelled_early

    def teardown(self) -> None:
        if not hasattr(self, "order"):
            return
        # The faults stop: what is under way arrives, and the driver goes on until nothing is due any more.
        self.now = UnixMs(self.now + 30_000)
        for step in self.requests:
            self.hear(Word(asked=step, says=self.wallet.take(step, self.age_s)))
        for word in self.late:
            self.hear(word)
        for _ in range(200):
            if self.order.next_ms is None:
                break
            self.ask(lambda step: self.hear(Word(asked=step, says=self.wallet.take(step, self.age_s))))
        assert self.order.next_ms is None
        assert is_over(self.order)
        assert (self.order.state == "paid") == self.wallet.holds_money
        if self.order.told == "failed":
            assert self.order.state != "paid"


def test_wherever_an_answer_is_lost_no_money_is_left_hanging() -> None:
    run_state_machine_as_test(OrderMachine, settings=settings(max_examples=600, stateful_step_count=20))
