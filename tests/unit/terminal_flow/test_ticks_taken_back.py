"""A tick that was a mistake is taken back by a key, and number keys come when they are asked for: the list has the room until then."""

import pytest
from tests.worlds.flow_story import Story

from zhanggui.basics.numbers import TraceNo
from zhanggui.terminal.keypad import keypad_pages

from .test_ticking_off import BATCH, asked, at_ticking, count_asked, host_says, missing

MODELS = ("smart", "keypad")


def labels(story: Story) -> dict[str, str]:
    return {choice.key: choice.label for choice in story.view.choices}


def ticked(model: str) -> Story:
    story = at_ticking(model=model)
    story.keys("1", "2", "enter")
    host_says(story)
    return story


@pytest.mark.parametrize("model", MODELS)
def test_the_last_tick_is_taken_back_and_its_copy_is_missing_again(model: str) -> None:
    story = ticked(model)
    assert "000012" in labels(story)["untick"]
    story.keys("untick")
    assert (asked(story).verb, asked(story).slips) == ("untick", ((BATCH, TraceNo("000012")),))
    host_says(story, "0")
    assert missing(story) == ["000013", "000012", "000011"]
    assert "已取消" in story.text
    assert story.view.tone == "warn"
    assert "untick" not in labels(story)


def test_a_copy_that_is_named_again_can_be_taken_back_too() -> None:
    story = ticked("smart")
    story.keys("1", "1", "enter")
    host_says(story)
    story.keys("1", "2", "enter")
    assert "000012" in labels(story)["untick"]
    story.keys("untick")
    assert asked(story).slips == ((BATCH, TraceNo("000012")),)


def test_nothing_is_taken_back_before_anything_was_ticked_or_while_the_host_is_asked() -> None:
    story = at_ticking()
    before = count_asked(story)
    story.keys("untick")
    assert (count_asked(story), "untick" in labels(story)) == (before, False)
    story.keys("1", "2", "enter")
    host_says(story)
    story.keys("untick", "untick")
    assert count_asked(story) == before + 2


def test_of_a_pile_none_is_taken_back_by_a_key() -> None:
    story = at_ticking()
    for number in ("11", "12", "13"):
        story.keys("clear_all", *number, "enter")
    host_says(story)
    host_says(story)
    assert "untick" not in labels(story)


def test_number_keys_come_on_a_touch_screen_when_they_are_asked_for_and_go_with_cancel() -> None:
    story = ticked("smart")
    assert (story.view.pad, story.view.digits) == (False, True)
    assert set(labels(story)) == {"number", "slip", "untick", "cancel"}
    story.keys("number", "1")
    assert (story.view.pad, set(labels(story))) == (True, {"cancel", "clear", "enter"})
    story.keys("cancel")
    assert (story.screen_id, story.view.pad, story.view.entry and story.view.entry.shown) == ("tick_off", False, "")
    story.keys("cancel")
    story.counted()
    assert story.screen_id == "settle"


def test_without_a_line_the_list_has_a_key_that_tries_again() -> None:
    story = at_ticking()
    story.keys("1", "1", "enter")
    story.failed("SendTicks", "no_answer")
    assert labels(story)["enter"] == "重试"
    story.keys("enter")
    assert asked(story).verb == "tick"
    assert "enter" not in labels(story)


def test_on_four_lines_the_key_that_takes_back_is_on_some_page() -> None:
    story = ticked("keypad")
    text = "".join("".join(page) for page in keypad_pages(story.view, story.state.machine.profile))
    assert "*:取消" in text
