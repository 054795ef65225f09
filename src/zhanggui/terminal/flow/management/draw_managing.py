"""Screens of a manager's menu."""

from msgspec.structs import replace

from ..core.policy import NEW_PASSWORD_DIGITS_MAX, OPERATOR_DIGITS, PASSWORD_DIGITS_MAX
from ..core.state import State
from ..screens.frame import CANCEL, ON_THE_PAD, busy, menu, pair, plain, screen, secret_entry, strong
from ..screens.screens import Entry, Line, Screen
from ..words.text import Text, words
from .managing import NOBODY
from .menus import menu_of
from .stages import AboutOperator, FirstPassword, ManagerPassword, Managing, Menu


def what(stage: AboutOperator | ManagerPassword | FirstPassword | Managing) -> Text:
    """What is being done."""
    return words(f"manage.{stage.entry.action}")


def about_lines(stage: ManagerPassword | FirstPassword | Managing) -> tuple[Line, ...]:
    """Whom it is about, where it is about somebody."""
    return () if stage.about_no == NOBODY else (pair("manage.about", stage.about_no),)


def menu_shown(state: State, stage: Menu) -> Screen:
    """What can be done, and what was done."""
    entries = tuple((entry.action, f"manage.{entry.action}") for entry in menu_of(stage.manager_no))
    return screen(
        state,
        "manage_menu",
        words("manage.title"),
        strong(stage.notice) if stage.notice else None,
        pair("sign_in.number", stage.manager_no),
        tone="good" if stage.notice else "calm",
        choices=(*menu(*entries, numbered=True), CANCEL),
    )


def about_operator(state: State, stage: AboutOperator) -> Screen:
    """Whom it is about."""
    notice = strong(stage.notice) if stage.notice else None
    shown = screen(state, "manage_about", what(stage), notice, choices=ON_THE_PAD, digits=True)
    return replace(shown, entry=Entry(words("manage.about"), stage.digits, "digits", OPERATOR_DIGITS))


def manager_password(state: State, stage: ManagerPassword) -> Screen:
    """The manager's own password, for this one act."""
    return secret_entry(
        state,
        "manage_password",
        what(stage),
        "manage.password",
        stage.dots,
        PASSWORD_DIGITS_MAX,
        stage.problem,
        *about_lines(stage),
        pair("sign_in.number", stage.manager_no),
    )


def first_password(state: State, stage: FirstPassword) -> Screen:
    """A first password for somebody else, for the first or the second time."""
    return secret_entry(
        state,
        "manage_repeat" if stage.again else "manage_first",
        what(stage),
        "manage.repeat" if stage.again else "manage.first",
        stage.dots,
        NEW_PASSWORD_DIGITS_MAX,
        stage.problem,
        *about_lines(stage),
        plain(words("manage.first.hint")),
    )


def managing(state: State, stage: Managing) -> Screen:
    """It is on its way."""
    return busy(state, "managing", what(stage), *about_lines(stage))
