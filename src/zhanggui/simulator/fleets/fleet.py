"""Make a fleet: the world, its days, its incidents, and from all of it the acquirer's records with their labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from ...acquirer.operators.attempts import BADGE_AND_PASSWORD
from ...acquirer.rows.records import Badge, Merchant, Operator, Session, SignIn, Terminal, UserName
from ...basics.numbers import MerchantNo, OperatorNo, RecordNo, SessionNo, UnixMs
from ...basics.spans import DAY_MS
from ...cup.messages.operator_asks import METHOD_PASSWORD
from ...cup.values.self_check import CHECK_ITEMS, CheckedItem, CheckState, write_self_check
from .attempts import Attempt
from .days import shop_day, weekday_of
from .dice import Dice, dice_of
from .incidents import add_incidents
from .plan import FleetPlan, Label
from .shops import NEW_VERSION, OLD_VERSION, Machine, Shop, Worker, make_shops
from .way_incidents import add_way_incidents
from .ways import hand_out
from .world_incidents import World, change_the_world, drift_at

VERIFIER_BYTES = 32
SALT_BYTES = 16
FACTORY_SHARE = 0.04
"""Operators whose password is still the factory's."""
LENT_SHARE = 0.02
"""Days off on which a person of a chain helps out in another shop of it."""
ALL_OK = write_self_check(CheckedItem(item, "ok") for item in CHECK_ITEMS).told


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Records as the store keeps them, and the labels of the incidents among them. Every session has ended."""

    plan: FleetPlan
    merchants: Sequence[Merchant]
    terminals: Sequence[Terminal]
    operators: Sequence[Operator]
    user_names: Sequence[UserName]
    badges: Sequence[Badge]
    sign_ins: Sequence[SignIn]
    sessions: Sequence[Session]
    labels: Sequence[Label]


def make_fleet(plan: FleetPlan) -> Fleet:
    """Make it. The same plan gives the same fleet; the ordinary days do not depend on incidents that only add attempts."""
    begin_ms = plan.until_ms - plan.days * DAY_MS
    shops = make_shops(plan.terminals, plan.days, begin_ms, dice_of(plan.seed, "shops"))
    hand_out(shops, dice_of(plan.seed, "ways"))
    world = World(plan=plan, begin_ms=begin_ms, shops=shops)
    change_the_world(world, dice_of(plan.seed, "world incidents"))
    lent = _lend(world, dice_of(plan.seed, "lent"))
    lived = [attempt for shop in shops for attempt in _life(shop, world, lent)]
    attempts = [*lived, *add_incidents(world, lived, dice_of(plan.seed, "incidents"))]
    attempts += add_way_incidents(world, lived, dice_of(plan.seed, "way incidents"))
    by_merchant: dict[MerchantNo, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.at_ms < plan.until_ms:
            by_merchant.setdefault(attempt.machine.shop.merchant_no, []).append(attempt)
    sign_ins: list[SignIn] = []
    sessions: list[Session] = []
    dice = dice_of(plan.seed, "terminals")
    for merchant_no in sorted(by_merchant):
        ordered = sorted(by_merchant[merchant_no], key=lambda one: (one.at_ms, one.machine.terminal_no))
        _one_session_each(ordered, plan.until_ms)
        _number(merchant_no, ordered, world, dice, sign_ins, sessions)
    return Fleet(
        plan=plan,
        merchants=list(_merchants(world)),
        terminals=[_terminal(machine, begin_ms) for machine in world.machines],
        operators=list(_operators(world, sign_ins, dice_of(plan.seed, "operators"))),
        user_names=list(_user_names(world)),
        badges=list(_badges(world, dice_of(plan.seed, "badges"))),
        sign_ins=sign_ins,
        sessions=sessions,
        labels=world.labels,
    )


def _lend(world: World, dice: Dice) -> dict[tuple[str, str, int], list[Worker]]:
    """Who helps out where, by merchant, shop and day. Only on a day off at home: nobody is in two shops by mistake."""
    lent: dict[tuple[str, str, int], list[Worker]] = {}
    for shop in world.shops:
        siblings = [one for one in world.shops if one.merchant_no == shop.merchant_no and one is not shop]
        for day in range(world.plan.days if siblings else 0):
            weekday = weekday_of(world.begin_ms + day * DAY_MS)
            for worker in shop.workers:
                at_home = worker.first_day <= day < worker.last_day and weekday in worker.days_off
                if at_home and dice.happens(LENT_SHARE):
                    worker.lent_days.add(day)
                    lent.setdefault((shop.merchant_no, dice.pick(siblings).name, day), []).append(worker)
    return lent


def _life(shop: Shop, world: World, lent: dict[tuple[str, str, int], list[Worker]]) -> Iterable[Attempt]:
    dice = dice_of(world.plan.seed, f"life of {shop.merchant_no} {shop.name}")
    for day in range(world.plan.days):
        midnight_ms = world.begin_ms + day * DAY_MS
        guests = lent.get((shop.merchant_no, shop.name, day), [])
        yield from shop_day(shop, day, midnight_ms, weekday_of(midnight_ms), dice, guests)


def _one_session_each(ordered: Sequence[Attempt], until_ms: int) -> None:
    """What the host sees to: a terminal's next session ends the one before; a number never lives twice."""
    on: dict[str, Attempt] = {}
    of: dict[str, Attempt] = {}
    for attempt in ordered:
        if attempt.confirmed_ms is None or attempt.ended_ms is None:
            continue
        for before, reason in ((on.get(attempt.machine.terminal_no), "handed_over"), (of.get(attempt.operator_no), "")):
            if before is not None and (before.ended_ms or 0) > attempt.at_ms:
                before.ended_ms = attempt.at_ms - 1_000 if not reason else attempt.confirmed_ms
                before.ended_ms = max(before.ended_ms, before.confirmed_ms or 0)
                before.end_reason = reason or "signed_out:asked"
        attempt.ended_ms = min(attempt.ended_ms, max(until_ms - 1, attempt.confirmed_ms))
        on[attempt.machine.terminal_no] = of[attempt.operator_no] = attempt


def _number(
    merchant_no: MerchantNo,
    ordered: Sequence[Attempt],
    world: World,
    dice: Dice,
    sign_ins: list[SignIn],
    sessions: list[Session],
) -> None:
    session_no = 0
    for record_no, attempt in enumerate(ordered, 1):
        confirmed = attempt.confirmed_ms is not None
        session_no += confirmed
        sign_in = _sign_in(merchant_no, record_no, attempt, session_no if confirmed else None, world, dice)
        sign_ins.append(sign_in)
        if confirmed:
            sessions.append(
                Session(
                    merchant_no=merchant_no,
                    session_no=SessionNo(session_no),
                    terminal_no=sign_in.terminal_no,
                    operator_no=OperatorNo(sign_in.operator_no),
                    record_no=sign_in.record_no,
                    kind="verified",
                    opened_ms=UnixMs(attempt.confirmed_ms or 0),
                    ended_ms=sign_in.ended_ms,
                    end_reason=attempt.end_reason,
                )
            )


def _sign_in(
    merchant_no: MerchantNo, record_no: int, attempt: Attempt, session_no: int | None, world: World, dice: Dice
) -> SignIn:
    machine, at_ms = attempt.machine, attempt.at_ms
    drift_s = drift_at(machine, at_ms, dice)
    is_new = at_ms >= machine.new_version_ms
    slower = world.slow_models.get(machine.model, 1.0) if is_new else 1.0
    ended = session_no is not None
    return SignIn(
        merchant_no=merchant_no,
        record_no=RecordNo(record_no),
        terminal_no=machine.terminal_no,
        operator_no=attempt.operator_no,
        user_name=attempt.user_name or None,
        badge_no=attempt.badge_no or None,
        method=BADGE_AND_PASSWORD if attempt.badge_no else METHOD_PASSWORD,
        operator_name=attempt.operator_name,
        state="ended" if ended else "verified" if attempt.left_open else "refused",
        reason=attempt.end_reason if ended else attempt.refused,
        began_ms=UnixMs(at_ms),
        verified_ms=_instant(attempt.verified_ms),
        confirmed_ms=_instant(attempt.confirmed_ms),
        ended_ms=_instant(attempt.ended_ms),
        elapsed_ms=int(attempt.elapsed_ms * slower),
        terminal_clock_ms=UnixMs(at_ms + 1_000 * drift_s),
        drift_s=drift_s,
        self_check=_self_check(machine, at_ms, drift_s, dice),
        versions=NEW_VERSION if is_new else OLD_VERSION,
        session_no=session_no,
    )


def _instant(value: int | None) -> UnixMs | None:
    return None if value is None else UnixMs(value)


def _self_check(machine: Machine, at_ms: int, drift_s: int, dice: Dice) -> str:
    states: dict[str, CheckState] = {
        spell.item: spell.state
        for spell in machine.spells
        if spell.since_ms <= at_ms <= spell.until_ms and dice.happens(spell.shown)
    }
    if abs(drift_s) >= 60:
        states["clock"] = "warn"
    if not states:
        return ALL_OK
    return write_self_check(CheckedItem(item, states.get(item, "ok")) for item in CHECK_ITEMS).told


def _merchants(world: World) -> Iterable[Merchant]:
    names = {shop.merchant_no: shop.merchant_name for shop in world.shops}
    for merchant_no, name in names.items():
        yield Merchant(merchant_no=merchant_no, name=name, created_ms=UnixMs(world.begin_ms - 400 * DAY_MS))


def _terminal(machine: Machine, begin_ms: int) -> Terminal:
    # Without a master key the host gives it no keys, so nobody can work with a terminal of a made-up fleet.
    return Terminal(
        merchant_no=machine.shop.merchant_no,
        terminal_no=machine.terminal_no,
        model=machine.model,
        place=machine.place,
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=UnixMs(begin_ms - 400 * DAY_MS),
    )


def _operators(world: World, sign_ins: Sequence[SignIn], dice: Dice) -> Iterable[Operator]:
    last = {(row.merchant_no, row.operator_no): row.began_ms for row in sign_ins if row.confirmed_ms is not None}
    for operator in _all_operators(world, dice):
        yield msgspec.structs.replace(
            operator, last_sign_in_ms=last.get((operator.merchant_no, str(operator.operator_no)))
        )


def _all_operators(world: World, dice: Dice) -> Iterable[Operator]:
    seen: set[MerchantNo] = set()
    for shop in world.shops:
        if shop.merchant_no not in seen:
            seen.add(shop.merchant_no)
            yield _operator(shop.merchant_no, "00", "店长", "supervisor", world, dice)
            yield _operator(shop.merchant_no, "99", "系统管理员", "administrator", world, dice)
        for worker in shop.workers:
            yield _operator(shop.merchant_no, str(worker.operator_no), worker.name, "cashier", world, dice, worker)


def _user_names(world: World) -> Iterable[UserName]:
    for worker in world.workers:
        if worker.user_name:
            yield UserName(
                merchant_no=worker.shop.merchant_no, user_name=worker.user_name, operator_no=worker.operator_no
            )


def _badges(world: World, dice: Dice) -> Iterable[Badge]:
    for worker in world.workers:
        for place, badge_no in enumerate(worker.badges):
            yield Badge(
                merchant_no=worker.shop.merchant_no,
                badge_no=badge_no,
                operator_no=worker.operator_no,
                # Chance, not the mark of any badge: nobody can sign in with it.
                mark=dice.bytes(VERIFIER_BYTES),
                issued_ms=UnixMs(world.begin_ms - (300 - place) * DAY_MS),
                issued_by="console:00",
            )


def _operator(
    merchant_no: MerchantNo,
    number: str,
    name: str,
    role: str,
    world: World,
    dice: Dice,
    worker: Worker | None = None,
) -> Operator:
    begins = world.begin_ms + (worker.first_day if worker and worker.first_day < world.plan.days else 0) * DAY_MS
    return Operator(
        merchant_no=merchant_no,
        operator_no=OperatorNo(number),
        name=name,
        user_name=worker.user_name if worker else "",
        badge_no=worker.badges[-1] if worker and worker.badges else None,
        role=role,  # type: ignore[arg-type]  # three known roles
        # Chance, not the verifier of any password: nobody can sign in with it.
        salt=dice.bytes(SALT_BYTES),
        verifier=dice.bytes(VERIFIER_BYTES),
        factory_password=int(dice.happens(FACTORY_SHARE)),
        password_set_ms=UnixMs(begins - int(dice.between(1, 85) * DAY_MS)),
    )
