"""The id of an office session, and what stands in an invitation's link: 256 bits by chance, as text. Pure: chance is an argument."""

import base64

from zhanggui.basics.chance import Chance
from zhanggui.basics.secret import Secret

SECRET_BYTES = 32


def draw_office_secret(chance: Chance) -> Secret:
    """43 characters that fit an address and a cookie.

    >>> from zhanggui.basics.chance import SeededChance
    >>> len(draw_office_secret(SeededChance(7)).reveal())
    43
    """
    return Secret(base64.urlsafe_b64encode(chance.take_secret(SECRET_BYTES)).decode("ascii").rstrip("="))
