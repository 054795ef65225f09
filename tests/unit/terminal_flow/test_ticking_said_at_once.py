"""What became of a copy is said with a mark, on the first page of a small display; beside a code the keys are told, too."""

import pytest
from msgspec.structs import replace

from zhanggui.terminal.flow.screens.views import ChoiceView
from zhanggui.terminal.keypad import keypad_pages

from .test_ticking_off import at_ticking, host_says


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_a_copy_that_is_taken_and_one_that_is_none_differ_by_their_tone(model: str) -> None:
    story = at_ticking(model=model)
    tones: list[str] = [story.view.tone]
    story.keys(*"000099", "enter")
    tones.append(story.view.tone)
    if model == "keypad":
        assert "99" in "".join(keypad_pages(story.view, story.state.machine.profile)[0])
    story.keys(*"000012", "enter")
    host_says(story)
    tones.append(story.view.tone)
    assert tones == ["calm", "warn", "good"]
    if model == "keypad":
        assert "000012" in "".join(keypad_pages(story.view, story.state.machine.profile)[0])


def test_a_row_says_which_kind_of_payment_it_is() -> None:
    assert at_ticking().view.rows[0].left == "消费 000013"


def test_beside_a_code_each_key_has_a_page_that_says_what_it_does() -> None:
    story = at_ticking(model="keypad")
    choices = (
        ChoiceView("enter", "完成", "primary", "enter"),
        ChoiceView("paper", "打印持卡人存根", "plain", "clear"),
        ChoiceView("cancel", "取消", "cancel", "cancel"),
    )
    view = replace(story.view, scan="https://127.0.0.1/S", title="电子单", choices=choices)
    pages = keypad_pages(view, story.state.machine.profile)
    assert len(pages) == 3
    assert [row.strip() for row in pages[1]][:2] == ["确认:", "完成"]
    assert "".join(row.strip() for row in pages[2]) == "清除:打印持卡人存根"
