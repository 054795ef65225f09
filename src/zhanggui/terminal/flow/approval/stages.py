"""The stages of a supervisor's approval."""

from typing import ClassVar

from ....basics.numbers import OperatorNo
from ..core.stage import Stage
from ..core.ways import Ask
from ..words.text import Problem


class ApprovalNumber(Stage, frozen=True, kw_only=True):
    """The supervisor types a number."""

    ask: Ask
    digits: str = ""


class ApprovalPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the supervisor's password."""

    ask: Ask
    supervisor_no: OperatorNo
    dots: int = 0
    problem: Problem | None = None


class Approving(Stage, frozen=True, kw_only=True):
    """The approval is being asked for."""

    may_lose_trace: ClassVar[bool] = True

    ask: Ask
    supervisor_no: OperatorNo
