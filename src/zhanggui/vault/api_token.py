"""The token of a program: a name that everybody may see, and 256 bits by chance behind it. Pure: chance is an argument."""

import base64
import re

from zhanggui.basics.chance import Chance
from zhanggui.basics.secret import Secret

from .office_secret import draw_office_secret

PREFIX = "zgt"
"""By which people, and programs that look for secrets that were left lying about, know what it is."""
NAME_BYTES = 5
API_TOKEN = re.compile(PREFIX + r"_(?P<name>[a-z2-7]{8})_[A-Za-z0-9_-]{43}")


def draw_api_token(chance: Chance, name: str = "") -> tuple[str, Secret]:
    """The name of a token and its whole text; another secret for the one that is named.

    >>> from zhanggui.basics.chance import SeededChance
    >>> name, token = draw_api_token(SeededChance(7))
    >>> API_TOKEN.fullmatch(token.reveal())["name"] == name, token
    (True, Secret(••••))
    """
    if not name:
        name = base64.b32encode(chance.take_secret(NAME_BYTES)).decode("ascii").lower()
    return name, Secret(f"{PREFIX}_{name}_{draw_office_secret(chance).reveal()}")


def read_api_token(text: str) -> str | None:
    """The name in a token's text; None where it is none. It proves nothing.

    >>> read_api_token("Bearer me") is None
    True
    """
    found = API_TOKEN.fullmatch(text)
    return found["name"] if found is not None else None
