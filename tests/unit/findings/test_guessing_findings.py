"""Bursts, spraying and late successes: each fires at its number and is silent one below."""

import msgspec
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MINUTE, SECOND, Story

from zhanggui.acquirer.findings.failures import (
    detect_failure_burst,
    detect_spraying,
    detect_success_after_failures,
)
from zhanggui.acquirer.findings.metrics import metrics
from zhanggui.acquirer.findings.thresholds import DEFAULTS


def test_five_failures_in_exactly_five_minutes_are_a_burst() -> None:
    story = Story()
    for place in range(5):
        story.fail(place * 75 * SECOND)
    [finding] = detect_failure_burst(story.history, DEFAULTS, LATER)
    assert (finding.subject.kind, finding.subject.name, finding.severity) == ("operator", "01", "warn")
    assert finding.facts["failures"] == 5
    assert finding.record_nos == (1, 2, 3, 4, 5)


def test_five_failures_in_a_little_over_five_minutes_are_none() -> None:
    story = Story()
    for at in (0, 75_000, 150_000, 225_000, 300_001):
        story.fail(at)
        story.add(at + 1_000, "02")  # others go on working, so the sum over the terminal stays low
    assert detect_failure_burst(story.history, DEFAULTS, LATER) == []


def test_four_failures_are_none() -> None:
    story = Story()
    for place in range(4):
        story.fail(place * SECOND)
    assert detect_failure_burst(story.history, DEFAULTS, LATER) == []


def test_the_burst_moves_with_its_threshold() -> None:
    story = Story()
    for place in range(4):
        story.fail(place * SECOND)
    strict = msgspec.structs.replace(DEFAULTS, operator_failures=4)
    assert len(detect_failure_burst(story.history, strict, LATER)) == 1


def test_ten_failures_of_changing_numbers_are_the_terminals_burst() -> None:
    story = Story()
    for place in range(10):
        story.fail(place * MINUTE, f"{place % 3 + 1:02d}")
    [finding] = detect_failure_burst(story.history, DEFAULTS, LATER)
    assert (finding.subject.kind, finding.subject.name) == ("terminal", "T0000001")


def test_slow_failures_that_no_window_holds_are_seen_by_their_sum() -> None:
    story = Story()
    for place in range(50):
        story.add(place * HOUR, "02", "T0000002")
    for place in range(12):
        story.fail(place * 6 * MINUTE)
    [finding] = detect_failure_burst(story.history, DEFAULTS, LATER)
    assert finding.subject.kind == "terminal"


def test_failures_with_hours_between_them_do_not_add_up() -> None:
    story = Story()
    for place in range(30):
        story.fail(place * 2 * HOUR)
    assert detect_failure_burst(story.history, DEFAULTS, LATER) == []


def test_a_forgotten_password_at_the_usual_place_is_a_note_and_a_guess_elsewhere_is_not() -> None:
    for terminal, severity in (("T0000001", "note"), ("T0000002", "warn")):
        story = Story()
        for day in range(10):
            story.add(day * DAY)
        for place in range(5):
            story.fail(11 * DAY + place * SECOND, terminal=terminal)
        story.add(11 * DAY + MINUTE, terminal=terminal)
        [burst] = detect_failure_burst(story.history, DEFAULTS, LATER)
        [late] = detect_success_after_failures(story.history, DEFAULTS, LATER)
        assert (burst.severity, late.severity) == (severity, severity)


def test_a_right_guess_that_stays_for_minutes_is_no_forgotten_password() -> None:
    story = Story()
    for day in range(10):
        story.add(day * DAY)
    for place in range(5):
        story.fail(11 * DAY + place * SECOND)
    last = story.add(11 * DAY + MINUTE)
    story.events[-1] = msgspec.structs.replace(last, ended_ms=last.at_ms + 10 * MINUTE)
    [finding] = detect_success_after_failures(story.history, DEFAULTS, LATER)
    assert finding.severity == "warn"


def test_a_success_after_four_failures_or_after_an_hour_is_none() -> None:
    story = Story()
    for place in range(4):
        story.fail(place * SECOND)
    story.add(MINUTE)
    for place in range(5):
        story.fail(DAY + place * SECOND)
    story.add(DAY + 2 * HOUR)
    assert detect_success_after_failures(story.history, DEFAULTS, LATER) == []


def test_four_numbers_in_ten_minutes_are_spraying_and_three_are_not() -> None:
    for numbers, found in ((4, 1), (3, 0)):
        story = Story()
        for place in range(numbers):
            story.fail(place * 200 * SECOND, f"{place + 1:02d}")
        assert len(detect_spraying(story.history, DEFAULTS, LATER)) == found


def test_people_who_mistyped_and_then_signed_in_are_no_spraying() -> None:
    story = Story()
    for place in range(4):
        story.fail(place * MINUTE, f"{place + 1:02d}")
        story.add(place * MINUTE + 20 * SECOND, f"{place + 1:02d}")
    assert detect_spraying(story.history, DEFAULTS, LATER) == []


def test_numbers_on_different_terminals_are_no_spraying() -> None:
    story = Story()
    for place in range(6):
        story.fail(place * SECOND, f"{place + 1:02d}", f"T000000{place}")
    assert detect_spraying(story.history, DEFAULTS, LATER) == []


def test_guessing_at_the_lock_screen_is_found_and_does_not_spoil_the_figures_of_sign_ins() -> None:
    story = Story()
    story.add(0)
    for step in range(8):
        story.fail(HOUR + step * 20 * SECOND, is_sign_in=False)
    history = story.history
    assert detect_failure_burst(history, DEFAULTS, LATER)
    assert [len(episode) for episode in history.episodes] == [1]
    told = {metric.name: metric.value for metric in metrics(history, LATER)}
    assert (told["sign_in_success"], told["failure_reasons"]) == (100.0, None)
