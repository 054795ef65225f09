"""What to do next, in words: one list for reasons, response codes and the codes of a terminal's screens.

Whoever stands at the terminal and whoever looks after it read the same step for the same matter, wherever they ask.
"""

from collections.abc import Mapping
from functools import cache

from ..basics.words import Word, load_words


@cache
def all_steps() -> Mapping[str, Word]:
    """What to do next, by the name that the catalogues use."""
    return load_words(__package__, "next_steps.toml")


def step_words(name: str, lang: str) -> str:
    """A step in `zh` or `en`; empty for an empty name. KeyError for a name that is none."""
    return all_steps()[name].of(lang) if name else ""
