"""What goes wrong in two months, and on which day before the end. Everything else is `day.py`.

One table: a shop, how many days are left, what happens. A finding that is to be there is named beside what brings it about; nothing else
here, and no ordinary day, is to look like one (a test holds it).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...basics.numbers import MerchantNo, OperatorNo, RecordNo, TerminalNo, UnixMs
from ...basics.spans import MINUTE_MS
from ...cup.operator_tags import Tag
from ...cup.values.order import OrderAnswer, read_order
from ...cup.values.self_check import CheckedItem
from ...cup.values.shift import Notes
from ...cup.values.take_over import TakeOver
from ...host.act_table import (
    ADD_OPERATOR,
    ORDER_ACTS,
    SET_RULE,
    SIGN_OUT_OPERATOR,
    NewOperator,
    NewOrder,
    OneOperator,
    RuleValue,
)
from .counter import Counter, Person, new_password, wrong_password
from .day import Day, Stint

RESTAURANT, STORE, INN = (MerchantNo(number) for number in ("102100058120001", "102100054110002", "102100070110003"))
FORGOTTEN_TRIES = 6
"""Wrong passwords of somebody who does not remember: more than a burst needs, fewer than lock the person."""
FIRST_PASSWORD = "314159"  # noqa: S105  # what the supervisor sets, and the person must change
SPRAYED = (OperatorNo("07"), OperatorNo("08"), OperatorNo("11"), OperatorNo("12"))
"""Numbers that somebody tries out; none of them is anybody's."""


def add_incidents(days: Sequence[Day], days_left: int) -> None:
    """Change the plans of one day, `days_left` before today."""
    by_shop = {day.shop.row.merchant_no: day for day in days}
    for incident in INCIDENTS:
        if incident.days_left == days_left and incident.merchant_no in by_shop:
            incident.plan(by_shop[incident.merchant_no])


# ── passwords ────────────────────────────────────────────────────────────────


def _change_passwords(day: Day) -> None:
    """The factory's passwords are pushed at, and people change them."""
    for stint in day.stints:
        day.add(stint.from_ms + 6 * MINUTE_MS, lambda stint=stint: _change(day, stint))  # type: ignore[misc]  # its own


async def _change(day: Day, stint: Stint) -> None:
    if stint.counter.on_duty is stint.person and stint.person.operator_no not in day.shop.changed:
        day.shop.changed.add(stint.person.operator_no)
        await stint.counter.change_password(stint.person, new_password(day.shop.dice))
        supervisor = day.shop.supervisor
        if supervisor.operator_no not in day.shop.changed:
            day.shop.changed.add(supervisor.operator_no)
            await stint.counter.change_password(supervisor, new_password(day.shop.dice))


def _forgets_password(day: Day) -> None:
    """Finding: failure_burst. Wrong again and again, until the supervisor resets the password."""
    stint = day.stints[-1]

    async def sign_in() -> None:
        counter, person = stint.counter, stint.person
        await counter.till.sign_on()
        for place in range(FORGOTTEN_TRIES):
            answer = await counter.try_password(person, wrong_password(person.password, day.shop.dice))
            wait_s = int(answer.tags.get(Tag.WAIT_S, "") or 0)
            counter.pass_s(wait_s + 4, wait_s + 9 + place)
        await counter.manage("reset_password", person.operator_no, FIRST_PASSWORD)
        person.password = FIRST_PASSWORD
        await counter.sign_in(person)

    stint.sign_in = sign_in


def _guesses_at_night(day: Day) -> None:
    """Finding: spraying. Somebody tries numbers after closing time; the terminal locks, and is unlocked in the morning."""
    counter = _some_counter(day)

    async def guess() -> None:
        await counter.till.sign_on()
        for number in SPRAYED:
            stranger = Person(number, "", "0000", tempo_ms=3_000)
            await counter.try_password(stranger, "0000")
            counter.pass_s(8, 15)
        counter.pass_s(60, 90)
        await counter.manage("unlock_terminal")

    day.add(day.at(22.9), guess, "spraying")


def _comes_at_night(day: Day) -> None:
    """Finding: unusual_hour. Somebody signs in when nobody is ever there."""
    counter = _some_counter(day)
    person = day.shop.people[day.shop.row.staff[-1].number]

    async def come() -> None:
        await counter.sign_in(person)
        counter.pass_s(600, 900)
        await counter.sign_out(Notes("calm", ""))

    day.add(day.at(3.2), come, "night")


def _wrong_password_yesterday(day: Day) -> None:
    """So that it is recent why a sign-in failed: two wrong passwords."""
    stint = day.stints[-1]
    stint.sign_in = lambda: stint.counter.sign_in(stint.person, wrong=2)


def _says_that_something_is_wrong(day: Day) -> None:
    """A case for support: the confirmation shows another place than the one where the till stands."""
    stint = day.stints[0]

    async def sign_in() -> None:
        await stint.counter.report_wrong(stint.person, "terminal")
        stint.counter.pass_s(120, 240)
        await stint.counter.sign_in(stint.person)

    stint.sign_in = sign_in


# ── sessions ─────────────────────────────────────────────────────────────────


def _takes_over(day: Day) -> None:
    """Somebody forgot to sign out at one till and is refused at the other: the supervisor lets the session move."""
    early = day.stint_of("10000001", "early")
    if early is None:
        return
    other = day.shop.counters[TerminalNo("10000002")]

    async def move() -> None:
        if early.counter.on_duty is not early.person:
            return
        await other.till.sign_on()
        answer = await other.try_password(early.person, early.person.password)
        record_no = RecordNo(int(answer.tags[Tag.RECORD_NO]))
        approval_no = await other.approve("take_over", record_no=record_no)
        await other.confirm(early.person, answer, TakeOver(approval_no=approval_no))
        early.counter.on_duty = None

    async def leave() -> None:
        if other.on_duty is early.person:
            await other.sign_out(Notes("", "queue"))

    day.add(day.at(14.3), move, "take over")
    day.add(day.at(14.75), leave)


def _is_signed_out_by_the_office(day: Day) -> None:
    """Somebody went home and forgot; the manager ends the session from the console."""
    stint = next((one for one in day.stints if not one.is_last), None)
    if stint is None:
        return

    async def end() -> None:
        if stint.counter.on_duty is stint.person:
            await day.act(SIGN_OUT_OPERATOR, OneOperator(stint.person.operator_no))
            stint.counter.on_duty = None

    day.add(stint.to_ms - 13 * MINUTE_MS, end, "signed out")


def _has_no_network(day: Day) -> None:
    """The line is dead in the morning: signed in by the envelope of the day before, told when the line is back."""
    stint = day.stints[0]

    async def sign_in() -> None:
        counter = stint.counter
        if counter.envelope is None or counter.envelope[0] != stint.person.operator_no:
            await counter.sign_in(stint.person)
            return
        used_at_ms = counter.clock()
        counter.pass_s(1_500, 2_400)
        await counter.sign_in_without_network(stint.person, UnixMs(used_at_ms))
        # What the network allows again: a sign-in as always.
        counter.pass_s(600, 900)
        await counter.sign_out(Notes("", "network"))
        await counter.sign_in(stint.person)

    stint.sign_in = sign_in


# ── machines ─────────────────────────────────────────────────────────────────


def _printer_has_no_paper(day: Day) -> None:
    for counter in day.shop.counters.values():
        if counter.model == "smart":
            counter.not_ok["printer"] = CheckedItem("printer", "warn", "no_paper")


def _paper_is_there(day: Day) -> None:
    for counter in day.shop.counters.values():
        counter.not_ok.pop("printer", None)


def _clock_is_wrong(day: Day) -> None:
    """Finding: clock_drift."""
    _some_counter(day).drift_s = -47.0


def _clock_is_right(day: Day) -> None:
    _some_counter(day).drift_s = 0.0


def _bank_is_silent(day: Day) -> None:
    """For twenty minutes nothing comes back from the bank: what is asked meanwhile is reversed."""
    floor = _some_counter(day).floor

    async def fall_silent() -> None:
        floor.wire.is_silent = True

    async def wake() -> None:
        floor.wire.is_silent = False
        await floor.look_after()

    day.add(day.at(11.6), fall_silent, "bank silent")
    day.add(day.at(11.7), lambda: day.sell_by_card("insert"))
    day.add(day.at(11.95), wake)


def _loses_a_payment(day: Day) -> None:
    """A till's books lost a payment: the totals differ, all is told again, and a case says which payment it is."""
    day.loses_a_payment = True


# ── the office ───────────────────────────────────────────────────────────────


def _new_rule(day: Day) -> None:
    day.add(day.at(10.2), lambda: day.act(SET_RULE, RuleValue("idle_lock_s", 240)), "policy")


def _new_operator(day: Day) -> None:
    day.add(day.at(16.1), lambda: day.act(ADD_OPERATOR, NewOperator(OperatorNo("05"), "钱多多")), "new operator")


def _announcement(day: Day) -> None:
    """An order to a terminal, told with its next heartbeat and answered with the one after that."""
    stint = day.stints[0]
    counter = stint.counter

    async def give() -> None:
        asked = NewOrder(counter.till.terminal_no, contents="今晚十点盘点，请提前结算。")
        await day.act(ORDER_ACTS["announcement"], asked)

    async def hear() -> None:
        told = read_order((await counter.heartbeat()).tags.get(Tag.ORDER, ""))
        if told is not None:
            counter.pass_s(5, 20)
            await counter.heartbeat([OrderAnswer(number=told.number, state="done")])

    day.add(stint.from_ms + 40 * MINUTE_MS, give, "order")
    for minutes in (42, 44, 46):
        day.add(stint.from_ms + minutes * MINUTE_MS, hear)


def _some_counter(day: Day) -> Counter:
    return next(iter(day.shop.counters.values()))


@dataclass(frozen=True, slots=True)
class Incident:
    """What happens in a shop, so many days before today."""

    merchant_no: MerchantNo
    days_left: int
    plan: Callable[[Day], None]


INCIDENTS = (
    *(Incident(RESTAURANT, days_left, _change_passwords) for days_left in range(59, 52, -1)),
    Incident(RESTAURANT, 51, _says_that_something_is_wrong),
    Incident(RESTAURANT, 47, _forgets_password),
    Incident(STORE, 44, _printer_has_no_paper),
    Incident(STORE, 42, _paper_is_there),
    Incident(INN, 38, _bank_is_silent),
    Incident(STORE, 33, _has_no_network),
    Incident(STORE, 32, _has_no_network),
    Incident(RESTAURANT, 29, _guesses_at_night),
    Incident(STORE, 26, _comes_at_night),
    Incident(RESTAURANT, 22, _takes_over),
    Incident(INN, 19, _is_signed_out_by_the_office),
    Incident(INN, 15, _clock_is_wrong),
    Incident(INN, 12, _clock_is_right),
    Incident(STORE, 11, _loses_a_payment),
    Incident(RESTAURANT, 8, _new_rule),
    Incident(STORE, 6, _new_operator),
    Incident(RESTAURANT, 4, _announcement),
    Incident(RESTAURANT, 2, _says_that_something_is_wrong),
    Incident(RESTAURANT, 1, _wrong_password_yesterday),
)
"""All of them."""
