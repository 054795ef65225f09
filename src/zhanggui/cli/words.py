"""What commands say to a person, from `words.toml`."""

import sys

from ..basics.words import load_words

WORDS = load_words(__package__, "words.toml")


def say(lang: str, key: str, **values: str) -> None:
    """Print one wording at once, so that whoever waits for it sees it."""
    print(WORDS[key].fill(lang, **values), flush=True)


def complain(message: str) -> None:
    """Print one message on standard error."""
    print(f"zhanggui: {message}", file=sys.stderr, flush=True)
