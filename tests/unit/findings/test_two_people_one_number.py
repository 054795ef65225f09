"""Duplicates, travel and shared accounts: each fires and is silent at its boundary."""

import msgspec
import pytest
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MINUTE, MONDAY, Story

from zhanggui.acquirer.findings.history import ELSEWHERE
from zhanggui.acquirer.findings.sessions import detect_duplicate_session, detect_impossible_travel
from zhanggui.acquirer.findings.sharing import detect_shared_account
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.findings.words import tell


@pytest.mark.parametrize(("left_min", "severity"), [(15, "note"), (16, "warn")])
def test_whoever_does_not_go_back_to_sign_out_is_two_people(left_min: int, severity: str) -> None:
    story = Story()
    story.add(0, ended_ms=MONDAY + 2 * HOUR + left_min * MINUTE)
    story.refuse(2 * HOUR, "01", "T0000002", ELSEWHERE)
    [finding] = detect_duplicate_session(story.history, DEFAULTS, LATER)
    assert finding.severity == severity


def test_a_duplicate_that_was_settled_stays_in_the_list_and_says_so() -> None:
    story = Story()
    story.add(0, reason="taken_over:T0000002", ended_ms=MONDAY + 2 * HOUR + 4 * MINUTE)
    story.refuse(2 * HOUR, "01", "T0000002", ELSEWHERE)
    [finding] = detect_duplicate_session(story.history, DEFAULTS, LATER)
    assert finding.facts["settled_min"] == 4
    assert "settled: the session at T0000001 ended 4 min later" in tell(finding, "en").facts
    assert "T0000001 的会话在 4 分钟后结束" in tell(finding, "zh").facts


def test_a_session_that_still_lives_counts_as_going_on() -> None:
    story = Story()
    story.add(0, ended_ms=None)
    story.refuse(HOUR, "01", "T0000002", ELSEWHERE)
    [finding] = detect_duplicate_session(story.history, DEFAULTS, LATER)
    assert finding.facts["there"] == "T0000001"
    assert finding.facts["here"] == "T0000002"


@pytest.mark.parametrize(("times", "found"), [(1, 0), (2, 1)])
def test_take_overs_to_and_fro_are_two_people(times: int, found: int) -> None:
    story = Story()
    for place in range(times):
        ended = MONDAY + place * 20 * MINUTE + 10 * MINUTE
        story.add(place * 20 * MINUTE, terminal=f"T000000{place}", reason="taken_over:T0000009", ended_ms=ended)
    assert len(detect_duplicate_session(story.history, DEFAULTS, LATER)) == found


def test_two_sessions_side_by_side_are_found_and_a_hand_over_is_not() -> None:
    story = Story()
    story.add(0, ended_ms=MONDAY + 3 * HOUR)
    story.add(2 * HOUR, terminal="T0000002", ended_ms=MONDAY + 4 * HOUR)
    assert len(detect_duplicate_session(story.history, DEFAULTS, LATER)) == 1
    story.events[0] = msgspec.structs.replace(story.events[0], ended_ms=MONDAY + 2 * HOUR)
    assert detect_duplicate_session(story.history, DEFAULTS, LATER) == []


@pytest.mark.parametrize(("minutes", "found"), [(4, 1), (5, 0)])
def test_two_shops_within_five_minutes_are_impossible(minutes: int, found: int) -> None:
    story = Story()
    story.add(0, shop="A", reason="handed_over", ended_ms=MONDAY + MINUTE)
    story.add(minutes * MINUTE, terminal="T0000002", shop="B")
    assert len(detect_impossible_travel(story.history, DEFAULTS, LATER)) == found


def test_a_finding_of_two_shops_tells_what_was_measured_and_nothing_else() -> None:
    story = Story()
    story.add(0, shop="A", reason="handed_over", ended_ms=MONDAY + MINUTE)
    story.add(4 * MINUTE, terminal="T0000002", shop="B")
    [finding] = detect_impossible_travel(story.history, DEFAULTS, LATER)
    assert (finding.facts, finding.usual) == (
        {"minutes": 4.0, "there": "T0000001", "here": "T0000002"},
        {"limit_min": 5},
    )


def test_the_same_shop_is_no_travel() -> None:
    story = Story()
    story.add(0, ended_ms=MONDAY + MINUTE)
    story.add(2 * MINUTE, terminal="T0000002")
    assert detect_impossible_travel(story.history, DEFAULTS, LATER) == []


def shifts(story: Story, days: int, hours: list[int]) -> None:
    for day in range(days):
        for hour in hours:
            at = day * DAY + hour * HOUR
            story.add(at, ended_ms=MONDAY + at + 7 * HOUR)


def test_two_shifts_a_day_for_a_week_without_rest_look_shared() -> None:
    story = Story()
    shifts(story, 7, [7, 15])
    [finding] = detect_shared_account(story.history, DEFAULTS, LATER)
    assert finding.facts["score"] == 3.0
    assert finding.facts["longest_h"] == 15.0


def test_one_shift_a_day_or_a_day_off_does_not() -> None:
    story = Story()
    shifts(story, 14, [7])
    assert detect_shared_account(story.history, DEFAULTS, LATER) == []
    story = Story()
    shifts(story, 6, [7, 15])
    assert detect_shared_account(story.history, DEFAULTS, LATER) == []


def test_two_pairs_of_hands_show_in_the_tempo() -> None:
    story = Story()
    for day in range(6):
        for hour, elapsed in ((7, 4_000), (15, 12_000)):
            at = day * DAY + hour * HOUR
            story.add(at, ended_ms=MONDAY + at + 7 * HOUR, elapsed_ms=elapsed + 100 * day)
    [finding] = detect_shared_account(story.history, DEFAULTS, LATER)
    assert isinstance(finding.facts["tempo_t"], float)
    assert finding.facts["tempo_t"] > 6
