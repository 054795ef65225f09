"""A screen on the classic keypad model: 128 × 64 points, four lines of sixteen half-width columns.

The first line is the title, the last one what is being typed; between them stand words and menu entries, on as many pages
as they need. Nothing is cut: a longer text goes on the next page. Where there is more than one page, each says which one it
is and, unless something is being typed, what Enter does here.
"""

import re
from typing import Literal

from .flow.screens.columns import display_width, fit_pair, pad, wrap
from .flow.screens.frame import SHORTCUTS
from .flow.screens.views import ChoiceView, EntryView, LineView, RowView, ScreenView
from .models.profiles import Profile

KEY_NAMES = {
    "zh": {"enter": "确认", "clear": "清除", "cancel": "取消"},
    "en": {"enter": "Enter", "clear": "Clear", "cancel": "Cancel"},
}
"""What stands on the keys themselves."""
MENU_KEYS = frozenset(SHORTCUTS)
"""Keys with one figure or sign: what they mean is nothing but their entry of the menu."""


def keypad_lines(view: ScreenView, profile: Profile) -> tuple[str, ...]:
    """The page that the display shows now: exactly `display_lines` lines of exactly `display_columns` columns."""
    those = keypad_pages(view, profile)
    return those[view.page % len(those)]


def keypad_pages(view: ScreenView, profile: Profile) -> list[tuple[str, ...]]:
    """All pages of the screen, in order; at least one."""
    columns, lines = profile.display_columns, profile.display_lines
    if view.scan:
        return beside_code(view, columns, lines)
    foot = entry_rows(view.entry, columns)
    pages = paged(view, foot, columns, lines, mark_columns=0)
    if len(pages) > 1:
        # A page's number takes room from the title, and the title's rest may take another page.
        foot = foot or enter_rows(view, columns)
        mark_columns = display_width(mark_of(len(pages), 2 * len(pages)))
        pages = paged(view, foot, columns, lines, mark_columns=mark_columns)
    return [tuple(pad(line, columns) for line in page) for page in pages]


def beside_code(view: ScreenView, columns: int, lines: int) -> list[tuple[str, ...]]:
    """The left half is the code's, as high as the display; words stand beside it, and those that have no room there are left out.

    What each key does has a page of its own behind them; pages turn by themselves.
    """
    half = columns // 2
    counting = wrap(view.countdown.text, half) if view.countdown else []
    rows = [*wrap(view.title, half)[:1], *counting, *(row for line in view.lines for row in line_rows(line, half))]
    told = [
        [f"{name}:", *wrap(choice.label, half)]
        for choice in view.choices
        if (name := KEY_NAMES[view.lang].get(choice.shortcut, "")) and choice.label != name
    ]
    return [
        tuple(" " * half + pad(row, columns - half) for row in (*page, *[""] * lines)[:lines]) for page in (rows, *told)
    ]


def paged(view: ScreenView, foot: list[str], columns: int, lines: int, *, mark_columns: int) -> list[tuple[str, ...]]:
    """The screen on pages whose first line keeps so many columns for the page's number."""
    title = wrap(view.title, columns - mark_columns)[0]
    more_title = wrap(view.title.removeprefix(title).lstrip(), columns) if title != view.title else []
    body = [row for row in (*more_title, *body_rows(view, columns)) if row not in foot]
    room = lines - 1 - len(foot)
    chunks = [body[start : start + room] for start in range(0, len(body), room)] or [[]]
    heads = [fit_pair(title, mark_of(n, len(chunks)).lstrip(), columns)[0] for n in range(1, len(chunks) + 1)]
    if len(chunks) == 1:
        heads = [title]
    return [(head, *chunk, *[""] * (room - len(chunk)), *foot) for head, chunk in zip(heads, chunks, strict=True)]


def mark_of(number: int, count: int) -> str:
    """Which page this is, with the blank before it."""
    return f" {number}/{count}"


def enter_rows(view: ScreenView, columns: int) -> list[str]:
    """What Enter does here, when that is more than its name says and fits on one line; a key that leads on must not be looked for."""
    hints = [hint_rows(choice, view.lang, columns) for choice in view.choices if choice.shortcut == "enter"]
    return hints[0] if hints and len(hints[0]) == 1 else []


def body_rows(view: ScreenView, columns: int) -> list[str]:
    """Words and menu. Where something is wrong the words come first; else what has come about, or the day's figures, and then the menu."""
    counting = wrap(view.countdown.text, columns) if view.countdown else []
    # The line that says whom to call names the code already.
    code = [view.code] if view.code and not any(view.code in line.text for line in view.lines) else []
    menu = menu_rows(view.choices, columns)
    hints = [row for choice in view.choices for row in hint_rows(choice, view.lang, columns)]
    figures = [row for line in view.totals for row in line_rows(line, columns)]
    listed = [row for entry in view.rows for row in list_rows(entry, columns)]
    if view.tone in ("warn", "bad"):
        return [*counting, *words_of(view, columns), *code, *menu, *hints, *figures, *listed]
    results, rest = words_of(view, columns, "strong"), words_of(view, columns, "other")
    first, last = (results, figures) if results else (figures, [])
    return [*counting, *first, *menu, *rest, *hints, *last, *listed]


def words_of(view: ScreenView, columns: int, which: Literal["all", "strong", "other"] = "all") -> list[str]:
    """The lines of the screen: all, or those that matter, or the others."""
    return [
        row
        for line in view.lines
        if which == "all" or (line.style == "strong") == (which == "strong")
        for row in line_rows(line, columns)
    ]


def line_rows(line: LineView, columns: int) -> list[str]:
    """One line of a screen."""
    if line.right:
        return card_row(line, columns) or fit_pair(line.text, line.right, columns)
    return wrap(shortened(line.text, columns), columns) if line.text else []


def card_row(line: LineView, columns: int) -> list[str]:
    """A pair with a masked card number, on one line with as much of both as there is room for; the last four digits always stay.

    A label without its value, on the page before, would say nothing. Empty when this is no such pair.
    """
    if "***" not in line.right:
        return []
    last_four = re.sub(r"\d+\*{3,}", "*", line.right)
    for label, value in ((line.text, line.right), (line.text, shortened(line.right, 0)), (line.text, last_four)):
        if display_width(label) + 1 + display_width(value) <= columns:
            return fit_pair(label, value, columns)
    return [" " * max(0, columns - display_width(last_four)) + last_four]


def list_rows(row: RowView, columns: int) -> list[str]:
    """One row of a list, under each other."""
    rows = [known for known in (row.left, shortened(row.middle, columns)) if known]
    return [*(part for known in rows for part in wrap(known, columns)), *fit_pair("", row.right, columns)]


def shortened(text: str, columns: int) -> str:
    """A masked card number that does not fit keeps its first six and last four digits and loses only stars."""
    return re.sub(r"\*{3,}", "**", text) if display_width(text) > columns else text


def menu_rows(choices: tuple[ChoiceView, ...], columns: int) -> list[str]:
    """The entries that a key with a figure or sign of its own stands for, two on a line where they fit."""
    rows: list[str] = []
    for choice in choices:
        if choice.shortcut not in MENU_KEYS:
            continue
        entry = f"{choice.shortcut}{'.' if choice.shortcut.isdigit() else ':'}{choice.label}"
        if rows and len(rows[-1]) > 0 and display_width(rows[-1]) + 1 + display_width(entry) <= columns:
            rows[-1] += " " + entry
        else:
            rows += wrap(entry, columns)
    return rows


def hint_rows(choice: ChoiceView, lang: str, columns: int) -> list[str]:
    """What a key means here, unless its own name says it."""
    name = KEY_NAMES[lang].get(choice.shortcut, "")
    if not name or choice.label == name:
        return []
    return wrap(f"{name}:{choice.label}", columns)


def entry_rows(entry: EntryView | None, columns: int) -> list[str]:
    """What is being typed, at the right edge, with its label where both fit on one line."""
    if entry is None:
        return []
    shown = entry.shown if entry.kind == "amount" else f"{entry.shown}_"
    if display_width(entry.label) + 1 + display_width(shown) <= columns:
        return fit_pair(entry.label, shown, columns)
    return [" " * (columns - display_width(shown)) + shown]
