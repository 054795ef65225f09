"""What to do next, in words: one list for reasons, response codes and the codes of a terminal's screens.

Whoever stands at the terminal and whoever looks after it read the same step for the same matter, wherever they ask.
"""

from collections.abc import Mapping
from functools import cache

from ..basics.words import Word, load_rows


class NextStep(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step, and the name of the one in its place where a customer's payment code stood in the place of a card."""

    by_code: str = ""


@cache
def all_steps() -> Mapping[str, NextStep]:
    """What to do next, by the name that the catalogues use."""
    return load_rows(__package__, "next_steps.toml", NextStep)


def step_words(name: str, lang: str) -> str:
    """A step in `zh` or `en`; empty for an empty name. KeyError for a name that is none."""
    return all_steps()[name].of(lang) if name else ""


def step_by_code(name: str) -> str:
    """The step in the place of this one where a payment code stood in the place of a card."""
    return all_steps()[name].by_code or name
