"""Make the past of the demo's shops: open host, bank and wallets in this process, and live day after day until yesterday evening.

Nothing is durable before all of it is: the folder says only then that it is complete (`programs/demo.py`).
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ...acquirer.rows.records import Merchant
from ...acquirer.rows.state import Change, Insert, Needs
from ...basics.chance import Chance
from ...basics.clock import Clock, china_time, instant_of
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ...edges.sqlite import without_waiting
from ...programs.demo import MERCHANT_NO, OPERATORS, DemoBegun, operator_row, terminal_row
from ...vault.keys import TerminalMasterKeyBlock
from ...vault.local import LOCAL_KEY_BYTES
from ...vault.software import SoftwareHsm
from ..fleets.dice import Dice, dice_of
from .cards import Customers
from .clock import PastClock
from .counter import Counter, Person, new_password
from .day import Day, Happening, Shop
from .floor import Floor
from .incidents import add_incidents
from .shops import ShopRow, load_shops
from .till import Till

DAYS = 60
TRANSPORT_KEY_BYTES = 32
SUPERVISOR = OperatorNo("00")
SUPERVISOR_NAMES = {"102100054110002": "邓店长", "102100070110003": "许经理"}
SUPERVISOR_TEMPO_MS = 7_000.0
SEED_BYTES = 4
LOOKED_AFTER_EVERY_MS = 12 * HOUR_MS
SIGNED_EVERY_MS = HOUR_MS
LOOKS_OF_THE_NIGHT, NIGHT_LOOK_MS = 3, 4 * HOUR_MS
GARBAGE_AFTER = (20_000, 20, 20)
Told = Callable[[int, int], None]
"""Hears of each day that was lived: how many were, and of how many."""


@dataclass(frozen=True, slots=True)
class PastPlan:
    """What is to be lived: so many days up to the last midnight before now, or up to now."""

    now: UnixMs
    days: int = DAYS
    with_today: bool = False
    """Whether the last of them is today, lived until now: the shops stay open, with people at their tills."""

    @property
    def ends_ms(self) -> int:
        """The midnight with which the last day ends, in China."""
        midnight = instant_of(china_time(self.now).replace(hour=0, minute=0, second=0, microsecond=0))
        return midnight + DAY_MS if self.with_today else midnight

    @property
    def begins_ms(self) -> UnixMs:
        """The noon before the first day: when the shops were opened."""
        return UnixMs(self.ends_ms - self.days * DAY_MS - DAY_MS // 2)

    @property
    def clock(self) -> PastClock:
        """A clock that stands at the beginning."""
        return PastClock(self.begins_ms)


def plan_past(clock: Clock, days: int = DAYS) -> PastPlan:
    """The plan of a past that ends yesterday."""
    return PastPlan(clock.now(), days)


async def live(plan: PastPlan, begun: DemoBegun, clock: PastClock, chance: Chance, told: Told) -> None:
    """Live all of it in the folder of demo data that were begun by the same clock."""
    dice = dice_of(int.from_bytes(chance.take(SEED_BYTES), "big"), "past")
    with without_waiting():
        floor = Floor(begun, clock, chance)
        await floor.open()
    try:
        with _seldom_looking_for_garbage():
            await _live_days(plan, begun, floor, dice, told)
            await _until_now(floor, plan)
    finally:
        await floor.close()


@contextmanager
def _seldom_looking_for_garbage() -> Iterator[None]:
    """Rows and messages make no rings: Python looking for some takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(*GARBAGE_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def _live_days(plan: PastPlan, begun: DemoBegun, floor: Floor, dice: Dice, told: Told) -> None:
    shops = await _open_shops(begun, floor, dice)
    for day in range(plan.days):
        midnight_ms = plan.ends_ms - (plan.days - day) * DAY_MS
        days = [Day(shop, midnight_ms) for shop in shops]
        add_incidents(days, plan.days - day - plan.with_today)
        await _live_day(floor, [one for each in days for one in each.plan() if one.at_ms < plan.now])
        told(day + 1, plan.days)


async def _until_now(floor: Floor, plan: PastPlan) -> None:
    """The night, and today until now: nobody is there, and what was left open is looked at."""
    for _ in range(LOOKS_OF_THE_NIGHT):
        floor.clock.move_to(min(floor.clock.now() + NIGHT_LOOK_MS, plan.now))
        await floor.look_after()
    floor.clock.move_to(plan.now)
    await floor.look_after()


async def _live_day(floor: Floor, happenings: Sequence[Happening]) -> None:
    clock = floor.clock
    looked_ms = signed_ms = 0
    for happening in sorted(happenings, key=lambda one: one.at_ms):
        clock.move_to(happening.at_ms)
        if clock.now() - looked_ms > LOOKED_AFTER_EVERY_MS:
            looked_ms = signed_ms = clock.now()
            await floor.look_after()
        elif clock.now() - signed_ms > SIGNED_EVERY_MS:
            signed_ms = clock.now()
            await floor.host.chains.sign_all()
        await floor.look_at_orders()
        await happening.deed()
    await floor.look_after()


# ── the shops ────────────────────────────────────────────────────────────────


async def _open_shops(begun: DemoBegun, floor: Floor, dice: Dice) -> list[Shop]:
    customers = Customers(floor, dice)
    customers.issue(begun.settings.data_path, floor.bank_vault)
    rows = load_shops()
    masters = dict(begun.masters)
    people = {row.merchant_no: _people(row, dice) for row in rows}
    changes: list[Change] = []
    for row in rows:
        changes += _rows_of(row, begun, floor, masters, people[row.merchant_no])
    await floor.door.commit(Needs(), lambda sheet: sheet.take(changes))
    return [_shop(row, begun, floor, dice, customers, masters, people[row.merchant_no]) for row in rows]


def _people(row: ShopRow, dice: Dice) -> dict[OperatorNo, Person]:
    known = {number: (name, password) for number, name, _, password in OPERATORS} if _is_demos(row) else {}
    people = {
        one.number: Person(
            one.number,
            one.name,
            known[one.number][1] if one.number in known else new_password(dice),
            one.tempo_ms,
            one.typo,
        )
        for one in row.staff
    }
    name = SUPERVISOR_NAMES.get(row.merchant_no, "")
    name, password = known.get(SUPERVISOR, (name, "")) if known else (name, new_password(dice))
    people[SUPERVISOR] = Person(SUPERVISOR, name, password, SUPERVISOR_TEMPO_MS)
    return people


def _is_demos(row: ShopRow) -> bool:
    return row.merchant_no == MERCHANT_NO


def _rows_of(
    row: ShopRow,
    begun: DemoBegun,
    floor: Floor,
    masters: dict[TerminalNo, TerminalMasterKeyBlock],
    people: dict[OperatorNo, Person],
) -> list[Change]:
    """What is not there yet: other shops with their terminals and operators, and more operators of the demo's own shop."""
    now, changes = floor.clock.now(), list[Change]()
    known = {number for number, *_ in OPERATORS} if _is_demos(row) else set()
    if not _is_demos(row):
        changes.append(Insert(Merchant(merchant_no=row.merchant_no, name=row.name, created_ms=now)))
    for till in row.tills:
        if till.number not in masters:
            masters[till.number] = master = begun.keys.hsm.new_terminal_master_key()
            changes.append(
                Insert(terminal_row(row.merchant_no, till.number, till.model, till.place, master.text, floor.clock))
            )
    for person in people.values():
        if person.operator_no not in known:
            role = "supervisor" if person.operator_no == SUPERVISOR else "cashier"
            asked = (person.operator_no, person.name, role, person.password)
            changes.append(
                Insert(operator_row(begun.keys, floor.clock, floor.chance, row.merchant_no, asked, is_factory=False))
            )
    return changes


def _shop(
    row: ShopRow,
    begun: DemoBegun,
    floor: Floor,
    dice: Dice,
    customers: Customers,
    masters: dict[TerminalNo, TerminalMasterKeyBlock],
    people: dict[OperatorNo, Person],
) -> Shop:
    counters = {}
    for till in row.tills:
        hsm, master = _vault_of_till(begun, floor.chance, masters[till.number])
        one = Till(floor, hsm, master, MerchantNo(row.merchant_no), till.number)
        counters[till.number] = Counter(floor, one, till.model, dice, people[SUPERVISOR])
    return Shop(row, counters, people, people[SUPERVISOR], customers, dice)


def _vault_of_till(
    begun: DemoBegun, chance: Chance, master: TerminalMasterKeyBlock
) -> tuple[SoftwareHsm, TerminalMasterKeyBlock]:
    """A vault of the till's own, with its master key out of the host's key room."""
    hsm = SoftwareHsm(chance.take_secret(LOCAL_KEY_BYTES), chance)
    transport_key = chance.take_secret(TRANSPORT_KEY_BYTES)
    block = begun.keys.hsm.export_block(master, transport_key)
    return hsm, hsm.import_block(block, transport_key, TerminalMasterKeyBlock)
