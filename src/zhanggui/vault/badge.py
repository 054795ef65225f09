"""An operator's badge (工牌): a number that anybody may see, and a secret made by chance behind it. Pure text and bytes, no key.

    ZGB1 ─ number, 8 characters of base32 ─ secret of 128 bits, 26 characters of base32

The text is what a QR code, a stripe or a contactless card holds; capitals and digits alone, so that any scanner types it as it is.
The number finds whose badge it is and proves nothing; the secret proves, and leaves a terminal under its PIN key alone.
"""

import base64
import re
from hashlib import sha256

from zhanggui.basics.chance import Chance
from zhanggui.basics.secret import Secret

PREFIX = "ZGB1"
NUMBER_BYTES = 5
BADGE_BYTES = 16
"""128 bits: nobody guesses one, whatever is not locked."""
_TEXT = re.compile(rf"{PREFIX}([A-Z2-7]{{8}})([A-Z2-7]{{26}})")
_PADDING = "======"


def draw_badge(chance: Chance) -> Secret:
    """The text of a new badge.

    >>> from zhanggui.basics.chance import SeededChance
    >>> badge = draw_badge(SeededChance(7))
    >>> badge, len(badge.reveal()), is_badge(badge.reveal())
    (Secret(••••), 38, True)
    """
    number = base64.b32encode(chance.take(NUMBER_BYTES)).decode("ascii")
    secret = base64.b32encode(chance.take_secret(BADGE_BYTES)).decode("ascii").rstrip("=")
    return Secret(f"{PREFIX}{number}{secret}")


def is_badge(text: str) -> bool:
    """Whether a text that was read is a badge's.

    >>> is_badge("6901234567892")
    False
    """
    return _TEXT.fullmatch(text) is not None


def badge_number(badge: Secret) -> str:
    """The badge's number. ValueError for a text that is no badge's, without the text."""
    return _parts(badge)[0]


def badge_secret(badge: Secret) -> bytes:
    """The badge's secret, 16 bytes in the clear: for the vault alone."""
    return base64.b32decode(_parts(badge)[1] + _PADDING)


def masked(secret: bytes, context: bytes) -> bytes:
    """Bind a secret to one message, or take it out again: it opens to another one beside any other message."""
    mask = sha256(b"badge:" + context).digest()[:BADGE_BYTES]
    return bytes(one ^ other for one, other in zip(secret, mask, strict=True))


def _parts(badge: Secret) -> tuple[str, str]:
    found = _TEXT.fullmatch(badge.reveal())
    if found is None:
        raise ValueError("this is no badge")
    return found[1], found[2]
