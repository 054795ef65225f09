"""Words for people: every wording stands in Chinese and English, in a TOML file beside its subject, checked when loaded.

A table is `key = { zh = "…", en = "…" }`. `{name}` in a wording is a placeholder, filled in where the words are used; both
languages must use the same ones, so that a sentence can't lose its figure in one of them.

    >>> word = Word(zh="已等待 {s} 秒", en="{s} s so far")
    >>> word.fill("en", s="5")
    '5 s so far'
"""

import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import msgspec

from .errors import Defect

Lang = Literal["zh", "en"]
"""The languages of the house; Chinese is what a setting begins with."""
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One wording in both languages. A catalogue whose rows know more has a row that extends this."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The wording in one language, as it stands: placeholders are not filled."""
        return self.zh if lang == "zh" else self.en

    def fill(self, lang: str, **values: object) -> str:
        """The wording in one language with its placeholders filled; KeyError when one is not given."""
        return self.of(lang).format_map(values)


Row = TypeVar("Row", bound=Word)
Shape = TypeVar("Shape")


def load_words(package: str, file: str) -> Mapping[str, Word]:
    """The wordings of one TOML file of a package, by key. Defect names the key that lacks a language."""
    return load_rows(package, file, Word)


def load_rows(package: str, file: str, row: type[Row]) -> Mapping[str, Row]:
    """The rows of a catalogue that carries words, by key, in the order of the file.

    Defect when the file is no such table, or names the key where a language is empty or the placeholders differ.
    """
    rows = read_rows(package, file, row)
    for key, one in rows.items():
        check_pair(file, key, one.zh, one.en)
    return rows


def read_rows(package: str, file: str, row: type[Shape]) -> Mapping[str, Shape]:
    """The rows of one TOML file of a package, by key, of any shape; whoever asks checks the words in them (`check_pair`)."""
    table: dict[str, Any] = msgspec.toml.decode(resources.files(package).joinpath(file).read_bytes())
    rows: dict[str, Shape] = {}
    for key, value in table.items():
        try:
            rows[key] = msgspec.convert(value, row)
        except msgspec.ValidationError as error:
            raise Defect(f"{file}, '{key}': {error}") from None
    return MappingProxyType(rows)


def check_pair(file: str, key: str, zh: str, en: str) -> None:
    """Both languages say something, with the same placeholders; Defect names the key that does not."""
    if not zh or not en:
        raise Defect(f"{file}, '{key}': a language is empty; write both")
    if set(PLACEHOLDER.findall(zh)) != set(PLACEHOLDER.findall(en)):
        raise Defect(f"{file}, '{key}': zh and en use different placeholders; use the same")
