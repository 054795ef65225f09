"""On a display of four lines, what a key does stands on some page: whatever is on no page can't be found by anybody."""

from collections.abc import Mapping

import pytest
from tests.worlds.flow_story import Story

from zhanggui.basics.roles import Role
from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core.events import LangChosen
from zhanggui.terminal.flow.payment.kinds import ALL, can_be_made
from zhanggui.terminal.flow.screens.views import ChoiceView, ScreenView
from zhanggui.terminal.keypad import KEY_NAMES, keypad_pages
from zhanggui.terminal.models.profiles import load_profile

KEYPAD = load_profile("keypad")


def unseen(view: ScreenView) -> list[str]:
    """The keys of a screen whose entry stands on no line of any page, by their words."""
    told = [squeezed(line) for page in keypad_pages(view, KEYPAD) for line in page]
    names = KEY_NAMES[view.lang]
    return [
        choice.label
        for choice in view.choices
        if names.get(choice.shortcut) != choice.label
        and not any(squeezed(f"{key_name(choice, names)}{choice.label}") in line for line in told)
    ]


def key_name(choice: ChoiceView, names: Mapping[str, str]) -> str:
    return names.get(choice.shortcut, choice.shortcut)


def squeezed(text: str) -> str:
    return "".join(text.replace(".", "").replace(":", "").split())


def at(screen: str, lang: Lang, role: Role = "cashier") -> ScreenView:
    """A screen that has more keys than figures, or might one day."""
    story = Story("keypad", lang).to_standby(role=role)
    story.send(LangChosen(now=story.now, lang=lang))
    if screen != "standby":
        story.keys(screen)
    if story.screen_id == "settle_counting":
        story.counted()
    return story.view


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("screen", ["standby", "preauths", "void", "settle", "sign_out", "lock", "reprint"])
def test_each_key_of_a_screen_stands_on_one_of_its_pages(screen: str, lang: Lang) -> None:
    view = at(screen, lang)
    assert len(view.choices) >= (10 if screen == "standby" else 1)
    assert unseen(view) == []
    assert all(choice.shortcut for choice in view.choices), "a key that no rubber key stands for"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_settlement_is_on_the_menu_and_its_key_opens_it(lang: Lang) -> None:
    story = Story("keypad", lang).to_standby()
    settle = next(choice for choice in story.view.choices if choice.key == "settle")
    shown = [line.rstrip() for page in keypad_pages(story.view, KEYPAD) for line in page]
    assert any(f"{settle.shortcut}:{settle.label}" in line for line in shown)
    story.keys(settle.shortcut)
    assert story.screen_id == "settle_counting"


def test_a_menu_of_everything_that_may_be_sold_has_a_key_for_each_entry() -> None:
    """A menu of more entries than keys would lose the last ones without a word."""
    story = Story("keypad").to_standby()
    keys = {choice.key for choice in story.view.choices}
    assert {kind.group or kind.name for kind in ALL if can_be_made(story.state, kind)} | {
        "settle",
        "sign_out",
        "lock",
    } <= keys
