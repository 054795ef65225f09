"""What only eyes can see (tag EYES): asked by policy before a sign-in, `item:ok` or `item:wrong` with commas between."""

from functools import lru_cache

import msgspec

EYES_ITEMS = ("stands", "cables", "counter", "light")
"""Stands firm, cables tight, counter clear, light good."""
TEXTS_KEPT = 64
"""Texts whose reading is kept; there are sixteen that a terminal of ours can say."""


class Eyes(msgspec.Struct, frozen=True):
    """What an operator looked at. `told` is the text as it came: the evidence which a sign-in record keeps."""

    wrong: tuple[str, ...] = ()
    """Items that were called wrong, in their order."""
    is_complete: bool = False
    """Whether each item was called ok or wrong; a list with a gap proves nothing."""
    told: str = ""


NOT_LOOKED = Eyes()


def write_eyes(wrong: tuple[str, ...]) -> Eyes:
    """All items were looked at, and these are wrong.

    >>> write_eyes(("cables",)).told
    'stands:ok,cables:wrong,counter:ok,light:ok'
    """
    kept = tuple(item for item in EYES_ITEMS if item in wrong)
    return Eyes(kept, True, ",".join(f"{item}:{'wrong' if item in kept else 'ok'}" for item in EYES_ITEMS))


@lru_cache(maxsize=TEXTS_KEPT)
def read_eyes(text: str) -> Eyes:
    """Read the tag; never refuses. Said twice of one item, the last word counts.

    >>> read_eyes("stands:ok,cables:wrong").is_complete
    False
    """
    said = dict(entry.split(":", 1) for entry in text.split(",") if ":" in entry)
    wrong = tuple(item for item in EYES_ITEMS if said.get(item) == "wrong")
    return Eyes(wrong, all(said.get(item) in ("ok", "wrong") for item in EYES_ITEMS), text)
