"""Words of slips in one language. What the trade prints in both at once is written so in the source, and English paper takes its half."""

import re
from collections.abc import Mapping
from functools import cache

from ....basics.words import Lang, Word, load_words

_BOTH = re.compile(r"[^()]+\((?P<en>.+)\)(?P<end>:?)")


def in_lang(both: str, lang: Lang) -> str:
    """A bilingual label: whole on Chinese paper, its English half on English paper.

    >>> in_lang("批次号(BATCH NO.):", "en"), in_lang("消费(SALE)", "zh")
    ('BATCH NO.:', '消费(SALE)')
    """
    found = _BOTH.fullmatch(both) if lang == "en" else None
    return both if found is None else found["en"] + found["end"]


def own(key: str, lang: Lang, **values: object) -> str:
    """Words that stand in one language only, with their values."""
    return _words()[key].fill(lang, **values)


@cache
def _words() -> Mapping[str, Word]:
    return load_words(__package__, "slip_words.toml")
