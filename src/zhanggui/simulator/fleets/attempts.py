"""One entry of one person at one terminal: the tries, their errors, and the session that follows."""

from dataclasses import dataclass

from ...acquirer.findings.history import ELSEWHERE
from ...basics.spans import DAY_MS, MINUTE_MS
from .dice import Dice
from .shops import Machine, Worker
from .ways import NAME_FORGOTTEN_SHARE, OLD_BADGE_SHARE, slip_of, tried_names

WRONG = "wrong_password"
UNKNOWN = "unknown_operator"
REVOKED = "badge_revoked"
LOCKED = "operator_locked"
TRIES_MAX = 9
"""An everyday entry ends before the lock at ten: people call the supervisor first."""
TEMPO_DEVIATION = 0.25
"""Spread of one person's entry times, as a standard deviation of the logarithm."""
AWAY_MS = 5 * DAY_MS
"""Who was away this long may have forgotten the password."""


@dataclass(slots=True)
class Attempt:
    """One attempt, before it gets its number. `refused` is the reason; empty when it went well or stayed open."""

    at_ms: int
    machine: Machine
    operator_no: str
    operator_name: str
    elapsed_ms: int
    refused: str = ""
    left_open: bool = False
    verified_ms: int | None = None
    confirmed_ms: int | None = None
    ended_ms: int | None = None
    end_reason: str = ""
    user_name: str = ""
    badge_no: str = ""


def enter(
    worker: Worker,
    number: Worker,
    machine: Machine,
    at_ms: int,
    ends_ms: int,
    dice: Dice,
    *,
    new_password: bool = False,
) -> list[Attempt]:
    """Tries until the session begins. `number` is the person whose operator number is typed, usually the same.

    `new_password`: everybody's password changed since the last entry, and the fingers still know the old one.
    """
    tries = _slips_of_way(worker, number, machine, at_ms, dice)
    at_ms = tries[-1].at_ms + int(dice.between(6_000, 20_000)) if tries else at_ms
    fails = _fails(worker, machine, at_ms, dice, new_password=new_password)
    for _ in range(fails):
        tries.append(_failed(worker, number, machine, at_ms, dice))
        at_ms += int(dice.between(7_000, 22_000))
    if fails > 4 and dice.happens(0.4):
        at_ms += int(dice.between(5, 20) * MINUTE_MS)
    if dice.happens(0.003):
        tries.append(open_ended(worker, number, machine, at_ms, dice))
        at_ms += int(dice.between(1, 6) * MINUTE_MS)
    tries.append(success(worker, number, machine, at_ms, max(ends_ms, at_ms + MINUTE_MS), "signed_out:asked", dice))
    worker.last_entry_ms = at_ms
    return tries


def _fails(worker: Worker, machine: Machine, at_ms: int, dice: Dice, *, new_password: bool) -> int:
    failing = sick_share(machine, at_ms)
    fails = 0
    while fails < TRIES_MAX and dice.happens(max(worker.typo, failing)):
        fails += 1
    if dice.happens(0.05 if was_away(worker, at_ms) else 0.001):
        fails += 2
        while fails < TRIES_MAX and dice.happens(0.5):
            fails += 1
    if new_password and dice.happens(0.7):
        fails += 1 + dice.below(2)
    return min(fails, TRIES_MAX)


def was_away(worker: Worker, at_ms: int) -> bool:
    """Whether the last entry was days ago."""
    return bool(worker.last_entry_ms) and at_ms - worker.last_entry_ms > AWAY_MS


def _slips_of_way(worker: Worker, number: Worker, machine: Machine, at_ms: int, dice: Dice) -> list[Attempt]:
    """What goes wrong before a password is looked at: the old badge, or a user name that has to be looked for."""
    if worker is not number:
        return []
    if len(worker.badges) > 1 and dice.happens(OLD_BADGE_SHARE):
        return [shown_badge(worker.badges[0], worker.name, machine, at_ms, REVOKED, dice)]
    tries: list[Attempt] = []
    if worker.user_name and was_away(worker, at_ms) and dice.happens(NAME_FORGOTTEN_SHARE):
        for name in tried_names(worker, dice):
            tries.append(typed_name(name, machine, at_ms, dice))
            at_ms += int(dice.between(10_000, 40_000))
    return tries


def shown_badge(badge_no: str, name: str, machine: Machine, at_ms: int, reason: str, dice: Dice) -> Attempt:
    """A badge of nobody, as far as this shop knows: its own number stands where the operator's would. `name` is whose it was."""
    elapsed_ms = int(dice.log_normal(3_500, 0.4))
    return Attempt(at_ms, machine, badge_no, name, elapsed_ms, refused=reason, badge_no=badge_no)


def typed_name(name: str, machine: Machine, at_ms: int, dice: Dice) -> Attempt:
    """A user name that nobody has."""
    elapsed_ms = int(dice.log_normal(7_000, 0.3))
    return Attempt(at_ms, machine, name, "", elapsed_ms, refused=UNKNOWN, user_name=name)


def _as_usual(attempt: Attempt, worker: Worker, number: Worker) -> Attempt:
    """In the way that this person usually says who he is; a number of somebody else's is typed."""
    if worker is number:
        attempt.user_name = worker.user_name
        attempt.badge_no = worker.badges[-1] if worker.badges else ""
    return attempt


def sick_share(machine: Machine, at_ms: int) -> float:
    """Share of tries that fail because of the terminal."""
    return max((spell.failing for spell in machine.spells if spell.since_ms <= at_ms <= spell.until_ms), default=0.0)


def elapsed(worker: Worker, dice: Dice) -> int:
    """From the first key to the request."""
    return int(dice.log_normal(worker.tempo_ms, TEMPO_DEVIATION))


def _failed(worker: Worker, number: Worker, machine: Machine, at_ms: int, dice: Dice) -> Attempt:
    typed, name, reason = str(number.operator_no), number.name, WRONG
    mistypes = dice.happens(0.12)
    if mistypes and worker is number and worker.user_name:
        return typed_name(slip_of(worker.user_name, dice), machine, at_ms, dice)
    if not mistypes or (worker is number and worker.badges):
        attempt = Attempt(at_ms, machine, typed, name, elapsed(worker, dice), refused=reason)
        return _as_usual(attempt, worker, number)
    typed = mistyped(typed, dice)
    known = next((one for one in machine.shop.workers if one.operator_no == typed), None)
    name, reason = (known.name, WRONG) if known is not None else ("", UNKNOWN)
    return Attempt(at_ms, machine, typed, name, elapsed(worker, dice), refused=reason)


def mistyped(number: str, dice: Dice) -> str:
    """The number with one digit wrong."""
    place = dice.below(len(number))
    digit = (int(number[place]) + 1 + dice.below(9)) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


def open_ended(worker: Worker, number: Worker, machine: Machine, at_ms: int, dice: Dice) -> Attempt:
    """Verified, never confirmed: somebody called."""
    attempt = Attempt(at_ms, machine, str(number.operator_no), number.name, elapsed(worker, dice), left_open=True)
    attempt.verified_ms = at_ms + int(dice.log_normal(120, 0.4))
    return _as_usual(attempt, worker, number)


def success(
    worker: Worker, number: Worker, machine: Machine, at_ms: int, ends_ms: int, end_reason: str, dice: Dice
) -> Attempt:
    """Verified, confirmed, and a session until `ends_ms`."""
    attempt = Attempt(at_ms, machine, str(number.operator_no), number.name, elapsed(worker, dice))
    attempt.verified_ms = at_ms + int(dice.log_normal(120, 0.4))
    attempt.confirmed_ms = attempt.verified_ms + int(dice.log_normal(2_500, 0.4))
    attempt.ended_ms = max(ends_ms, attempt.confirmed_ms + 1_000)
    attempt.end_reason = end_reason
    return _as_usual(attempt, worker, number)


def elsewhere(worker: Worker, number: Worker, machine: Machine, at_ms: int, dice: Dice) -> Attempt:
    """Refused, because the number is signed in on another terminal."""
    attempt = Attempt(at_ms, machine, str(number.operator_no), number.name, elapsed(worker, dice), refused=ELSEWHERE)
    return _as_usual(attempt, worker, number)
