"""A reason (tag REASON): one word, and where it needs one, a parameter after a colon."""

from typing import NamedTuple


class ReasonTold(NamedTuple):
    """A reason's word and its parameter; the parameter is empty where there is none."""

    word: str
    parameter: str


def read_reason(text: str) -> ReasonTold:
    """Take a reason apart.

    >>> read_reason("self_check:printer")
    ReasonTold(word='self_check', parameter='printer')
    """
    word, _, parameter = text.partition(":")
    return ReasonTold(word, parameter)


def write_reason(told: ReasonTold) -> str:
    """The text of a reason.

    >>> write_reason(ReasonTold("too_short", ""))
    'too_short'
    """
    return f"{told.word}:{told.parameter}" if told.parameter else told.word
