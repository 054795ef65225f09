"""The virtual parts of a machine as a front offers them: each with every state that it can take on, in words."""

from ..flow.words.catalogue import all_words
from .machine import Devices
from .ports import PartFace, PartState
from .power import CHARGES
from .switches import STATES, VirtualSwitch

WELL = "check.state.ok"


def part_faces(devices: Devices) -> tuple[PartFace, ...]:
    """The parts that can be switched, in the order of the self-check."""
    table = all_words()
    faces = []
    for part in devices.parts:
        if not isinstance(part, VirtualSwitch):
            continue
        name = table[f"check.{part.item}"]
        told = [(state, table[reason or WELL]) for state, (_, reason) in STATES[part.item].items()]
        states = tuple(PartState(state, words.zh, words.en) for state, words in told)
        if part.item == "power":
            states = tuple(supply_face(state, charge) for state, charge in CHARGES.items())
        faces.append(PartFace(part.item, name.zh, name.en, part.state, states))
    return tuple(faces)


def supply_face(state: str, charge: int | None) -> PartState:
    """A supply as the status line names it: mains, or a battery with its charge."""
    words = all_words()["status.power.ok" if charge is None else "status.battery"]
    return PartState(state, words.fill("zh", charge=charge), words.fill("en", charge=charge))
