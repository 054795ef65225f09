"""A screen on the classic keypad model: 128 × 64 points, four lines of sixteen half-width columns.

The first line is the title, the last one what is being typed; between them stand words and menu entries, on as many pages
as they need. Nothing is cut: a longer text goes on the next page.
"""

import re

from .flow.screens.columns import display_width, fit_pair, pad, wrap
from .flow.screens.views import ChoiceView, EntryView, LineView, RowView, ScreenView
from .models.profiles import Profile

KEY_NAMES = {
    "zh": {"enter": "确认", "clear": "清除", "cancel": "取消"},
    "en": {"enter": "Enter", "clear": "Clear", "cancel": "Cancel"},
}
"""What stands on the keys themselves."""


def keypad_lines(view: ScreenView, profile: Profile) -> tuple[str, ...]:
    """The page that the display shows now: exactly `display_lines` lines of exactly `display_columns` columns."""
    those = keypad_pages(view, profile)
    return those[view.page % len(those)]


def keypad_pages(view: ScreenView, profile: Profile) -> list[tuple[str, ...]]:
    """All pages of the screen, in order; at least one."""
    columns = profile.display_columns
    title, *more_title = wrap(view.title, columns)
    body = [*more_title, *body_rows(view, columns)]
    foot = entry_rows(view.entry, columns)
    room = profile.display_lines - 1 - len(foot)
    chunks = [body[start : start + room] for start in range(0, len(body), room)] or [[]]
    marks = [f"{number}/{len(chunks)}" if len(chunks) > 1 else "" for number in range(1, len(chunks) + 1)]
    return [
        tuple(pad(line, columns) for line in (headed(title, mark, columns), *chunk, *[""] * (room - len(chunk)), *foot))
        for mark, chunk in zip(marks, chunks, strict=True)
    ]


def headed(title: str, mark: str, columns: int) -> str:
    """The title, with the page's number where there is room for it."""
    return fit_pair(title, mark, columns)[0] if mark else title


def body_rows(view: ScreenView, columns: int) -> list[str]:
    """Words and menu. Where something is wrong the words come first, else the menu does."""
    words = [row for line in view.lines for row in line_rows(line, columns)]
    counting = wrap(view.countdown.text, columns) if view.countdown else []
    code = [view.code] if view.code else []
    menu = menu_rows(view.choices, columns)
    hints = [row for choice in view.choices for row in hint_rows(choice, view.lang, columns)]
    figures = [row for line in view.totals for row in line_rows(line, columns)]
    listed = [row for entry in view.rows for row in list_rows(entry, columns)]
    first = [*code, *words, *menu] if view.tone in ("warn", "bad") else [*menu, *words]
    return [*counting, *first, *hints, *figures, *listed]


def line_rows(line: LineView, columns: int) -> list[str]:
    """One line of a screen."""
    if line.right:
        return fit_pair(line.text, shortened(line.right, columns), columns)
    return wrap(shortened(line.text, columns), columns) if line.text else []


def list_rows(row: RowView, columns: int) -> list[str]:
    """One row of a list, under each other."""
    rows = [known for known in (row.left, shortened(row.middle, columns)) if known]
    return [*(part for known in rows for part in wrap(known, columns)), *fit_pair("", row.right, columns)]


def shortened(text: str, columns: int) -> str:
    """A masked card number that does not fit keeps its first six and last four digits and loses only stars."""
    return re.sub(r"\*{3,}", "**", text) if display_width(text) > columns else text


def menu_rows(choices: tuple[ChoiceView, ...], columns: int) -> list[str]:
    """Numbered entries, two on a line where they fit."""
    rows: list[str] = []
    for choice in choices:
        if not choice.shortcut.isdigit():
            continue
        entry = f"{choice.shortcut}.{choice.label}"
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
