"""The secret of a webhook, made by chance, as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 bytes."""

from base64 import b64encode

from zhanggui.basics.chance import Chance
from zhanggui.basics.secret import Secret

PREFIX = "whsec_"
BYTES = 32


def draw_webhook_secret(chance: Chance) -> Secret:
    """A new secret.

    >>> from zhanggui.basics.chance import SeededChance
    >>> draw_webhook_secret(SeededChance(7)), len(draw_webhook_secret(SeededChance(7)).reveal())
    (Secret(••••), 50)
    """
    return Secret(PREFIX + b64encode(chance.take_secret(BYTES)).decode())
