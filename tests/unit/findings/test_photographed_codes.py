"""A code for a phone that comes again on another one: told of the terminal, louder where somebody also typed."""

import pytest
from tests.worlds.sign_in_history import DAY, LATER, MERCHANT, MINUTE, Story

from zhanggui.acquirer.findings.finding import Finding, Subject
from zhanggui.acquirer.findings.phones import detect_photographed_code
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.findings.words import tell

HERE = "T0000001"


def come(story: Story, at: int, operator: str, reason: str, way: str = "phone") -> None:
    story.refuse(at, operator, HERE, reason, way=way)


def found(story: Story) -> list[Finding]:
    return detect_photographed_code(story.history, DEFAULTS, LATER)


def test_who_types_on_another_phone_is_an_alert_with_how_often() -> None:
    story = Story()
    come(story, 0, "", "phone_code_used")
    come(story, MINUTE, "01", "phone_of_another")
    come(story, DAY, "02", "phone_of_another")
    told = found(story)
    assert [(one.severity, one.facts) for one in told] == [
        ("alert", {"times": 2, "typed": 1}),
        ("alert", {"times": 1, "typed": 1}),
    ]
    assert {one.subject for one in told} == {Subject("terminal", MERCHANT, HERE)}
    assert "另一部手机 2 次" in tell(told[0], "zh").facts
    assert "came 2 times" in tell(told[0], "en").facts


def test_a_code_that_is_only_opened_again_is_a_note() -> None:
    story = Story()
    come(story, 0, "", "phone_code_used")
    assert [one.severity for one in found(story)] == ["note"]


@pytest.mark.parametrize(("reason", "way"), [("phone_code_over", "phone"), ("phone_code_used", "number")])
def test_a_code_that_ran_out_and_other_ways_are_nothing(reason: str, way: str) -> None:
    story = Story()
    come(story, 0, "01", reason, way)
    assert found(story) == []
