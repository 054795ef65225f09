"""How people say who they are: half type their number, a quarter a user name, a quarter show a badge; and the slips that belong to it."""

from base64 import b32encode
from collections.abc import Sequence

from ...vault.badge import NUMBER_BYTES
from .dice import Dice
from .shops import Shop, Worker

NAMES_SHARE, BADGES_SHARE = 0.25, 0.25
REPLACED_SHARE = 0.3
"""Badges that took the place of a lost or broken one; some of those come to light again."""
OLD_BADGE_SHARE = 0.004
"""Entries of such a person that begin with the old badge."""
NAME_FORGOTTEN_SHARE = 0.1
"""Returns after days away on which the own user name has to be looked for."""
GIVEN_NAMES = (
    "fang",
    "qiang",
    "min",
    "jing",
    "wei",
    "li",
    "jun",
    "yang",
    "yong",
    "yan",
    "jie",
    "na",
    "tao",
    "chao",
    "xia",
)
SURNAMES = (
    "wang",
    "li",
    "zhang",
    "liu",
    "chen",
    "yang",
    "zhao",
    "huang",
    "zhou",
    "wu",
    "xu",
    "sun",
    "hu",
    "zhu",
    "gao",
    "lin",
)


def hand_out(shops: Sequence[Shop], dice: Dice) -> None:
    """Give people user names and badges. No name twice at a merchant."""
    taken: set[tuple[str, str]] = set()
    for shop in shops:
        for worker in shop.workers:
            drawn = dice.unit()
            if drawn < NAMES_SHARE:
                worker.user_name = _name(shop, taken, dice)
            elif drawn < NAMES_SHARE + BADGES_SHARE:
                worker.badges += [new_badge(dice) for _ in range(2 if dice.happens(REPLACED_SHARE) else 1)]


def new_badge(dice: Dice) -> str:
    """The number of a badge."""
    return b32encode(dice.bytes(NUMBER_BYTES)).decode("ascii")


def drawn_name(dice: Dice) -> str:
    """A user name as anybody would think of one."""
    return f"{dice.pick(SURNAMES)}{dice.pick(('.', '_', ''))}{dice.pick(GIVEN_NAMES)}"


def _name(shop: Shop, taken: set[tuple[str, str]], dice: Dice) -> str:
    name = drawn_name(dice)
    while (shop.merchant_no, name) in taken:
        name = f"{drawn_name(dice)}{dice.whole(1, 99)}"
    taken.add((shop.merchant_no, name))
    return name


def slip_of(name: str, dice: Dice) -> str:
    """A user name with one letter left out, doubled, or two of them changed over."""
    place = dice.below(len(name) - 1)
    match dice.below(3):
        case 0:
            return name[:place] + name[place + 1 :]
        case 1:
            return name[: place + 1] + name[place:]
        case _:
            return (
                name[:place]
                + name[place + 1]
                + name[place]
                + name[place + 2 :]
                + ("" if name[place] != name[place + 1] else "1")
            )


def tried_names(worker: Worker, dice: Dice) -> list[str]:
    """What somebody tries who does not remember the own user name."""
    return [slip_of(worker.user_name, dice) for _ in range(dice.whole(1, 5))]
