"""The virtual parts of a machine as a front offers them: each with every state that it can take on, in words."""

from ..flow.words.catalogue import all_words
from .machine import Devices
from .ports import PartFace, PartState
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
        faces.append(PartFace(part.item, name.zh, name.en, part.state, states))
    return tuple(faces)
