"""Screens of the sign-out: asked once, a word on the shift, the session's figures."""

from msgspec.structs import replace

from ..core.policy import NOT_ANSWERS, NOTE_LINE_MAX, NOTE_LINE_NARROW_MAX, WELL_ANSWERS
from ..core.state import State
from ..screens.frame import CANCEL, ENTER, ON_THE_PAD, busy, dim, menu, pair, plain, screen, slip_choice, yuan
from ..screens.name_keys import BLANK, NameTyped, line_of
from ..screens.screens import Choice, Entry, Screen
from ..words.text import words
from .stages import AskingSignOut, Noting, SignedOutShown, SigningOut


def asking_sign_out(state: State, stage: AskingSignOut) -> Screen:
    """Ask once."""
    session = state.session
    who = pair("fact.operator", f"{session.operator_no} · {session.operator_name}") if session else None
    return screen(
        state,
        "sign_out",
        words("sign_out.title"),
        who,
        pair("today.count", str(state.sales_count)),
        pair("today.amount", yuan(state.sales_fen)),
        plain(words("notes.offer")),
        choices=(
            CANCEL,
            Choice("note", words("notes.key"), "plain", "clear"),
            Choice("enter", words("menu.sign_out"), "primary", "enter"),
        ),
    )


def signing_out(state: State, stage: SigningOut) -> Screen:
    """The sign-out is on its way."""
    return busy(state, "signing_out", words("sign_out.under_way"))


def signed_out_shown(state: State, stage: SignedOutShown) -> Screen:
    """The session's figures."""
    return screen(
        state,
        "signed_out",
        words("signed_out.title"),
        pair("fact.operator", stage.operator),
        pair("fact.shift", str(stage.session_no), is_strong=True) if stage.session_no else None,
        pair("session.count", str(stage.sales_count)),
        pair("session.amount", yuan(stage.sales_fen)),
        plain(stage.slip_said) if stage.slip_said is not None else None,
        tone="good",
        choices=(ENTER, slip_choice("slip.key.shift")),
    )


def noting(state: State, stage: Noting) -> Screen:
    """A word on the shift: a fixed one or one's own; one key skips it."""
    first = stage.well is None
    if stage.line is not None:
        return note_line(state, "notes.well" if first else "notes.not", stage.line)
    answers = WELL_ANSWERS if first else NOT_ANSWERS
    kind = "well" if first else "not"
    entries = tuple((answer, f"notes.{kind}.{answer}") for answer in answers)
    skip = Choice("skip", words("notes.skip"), "primary", "enter")
    stop = Choice("cancel", words("notes.stop"), "cancel", "cancel")
    own = Choice("own", words("notes.own"), "plain", str(len(entries) + 1))
    choices = (*menu(*entries, numbered=True), own, stop, skip)
    return screen(state, f"notes_{kind}", words(f"notes.{kind}"), dim(words("notes.why")), choices=choices)


def note_line(state: State, question: str, typed: NameTyped) -> Screen:
    """The operator's own words: letters of a keyboard, or several presses of a key."""
    touch = state.machine.profile.touch
    blank = Choice(BLANK, words("notes.blank"), "plain", "" if touch else "#")
    hint = dim(words("notes.why" if touch else "sign_in.press_again"))
    shown = screen(state, "notes_line", words(question), hint, choices=(*ON_THE_PAD, blank), digits=True)
    longest = NOTE_LINE_MAX if touch else NOTE_LINE_NARROW_MAX
    return replace(shown, entry=Entry(words("notes.line"), line_of(typed), "line", longest), letters=True)
