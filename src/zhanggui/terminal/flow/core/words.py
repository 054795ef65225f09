"""The words of `words.toml`, checked when loaded, and how screens become words of one language.

A word has `zh` and `en`, and where four lines of sixteen columns need it `zh_short` and `en_short`. Placeholders are `{name}`.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import get_args

from ....basics.errors import Defect
from ....basics.words import PLACEHOLDER, Lang, Word, check_pair, read_rows
from ...face import ChoiceView, CountdownView, EntryView, LineView, RowView, ScreenView, StatusView
from ..screens.screens import Line, Screen, StatusLine, Text
from .events import EntryWay

WAYS: dict[str, EntryWay] = {way: way for way in get_args(EntryWay)}


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
    """Every word by its key."""
    table = read_rows(__package__, "words.toml", ScreenWord)
    for key, word in table.items():
        check_word(key, word)
    return table


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


def render_screen(screen: Screen, lang: Lang) -> ScreenView:
    """A screen in one language, in short words where the screen is narrow."""

    def say(text: Text | None) -> str:
        return "" if text is None else render(text, lang, screen.narrow)

    def lines(those: tuple[Line, ...]) -> tuple[LineView, ...]:
        return tuple(LineView(say(line.text), line.style, say(line.right)) for line in those)

    entry, countdown = screen.entry, screen.countdown
    return ScreenView(
        id=screen.id,
        lang=lang,
        title=say(screen.title),
        status=_status(screen.status, lang),
        tone=screen.tone,
        lines=lines(screen.lines),
        entry=EntryView(say(entry.label), entry.shown, entry.kind, entry.max_length) if entry else None,
        choices=tuple(ChoiceView(key.key, say(key.label), key.rank, key.shortcut) for key in screen.choices),
        rows=tuple(RowView(say(row.left), say(row.middle), say(row.right), row.tone) for row in screen.rows),
        rows_title=say(screen.rows_title),
        totals=lines(screen.totals),
        digits=screen.digits,
        reader=tuple(WAYS[way] for way in screen.reader),
        signature=screen.signature,
        slips=screen.slips,
        code=screen.code,
        progress=tuple(say(text) for text in screen.progress),
        countdown=CountdownView(say(countdown.text), countdown.left_s) if countdown else None,
        page=screen.page,
    )


def _status(status: StatusLine, lang: Lang) -> StatusView:
    """The status line; a device that the model lacks has neither state nor word."""

    def word(item: str, state: str) -> str:
        return render(Text(f"status.{item}.{state}"), lang) if state else ""

    return StatusView(
        time=status.time,
        network=word("network", status.network),
        network_state=status.network,
        printer=word("printer", status.printer),
        printer_state=status.printer,
        power=word("power", status.power),
        power_state=status.power,
        operator=status.operator,
        terminal_no=status.terminal_no,
        simulated=status.simulated,
    )
