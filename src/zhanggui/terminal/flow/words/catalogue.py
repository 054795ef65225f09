"""The words of `words.toml`, checked when loaded.

A word has `zh` and `en`, and where four lines of sixteen columns need it `zh_short` and `en_short`. Placeholders are `{name}`.
"""

import re
from collections.abc import Mapping
from functools import cache

from ....basics.errors import Defect
from ....basics.words import PLACEHOLDER, Lang, Word, check_pair, read_rows
from ....cup.brands import BRANDS
from ....cup.code_words import reason_by_code, reason_by_our_code
from ....cup.next_steps import all_steps
from ....cup.response_codes import RESPONSE_CODES
from .screen_codes import all_screen_codes
from .text import Text

BY_CODE, BY_CODE_LATER, BY_OUR_CODE = "by_code", "by_code_later", "by_our_code"
"""Last words of the keys of an answer where a payment code stood in the place of a card, and where it is about an earlier payment."""


class ScreenWord(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One wording in both languages, and in short where four lines must do."""

    zh_short: str = ""
    en_short: str = ""

    def on(self, lang: Lang, narrow: bool) -> str:
        """The wording for one language; `narrow` takes the short one where there is one."""
        short = self.zh_short if lang == "zh" else self.en_short
        return short if narrow and short else self.of(lang)


def check_word(key: str, word: ScreenWord) -> None:
    """Both languages say something and use the same placeholders, short forms no others; Defect names the key that does not."""
    check_pair("words.toml", key, word.zh, word.en)
    wanted = set(PLACEHOLDER.findall(word.zh))
    for short in (word.zh_short, word.en_short):
        if not set(PLACEHOLDER.findall(short)) <= wanted:
            raise Defect(f"words.toml, '{key}': the short form uses a placeholder that the long one lacks")


@cache
def all_words() -> Mapping[str, ScreenWord]:
    """Every word by its key; and the next steps and the reasons that screens say as everybody says them."""
    table = _by_code() | dict(read_rows(__package__, "words.toml", ScreenWord))
    table |= {step_key(row.cashier): _as_sentence(row.cashier) for row in all_screen_codes().values() if row.on_screen}
    table |= {brand_key(name): ScreenWord(zh=brand.zh, en=brand.en) for name, brand in BRANDS.items()}
    for key, word in table.items():
        check_word(key, word)
    return table


def brand_key(name: str) -> str:
    """The key of a brand's words (`cup/brands.toml`)."""
    return f"brand.{name}"


def step_key(step: str) -> str:
    """The key of a next step (`cup/next_steps.toml`): what the screen says to do and what `zhanggui explain` says is one wording."""
    return f"step.{step}"


def _by_code() -> dict[str, ScreenWord]:
    """What an answer says where it speaks of cards, and a payment code stood in the place of one (`cup/code_words.py`)."""
    table: dict[str, ScreenWord] = {}
    for code, row in RESPONSE_CODES.items():
        reasons = {
            BY_CODE: reason_by_code(code),
            BY_CODE_LATER: reason_by_code(code, is_shown=False),
            BY_OUR_CODE: reason_by_our_code(code),
        }
        for last, reason in reasons.items():
            if (reason.zh, reason.cashier) != (row.zh, row.cashier):
                table[f"code.{code}.{last}"] = ScreenWord(zh=reason.zh, en=reason.en)
                table[f"code.{code}.{last}.do"] = _as_sentence(reason.cashier)
    return table


def _as_sentence(step: str) -> ScreenWord:
    word = all_steps()[step]
    return ScreenWord(zh=f"{word.zh}。", en=f"{word.en[:1].upper()}{word.en[1:]}.")


def has_words(key: str) -> bool:
    """Tell whether words.toml knows this key."""
    return key in all_words()


def render(text: Text, lang: Lang, narrow: bool = False) -> str:
    """One wording in one language.

    A value that begins with `@` and names a key gives the words of that key. Defect when the key or a value is missing:
    a screen with a hole in it must not reach a person.
    """
    values = dict(text.values)
    if not text.key:
        return values.get("text", "")
    word = all_words().get(text.key)
    if word is None:
        raise Defect(f"words.toml has no '{text.key}'")

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            raise Defect(f"words.toml, '{text.key}': nothing was given for '{match[1]}'")
        if value.startswith("@") and has_words(value[1:]):
            return all_words()[value[1:]].on(lang, narrow)
        return value

    return PLACEHOLDER.sub(value_of, word.on(lang, narrow))
