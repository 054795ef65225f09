"""What commands say to a person, from `words.toml`."""

from ..basics.visible import harmless_lines
from ..basics.words import load_words
from .output import print_error, silence

WORDS = load_words(__package__, "words.toml")


def say(lang: str, key: str, **values: str) -> None:
    """Print one wording at once, so that whoever waits for it sees it."""
    print(harmless_lines(WORDS[key].fill(lang, **values)), flush=True)


def complain(message: str) -> None:
    """Print one message on standard error. Never raises."""
    print_error(f"zhanggui: {message}")


def tell(lang: str, key: str, **values: str) -> None:
    """The same for a program that runs: it goes on although nobody reads what it says."""
    try:
        say(lang, key, **values)
    except OSError:
        silence()
