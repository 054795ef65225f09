"""Incidents that change the world before its days are lived: shared numbers, sick terminals, drifting clocks, a slow release, sleepers."""

from dataclasses import dataclass, field

from ...acquirer.findings.finding import Subject
from ...basics.numbers import OperatorNo
from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from .dice import Dice
from .plan import FleetPlan, Label
from .shops import MODELS, NEW_VERSION, PEOPLE_MAX, Machine, Shop, Spell, Worker

SICK_ITEMS = ("keypad", "keypad", "display", "network")
"""Parts whose faults make sign-ins fail; a bad keypad most often."""


@dataclass(slots=True)
class World:
    """Shops, the labels so far, and what the later steps need to know."""

    plan: FleetPlan
    begin_ms: int
    shops: list[Shop]
    labels: list[Label] = field(default_factory=list)
    slow_models: dict[str, float] = field(default_factory=dict)
    sleepers: list[Worker] = field(default_factory=list)

    @property
    def machines(self) -> list[Machine]:
        """All terminals."""
        return [machine for shop in self.shops for machine in shop.machines]

    @property
    def workers(self) -> list[Worker]:
        """All cashiers."""
        return [worker for shop in self.shops for worker in shop.workers]


def operator_of(worker: Worker) -> Subject:
    """The operator as a finding names it."""
    return Subject("operator", worker.shop.merchant_no, str(worker.operator_no))


def terminal_of(machine: Machine) -> Subject:
    """The terminal as a finding names it."""
    return Subject("terminal", machine.shop.merchant_no, str(machine.terminal_no))


def change_the_world(world: World, dice: Dice) -> None:
    """Put in the incidents that the days are lived with."""
    wanted = world.plan.incidents
    _share_numbers(world, wanted.get("shared", 0), dice)
    machines = dice.shuffled(world.machines)
    sick = wanted.get("sick", 0)
    for machine in machines[:sick]:
        _fall_sick(world, machine, dice)
    for machine in machines[sick : sick + wanted.get("drift", 0)]:
        _drift(world, machine, dice)
    for model in dice.shuffled(sorted(set(MODELS)))[: wanted.get("slow_version", 0)]:
        _slow_down(world, model, dice)
    _put_to_sleep(world, wanted.get("sleepers", 0), dice)


def _period(world: World, low: int, high: int, dice: Dice) -> tuple[int, int]:
    """First day and the day after the last, within the time."""
    length = min(dice.whole(low, high), world.plan.days)
    first = dice.below(world.plan.days - length + 1)
    return first, first + length


def _share_numbers(world: World, wanted: int, dice: Dice) -> None:
    """Someone new, or whose number does not work, uses a colleague's for one to three weeks."""
    for shop in dice.shuffled([shop for shop in world.shops if len(shop.workers) > 1])[:wanted]:
        first, end = _period(world, 8, 21, dice)
        there = [worker for worker in shop.workers if worker.first_day <= first and worker.last_day >= end]
        if len(there) < 2:
            continue
        owner, guest = dice.shuffled(there)[:2]
        for day in range(first, end):
            if dice.happens(0.95):
                guest.works_as[day] = owner
        world.labels.append(
            Label(
                detector="shared_account",
                kind="shared",
                subjects=(operator_of(owner),),
                since_ms=world.begin_ms + first * DAY_MS,
                until_ms=world.begin_ms + end * DAY_MS,
                also=("duplicate_session", "impossible_travel", "unusual_device"),
            )
        )


def _fall_sick(world: World, machine: Machine, dice: Dice) -> None:
    first, end = _period(world, 6, 20, dice)
    item = dice.pick(SICK_ITEMS)
    since_ms, until_ms = world.begin_ms + first * DAY_MS, world.begin_ms + end * DAY_MS
    failing = dice.between(0.25, 0.5)
    machine.spells.append(Spell(item, "fail", since_ms, until_ms, shown=dice.between(0.7, 1.0), failing=failing))
    world.labels.append(
        Label(
            detector="sick_device",
            kind="sick",
            subjects=(terminal_of(machine),),
            since_ms=since_ms,
            until_ms=until_ms,
            detail=item,
            also=("failure_burst", "success_after_failures"),
        )
    )


def _drift(world: World, machine: Machine, dice: Dice) -> None:
    first, end = _period(world, 8, 30, dice)
    machine.drift_since_ms = world.begin_ms + first * DAY_MS
    machine.drift_until_ms = world.begin_ms + end * DAY_MS
    sign = 1 if dice.happens(0.5) else -1
    if dice.happens(0.3):
        machine.drift_jump_s = sign * dice.log_normal(1_800, 1.0)
    else:
        machine.drift_per_day_s = sign * dice.between(6, 30)
    world.labels.append(
        Label(
            detector="clock_drift",
            kind="drift",
            subjects=(terminal_of(machine),),
            since_ms=machine.drift_since_ms,
            until_ms=machine.drift_until_ms,
        )
    )


def _slow_down(world: World, model: str, dice: Dice) -> None:
    machines = [machine for machine in world.machines if machine.model == model]
    if not machines:
        return
    world.slow_models[model] = dice.between(1.45, 1.9)
    world.labels.append(
        Label(
            detector="slow_sign_in",
            kind="slow_version",
            subjects=(Subject("release", "*", f"{model} {NEW_VERSION}"),),
            since_ms=min(machine.new_version_ms for machine in machines),
            until_ms=world.plan.until_ms,
        )
    )


def _put_to_sleep(world: World, wanted: int, dice: Dice) -> None:
    """Numbers of people who left long ago; what wakes them comes later."""
    for shop in dice.shuffled(world.shops)[:wanted]:
        numbers = [
            int(worker.operator_no)
            for other in world.shops
            if other.merchant_no == shop.merchant_no
            for worker in other.workers
        ]
        number = max(numbers, default=0) + 1
        if number > PEOPLE_MAX:
            continue
        sleeper = Worker(
            operator_no=OperatorNo(f"{number:02d}"),
            name="离职员工",
            shop=shop,
            tempo_ms=dice.log_normal(7_500, 0.3),
            typo=0.05,
            early=True,
            days_off=frozenset(),
            first_day=world.plan.days + 1,
            last_day=world.plan.days + 1,
        )
        shop.workers.append(sleeper)
        world.sleepers.append(sleeper)


def drift_at(machine: Machine, at_ms: int, dice: Dice) -> int:
    """Terminal clock minus host clock in seconds."""
    seconds = machine.offset_s + dice.normal(0, 0.7)
    if machine.drift_since_ms <= at_ms < machine.drift_until_ms:
        seconds += machine.drift_jump_s + machine.drift_per_day_s * (at_ms - machine.drift_since_ms) / DAY_MS
    return round(seconds)


def opening_hours(shop: Shop, midnight_ms: int) -> tuple[int, int]:
    """When the shop is open on a day, as instants."""
    if shop.round_the_clock:
        return midnight_ms, midnight_ms + 24 * HOUR_MS
    return midnight_ms + shop.open_min * MINUTE_MS, midnight_ms + shop.close_min * MINUTE_MS
