"""What the office says."""

from collections.abc import Mapping

from ..basics.words import Word, load_words

OFFICE_WORDS: Mapping[str, Word] = load_words(__package__, "words.toml")
