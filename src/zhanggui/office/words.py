"""What the office says. Names of lists are those that files of them bear."""

from collections.abc import Mapping
from types import MappingProxyType

from ..basics.words import Word, load_words
from ..views.exports.export import export_words

_NAMES_OF_LISTS = {key: word for key, word in export_words().items() if key.startswith("list.")}
OFFICE_WORDS: Mapping[str, Word] = MappingProxyType({**load_words(__package__, "words.toml"), **_NAMES_OF_LISTS})
