"""Shares of one stateful test: each walks its own examples, in a gate too, where hypothesis begins every test at the same one."""

from typing import TypeVar

from hypothesis import seed
from hypothesis.stateful import RuleBasedStateMachine

M = TypeVar("M", bound=RuleBasedStateMachine)


def share_of(machine: type[M], share: int) -> type[M]:
    """The machine with a seed of its own."""
    return seed(share)(type(f"{machine.__name__}{share}", (machine,), {}))
