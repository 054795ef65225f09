"""Taking over a session from another terminal (tag TAKE_OVER): the way that policy leaves open, and by which one it is asked.

in an answer   supervisor or stale: who may move it, or that its terminal is not heard of any more
in a request   the number of a supervisor's approval, or stale:reason
"""

from typing import Literal

import msgspec

from .numbers import read_number

Way = Literal["", "supervisor", "stale"]
"""Empty: only by signing out there."""
STALE: Way = "stale"
UNNAMED = "unnamed"
"""The reason of a take-over for which none was given."""

_WAYS: dict[str, Way] = {"supervisor": "supervisor", "stale": "stale"}


def read_way(text: str) -> Way:
    """The way that an answer names; a word that we do not know opens none.

    >>> read_way("stale"), read_way("by_force")
    ('stale', '')
    """
    return _WAYS.get(text, "")


class TakeOver(msgspec.Struct, frozen=True, kw_only=True):
    """How a take-over is asked for: by an approval, or because the other terminal is silent."""

    approval_no: int | None = None
    """None beside a text that is no number: an approval that does not exist."""
    stale_reason: str = ""
    """Why that terminal is not heard of: broken, no_power, …; empty when an approval is named."""


def write_take_over(take_over: TakeOver) -> str:
    """The text of tag TAKE_OVER in a request.

    >>> write_take_over(TakeOver(stale_reason="broken")), write_take_over(TakeOver(approval_no=12))
    ('stale:broken', '12')
    """
    if take_over.stale_reason:
        return f"{STALE}:{take_over.stale_reason}"
    return str(take_over.approval_no) if take_over.approval_no is not None else ""


def read_take_over(text: str) -> TakeOver | None:
    """Read the tag; None when nothing is asked for.

    >>> read_take_over("stale").stale_reason
    'unnamed'
    """
    if not text:
        return None
    if text.startswith(STALE):
        return TakeOver(stale_reason=text.partition(":")[2] or UNNAMED)
    return TakeOver(approval_no=read_number(text))
