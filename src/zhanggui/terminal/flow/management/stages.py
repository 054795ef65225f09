"""The stages of a manager's menu. None keeps a session: each act is proven by a password of its own."""

from typing import ClassVar

from ....basics.numbers import OperatorNo
from ..core.stage import Stage
from ..words.text import Problem, Text
from .menus import MenuEntry


class Menu(Stage, frozen=True, kw_only=True):
    """What can be done."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    manager_no: OperatorNo
    notice: Text | None = None


class AboutOperator(Stage, frozen=True, kw_only=True):
    """Whom it is about: a number of two digits."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    manager_no: OperatorNo
    entry: MenuEntry
    digits: str = ""
    notice: Text | None = None


class ManagerPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the manager's password."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    manager_no: OperatorNo
    entry: MenuEntry
    about_no: OperatorNo
    """Empty where it is about no operator."""
    dots: int = 0
    problem: Problem | None = None


class FirstPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects a first password for somebody else, and once more."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    manager_no: OperatorNo
    entry: MenuEntry
    about_no: OperatorNo
    again: bool = False
    dots: int = 0
    problem: Problem | None = None


class Managing(Stage, frozen=True, kw_only=True):
    """The act is on its way, or waits for the terminal's keys."""

    may_lose_trace: ClassVar[bool] = True

    manager_no: OperatorNo
    entry: MenuEntry
    about_no: OperatorNo
    waits_for_keys: bool = False
