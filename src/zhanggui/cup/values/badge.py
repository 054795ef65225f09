"""Badges (工牌) in tag BADGE of 401, `number:block`, where a badge says who somebody is. Ours; docs/concepts/sign-in.md.

The number is printed in the badge and finds whose it is. The block is its secret under the PIN key, bound to this one message: it
opens to nothing in any other, so that a frame that was caught is worth nothing.
"""

import re

import msgspec

from ...basics.numbers import BatchNo, Login, MerchantNo, TerminalNo, TraceNo, UserName

BY_BADGE = UserName("*badge")
"""Stands where a login does, at whoever knows that a badge was shown and not whose: it is no number, and no user name begins so."""
BADGE_ALONE = UserName("*badge-alone")
"""The same, where no password goes with it."""
_TAG = re.compile(r"([A-Z2-7]{1,16}):([0-9A-F]{2,64})")


class ShownBadge(msgspec.Struct, frozen=True):
    """A badge as a message shows it."""

    number: str
    block: bytes = b""
    """Empty where what came is no block; it proves nothing then."""


def write_badge(badge: ShownBadge | None) -> str:
    """The text of tag BADGE.

    >>> write_badge(ShownBadge("ABCDEFGH", bytes(2)))
    'ABCDEFGH:0000'
    """
    return "" if badge is None else f"{badge.number}:{badge.block.hex().upper()}"


def read_badge(text: str) -> ShownBadge | None:
    """Read tag BADGE; None where there is none. What is malformed is nobody's badge, and no refusal of its own.

    >>> read_badge("ABCDEFGH:00FF"), read_badge("abc"), read_badge("")
    (ShownBadge(number='ABCDEFGH', block=b'\\x00\\xff'), ShownBadge(number='?', block=b''), None)
    """
    if not text:
        return None
    found = _TAG.fullmatch(text)
    if found is None or len(found[2]) % 2:
        return ShownBadge("?")
    return ShownBadge(found[1], bytes.fromhex(found[2]))


def badge_context(merchant_no: MerchantNo, terminal_no: TerminalNo, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
    """What a badge's block is bound to."""
    return f"{merchant_no}{terminal_no}{batch_no}{trace_no}".encode()


def is_by_badge(login: Login) -> bool:
    """Whether a badge was shown in place of a number.

    >>> is_by_badge(BY_BADGE), is_by_badge(UserName("badge"))
    (True, False)
    """
    return login in (BY_BADGE, BADGE_ALONE)
