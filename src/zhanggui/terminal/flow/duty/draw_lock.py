"""Screens of a locked terminal."""

from msgspec.structs import replace

from ....basics.clock import china_time
from ..core.policy import PASSWORD_DIGITS_MAX
from ..core.state import Lock, State
from ..core.step import operator_name
from ..screens.frame import CANCEL, busy, call_line, dim, login_pair, menu, pair, plain, problem_lines, screen, strong
from ..screens.screens import Choice, Countdown, Entry, Line, Screen
from ..words.text import words
from .stages import Locked, LockedMenu, Unlocking


def why_lines(lock: Lock | None) -> tuple[Line, ...]:
    """Why and since when it is locked, and what was dropped."""
    if lock is None:
        return ()
    since = china_time(lock.since).strftime("%H:%M")
    dropped = (plain(words("lock.dropped")),) if lock.dropped else ()
    return (dim(words(f"lock.why.{lock.why}", since=since)), *dropped)


def locked(state: State, stage: Locked) -> Screen:
    """Only the name of who is signed in, and dots."""
    problem = stage.problem
    left_s = max(0, stage.wait_until - state.tick) if stage.wait_until else 0
    others = Choice("others", words("lock.others"), "cancel", "cancel")
    unlock = Choice("enter", words("lock.unlock"), "primary", "enter")
    shown = screen(
        state,
        "locked",
        words("lock.title"),
        pair("fact.operator", operator_name(state)),
        *(
            (strong(problem.what), *problem_lines(state, problem))
            if problem
            else (*why_lines(state.lock), plain(words("lock.hint")))
        ),
        tone="bad" if problem else "warn",
        choices=(others,) if left_s else (others, Choice("clear", words("key.clear"), "plain", "clear"), unlock),
        digits=not left_s,
    )
    if left_s:
        countdown = Countdown(words("wait.left", s=str(left_s)), left_s)
        return replace(shown, countdown=countdown, code=problem.code if problem else "")
    entry = Entry(words("sign_in.password"), "•" * stage.dots, "secret", PASSWORD_DIGITS_MAX)
    return replace(shown, entry=entry, code=problem.code if problem else "")


def locked_menu(state: State, stage: LockedMenu) -> Screen:
    """Who may go on here."""
    entries = (("unlock", "lock.by_me"), ("another", "lock.by_another"), ("supervisor", "lock.by_supervisor"))
    return screen(
        state,
        "locked_menu",
        words("lock.who"),
        pair("fact.operator", operator_name(state)),
        dim(words("lock.hand_over")),
        call_line(state, "S102"),
        choices=(*menu(*entries, numbered=True), CANCEL),
    )


def unlocking(state: State, stage: Unlocking) -> Screen:
    """A password is being checked."""
    return busy(state, "unlocking", words("sign_in.verifying"), login_pair(stage.by))
