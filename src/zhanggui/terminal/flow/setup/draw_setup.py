"""Screens of the terminal's settings."""

from msgspec.structs import replace

from ..core.noted.settings import SETTINGS, SetupFacts
from ..core.state import State
from ..screens.frame import CANCEL, CLEAR, ENTER, busy, menu, pair, plain, screen, strong
from ..screens.screens import Choice, Entry, Line, Screen
from ..words.text import words
from .setting import PAGES, TYPED_ON
from .stages import KeepingSetting, SettingUp, SetupPage, TypingSetting

DOES: dict[SetupPage, tuple[str, ...]] = {"network": ("call",), "keys": ("new_keys",), "printer": ("test",)}
"""What a page does beside what is typed on it."""


def setting_up(state: State, stage: SettingUp) -> Screen:
    """The menu, or a page."""
    facts = stage.facts
    if facts is None:
        return busy(state, "setup_reading", words("setup.title"))
    numbered = not state.machine.profile.touch
    if stage.page == "menu":
        entries = tuple((page, f"setup.{page}") for page in PAGES)
        choices = (*menu(*entries, numbered=numbered), Choice("cancel", words("setup.leave"), "cancel", "cancel"))
        return screen(state, "setup", words("setup.title"), plain(words("setup.hint")), choices=choices)
    keys = (*TYPED_ON.get(stage.page, ()), *DOES.get(stage.page, ()))
    return screen(
        state,
        f"setup_{stage.page}",
        words(f"setup.{stage.page}"),
        strong(stage.notice) if stage.notice else None,
        *lines_of(state, stage.page, facts),
        choices=(*menu(*((key, f"setup.key.{key}") for key in keys), numbered=numbered), CANCEL),
    )


def lines_of(state: State, page: SetupPage, facts: SetupFacts) -> tuple[Line, ...]:
    """What is set, by page. Of keys only check values are shown."""
    match page:
        case "numbers":
            machine = state.machine
            return (
                pair("setup.label.terminal_no", machine.terminal_no),
                pair("setup.label.merchant_no", facts.merchant_no),
                pair("setup.label.batch_no", state.batch_no),
                pair("setup.label.trace_no", state.trace_no),
            )
        case "host":
            return (pair("setup.label.host", facts.host), pair("setup.label.port", str(facts.port)))
        case "network":
            return (pair("setup.label.timeout_s", str(facts.timeout_s)),)
        case "keys":
            return (
                pair("setup.label.master_key", facts.master_key or words("setup.none")),
                pair("setup.label.working_keys", words(f"setup.working.{state.keys}")),
            )
        case "printer":
            return (plain(words("setup.printer.hint")),)
        case "menu":
            return ()


def typing_setting(state: State, stage: TypingSetting) -> Screen:
    """What is set, and what is typed in its place."""
    shown = screen(
        state,
        "setup_typing",
        words(f"setup.key.{stage.name}"),
        strong(stage.notice) if stage.notice else None,
        pair("setup.now", stage.facts.value_of(stage.name)),
        plain(words(f"setup.{stage.name}.how")),
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words(f"setup.label.{stage.name}"), stage.digits, "digits", SETTINGS[stage.name].digits_max)
    return replace(shown, entry=entry)


def keeping_setting(state: State, stage: KeepingSetting) -> Screen:
    """It is being put down."""
    return busy(state, "setup_keeping", words("setup.keeping"))
