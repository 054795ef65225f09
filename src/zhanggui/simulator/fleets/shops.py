"""The world before anything happens: merchants, shops, terminals with their faults, people with their traits."""

from dataclasses import dataclass, field
from typing import Literal

from ...acquirer.findings.history import SHOP_SEPARATOR
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ...basics.spans import DAY_MS, HOUR_MS
from .dice import Dice

MODELS = ("smart", "smart", "smart", "esign", "esign", "keypad")
"""Shares of the models: half smart, a third e-sign, a sixth keypad."""
OLD_VERSION = "zhanggui/1.4.0"
NEW_VERSION = "zhanggui/1.5.0"
DISTRICTS = ("朝阳", "海淀", "徐汇", "天河", "福田", "武侯", "江宁", "拱墅", "雁塔", "洪山")
TRADES = ("便利店", "超市", "餐厅", "药房", "服装店", "茶饮")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("芳", "强", "敏", "静", "伟", "丽", "军", "洋", "勇", "艳", "杰", "娜", "涛", "超", "霞", "平")
PEOPLE_MAX = 98
"""Cashiers' numbers 01–98."""

CheckState = Literal["warn", "fail"]


@dataclass(slots=True)
class Spell:
    """A time in which one check of a terminal is not ok; `failing` is the share of tries that then fail."""

    item: str
    state: CheckState
    since_ms: int
    until_ms: int
    shown: float = 1.0
    failing: float = 0.0


@dataclass(slots=True)
class Machine:
    """A terminal. Its clock is off by an even offset, and from `drift_since_ms` to `drift_until_ms` by ever more."""

    terminal_no: TerminalNo
    model: str
    place: str
    shop: "Shop"
    new_version_ms: int = 0
    offset_s: float = 0.0
    drift_since_ms: int = 0
    drift_until_ms: int = 0
    drift_jump_s: float = 0.0
    drift_per_day_s: float = 0.0
    spells: list[Spell] = field(default_factory=list)


@dataclass(slots=True)
class Worker:
    """A cashier: number, habits of hand and of hour."""

    operator_no: OperatorNo
    name: str
    shop: "Shop"
    tempo_ms: float
    typo: float
    early: bool
    days_off: frozenset[int]
    first_day: int
    last_day: int
    works_as: dict[int, "Worker"] = field(default_factory=dict)
    """Days on which this person uses another's number."""
    lent_days: set[int] = field(default_factory=set)
    """Days off on which this person helps out in another shop of the chain."""
    last_entry_ms: int = 0
    user_name: str = ""
    """What this person types in place of the number; empty: the number, or a badge."""
    badges: list[str] = field(default_factory=list)
    """Numbers of this person's badges, of which the last counts; none: the number or the name is typed."""


@dataclass(slots=True)
class Shop:
    """One place of a merchant. Minutes of the day; a shop that never closes has three shifts."""

    merchant_no: MerchantNo
    merchant_name: str
    name: str
    open_min: int
    close_min: int
    round_the_clock: bool
    machines: list[Machine] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)


def make_shops(terminals: int, days: int, begin_ms: int, dice: Dice) -> list[Shop]:
    """Shops with one to eight terminals; a fifth of the merchants are chains of two to four shops."""
    shops: list[Shop] = []
    made = 0
    serial = 0
    while made < terminals:
        serial += 1
        merchant_no = MerchantNo(f"10210005411{serial:04d}")
        chain = dice.whole(2, 4) if dice.happens(0.2) else 1
        trade = dice.pick(TRADES)
        merchant_name = f"掌柜{trade}{serial:04d}"
        people = 0
        for place in range(chain):
            wanted = min(terminals - made, _shop_size(dice))
            if wanted == 0:
                break
            name = f"{dice.pick(DISTRICTS)}{place + 1}店" if chain > 1 else ""
            shop = _make_shop(merchant_no, merchant_name, name, dice)
            for _ in range(wanted):
                made += 1
                shop.machines.append(_make_machine(made, shop, days, begin_ms, dice))
            people = _hire(shop, people, days, dice)
            shops.append(shop)
    return shops


def _shop_size(dice: Dice) -> int:
    return dice.pick((1, 1, 2, 2, 3, 3, 4, 5, 6, 8))


def _make_shop(merchant_no: MerchantNo, merchant_name: str, name: str, dice: Dice) -> Shop:
    open_min = 60 * dice.whole(7, 9) + dice.pick((0, 30))
    hours = dice.pick((12, 12.5, 13, 13, 13.5, 14, 14, 14.5, 15, 15.5))
    return Shop(
        merchant_no=merchant_no,
        merchant_name=merchant_name,
        name=name,
        open_min=open_min,
        close_min=open_min + int(60 * hours),
        round_the_clock=dice.happens(0.05),
    )


def _make_machine(number: int, shop: Shop, days: int, begin_ms: int, dice: Dice) -> Machine:
    counter = f"{len(shop.machines) + 1}号台"
    machine = Machine(
        terminal_no=TerminalNo(f"F{number:07d}"),
        model=dice.pick(MODELS),
        place=f"{shop.name}{SHOP_SEPARATOR}{counter}" if shop.name else counter,
        shop=shop,
        # The new version is rolled out over ten days, in the middle of the time.
        new_version_ms=begin_ms + int((days * 0.4 + dice.between(0, 10)) * DAY_MS),
        offset_s=dice.normal(0, 4),
    )
    _add_everyday_spells(machine, days, begin_ms, dice)
    return machine


def _add_everyday_spells(machine: Machine, days: int, begin_ms: int, dice: Dice) -> None:
    """Checks that are not ok and harm nobody's sign-in: paper, scanner, weak battery, a dim display."""
    for _ in range(dice.count(days / 6)):
        since_ms = begin_ms + int(dice.unit() * days * DAY_MS)
        machine.spells.append(Spell("printer", "warn", since_ms, since_ms + int(dice.between(1, 10) * HOUR_MS)))
    for item, mean in (("scanner", 0.25), ("power", 0.3), ("display", 0.1), ("network", 0.4)):
        for _ in range(dice.count(mean * days / 60)):
            since_ms = begin_ms + int(dice.unit() * days * DAY_MS)
            length = dice.log_normal(2.0, 1.0) * DAY_MS
            machine.spells.append(Spell(item, "warn", since_ms, since_ms + int(length), shown=0.9))


def _hire(shop: Shop, people: int, days: int, dice: Dice) -> int:
    shifts = 3 if shop.round_the_clock else 2
    wanted = max(shifts, round(len(shop.machines) * shifts * 1.25))
    for place in range(min(wanted, PEOPLE_MAX - people)):
        people += 1
        came = dice.whole(1, days) if dice.happens(0.08) else 0
        left = dice.whole(min(came + 1, days), days) if dice.happens(0.06) else days
        shop.workers.append(
            Worker(
                operator_no=OperatorNo(f"{people:02d}"),
                name=dice.pick(SURNAMES) + dice.pick(GIVEN),
                shop=shop,
                tempo_ms=dice.log_normal(6_500, 0.3),
                typo=min(0.15, dice.log_normal(0.03, 0.6)),
                early=place % 2 == 0,
                days_off=frozenset(dice.shuffled(range(7))[: 1 if dice.happens(0.7) else 2]),
                first_day=came,
                last_day=left,
            )
        )
    return people
