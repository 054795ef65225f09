"""A slip that was asked for by a key on some screen: it comes out, or the screen says why not. The stage stays."""

from typing import TypeVar

from msgspec.structs import replace

from ..core.events import CheckResult, SlipNotPrinted, SlipPrinted
from ..core.policy import TRAY_SLIPS_MAX
from ..core.stage import WithSlip
from ..core.state import State
from ..core.step import Step, change, stay
from ..core.trouble import device_words
from ..core.ways import Way
from ..words.text import words

SLIP_KEY = "slip"
"""The key of its choice."""

S = TypeVar("S", bound=WithSlip)


def ask(state: State, stage: S, way: Way) -> Step:
    """Print it; asked for twice while it comes it is printed once."""
    if stage.slip_said is not None and stage.slip_said.key == "slip.comes":
        return stay(state)
    return change(state, replace(stage, slip_said=words("slip.comes")), way)


def printed(state: State, stage: WithSlip, event: SlipPrinted) -> Step:
    """It is out."""
    tray = (*state.tray, event.slip_id)[-TRAY_SLIPS_MAX:]
    return change(replace(state, tray=tray), replace(stage, slip_said=words("slip.out")))


def not_printed(state: State, stage: WithSlip, event: SlipNotPrinted) -> Step:
    """Say why; the same key prints it again."""
    what, _ = device_words(CheckResult(item="printer", state="fail", reason=event.reason))
    return change(state, replace(stage, slip_said=what))
