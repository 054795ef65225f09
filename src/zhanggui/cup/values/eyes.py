"""What only eyes can see (tag EYES): asked by policy before a sign-in, `item:ok` or `item:wrong` with commas between.

Which items are asked is policy: some of a catalogue, and words of the shop's own, which name themselves.
"""

from collections.abc import Mapping
from functools import cache, lru_cache

import msgspec

from ...basics.visible import is_visible
from ...basics.words import Lang, Word, load_words

EYES_ASKED = ("stands", "cables", "counter", "light")
"""Stands firm, cables tight, counter clear, light good: what is asked where nothing else is chosen."""
EYES_ITEMS = (*EYES_ASKED, "display", "temperature", "dryness")
"""The catalogue; its words stand in `eyes.toml`."""
ITEMS_MAX = 7
"""Items of one look: as many as a screen has digits and room for."""
OWN_MAX = 2
OWN_BYTES_MAX = 16
"""A shop's own item, in GB18030: eight characters of Chinese. Both fit field 62 beside the other rules and the other evidence."""
BETWEEN_ITEMS = "+"
"""A comma parts rules, and answers."""
TEXTS_KEPT = 64
"""Texts whose reading is kept; an ordinary shop says few."""
_STEERING = frozenset("+,:=@，：、")
"""They part items, answers and rules, or stand for the words of a key."""


class Eyes(msgspec.Struct, frozen=True):
    """What an operator looked at. `told` is the text as it came: the evidence which a sign-in record keeps."""

    wrong: tuple[str, ...] = ()
    """Items that were called wrong, in their order."""
    looked_at: tuple[str, ...] = ()
    """Items that were called ok or wrong."""
    told: str = ""

    def cover(self, items: tuple[str, ...]) -> bool:
        """Whether each of these was called ok or wrong; a list with a gap proves nothing."""
        return set(items) <= set(self.looked_at)


NOT_LOOKED = Eyes()


def write_eyes(wrong: tuple[str, ...], items: tuple[str, ...] = EYES_ASKED) -> Eyes:
    """All items were looked at, and these are wrong.

    >>> write_eyes(("cables",)).told
    'stands:ok,cables:wrong,counter:ok,light:ok'
    """
    kept = tuple(item for item in items if item in wrong)
    return Eyes(kept, items, ",".join(f"{item}:{'wrong' if item in kept else 'ok'}" for item in items))


@lru_cache(maxsize=TEXTS_KEPT)
def read_eyes(text: str) -> Eyes:
    """Read the tag; never refuses. Said twice of one item, the last word counts; what can be no item is passed over.

    >>> read_eyes("stands:ok,cables:wrong,:wrong").wrong
    ('cables',)
    """
    said = dict(entry.split(":", 1) for entry in text.split(",") if ":" in entry)
    looked_at = tuple(item for item, answer in said.items() if answer in ("ok", "wrong") and is_item(item))
    return Eyes(tuple(item for item in looked_at if said[item] == "wrong"), looked_at, text)


def is_item(item: str) -> bool:
    """One of the catalogue, or a word that a shop could have as its own.

    >>> is_item("cables"), is_item("插座无损"), is_item("a:b"), is_item("")
    (True, True, False, False)
    """
    return item in EYES_ITEMS or is_own_item(item)


def is_own_item(item: str) -> bool:
    """A word of a shop's own: short, visible, and nothing that parts items from each other.

    >>> is_own_item("插座无损"), is_own_item("\u3164"), is_own_item("cab\u200dles")
    (True, False, False)
    """
    if not _STEERING.isdisjoint(item) or not is_visible(item):
        return False
    return len(item.encode("gb18030", "replace")) <= OWN_BYTES_MAX


@lru_cache(maxsize=TEXTS_KEPT)
def read_items(text: str) -> tuple[str, ...]:
    """The items of a policy or of tag RULES; those that are asked by default where none is left. Never refuses.

    >>> read_items("display+插座无损"), read_items("")
    (('display', '插座无损'), ('stands', 'cables', 'counter', 'light'))
    """
    items = tuple(dict.fromkeys(item for item in text.split(BETWEEN_ITEMS) if is_item(item)))
    return items[:ITEMS_MAX] or EYES_ASKED


def write_items(items: tuple[str, ...]) -> str:
    """The items as a policy keeps them and tag RULES carries them."""
    return BETWEEN_ITEMS.join(items)


@cache
def item_words() -> Mapping[str, Word]:
    """What the items of the catalogue are called."""
    return load_words(__package__, "eyes.toml")


def item_called(item: str, lang: Lang) -> str:
    """An item as people call it; a shop's own names itself.

    >>> item_called("cables", "zh"), item_called("插座无损", "en")
    ('线缆', '插座无损')
    """
    word = item_words().get(item)
    return item if word is None else word.of(lang)
