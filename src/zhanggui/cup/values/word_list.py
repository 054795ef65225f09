"""Words with commas between them: NEEDS, DEGRADED, ORDERS. What a reader does not know it passes over."""

from collections.abc import Iterable


def write_words(words: Iterable[str]) -> str:
    """The words in their order.

    >>> write_words(("new_password", "code"))
    'new_password,code'
    """
    return ",".join(words)


def read_words(text: str) -> tuple[str, ...]:
    """The words that stand there; empty ones are none.

    >>> read_words("slip,,card")
    ('slip', 'card')
    """
    return tuple(word for word in text.split(",") if word) if text else ()
