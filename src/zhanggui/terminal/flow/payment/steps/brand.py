"""Whose phone is to pay by our code: each brand's phones read its own code, so the customer says which, and the code is made there."""

from typing import ClassVar

from msgspec.structs import replace

from .....cup.brands import BRANDS
from ...core.events import KeyPressed, Ticked
from ...core.payments import Doing
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, go, leave, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, amount_line, menu, screen
from ...screens.screens import Choice, Screen
from ...words.catalogue import brand_key
from ...words.text import words
from ..allowed import give_up, left_alone
from .amount import EnteringAmount
from .amount import ask as ask_amount
from .asking import AskStep

CHANGE_AMOUNT = Choice("clear", words("key.change_amount"), "plain", "clear")


class ChoosingBrand(Stage, frozen=True, kw_only=True):
    """The customer says which wallet pays."""

    lockable: ClassVar[bool] = True

    doing: Doing

    def in_hand(self) -> bool:
        return True

    def begun(self) -> Doing:
        return self.doing


def answered(doing: Doing) -> bool:
    """It is known whose code is to be shown."""
    return bool(doing.brand)


def ask(state: State, doing: Doing) -> Step:
    """Let it be chosen."""
    return go(state, ChoosingBrand(doing=doing))


def key(state: State, stage: ChoosingBrand, event: KeyPressed) -> Step:
    """One of the brands, the amount again, or nothing at all."""
    match event.key:
        case "cancel":
            return give_up(state, "cancelled")
        case "clear" if stage.doing.amount_fen is not None:
            return ask_amount(state, stage.doing, digits=str(stage.doing.amount_fen))
        case key if key in BRANDS:
            return leave(state, PayOn(doing=replace(stage.doing, brand=key)))
    return stay(state)


def idle(state: State, stage: ChoosingBrand, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def choosing_brand(state: State, stage: ChoosingBrand) -> Screen:
    """The amount, and the brands."""
    brands = menu(*((name, brand_key(name)) for name in BRANDS), numbered=not state.machine.profile.touch)
    return screen(
        state,
        "brand",
        words("own.brand"),
        amount_line(stage.doing.amount_fen) if stage.doing.amount_fen is not None else None,
        choices=(*brands, CHANGE_AMOUNT, CANCEL),
    )


BRAND = AskStep(
    answered,
    ask,
    (
        row(ChoosingBrand, KeyPressed, key, EnteringAmount, PayOn, ToStandby),
        row(ChoosingBrand, Ticked, idle, ToStandby),
    ),
    dict((shows(ChoosingBrand, choosing_brand),)),
)
