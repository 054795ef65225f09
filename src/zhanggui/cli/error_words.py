"""What a mistake or a fault is called in the language of the command.

Whatever raises one says it in English and knows no language; `errors.toml` has the same sentence in both, with a name in the place of
each value. Here, at the edge, the sentence is found by its words, and the values go over as they are, or as sentences of their own.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..basics.words import PLACEHOLDER, Lang, Word, load_words
from ..edges.disk import is_of_full_disk, no_room
from ..views.questions.wrong import AskedWrong

ERRORS = load_words(__package__, "errors.toml")
_PLACES = ("path", "folder", "directory", "copy")
"""What a sentence calls the file or folder that could not be written."""


def failure_text(error: Exception, lang: Lang) -> str:
    """What a mistake or a fault is called. A full disk is called so whatever it kept from being done: nothing else helps."""
    if isinstance(error, AskedWrong):
        return error.of(lang)
    text = str(error)
    if not is_of_full_disk(error):
        return error_text(text, lang)
    for pattern, _ in _patterns():
        found = pattern.fullmatch(text)
        named = next((value for name, value in found.groupdict().items() if name in _PLACES), "") if found else ""
        if named:
            return error_text(str(no_room(Path(named))), lang)
    return f"{error_text('No space left on device', lang)}  ({error_text(text, lang)})"


def error_text(text: str, lang: Lang) -> str:
    """The sentence in one language; as it is where the catalogue does not know it.

    >>> error_text("there is no database host.db", "zh")
    '没有数据库 host.db'
    """
    return text if lang == "en" else _said(text, lang)


def _said(text: str, lang: Lang) -> str:
    for pattern, word in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            values = found.groupdict()
            return word.fill(lang, **{name: _said(value, lang) for name, value in values.items() if value != text})
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Word], ...]:
    """Each sentence as a pattern, the most exact ones first."""
    ordered = sorted(ERRORS.values(), key=lambda word: -len(PLACEHOLDER.sub("", word.en)))
    return tuple((re.compile("".join(_parts(word.en)), re.DOTALL), word) for word in ordered)


def _parts(sentence: str) -> Iterator[str]:
    end = 0
    for place in PLACEHOLDER.finditer(sentence):
        yield re.escape(sentence[end : place.start()])
        yield f"(?P<{place[1]}>.+?)"
        end = place.end()
    yield re.escape(sentence[end:])
