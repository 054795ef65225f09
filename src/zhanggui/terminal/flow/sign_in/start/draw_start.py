"""The start screen of a touch model and of a keypad model."""

from msgspec.structs import replace

from .....basics.clock import format_time
from ...core.state import State
from ...core.trouble import device_words
from ...screens.frame import by_phone, by_user_name, menu, pair, screen, strong
from ...screens.screens import Choice, Line, Screen
from ...words.text import Text, literal, words
from .menu import MENU, RECENT_KEY


def start(state: State, notice: Text | None) -> Screen:
    """Where the counter is, what the self-check found, who was here last; and the one thing to do."""
    said = None if notice is None else strong(notice)
    touch = state.machine.profile.touch
    entries = ((entry, f"start.{entry}") for entry in MENU)
    keys = touch_keys(state) if touch else (*menu(*entries, numbered=True), *by_user_name(state), *by_phone(state))
    lines = counter_lines(state)
    shown = screen(state, "sign_in_number", words("sign_in.title"), said, *lines, choices=keys, digits=True)
    return replace(shown, letters=state.rules.user_names)


def touch_keys(state: State) -> tuple[Choice, ...]:
    """签到, the names that policy lets stand there, and the ways by user name and by phone."""
    recent = state.counter.recent[: state.rules.recent_operators]
    names = tuple(Choice(f"{RECENT_KEY}{known.operator_no}", literal(known.shown)) for known in recent)
    return (
        Choice("sign_in", words("start.sign_in"), "primary", "enter"),
        *names,
        *by_user_name(state),
        *by_phone(state),
    )


def counter_lines(state: State) -> tuple[Line, ...]:
    """What a person who comes to the counter wants to see; what is not known yet is left out."""
    counter, machine = state.counter, state.machine
    last = counter.last
    told = (
        pair("fact.shop", counter.merchant_name) if counter.merchant_name else None,
        pair("fact.place", counter.place) if counter.place else None,
        pair("fact.terminal", machine.terminal_no, is_strong=True),
        pair("fact.time", format_time(state.now)),
        checked_line(state),
        pair("start.last", f"{last.shown} {format_time(counter.signed_in_at)[5:16]}") if last is not None else None,
        batch_line(state),
        pair("start.version", machine.software),
    )
    return tuple(line for line in told if line is not None)


def checked_line(state: State) -> Line:
    """What the self-check found: that all is well, or each part that is not."""
    found = [result for result in state.checks if result.state != "ok"]
    if not found:
        return pair("start.checked", words("check.state.ok"))
    what = device_words(found[0])[0]
    return pair("start.checked", what if len(found) == 1 else words("start.some_found", count=str(len(found))))


def batch_line(state: State) -> Line | None:
    """Since when the batch is open."""
    counter = state.counter
    if not counter.batch_since or counter.batch_no != state.batch_no:
        return None
    return pair(
        "fact.batch", words("start.batch_since", batch=state.batch_no, since=format_time(counter.batch_since)[5:16])
    )
