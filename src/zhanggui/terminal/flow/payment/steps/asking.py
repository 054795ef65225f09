"""What a step of a payment is made of. A new step is a file like its neighbours, named in the kinds that want it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...core.payments import Doing
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step
from ...screens.area import Draw, Row


class AskStep(NamedTuple):
    """One step: whether it is answered, how it is asked, and what takes the answer (the rows of its stage)."""

    answered: Callable[[Doing], bool]
    ask: Callable[[State, Doing], Step]
    rows: tuple[Row, ...]
    drawings: Mapping[type[Stage], Draw]
