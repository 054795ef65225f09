"""What only eyes can see (mission A2): asked by policy before a sign-in, answered with one key when all is well."""

from msgspec.structs import replace

from ....cup.values.eyes import EYES_ITEMS, write_eyes
from ..core.events import KeyPressed
from ..core.state import State
from ..core.step import Step, change, stay
from .entrances import to_number
from .stages import LookingAround


def look_key(state: State, stage: LookingAround, event: KeyPressed) -> Step:
    """All is well, or one after the other is not."""
    match event.key:
        case "enter":
            return to_number(replace(state, eyes=write_eyes(stage.wrong).told))
        case "some" if not stage.choosing:
            return change(state, LookingAround(choosing=True))
        case "cancel" if stage.choosing:
            return change(state, LookingAround())
        case item if stage.choosing and item in EYES_ITEMS:
            wrong = tuple(known for known in EYES_ITEMS if (known in stage.wrong) != (known == item))
            return change(state, replace(stage, wrong=wrong))
    return stay(state)
