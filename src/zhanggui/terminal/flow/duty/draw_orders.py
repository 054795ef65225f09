"""Screens of what the host orders: the terminal that is locked from afar, and an announcement."""

from ..core.state import State
from ..screens.frame import ENTER, RETRY, call_line, plain, screen, strong
from ..screens.screens import Screen
from ..words.text import literal, words
from .stages import Announced, Shut


def shut(state: State, stage: Shut) -> Screen:
    """That it is locked, what the office says, and that whoever cannot wait may ask."""
    said = strong(literal(state.box.shut)) if state.box.shut else None
    lines = said, plain(words("order.shut.do")), call_line(state, "A207")
    return screen(state, "shut", words("order.shut"), *lines, tone="bad", choices=(RETRY,))


def announced(state: State, stage: Announced) -> Screen:
    """What the office says."""
    return screen(state, "announced", words("order.announced"), strong(literal(stage.text)), choices=(ENTER,))
