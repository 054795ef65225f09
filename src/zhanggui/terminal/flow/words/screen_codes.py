"""The short codes on a terminal's screens (`N103`), in words for support; a test finds a code that the source shows and the table lacks."""

from collections.abc import Mapping
from functools import cache

from ....basics.words import Word, load_rows

RESPONSE_PREFIX = "R"
"""`R55` on a screen is response code 55."""


class ScreenCode(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code: its cause, and the names of the next steps at the terminal and behind it."""

    cashier: str
    support: str
    on_screen: bool = False
    """Whether the screen says this step to the cashier, where what happened has no words of its own for what to do (`<key>.do`)."""


@cache
def all_screen_codes() -> Mapping[str, ScreenCode]:
    """The table, by code."""
    return load_rows(__package__, "screen_codes.toml", ScreenCode)
