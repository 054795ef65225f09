"""The epoch (纪元) of a terminal: which of its sign-ons (0800) its payments belong to. The host gives a new one with each 0810.

A trace number is unique among the payments of one journal. Two copies of a journal, or one that begins anew, count the same
numbers again; each of them has signed on by itself, so their payments differ in this. It means nothing but its own name.
"""

import re

EPOCH_BYTES = 4
EPOCH_DIGITS = 2 * EPOCH_BYTES
_EPOCH = re.compile(f"[0-9a-f]{{{EPOCH_DIGITS}}}")


def is_epoch(text: str) -> bool:
    """Whether a text can be an epoch.

    >>> is_epoch("00c0ffee"), is_epoch("COFFEE00"), is_epoch("")
    (True, False, False)
    """
    return _EPOCH.fullmatch(text) is not None
