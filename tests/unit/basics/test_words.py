"""One loader for every catalogue of words: both languages, the same placeholders, the shape that was asked for."""

import sys
from pathlib import Path

import pytest

from zhanggui.basics.errors import Defect
from zhanggui.basics.words import Word, load_rows, load_words


class Loud(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tone: str = "quiet"


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of its own, with a file of words to write."""
    package = tmp_path / "a_catalogue"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("a_catalogue", None)
    return package / "words.toml"


def test_words_come_in_the_order_of_the_file(catalogue: Path) -> None:
    catalogue.write_text('b = { zh = "乙", en = "b" }\na = { zh = "甲 {n}", en = "a {n}" }\n', encoding="utf-8")
    words = load_words("a_catalogue", "words.toml")
    assert list(words) == ["b", "a"]
    assert (words["b"].of("zh"), words["a"].fill("en", n=3)) == ("乙", "a 3")


def test_a_row_may_know_more_than_its_words(catalogue: Path) -> None:
    catalogue.write_text('a = { zh = "甲", en = "a", tone = "alert" }\n', encoding="utf-8")
    assert load_rows("a_catalogue", "words.toml", Loud)["a"].tone == "alert"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('a = { zh = "甲", en = "" }', "a language is empty"),
        ('a = { zh = "甲 {n}", en = "a" }', "different placeholders"),
        ('a = { zh = "甲" }', "missing required field `en`"),
        ('a = { zh = "甲", en = "a", fr = "a" }', "unknown field `fr`"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_named_by_its_key(catalogue: Path, text: str, what: str) -> None:
    catalogue.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(Defect, match=r"words.toml, 'a'") as found:
        load_words("a_catalogue", "words.toml")
    assert what in str(found.value)
