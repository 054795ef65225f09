"""The screen of ticking off: n of m, what is missing, and a place for a number."""

from msgspec.structs import replace

from .....cup.values.bar_code import BAR_CODE_DIGITS
from ...core.copies import copies, key_of, missing, n_of_m
from ...core.events import DayLine
from ...core.policy import TODAY_LINES_SHOWN, TRACE_DIGITS
from ...core.state import State
from ...screens.frame import CANCEL, CLEAR, ENTER, dim, pair, plain, screen, strong, yuan
from ...screens.screens import Choice, Entry, ListRow, Screen, Tone
from ...screens.slip_said import SLIP_KEY
from ...words.text import literal, words
from ..stages import TickingOff
from .ticking import NUMBER_KEY, TICK_KEY, UNTICK_KEY

BACK = Choice("cancel", words("key.back"), "plain", "cancel")
RETRY_HERE = Choice("enter", words("key.retry"), "primary", "enter")
TAKEN = frozenset({"tick.done", "tick.done_many", "tick.again"})
"""Words that say that a copy is in hand."""


def ticking_off(state: State, stage: TickingOff) -> Screen:
    """What is in hand, and what is not."""
    all_of_them, left, known = copies(state), missing(state), n_of_m(state)
    hint = words("tick.hint" if known is not None else "tick.asking")
    shown = screen(
        state,
        "tick_off",
        words("tick.title"),
        # What became of the last one comes first: a display of four lines has it on its first page.
        strong(stage.notice) if stage.notice is not None else None,
        pair("tick.count", words("tick.n_of_m", n=str(known[0]), m=str(known[1]))) if known is not None else None,
        plain(hint) if stage.notice is None else None,
        dim(stage.slip_said) if stage.slip_said is not None else None,
        tone=tone_of(stage, is_complete=known is not None and not left),
        choices=choices_of(state, stage, has_slip=bool(left) and known is not None),
        digits=True,
    )
    title = words("tick.missing", n=str(len(left))) if left else words("tick.all" if all_of_them else "tick.nothing")
    return replace(
        shown,
        pad=stage.typing,
        entry=Entry(words("tick.number"), stage.digits, "digits", BAR_CODE_DIGITS),
        rows=tuple(missing_row(line) for line in left[:TODAY_LINES_SHOWN]),
        rows_title=title if known is not None else None,
    )


def choices_of(state: State, stage: TickingOff, *, has_slip: bool) -> tuple[Choice, ...]:
    """On a touch screen number keys come when they are asked for, in the room of everything else: the list has it until then."""
    touch = state.machine.profile.touch
    keys = (CANCEL, CLEAR, ENTER)
    if stage.typing:
        return keys
    back = words("tick.untick", trace=stage.last[TRACE_DIGITS:])
    more = (
        *((Choice(SLIP_KEY, words("slip.key.missing"), "plain", "" if touch else "#"),) if has_slip else ()),
        *((Choice(UNTICK_KEY, back, "plain", "" if touch else "*"),) if stage.last else ()),
    )
    if not touch:
        return (*more, *keys)
    again = (RETRY_HERE,) if stage.waiting and not stage.asked else ()
    return (*again, Choice(NUMBER_KEY, words("tick.by_number"), "plain"), *more, BACK)


def tone_of(stage: TickingOff, *, is_complete: bool) -> Tone:
    """Whether the last copy was taken, by mark and colour too."""
    if stage.notice is not None:
        return "good" if stage.notice.key in TAKEN else "warn"
    return "good" if is_complete else "calm"


def missing_row(line: DayLine) -> ListRow:
    """One copy that is missing, on one line: a phone has room for few. A tap says that it is not."""
    return ListRow(
        left=words("tick.row", trace=line.trace_no, kind=f"@kind.{line.kind}"),
        middle=literal(""),
        right=literal(yuan(line.amount_fen)),
        tone="warn",
        key=f"{TICK_KEY}{key_of(line)}",
    )
