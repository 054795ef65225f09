"""Incidents that add attempts to days already lived: guessing, spraying, duplicates, odd hours, sleepers that wake."""

from collections.abc import Sequence

from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from .attempts import LOCKED, UNKNOWN, WRONG, Attempt, elsewhere, success
from .dice import Dice
from .plan import FleetPlan, Label
from .shops import Machine, Shop, Worker
from .world_incidents import World, opening_hours, operator_of, terminal_of

LOCK_AFTER = 10
"""Failures in a row that lock a person (operators reference C.3)."""
PLACES_TRIED = 25
"""Looks for a fitting place before an incident is given up."""


def add_incidents(world: World, lived: Sequence[Attempt], dice: Dice) -> list[Attempt]:
    """The attempts of all incidents; their labels go into the world."""
    wanted = world.plan.incidents
    sessions = [attempt for attempt in lived if attempt.confirmed_ms is not None]
    added: list[Attempt] = []
    for _ in range(wanted.get("bursts", 0)):
        added += _burst(world, sessions, dice)
    for _ in range(wanted.get("spraying", 0)):
        added += _spray(world, dice)
    for _ in range(wanted.get("duplicates", 0)):
        added += _duplicate(world, sessions, dice)
    for _ in range(wanted.get("unusual_hours", 0)):
        added += _odd_hour(world, dice)
    for sleeper in world.sleepers:
        added += _wake(world, sleeper, dice)
    return added


def moment_of(plan: FleetPlan, begin_ms: int, shop: Shop, dice: Dice) -> int:
    """Mostly in opening hours, where an attack is hardest to see among everyday errors."""
    midnight_ms = begin_ms + dice.below(plan.days) * DAY_MS
    open_ms, close_ms = opening_hours(shop, midnight_ms)
    if dice.happens(0.85):
        return int(dice.between(open_ms, close_ms - HOUR_MS))
    return close_ms + int(dice.between(1, 4) * HOUR_MS)


def _burst(world: World, sessions: Sequence[Attempt], dice: Dice) -> list[Attempt]:
    hit = dice.happens(0.3)
    for _ in range(PLACES_TRIED):
        shop = dice.pick([shop for shop in world.shops if shop.workers])
        machine, victim = dice.pick(shop.machines), dice.pick(shop.workers)
        at_ms = moment_of(world.plan, world.begin_ms, shop, dice)
        if not hit or _is_free(victim, machine, at_ms, sessions):
            break
    slow = dice.happens(0.3)
    if hit:
        count = dice.whole(5, LOCK_AFTER - 1)
    else:
        count = dice.whole(8, 20) if slow else dice.whole(6, 40)
    gap_s = dice.between(60, 240) if slow else dice.between(5, 30)
    guesser = stranger(victim, dice)
    tries = []
    for number in range(count):
        reason = WRONG if number < LOCK_AFTER else LOCKED
        tries.append(_refused(guesser, machine, at_ms, reason, dice))
        at_ms += int(gap_s * dice.between(600, 1_400))
    if hit and _is_free(victim, machine, at_ms, sessions):
        ends_ms = at_ms + int(dice.log_normal(15, 0.8) * MINUTE_MS)
        tries.append(success(guesser, victim, machine, at_ms, ends_ms, "signed_out:asked", dice))
    if tries[-1].confirmed_ms is not None:
        world.labels.append(
            Label(
                detector="success_after_failures",
                kind="bursts",
                subjects=(operator_of(victim),),
                since_ms=tries[0].at_ms,
                until_ms=tries[-1].at_ms,
            )
        )
    world.labels.append(
        Label(
            detector="failure_burst",
            kind="bursts",
            subjects=(operator_of(victim), terminal_of(machine)),
            since_ms=tries[0].at_ms,
            until_ms=tries[-1].at_ms,
            also=("success_after_failures", "unusual_hour", "unusual_device"),
        )
    )
    return tries


def stranger(victim: Worker, dice: Dice) -> Worker:
    """Somebody else's hands on the victim's number."""
    return Worker(
        operator_no=victim.operator_no,
        name=victim.name,
        shop=victim.shop,
        tempo_ms=dice.log_normal(5_500, 0.4),
        typo=0.0,
        early=True,
        days_off=frozenset(),
        first_day=0,
        last_day=0,
    )


def _refused(worker: Worker, machine: Machine, at_ms: int, reason: str, dice: Dice) -> Attempt:
    elapsed_ms = int(dice.log_normal(worker.tempo_ms, 0.2))
    return Attempt(at_ms, machine, str(worker.operator_no), worker.name, elapsed_ms, refused=reason)


def _is_free(victim: Worker, machine: Machine, at_ms: int, sessions: Sequence[Attempt]) -> bool:
    """Neither the terminal nor the number is in use around this time."""
    merchant_no = victim.shop.merchant_no
    return not any(
        one.machine.shop.merchant_no == merchant_no
        and (one.machine is machine or one.operator_no == victim.operator_no)
        and one.at_ms - HOUR_MS < at_ms < (one.ended_ms or one.at_ms) + HOUR_MS
        for one in sessions
    )


def _spray(world: World, dice: Dice) -> list[Attempt]:
    shop = dice.pick(world.shops)
    machine = dice.pick(shop.machines)
    at_ms = moment_of(world.plan, world.begin_ms, shop, dice)
    first = dice.below(10)
    known = {str(worker.operator_no): worker.name for worker in shop.workers}
    slow = dice.happens(0.3)
    tries = []
    for number in range(first, first + dice.whole(5, 30)):
        typed = f"{number % 99 + 1:02d}"
        for _ in range(1 + dice.below(2)):
            reason = WRONG if typed in known else UNKNOWN
            elapsed_ms = int(dice.log_normal(4_500, 0.3))
            tries.append(Attempt(at_ms, machine, typed, known.get(typed, ""), elapsed_ms, refused=reason))
            at_ms += int(dice.between(40, 110) * 1000) if slow else int(dice.between(6, 40) * 1000)
    world.labels.append(
        Label(
            detector="spraying",
            kind="spraying",
            subjects=(terminal_of(machine),),
            since_ms=tries[0].at_ms,
            until_ms=tries[-1].at_ms,
            also=("failure_burst",),
        )
    )
    return tries


def _duplicate(world: World, sessions: Sequence[Attempt], dice: Dice) -> list[Attempt]:
    """A second person tries a number that is at work; the owner knows nothing and works on."""
    for _ in range(PLACES_TRIED):
        session = dice.pick(sessions)
        shop = session.machine.shop
        others = [machine for machine in shop.machines if machine is not session.machine]
        begins_ms, ends_ms = session.confirmed_ms or 0, session.ended_ms or 0
        worker = next((one for one in shop.workers if one.operator_no == session.operator_no), None)
        if not others or worker is None or ends_ms - begins_ms < 2 * HOUR_MS:
            continue
        machine = dice.pick(others)
        at_ms = int(dice.between(begins_ms + 10 * MINUTE_MS, begins_ms + 0.9 * (ends_ms - begins_ms)))
        guest = stranger(worker, dice)
        tries = []
        for _ in range(dice.whole(1, 6)):
            tries.append(elsewhere(guest, worker, machine, at_ms, dice))
            at_ms += int(dice.between(15_000, 180_000))
        world.labels.append(
            Label(
                detector="duplicate_session",
                kind="duplicates",
                subjects=(operator_of(worker),),
                since_ms=tries[0].at_ms,
                until_ms=tries[-1].at_ms,
                also=("shared_account", "impossible_travel"),
            )
        )
        return tries
    return []


def _odd_hour(world: World, dice: Dice) -> list[Attempt]:
    """In the dead of night, with the right password."""
    shops = [shop for shop in world.shops if not shop.round_the_clock and shop.workers]
    if not shops:
        return []
    shop = dice.pick(shops)
    worker = dice.pick(shop.workers)
    # Nothing is unusual before there are habits: the first quarter stays quiet.
    day = dice.whole(world.plan.days // 4, world.plan.days - 1)
    at_ms = world.begin_ms + day * DAY_MS + int(dice.between(1, 5) * HOUR_MS)
    ends_ms = at_ms + int(dice.between(4, 40) * MINUTE_MS)
    world.labels.append(
        Label(
            detector="unusual_hour",
            kind="unusual_hours",
            subjects=(operator_of(worker),),
            since_ms=at_ms,
            until_ms=ends_ms,
            also=("unusual_device", "shared_account"),
        )
    )
    return [success(stranger(worker, dice), worker, dice.pick(shop.machines), at_ms, ends_ms, "signed_out:asked", dice)]


def _wake(world: World, sleeper: Worker, dice: Dice) -> list[Attempt]:
    machine = dice.pick(sleeper.shop.machines)
    day = dice.below(world.plan.days)
    open_ms, close_ms = opening_hours(sleeper.shop, world.begin_ms + day * DAY_MS)
    wakes_ms = int(dice.between(open_ms, close_ms - HOUR_MS))
    slept_ms = wakes_ms - int(dice.between(62, 150) * DAY_MS)
    world.labels.append(
        Label(
            detector="sleeper",
            kind="sleepers",
            subjects=(operator_of(sleeper),),
            since_ms=wakes_ms,
            until_ms=wakes_ms,
            also=("unusual_device",),
        )
    )
    return [
        success(sleeper, sleeper, machine, at_ms, at_ms + int(dice.between(1, 4) * HOUR_MS), "signed_out:asked", dice)
        for at_ms in (slept_ms, wakes_ms)
    ]
