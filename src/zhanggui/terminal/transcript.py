"""A screen and a slip as blocks of text for a console, in the words of the screen itself."""

from ..cup.values.slip import Slip
from .flow.screens.columns import display_width, fit_pair, pad, wrap
from .flow.screens.views import ChoiceView, LineView, RowView, ScreenView
from .paper.text import slip_text

COLUMNS = 64
"""Width of a block; it fits a console of eighty columns with an indent."""

MARKS = {"calm": " ", "busy": "…", "good": "✓", "warn": "!", "bad": "×"}
"""A sign for each tone, because colour alone must not carry it."""

ROWS_MAX = 8
"""Rows of a list that a block shows; the rest is counted."""

WAYS = {
    "zh": {"swipe": "刷卡", "insert": "插卡", "tap": "挥卡", "scan": "扫码"},
    "en": {"swipe": "swipe", "insert": "insert", "tap": "tap", "scan": "scan"},
}


def screen_text(view: ScreenView) -> str:
    """One screen: status line, title, words, entry, lists, keys."""
    rows = [status_row(view), *wrapped(f"{MARKS[view.tone]} {view.title}")]
    if view.code:
        rows[-1:] = fit_pair(rows[-1], view.code, COLUMNS)
    if view.countdown is not None:
        rows += wrapped(f"  {view.countdown.text}")
    rows += [row for line in view.lines for row in line_rows(line)]
    if view.scan:
        rows += wrapped(f"  [▦] {view.scan}")
    if view.entry is not None:
        rows += fit_pair(f"  {view.entry.label}", f"[ {view.entry.shown} ]", COLUMNS)
    rows += [row for line in view.totals for row in line_rows(line)]
    rows += list_block(view)
    if view.reader:
        ways = (*view.reader, "scan") if view.pay_code else view.reader
        rows.append("  ((" + " · ".join(WAYS[view.lang][way] for way in ways) + "))")
    rows += keys_row(view.choices)
    return "\n".join(row.rstrip() for row in rows)


def status_row(view: ScreenView) -> str:
    """The line on top."""
    status = view.status
    known = (status.time, status.terminal_no, status.network, status.printer, status.power, status.operator)
    text = "── " + " | ".join(part for part in known if part) + " "
    return text + "─" * max(0, COLUMNS - display_width(text.replace("─", "-")))


def line_rows(line: LineView) -> list[str]:
    """One line of the screen."""
    if line.right:
        return fit_pair(f"  {line.text}", line.right, COLUMNS)
    return wrapped(f"  {line.text}") if line.text else []


def wrapped(text: str) -> list[str]:
    """A text that keeps its indent on every row."""
    indent = text[: len(text) - len(text.lstrip())] if text[:1].isspace() else ""
    return [indent + row for row in wrap(text.strip(), COLUMNS - len(indent))]


def list_block(view: ScreenView) -> list[str]:
    """A list with its title; what does not fit is counted."""
    if not view.rows:
        return [f"  {view.rows_title}"] if view.rows_title else []
    rows = [f"  {view.rows_title}"]
    rows += [row for known in view.rows[:ROWS_MAX] for row in list_rows(known)]
    left = len(view.rows) - ROWS_MAX
    return [*rows, f"    … +{left}"] if left > 0 else rows


def list_rows(row: RowView) -> list[str]:
    """One row of a list."""
    mark = f"    {MARKS[row.tone]} "
    text = f"{row.left}  {row.middle}".rstrip()
    first, *more = fit_pair(text, row.right, COLUMNS - len(mark))
    return [mark + first, *(" " * len(mark) + row for row in more)]


def keys_row(choices: tuple[ChoiceView, ...]) -> list[str]:
    """The keys, the primary one in angle brackets."""
    keys = [f"<{key.label}>" if key.rank == "primary" else f"[{key.label}]" for key in choices]
    return wrapped("  " + "  ".join(keys)) if keys else []


def display_text(lines: tuple[str, ...]) -> str:
    """The four lines of the keypad model in a frame."""
    width = max(display_width(line) for line in lines)
    bar = "─" * (width + 2)
    return "\n".join([f"┌{bar}┐", *(f"│ {pad(line, width)} │" for line in lines), f"└{bar}┘"])


def framed_slip(slip: Slip, columns: int) -> str:
    """A slip as a piece of paper, torn off at its lower edge."""
    rows = slip_text(slip, columns)
    edge = "┌" + "─" * (columns + 2) + "┐"
    torn = "╵" + "‿" * (columns + 2) + "╵"
    return "\n".join([edge, *(f"│ {pad(row, columns)} │" for row in rows), torn])
