"""What a day in a shop is like: who stands where, who comes when, and what they do. Incidents are added by `incidents.py`.

A day is a list of happenings, each at its instant. They are lived one after the other, whichever shop they are in: time goes by in all
shops alike.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ...basics.clock import china_time
from ...basics.errors import Fault
from ...basics.numbers import OperatorNo, TerminalNo, UnixMs
from ...basics.spans import HOUR_MS, MINUTE_MS
from ...cup.brands import BRANDS, CARD_NETWORK, BrandName
from ...cup.transactions import PAYMENTS
from ...cup.values.shift import Notes
from ...host.acts import ActRow
from ...terminal.flow.core.kept import EntryWay
from ..fleets.dice import Dice
from .batch import Paid
from .cards import Customers
from .counter import Counter, Person
from .extras import sell_by_our_code, sign_for
from .shops import Habit, ShopRow, StaffRow, TillRow, Way

A = TypeVar("A")
Deed = Callable[[], Awaitable[object]]
HANDS_OVER_MS = 15 * HOUR_MS
"""When the late ones come, from midnight."""
LEAVES_BEFORE_MS = 11 * MINUTE_MS
"""When the early ones leave before that: earlier than the earliest of the late ones comes."""
SATURDAY = 5
CENTS = (0, 0, 0, 50, 80, 90, 99)
"""How prices end, in fen."""
VOIDED, REFUNDED, REFUSED, LOST, BALANCES = 0.015, 0.012, 0.02, 0.006, 0.006
"""Shares of what customers do: taken back at once, brought back on a later day, refused for their card or wallet, answer lost, asked
what their card holds."""
OUR_CODES, GIVEN_UP = 0.06, 0.08
"""Shares of payments by phone for which the shop shows the code, and of those that nobody pays."""
LONGER, NOTICES, WRONG_SUMS = 0.12, 0.15, 0.06
"""Shares of guests who stay a night more, whose bill is told by a notice, whose bill was wrong at first."""
CHECKED_OUT = 0.85
"""Share of held amounts that are taken when the guest leaves; the others are set free."""
KEPT_MAX = 40
"""Payments of earlier days that somebody may come back with."""
WELL = ("smooth", "help", "quick", "calm")
NOT_WELL = ("", "", "network", "queue", "cards")


@dataclass(slots=True)
class Happening:
    """Something that happens at an instant."""

    at_ms: int
    deed: Deed
    what: str = ""


@dataclass(slots=True)
class Stint:
    """Somebody at a till from one instant to another."""

    counter: Counter
    person: Person
    from_ms: int
    to_ms: int
    is_last: bool
    sign_in: Deed | None = None
    """How the person gets in, where it is no ordinary sign-in."""


@dataclass(slots=True)
class Shop:
    """One shop with its tills and people, and what it remembers from day to day."""

    row: ShopRow
    counters: dict[TerminalNo, Counter]
    people: dict[OperatorNo, Person]
    supervisor: Person
    customers: Customers
    dice: Dice
    kept: list[Paid] = field(default_factory=list)
    """Payments of days before that somebody may want their money back for."""
    held: list[Paid] = field(default_factory=list)
    """Amounts held on cards of guests who have not left yet."""
    changed: set[OperatorNo] = field(default_factory=set)
    """Who has changed the password of the factory."""


class Day:
    """One day of one shop: its stints and happenings, which incidents may change before it is lived."""

    def __init__(self, shop: Shop, midnight_ms: int) -> None:
        self.shop, self.midnight_ms = shop, midnight_ms
        self.weekday = china_time(UnixMs(midnight_ms)).weekday()
        self.stints = self._roster()
        self.happenings: list[Happening] = []
        self.loses_a_payment = False
        """Whether a till has lost a payment out of its books when it is settled."""

    async def act(self, row: ActRow[A], asked: A) -> None:
        """An act of management by the console. Fault when it is refused."""
        counter = next(iter(self.shop.counters.values()))
        decision = await counter.floor.act(row, asked, self.shop.row.merchant_no)
        if decision.reason:
            raise Fault(f"the act {row.name} of the past was refused: {decision.reason}")

    def at(self, hour: float) -> int:
        """An hour of this day, as an instant."""
        return self.midnight_ms + round(hour * HOUR_MS)

    def stint_of(self, number: str, habit: Habit) -> Stint | None:
        """Who stands at a till early, or late."""
        stints = [one for one in self.stints if one.counter.till.terminal_no == number]
        return next((one for one in stints if one.is_last == (habit == "late")), None)

    def plan(self) -> list[Happening]:
        """Everything that happens, in the order of time."""
        for stint in self.stints:
            self._plan_stint(stint)
        self._plan_customers()
        return sorted(self.happenings, key=lambda one: one.at_ms)

    def add(self, at_ms: int, deed: Deed, what: str = "") -> None:
        """Something happens besides."""
        self.happenings.append(Happening(at_ms, deed, what))

    # ── who stands where ─────────────────────────────────────────────────────

    def _roster(self) -> list[Stint]:
        shop, row, dice = self.shop, self.shop.row, self.shop.dice
        here = [one for one in row.staff if self.weekday not in one.off]
        hands_over = self.midnight_ms + HANDS_OVER_MS
        spans: list[tuple[TillRow, Habit, int, int, bool]] = []
        for till in row.tills:
            opens, closes = self.midnight_ms + row.opens_ms, self.midnight_ms + row.closes_ms
            if till.stands == "both":
                spans.append((till, "early", opens, hands_over, False))
            if till.stands != "weekend" or self.weekday >= SATURDAY:
                begins = hands_over if till.stands == "both" else hands_over + 90 * MINUTE_MS
                spans.append((till, "late", begins, closes, True))
        stints: list[Stint] = []
        free = list(here)
        for till, habit, from_ms, to_ms, is_last in spans:
            who = _chosen(free, habit)
            if who is None:
                # Nobody is left: whoever opened the till stays until the evening, or it stays dark.
                before = next((one for one in stints if one.counter is shop.counters[till.number]), None)
                if before is not None:
                    stints.append(Stint(before.counter, before.person, from_ms, to_ms, is_last))
                continue
            free.remove(who)
            begins = from_ms - round(dice.between(2, 11) * MINUTE_MS)
            stints.append(Stint(shop.counters[till.number], shop.people[who.number], begins, to_ms, is_last))
        for stint in stints:
            alone = sum(one.counter is stint.counter for one in stints) == 1
            stint.is_last = stint.is_last or alone
        return stints

    def _plan_stint(self, stint: Stint) -> None:
        counter, dice = stint.counter, self.shop.dice
        wrong = 1 if dice.happens(stint.person.typo * 4) else 0
        sign_in = stint.sign_in or (lambda: counter.sign_in(stint.person, wrong=wrong))
        self.add(stint.from_ms, sign_in, "sign in")
        self.add(stint.from_ms + 2 * MINUTE_MS, counter.heartbeat, "heartbeat")
        if dice.happens(0.35):
            at_ms = stint.from_ms + round(dice.between(1.5, 3) * HOUR_MS)
            self.add(at_ms, counter.lock, "lock")
            self.add(at_ms + round(dice.between(8, 25) * MINUTE_MS), counter.unlock, "unlock")
        if stint.is_last:
            self.add(stint.to_ms + round(dice.between(3, 14) * MINUTE_MS), lambda: self._close(counter), "settle")
        else:
            notes = Notes(dice.pick(WELL), dice.pick(NOT_WELL)) if dice.happens(0.8) else None
            at_ms = stint.to_ms - LEAVES_BEFORE_MS - round(dice.between(20, 50) * 1000)
            self.add(at_ms, lambda: self._leave(stint, notes), "sign out")

    async def _leave(self, stint: Stint, notes: Notes | None) -> None:
        if stint.counter.on_duty is stint.person:
            await stint.counter.sign_out(notes)

    async def _close(self, counter: Counter) -> None:
        """The till is settled; what was sold is known for a while."""
        shop = self.shop
        if counter.on_duty is None:
            return
        shop.kept = [*shop.kept, *(one for one in counter.paid if one.kind in REFUND_OF)][-KEPT_MAX:]
        forgets = next(filter(_took_money, counter.paid), None) if self.loses_a_payment else None
        await counter.settle(forgets=forgets)

    # ── who comes ────────────────────────────────────────────────────────────

    def _plan_customers(self) -> None:
        row, dice = self.shop.row, self.shop.dice
        mean = row.customers * (row.weekend if self.weekday >= SATURDAY else 1.0)
        hours = [(int(hour), share) for hour, share in row.hours.items()]
        whole = sum(share for _, share in hours)
        for hour, share in hours:
            for _ in range(dice.count(mean * share / whole)):
                at_ms = self.midnight_ms + round((hour + dice.unit()) * HOUR_MS)
                self.add(at_ms, lambda at_ms=at_ms: self._serve(at_ms), "customer")  # type: ignore[misc]  # its own instant
        if self.shop.held and row.holds:
            for paid in list(self.shop.held):
                if dice.happens(LONGER):
                    at_ms = self.at(dice.between(16, 19))
                    self.add(at_ms, lambda paid=paid: self._stay_longer(paid), "stays")  # type: ignore[misc]  # its own
                elif dice.happens(0.6):
                    at_ms = self.midnight_ms + round(dice.between(8.5, 11.5) * HOUR_MS)
                    self.add(at_ms, lambda paid=paid: self._check_out(paid), "check-out")  # type: ignore[misc]  # its own

    def open_counter(self) -> Counter | None:
        """A till at which somebody stands now, not locked."""
        counters = [one for one in self.shop.counters.values() if one.on_duty is not None and not one.is_locked]
        return self.shop.dice.pick(counters) if counters else None

    async def sell_by_card(self, way: EntryWay) -> None:
        """One customer more, with a card."""
        counter = self.open_counter()
        if counter is not None:
            await counter.pay_by_card("sale", price(self.shop.row, self.shop.dice), self.shop.customers.card(way), way)

    async def _serve(self, at_ms: int) -> None:
        counter, dice = self.open_counter(), self.shop.dice
        if counter is None:
            return
        if self.shop.kept and dice.happens(REFUNDED):
            await self._bring_back(counter)
            return
        amount_fen = price(self.shop.row, dice)
        way = chosen_way(self.shop.row.ways, dice)
        if way in BRANDS:
            paid = await self._by_phone(counter, way, amount_fen)
        else:
            paid = await self._by_card(counter, way, amount_fen)
        if paid is not None and paid.kind in VOID_OF and dice.happens(VOIDED):
            await counter.give_back(paid, VOID_OF[paid.kind], paid.amount_fen)

    async def _by_phone(self, counter: Counter, brand: BrandName, amount_fen: int) -> Paid | None:
        dice, customers = self.shop.dice, self.shop.customers
        if brand != CARD_NETWORK and dice.happens(OUR_CODES):
            return await sell_by_our_code(counter, customers, amount_fen, brand, is_paid=not dice.happens(GIVEN_UP))
        code = customers.wallet_code(brand, is_poor=dice.happens(REFUSED))
        return await counter.pay_by_code(amount_fen, code, lost=dice.happens(LOST))

    async def _by_card(self, counter: Counter, way: Way, amount_fen: int) -> Paid | None:
        dice, customers = self.shop.dice, self.shop.customers
        entry: EntryWay = "swipe" if way == "swipe" else "tap" if way == "tap" else "insert"
        if way == "insert" and dice.happens(self.shop.row.holds):
            held = await counter.pay_by_card("preauth", _round_up(amount_fen), customers.card(entry), "insert")
            if held is not None:
                self.shop.held.append(held)
            return None
        if dice.happens(BALANCES):
            await counter.pay_by_card("balance", 0, customers.card(entry), entry)
        if dice.happens(REFUSED):
            return await self._refused(counter, amount_fen)
        paid = await counter.pay_by_card("sale", amount_fen, customers.card(entry), entry, lost=dice.happens(LOST))
        if paid is not None and counter.model == "esign" and entry != "tap":
            await sign_for(counter, paid, dice)
        return paid

    async def _refused(self, counter: Counter, amount_fen: int) -> Paid | None:
        """A card that is refused, or a PIN that is wrong the first time."""
        dice, customers = self.shop.dice, self.shop.customers
        if dice.happens(0.5):
            return await counter.pay_by_card("sale", amount_fen, customers.refused_card(), "insert")
        card = customers.card("insert")
        await counter.pay_by_card("sale", amount_fen, card, "insert", pin="123465")
        counter.pass_s(10, 30)
        return await counter.pay_by_card("sale", amount_fen, card, "insert")

    async def _bring_back(self, counter: Counter) -> None:
        """Somebody brings something back that was paid on an earlier day: all of it, or a part."""
        dice, kept = self.shop.dice, self.shop.kept
        paid = kept.pop(dice.below(len(kept)))
        amount_fen = paid.amount_fen if dice.happens(0.6) else max(1, paid.amount_fen // 2)
        await counter.give_back(paid, REFUND_OF[paid.kind], amount_fen)

    async def _check_out(self, held: Paid) -> None:
        counter = self.open_counter()
        if counter is None or held not in self.shop.held:
            return
        self.shop.held.remove(held)
        dice = self.shop.dice
        if not dice.happens(CHECKED_OUT):
            await counter.give_back(held, "preauth_cancel", held.amount_fen)
            return
        amount_fen = round(held.amount_fen * dice.between(0.7, 1.0))
        if dice.happens(NOTICES):
            await counter.follow(held, "completion_notice", amount_fen)
            return
        taken = await counter.follow(held, "completion", amount_fen)
        if taken is not None and dice.happens(WRONG_SUMS):
            # The sum was wrong: what was held is held again, and taken a second time.
            await counter.give_back(taken, "completion_void", amount_fen)
            await counter.follow(held, "completion", max(1, amount_fen - 20_00))

    async def _stay_longer(self, held: Paid) -> None:
        """A guest stays a night more: more is held on the same card."""
        counter = self.open_counter()
        if counter is None or held not in self.shop.held:
            return
        more_fen = price(self.shop.row, self.shop.dice)
        added = await counter.follow(held, "preauth_increment", more_fen)
        if added is not None:
            self.shop.held.remove(held)
            self.shop.held.append(replace(held, amount_fen=held.amount_fen + more_fen))


VOID_OF = {"sale": "void", "qr_sale": "qr_void", "qr_own": "qr_void"}
"""What takes a payment of the same batch back."""
REFUND_OF = {"sale": "refund", "qr_sale": "qr_refund", "qr_own": "qr_refund", "completion": "refund"}
"""What gives money back on a later day."""


def chosen_way(ways: dict[Way, float], dice: Dice) -> Way:
    """How this customer pays."""
    left = dice.unit() * sum(ways.values())
    for way, share in ways.items():
        left -= share
        if left < 0:
            return way
    return next(iter(ways))


def price(row: ShopRow, dice: Dice) -> int:
    """What is paid, in fen."""
    return max(100, round(dice.log_normal(row.yuan, row.spread)) * 100 + dice.pick(CENTS))


def _took_money(paid: Paid) -> bool:
    """Whether it took money, rather than held it or gave it back."""
    return PAYMENTS[paid.kind].total == "debit"


def _round_up(amount_fen: int) -> int:
    """A round sum that is held: hundreds of yuan."""
    return -(-amount_fen // 100_00) * 100_00


def _chosen(free: list[StaffRow], habit: Habit) -> StaffRow | None:
    fits = [one for one in free if one.habit == habit]
    return fits[0] if fits else free[0] if free else None
