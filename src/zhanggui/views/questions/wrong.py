"""What is wrong with a question, in both languages: which field, and what is allowed there."""

import re
from collections.abc import Mapping
from functools import cache

from ...basics.errors import Misuse
from ...basics.words import Lang, Word, load_words

NAME = re.compile(r"[a-z_]{1,24}")
NO_NAME = "?"
"""What is said in place of a name that can be none: it may be a secret that somebody put where a name belongs."""


@cache
def question_words() -> Mapping[str, Word]:
    """Names of filters, what is wrong with a question, how a list says of itself what it shows."""
    return load_words(__package__, "words.toml")


def filter_name(name: str, lang: Lang) -> str:
    """What a filter is called."""
    word = question_words().get(f"filter.{name}")
    return name if word is None else word.of(lang)


class AskedWrong(Misuse):
    """A question can't be read. `field` is the filter (or `cursor`, `limit`, `list`); its text is English, `of` says it in a language."""

    def __init__(self, field: str, what: str, **values: str) -> None:
        self.field = field if NAME.fullmatch(field) else NO_NAME
        self.what = what
        self._values = values
        super().__init__(self.of("en"))

    def of(self, lang: Lang) -> str:
        """The sentence in one language."""
        return question_words()[f"wrong.{self.what}"].fill(
            lang, field=filter_name(self.field, lang), name=self.field, **self._values
        )
