"""The stages of a supervisor's approval."""

from typing import ClassVar

from ....basics.numbers import Login
from ..core.stage import Stage
from ..core.ways import Ask
from ..screens.name_keys import NameTyped
from ..words.text import Problem, Text


class ApprovalNumber(Stage, frozen=True, kw_only=True):
    """The supervisor types a number, or a user name."""

    ask: Ask
    digits: str = ""
    name: NameTyped | None = None
    """Set while a user name is typed instead."""
    notice: Text | None = None


class ApprovalPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the supervisor's password."""

    ask: Ask
    supervisor: Login
    dots: int = 0
    problem: Problem | None = None


class Approving(Stage, frozen=True, kw_only=True):
    """The approval is being asked for."""

    may_lose_trace: ClassVar[bool] = True

    ask: Ask
    supervisor: Login
    waits: bool = False
    """Keys are on their way: nobody signed in here yet, and somebody types fast."""
