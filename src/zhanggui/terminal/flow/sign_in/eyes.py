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
            return to_number(replace(state, eyes=write_eyes(stage.wrong, state.rules.eyes_items).told))
        case "some" if not stage.choosing:
            return change(state, LookingAround(choosing=True))
        case "cancel" if stage.choosing:
            return change(state, LookingAround())
    items = state.rules.eyes_items
    chosen = next((item for item in items if stage.choosing and key_of(items, item) == event.key), None)
    if chosen is None:
        return stay(state)
    wrong = tuple(item for item in items if (item in stage.wrong) != (item == chosen))
    return change(state, replace(stage, wrong=wrong))


def key_of(items: tuple[str, ...], item: str) -> str:
    """The key that chooses an item: its name, or for a shop's own word its place, because a word may read like any key."""
    return item if item in EYES_ITEMS else f"own_{items.index(item) + 1}"
