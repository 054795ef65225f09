"""Incidents with user names and badges: names that are guessed, a lost badge that is tried, a badge that was copied."""

from collections.abc import Sequence

from ...acquirer.findings.finding import DetectorName, Subject
from ...basics.spans import HOUR_MS, MINUTE_MS
from .attempts import REVOKED, WRONG, Attempt, elsewhere, shown_badge, typed_name
from .dice import Dice
from .incidents import PLACES_TRIED, moment_of, stranger
from .plan import IncidentKind, Label
from .shops import Machine, Shop, Worker
from .ways import drawn_name, new_badge
from .world_incidents import World, operator_of, terminal_of

FORGED, NOBODYS = "forged_badge", "unknown_badge"
ALSO: tuple[DetectorName, ...] = (
    "failure_burst",
    "spraying",
    "success_after_failures",
    "duplicate_session",
    "shared_account",
    "impossible_travel",
)
"""What follows from these: tries that fail one after another, and one person in two places."""


def add_way_incidents(world: World, lived: Sequence[Attempt], dice: Dice) -> list[Attempt]:
    """The attempts of these incidents; their labels go into the world."""
    wanted = world.plan.incidents
    holders = [worker for shop in world.shops for worker in shop.workers if worker.badges]
    added: list[Attempt] = []
    for _ in range(wanted.get("names", 0)):
        added += _guess_names(world, dice)
    for place in range(wanted.get("badges_found", 0)):
        if holders:
            added += _find_badge(world, holders[(place * 7) % len(holders)], dice)
    copies = (_forge, _take_abroad, _double)
    for place in range(wanted.get("badges_copied", 0)):
        if holders:
            added += copies[place % len(copies)](world, lived, dice.pick(holders), dice)
    return added


def _guess_names(world: World, dice: Dice) -> list[Attempt]:
    shop = dice.pick(world.shops)
    machine = dice.pick(shop.machines)
    at_ms = moment_of(world.plan, world.begin_ms, shop, dice)
    slow = dice.happens(0.4)
    known = {worker.user_name: worker for worker in shop.workers if worker.user_name}
    tries = []
    for _ in range(dice.whole(6, 25)):
        name = drawn_name(dice)
        attempt = typed_name(name, machine, at_ms, dice)
        if name in known:
            attempt.operator_no, attempt.operator_name = str(known[name].operator_no), known[name].name
            attempt.refused = WRONG
        tries.append(attempt)
        at_ms += int((dice.between(120, 600) if slow else dice.between(10, 60)) * 1_000)
    _label(world, "guessed_names", "names", (terminal_of(machine),), tries)
    return tries


def _find_badge(world: World, owner: Worker, dice: Dice) -> list[Attempt]:
    """A badge that was lost and replaced comes into other hands."""
    if len(owner.badges) == 1:
        owner.badges.insert(0, new_badge(dice))
    lost = owner.badges[0]
    shop = owner.shop
    machine = dice.pick(shop.machines)
    at_ms = moment_of(world.plan, world.begin_ms, shop, dice)
    tries = _shown(lost, owner.name, machine, at_ms, REVOKED, dice.whole(1, 8), dice)
    _label(world, "revoked_badge", "badges_found", _about(owner, lost, shop, machine), tries)
    return tries


def _forge(world: World, lived: Sequence[Attempt], owner: Worker, dice: Dice) -> list[Attempt]:
    """The number without its secret: a caught message sent again, or a badge made after a photograph of the number."""
    machine = dice.pick(owner.shop.machines)
    at_ms = moment_of(world.plan, world.begin_ms, owner.shop, dice)
    tries = _shown(owner.badges[-1], owner.name, machine, at_ms, FORGED, dice.whole(1, 6), dice)
    for attempt in tries:
        attempt.operator_no = str(owner.operator_no)
    _label(world, "copied_badge", "badges_copied", _about(owner, owner.badges[-1], owner.shop, machine), tries)
    return tries


def _take_abroad(world: World, lived: Sequence[Attempt], owner: Worker, dice: Dice) -> list[Attempt]:
    """At another merchant's terminal."""
    others = [shop for shop in world.shops if shop.merchant_no != owner.shop.merchant_no]
    if not others:
        return _forge(world, lived, owner, dice)
    shop = dice.pick(others)
    machine = dice.pick(shop.machines)
    at_ms = moment_of(world.plan, world.begin_ms, shop, dice)
    tries = _shown(owner.badges[-1], "", machine, at_ms, NOBODYS, dice.whole(1, 4), dice)
    _label(world, "copied_badge", "badges_copied", _about(owner, owner.badges[-1], shop, machine), tries)
    return tries


def _double(world: World, lived: Sequence[Attempt], owner: Worker, dice: Dice) -> list[Attempt]:
    """The copy is shown at another terminal of the shop, while its owner works on."""
    badge_no = owner.badges[-1]
    sessions = [one for one in lived if one.badge_no == badge_no and one.confirmed_ms is not None]
    for _ in range(PLACES_TRIED if sessions else 0):
        session = dice.pick(sessions)
        begins_ms, ends_ms = session.confirmed_ms or 0, session.ended_ms or 0
        others = [machine for machine in session.machine.shop.machines if machine is not session.machine]
        if not others or ends_ms - begins_ms < 2 * HOUR_MS:
            continue
        machine = dice.pick(others)
        at_ms = int(dice.between(begins_ms + 10 * MINUTE_MS, begins_ms + 0.9 * (ends_ms - begins_ms)))
        tries = []
        for _ in range(dice.whole(1, 5)):
            attempt = elsewhere(stranger(owner, dice), owner, machine, at_ms, dice)
            attempt.badge_no = badge_no
            tries.append(attempt)
            at_ms += int(dice.between(10_000, 120_000))
        _label(world, "copied_badge", "badges_copied", _about(owner, badge_no, owner.shop, machine), tries)
        return tries
    return _forge(world, lived, owner, dice)


def _shown(
    badge_no: str, name: str, machine: Machine, at_ms: int, reason: str, times: int, dice: Dice
) -> list[Attempt]:
    tries = []
    for _ in range(times):
        tries.append(shown_badge(badge_no, name, machine, at_ms, reason, dice))
        at_ms += int(dice.between(8_000, 90_000))
    return tries


def _about(owner: Worker, badge_no: str, shop: Shop, machine: Machine) -> tuple[Subject, ...]:
    return operator_of(owner), Subject("operator", shop.merchant_no, badge_no), terminal_of(machine)


def _label(
    world: World, detector: DetectorName, kind: IncidentKind, subjects: tuple[Subject, ...], tries: Sequence[Attempt]
) -> None:
    world.labels.append(
        Label(
            detector=detector,
            kind=kind,
            subjects=subjects,
            since_ms=tries[0].at_ms,
            until_ms=tries[-1].at_ms,
            also=ALSO,
        )
    )
