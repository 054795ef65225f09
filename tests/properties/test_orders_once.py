"""Orders to terminals, each answered once: true rules of the host, true flow of the terminal, and power, lines and people in between.

What the host commits and what the journal takes is durable; everything else may go at any effect. Requests and answers are lost, old
heartbeats come again, the host's list of open orders is behind, and somebody sells meanwhile.
"""

from collections import Counter as Count
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace
from tests.worlds.acquirer_world import MERCHANT, NOON, OURS
from tests.worlds.flow_story import Story, memory

from zhanggui.acquirer.orders.giving import decide_give_order, new_order, order_counter
from zhanggui.acquirer.orders.telling import OrdersAsked, expired, keys_of_orders, take_answers, tell_next
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.records import Counter, Record, Terminal, TerminalOrder, key_of
from zhanggui.acquirer.rows.state import Change, State
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.messages.operator_outcomes import OrdersGiven
from zhanggui.cup.order_kinds import ORDER_KINDS
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.noted.orders import read_box
from zhanggui.terminal.flow.machine import flow

HOUR_MS = 3_600_000
PAYING = frozenset({"amount", "card", "pin"})
"""Screens of a payment that was begun."""


class PowerCut(Exception):
    """The terminal is dark; nothing of the step is done from here on."""


class Till(Story):
    """A terminal whose power may go before any effect, and whose heartbeats wait in an outbox."""

    def __init__(self) -> None:
        self.note = ""
        self.cut_after: int | None = None
        self.outbox: list[fx.SendStatus] = []
        self.done: Count[int] = Count()
        """How often the journal took the end of an order."""
        super().__init__()

    def send(self, event: ev.Event) -> tuple[fx.Effect, ...]:
        self.state, effects = flow(self.state, event)
        self.latest = effects
        for effect in effects:
            if self.cut_after is not None:
                if self.cut_after == 0:
                    self.cut_after = None
                    raise PowerCut
                self.cut_after -= 1
            self.effects.append(effect)
            if isinstance(effect, fx.Remember):
                if isinstance(effect, fx.RememberNote) and effect.name == "orders":
                    self.keep(effect.value)
                self.send(ev.Journalled(now=self.now, what=effect.record))
            elif isinstance(effect, fx.SendStatus):
                self.outbox.append(effect)
            elif isinstance(effect, fx.SendSignOn):
                self.signed_on()
        return effects

    def keep(self, value: str) -> None:
        before = {order.number: order.state for order in read_box(self.note).orders}
        for order in read_box(value).orders:
            if order.state != "held" and before.get(order.number, "held") == "held" and order.word != "number_passed":
                self.done[order.number] += 1
        self.note = value

    def comes_back(self) -> None:
        """Power is back."""
        self.outbox.clear()
        self.cut_after = None
        self.to_number(memory(orders=self.note))

    def signs_in(self) -> None:
        self.keys("0", "1")
        self.pin(digits=4)
        self.verified()
        self.keys("enter")
        self.confirmed()
        self.keys("enter")


class OrdersOnce(RuleBasedStateMachine):
    """A host and a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.rows: dict[tuple[type[Record], tuple[object, ...]], Record] = {}
        self.put(
            Terminal(
                merchant_no=MERCHANT,
                terminal_no=OURS,
                model="smart",
                place="前台",
                dialect="unionpay",
                operator_check="host",
                master_key="",
                created_ms=NOON,
            )
        )
        self.known: tuple[int, ...] = ()
        """What the host's list of open orders says, which may be behind."""
        self.final: dict[int, TerminalOrder] = {}
        self.told: list[fx.SendStatus] = []
        self.till = Till()
        self.till.now = NOON
        self.till.comes_back()

    # ── the host ─────────────────────────────────────────────────────────────

    def put(self, record: Record) -> None:
        self.rows[type(record), key_of(record)] = record

    def loaded(self, *wanted: tuple[type[Record], tuple[object, ...]]) -> State:
        state = State()
        for place in ((Terminal, (MERCHANT, OURS)), *wanted):
            if place in self.rows:
                state.put(self.rows[place])
        return state

    def commit(self, state: State, changes: tuple[Change, ...]) -> None:
        state.apply(changes)
        for change in changes:
            self.put(change.record)

    def orders(self) -> list[TerminalOrder]:
        return [row for row in self.rows.values() if isinstance(row, TerminalOrder)]

    def host_hears(self, beat: fx.SendStatus) -> OrdersGiven:
        asked = OrdersAsked(answers=beat.order_answers, held=beat.order_held, known=self.known)
        state = self.loaded(*((TerminalOrder, key) for key in keys_of_orders(MERCHANT, OURS, asked)))
        terminal = self.rows[Terminal, (MERCHANT, OURS)]
        assert isinstance(terminal, Terminal)
        draft = Draft(state)
        taken = take_answers(draft, terminal, asked.answers, self.now)
        sheet = tell_next(draft, terminal, asked, self.now)
        self.commit(state, tuple(draft.changes))
        return OrdersGiven(sheet=sheet, taken=taken)

    @rule(kind=st.sampled_from(sorted(ORDER_KINDS)), hours=st.sampled_from((1, 100)))
    def somebody_orders(self, kind: str, hours: int) -> None:
        row = ORDER_KINDS[kind]
        counter = (Counter, (MERCHANT, order_counter(OURS)))
        state = self.loaded(counter)
        until = UnixMs(self.now + hours * HOUR_MS)
        text = "盘点" if row.contents == "text" else ""
        if row.right:
            decision = decide_give_order(state, MERCHANT, OURS, kind, row, text, (None, until), CONSOLE, self.now)
            assert not decision.reason
            changes = decision.changes
        else:
            # A rule of the host orders it.
            _, changes = new_order(state, MERCHANT, OURS, kind, text, (self.now, until), "host", self.now)
        self.commit(state, tuple(c for c in changes if isinstance(c.record, TerminalOrder | Counter)))

    @rule()
    def the_host_looks(self) -> None:
        self.known = tuple(sorted(row.order_no for row in self.orders() if row.state in ("queued", "told")))

    @rule()
    def the_host_lets_go(self) -> None:
        for row in self.orders():
            if row.state == "queued" and row.until_ms <= self.now:
                state = self.loaded((TerminalOrder, key_of(row)))
                draft = Draft(state)
                draft.update(expired(row, self.now))
                self.commit(state, tuple(draft.changes))

    # ── the line ─────────────────────────────────────────────────────────────

    def guarded(self, step: Callable[[], object]) -> None:
        try:
            step()
        except PowerCut:
            self.till.comes_back()

    def answer(self, given: OrdersGiven) -> None:
        if given.sheet is not None or given.taken:
            told = ev.Ordered(now=self.till.now, orders=(), sheet=given.sheet, taken=given.taken)
            self.guarded(lambda: self.till.send(told))

    @precondition(lambda self: self.till.outbox)
    @rule(request_lost=st.booleans(), answer_lost=st.booleans())
    def a_heartbeat_goes(self, request_lost: bool, answer_lost: bool) -> None:
        beat = self.till.outbox.pop(0)
        if request_lost:
            return
        self.told.append(beat)
        given = self.host_hears(beat)
        if not answer_lost:
            self.answer(given)

    @precondition(lambda self: self.told)
    @rule(which=st.integers(0, 9))
    def an_old_heartbeat_comes_again(self, which: int) -> None:
        self.host_hears(self.told[which % len(self.told)])

    @rule()
    def it_rings(self) -> None:
        self.guarded(lambda: self.till.send(ev.Rung(now=self.till.now)))

    # ── the terminal ─────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from((1, 31)))
    def time_passes(self, seconds: int) -> None:
        self.now = UnixMs(self.now + 1000 * seconds)
        self.guarded(lambda: self.till.wait(seconds))

    @rule()
    def hours_pass(self) -> None:
        self.now = UnixMs(self.now + HOUR_MS)
        self.till.now = self.now
        self.guarded(lambda: self.till.wait(1))

    @rule(effects=st.integers(0, 5))
    def the_power_will_go(self, effects: int) -> None:
        self.till.cut_after = effects

    @rule()
    def the_power_goes(self) -> None:
        self.till.comes_back()

    @precondition(lambda self: self.till.screen_id == "sign_in_number")
    @rule()
    def somebody_signs_in(self) -> None:
        self.guarded(self.till.signs_in)

    @precondition(lambda self: self.till.screen_id == "standby")
    @rule()
    def a_payment_begins(self) -> None:
        self.guarded(lambda: self.till.keys("sale"))

    @rule()
    def somebody_presses_enter(self) -> None:
        if self.till.screen_id in ("announced", "trouble", "shut"):
            self.guarded(lambda: self.till.keys("enter" if self.till.screen_id != "shut" else "retry"))

    @precondition(lambda self: self.till.screen_id in PAYING)
    @rule()
    def a_payment_is_given_up(self) -> None:
        self.guarded(lambda: self.till.keys("cancel"))

    # ── always ───────────────────────────────────────────────────────────────

    @invariant()
    def what_ended_stays(self) -> None:
        for row in self.orders():
            if row.order_no in self.final:
                assert row == self.final[row.order_no]
            elif row.state in ("done", "refused", "expired"):
                self.final[row.order_no] = row

    @invariant()
    def each_is_ended_once_by_the_terminal_and_done_only_where_its_journal_says_so(self) -> None:
        assert all(count == 1 for count in self.till.done.values())
        assert all(self.till.done[row.order_no] == 1 for row in self.orders() if row.state == "done")

    @invariant()
    def a_terminal_that_is_shut_lets_nobody_in(self) -> None:
        if read_box(self.till.note).shut is not None:
            assert self.till.state.session is None

    def teardown(self) -> None:
        """The line is well, nobody is in the middle of anything: each order ends, and the terminal forgets what was answered."""
        self.till.cut_after = None
        self.somebody_orders("remote_unlock", 100)  # what is said at standby waits while nobody may sign in
        for _ in range(len(self.orders()) * 3 + 6):
            self.the_host_lets_go()
            self.the_host_looks()
            screen = self.till.screen_id
            if screen in ("announced", "trouble"):
                self.till.keys("enter")
            elif screen == "sign_in_number":
                self.till.signs_in()
            elif screen in PAYING:
                self.till.keys("cancel")
            self.now = UnixMs(self.now + 31_000)
            self.till.wait(31)
            while self.till.outbox:
                self.answer(self.host_hears(self.till.outbox.pop(0)))
                self.the_host_looks()
        left = [row for row in self.orders() if row.state in ("queued", "told")]
        assert not left, f"{self.till.screen_id}: {left}"
        assert read_box(self.till.note).orders == ()
        self.what_ended_stays()


TestOrdersOnce = OrdersOnce.TestCase
TestOrdersOnce.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_an_order_that_is_told_again_after_its_answer_was_lost_is_done_once() -> None:
    """What the machine above looks for, once by hand: the answer's receipt is lost, and the order comes again."""
    world = OrdersOnce()
    world.somebody_orders("remote_lock", 1)
    world.the_host_looks()
    world.till.wait(1)
    world.a_heartbeat_goes(request_lost=False, answer_lost=False)
    assert world.till.screen_id == "shut"
    world.a_heartbeat_goes(request_lost=False, answer_lost=True)
    (row,) = world.orders()
    assert row.state == "done"
    world.till.wait(31)
    beat = world.till.outbox.pop()
    assert [answer.number for answer in beat.order_answers] == [row.order_no]
    assert world.host_hears(replace(beat)).taken == (row.order_no,)
    assert world.till.done == {row.order_no: 1}
