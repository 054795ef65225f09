"""Ordinary days of one shop: shifts, breaks, hand-overs, and the small troubles that are no incident."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from .attempts import Attempt, elsewhere, enter, success
from .dice import Dice
from .shops import Machine, Shop, Worker

QUIET_WEEKDAYS = 0.85
"""Share of the terminals that work from Monday to Thursday."""


@dataclass(slots=True)
class Duty:
    """One person at one terminal from start to end; `number` is whose operator number is used."""

    worker: Worker
    number: Worker
    machine: Machine
    start_ms: int
    end_ms: int


def shop_day(shop: Shop, day: int, midnight_ms: int, weekday: int, dice: Dice, lent: list[Worker]) -> list[Attempt]:
    """All attempts of one business day. `lent` are people of other shops of the merchant who help out today."""
    duties = _duties(shop, day, midnight_ms, weekday, dice, lent)
    new_password = dice.happens(0.0015)
    attempts: list[Attempt] = []
    for duty in duties:
        attempts += _work(duty, duties, dice, new_password=new_password)
    if not shop.round_the_clock and dice.happens(0.001) and shop.workers:
        attempts += _night_stocktaking(shop, midnight_ms, dice)
    return attempts


def _shifts(shop: Shop) -> list[tuple[int, int]]:
    if shop.round_the_clock:
        return [(7 * 60, 15 * 60), (15 * 60, 23 * 60), (23 * 60, 31 * 60)]
    middle = (shop.open_min + shop.close_min) // 2
    return [(shop.open_min, middle), (middle, shop.close_min)]


def _duties(shop: Shop, day: int, midnight_ms: int, weekday: int, dice: Dice, lent: list[Worker]) -> list[Duty]:
    present = [
        worker
        for worker in shop.workers
        if worker.first_day <= day < worker.last_day and weekday not in worker.days_off and not dice.happens(0.03)
    ]
    free = dice.shuffled([*present, *lent])
    spare = [
        worker
        for worker in shop.workers
        if worker.first_day <= day < worker.last_day and worker not in present and day not in worker.lent_days
    ]
    duties: list[Duty] = []
    for place, (from_min, to_min) in enumerate(_shifts(shop)):
        for machine in shop.machines:
            if weekday < 4 and len(shop.machines) > 1 and not dice.happens(QUIET_WEEKDAYS):
                continue
            worker = _take(free, place == 0, dice) or _called_in(spare, duties, dice)
            if worker is None:
                continue
            start_ms = midnight_ms + from_min * MINUTE_MS + int(dice.normal(-6, 5) * MINUTE_MS)
            end_ms = midnight_ms + to_min * MINUTE_MS + int(dice.normal(4, 5) * MINUTE_MS)
            duties.append(Duty(worker, worker.works_as.get(day, worker), machine, start_ms, end_ms))
    return duties


def _take(free: list[Worker], early: bool, dice: Dice) -> Worker | None:
    """Someone of this shift; a twentieth of the time, and when nobody is left, someone of the other."""
    swap = dice.happens(0.05)
    for worker in free:
        if (worker.early == early) is not swap:
            free.remove(worker)
            return worker
    return free.pop() if free else None


def _called_in(spare: list[Worker], duties: list[Duty], dice: Dice) -> Worker | None:
    """Nobody is left: someone comes in on a day off, or stays for a second shift, or the terminal stays dark."""
    if spare and dice.happens(0.4):
        return spare.pop()
    if duties and dice.happens(0.15):
        worker = dice.pick(duties).worker
        return worker if sum(duty.worker is worker for duty in duties) == 1 else None
    return None


def _work(duty: Duty, duties: list[Duty], dice: Dice, *, new_password: bool) -> Iterable[Attempt]:
    worker, number = duty.worker, duty.number
    if number is not worker and _number_is_taken(duty, duties):
        # The shared number is at work on another terminal: the second person is refused and uses the own number.
        at_ms = duty.start_ms
        for _ in range(dice.whole(1, 3)):
            yield elsewhere(worker, number, duty.machine, at_ms, dice)
            at_ms += int(dice.between(20_000, 90_000))
        number = worker
    starts = [duty.start_ms]
    ends: list[int] = []
    for break_ms in sorted(duty.start_ms + int(dice.between(1, 6) * HOUR_MS) for _ in range(dice.count(0.5))):
        back_ms = break_ms + int(dice.between(15, 45) * MINUTE_MS)
        if back_ms < duty.end_ms - 30 * MINUTE_MS and break_ms > starts[-1] + 30 * MINUTE_MS:
            ends.append(break_ms)
            starts.append(back_ms)
    ends.append(duty.end_ms)
    for start_ms, end_ms in zip(starts, ends, strict=True):
        tries = enter(worker, number, duty.machine, start_ms, end_ms, dice, new_password=new_password)
        new_password = False
        yield from tries
        if dice.happens(0.025):
            yield from _forgot_to_sign_out(duty, number, tries[-1], duties, dice)
        elif dice.happens(0.2):
            tries[-1].end_reason = "signed_off"


def _number_is_taken(duty: Duty, duties: list[Duty]) -> bool:
    return any(
        other is not duty
        and other.number is duty.number
        and other.start_ms < duty.end_ms - HOUR_MS
        and duty.start_ms < other.end_ms - HOUR_MS
        for other in duties
    )


def _forgot_to_sign_out(
    duty: Duty, number: Worker, session: Attempt, duties: list[Duty], dice: Dice
) -> Iterable[Attempt]:
    """Goes to an idle terminal, is refused, walks back, signs out, and goes on there. A few do not bother."""
    busy = {id(other.machine) for other in duties}
    idle = [machine for machine in duty.machine.shop.machines if id(machine) not in busy]
    begins_ms, ends_ms = session.confirmed_ms or session.at_ms, session.ended_ms or session.at_ms
    if not idle or ends_ms - begins_ms < HOUR_MS:
        return
    machine = dice.pick(idle)
    at_ms = int(dice.between(begins_ms + 20 * MINUTE_MS, ends_ms - 20 * MINUTE_MS))
    for _ in range(dice.whole(1, 2)):
        yield elsewhere(duty.worker, number, machine, at_ms, dice)
        at_ms += int(dice.between(15_000, 60_000))
    if dice.happens(0.08):
        return
    at_ms += int(dice.log_normal(3, 0.6) * MINUTE_MS)
    session.ended_ms = min(at_ms, ends_ms - 2 * MINUTE_MS)
    yield success(duty.worker, number, machine, session.ended_ms + MINUTE_MS, ends_ms, "signed_out:asked", dice)


def _night_stocktaking(shop: Shop, midnight_ms: int, dice: Dice) -> Iterable[Attempt]:
    worker = dice.pick(shop.workers)
    at_ms = midnight_ms + shop.close_min * MINUTE_MS + int(dice.between(1, 3) * HOUR_MS)
    yield from enter(worker, worker, dice.pick(shop.machines), at_ms, at_ms + HOUR_MS, dice)


def weekday_of(midnight_ms: int) -> int:
    """0 is Monday; the instant is midnight in China."""
    return ((midnight_ms + 8 * HOUR_MS) // DAY_MS + 3) % 7
