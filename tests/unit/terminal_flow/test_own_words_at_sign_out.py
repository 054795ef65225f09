"""A word on the shift in the operator's own words: typed by letters or by several presses, bounded, told apart from fixed words."""

import pytest
from tests.worlds.flow_story import Story, on_duty

from zhanggui.cup.values.shift import Notes, read_notes
from zhanggui.programs.shift_notes import note_in_words
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.policy import NOTE_LINE_MAX, NOTE_LINE_NARROW_MAX, NOTES_IDLE_S


def notes_of(story: Story) -> str:
    (sent,) = story.all_of(fx.SendSignOut)
    assert isinstance(sent, fx.SendSignOut)
    return sent.notes


def at_the_line(model: str = "smart") -> Story:
    story = on_duty(model)
    story.keys("sign_out", "note", "own")
    assert story.screen_id == "notes_line"
    return story


@pytest.mark.parametrize("model", ["smart", "esign"])
def test_a_line_of_own_words_goes_with_the_sign_out_beside_a_fixed_one(model: str) -> None:
    story = at_the_line(model)
    story.keys(*"kind_guestss", "clear")
    assert story.view.entry is not None
    assert (story.view.entry.shown, story.view.letters) == ("kind guests", True)
    story.keys("enter")
    assert story.screen_id == "notes_not"
    story.keys("printer")
    assert notes_of(story) == "well:=kind guests,not:printer"


def test_on_a_keypad_the_line_is_typed_by_several_presses() -> None:
    story = on_duty("keypad")
    story.keys("sign_out", "note", "5")
    assert story.screen_id == "notes_line"
    story.keys("6", "6", "6", "_", "5", "5", "enter", "skip")
    assert notes_of(story) == "well:=o k"


@pytest.mark.parametrize(("model", "longest"), [("smart", NOTE_LINE_MAX), ("keypad", NOTE_LINE_NARROW_MAX)])
def test_the_line_has_an_end(model: str, longest: int) -> None:
    story = at_the_line(model)
    story.keys(*["a"] * (longest + 3), "enter", "skip")
    assert notes_of(story) == "well:=" + "a" * longest


def test_an_empty_line_and_cancel_lead_back_to_the_fixed_words() -> None:
    story = at_the_line()
    story.keys("_", "enter")
    assert story.screen_id == "notes_well"
    story.keys("own", "a", "cancel")
    assert story.screen_id == "notes_well"
    story.keys("skip", "own", "x", "cancel", "queue")
    assert notes_of(story) == "not:queue"


def test_whoever_walks_away_while_typing_is_signed_out() -> None:
    story = at_the_line()
    story.keys("a")
    story.wait(NOTES_IDLE_S)
    assert notes_of(story) == ""


def test_own_words_are_told_apart_from_fixed_words_that_read_alike() -> None:
    assert read_notes("well:=smooth,not:=no_paper") == Notes("=smooth", "=no_paper")
    assert note_in_words("well:=smooth", "en") == 'What went well? "smooth"'
    assert note_in_words("well:=smooth", "zh") == "今天哪里顺利？ “smooth”"
    assert note_in_words("well:smooth", "en") == "What went well? All went smoothly"
